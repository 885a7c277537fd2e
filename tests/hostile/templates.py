"""Chat templates that do not end, take all memory, or reach for what is not theirs."""

from tests.hostile.builders import Input, file_into

TEMPLATES: list[Input] = []
file = file_into(TEMPLATES)


@file("loop.jinja")
def loop_that_does_not_end() -> str:
    return "{% for a in range(100000) %}{% for b in range(100000) %}{{ a }}{% endfor %}{% endfor %}"


@file("memory.jinja")
def text_of_all_memory() -> str:
    return "{{ 'a' * 100000000000 }}"


@file("doubling.jinja")
def text_that_doubles() -> str:
    return "{% set n = namespace(a='aa') %}" + "{% set n.a = n.a ~ n.a %}" * 60 + "{{ n.a }}"


@file("macro.jinja")
def macro_that_calls_itself() -> str:
    return "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}"


@file("classes.jinja")
def classes_of_python() -> str:
    return "{{ ''.__class__.__mro__[1].__subclasses__() }}{{ messages.__init__.__globals__ }}"


@file("include.jinja")
def file_of_the_users() -> str:
    return "{% include '../home/secret.txt' %}{% import '/etc/passwd' as x %}"


@file("syntax.jinja")
def template_that_is_none() -> str:
    return "{% if %}{{ \x1b[2J" * 50


@file("deep.jinja")
def nested_template() -> str:
    return "{% if a %}" * 20_000


@file("binary.jinja")
def template_of_zeros() -> bytes:
    return bytes(100_000)


@file("escapes.jinja")
def template_that_writes_escapes() -> str:
    return "{{ '\\x1b]0;title\\x07' }}\x1b[2J\u202e{{ messages }}"
