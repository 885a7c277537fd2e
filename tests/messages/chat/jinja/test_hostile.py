"""Templates of strangers: they end, stay small, and reach nothing outside of the conversation."""

from pathlib import Path

import pytest

from ctxtools.errors import CtxtoolsError, FormatError, UsageError
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Plain
from ctxtools.messages.chat.template import find_template
from tests.messages.chat.jinja.requests import request, said

pytest.importorskip("jinja2", reason="templates need the extra chat")

_LOOP = "{% for a in range(99999) %}{% for b in range(99999) %}BODY{% endfor %}{% endfor %}"
_DOUBLING = (
    "{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}"
    "{% for a in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}"
)


def rendered(source: str, options: ChatOptions | None = None) -> Rendered:
    """The rendering of "Hello" by a template that did not come with ctxtools."""
    return find_template(source).render(request(said("user", "Hello")), options or ChatOptions())


def text(source: str) -> str:
    pieces = rendered(source).pieces
    return "".join(piece.text for piece in pieces if isinstance(piece, Plain))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (_LOOP.replace("BODY", "{% set x = 1 %}"), "takes too long"),
        (_LOOP.replace("BODY", "x" * 1000), "writes more than"),
        (_DOUBLING, "too much memory"),
        ("{{ 'a' * 99999999999 }}", "too much memory"),
        ("{{ messages[0].content * 99999999999 }}", "too much memory"),
        ("{{ 'a'.center(99999999999) }}", "too much memory"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "calls itself without end"),
    ],
    ids=["time", "output", "doubling", "product", "product of a text", "padding", "recursion"],
)
def test_a_template_is_bounded(source: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        rendered(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% include '/etc/passwd' %}",
        "{% import '/etc/passwd' as x %}",
        "{% extends '/etc/passwd' %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.__class__.x }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ raise_exception.__globals__.x }}",
        "{{ strftime_now.__closure__.x }}",
        "{{ dict.__call__.x }}",
        "{{ namespace.__init__.x }}",
        "{{ '{0.__class__}'.format(messages[0].content).x.y }}",
        "{{ messages.append(1) }}",
        "{{ messages[0].update(content='') }}",
        "{% set ns = namespace() %}{% set ns.__class__ = 1 %}",
    ],
)
def test_a_template_reaches_nothing_outside(source: str) -> None:
    with pytest.raises(CtxtoolsError, match="chat template"):
        rendered(source)


def test_what_a_template_says_is_in_the_error() -> None:
    refusing = "{{ raise_exception('Only user and assistant roles, \x1b[31mplease!') }}"
    with pytest.raises(UsageError, match="refuses the conversation: Only user and") as raised:
        rendered(refusing)
    assert "\x1b" not in raised.value.message
    assert len(str(_error_of("{{ raise_exception('x' * 100000) }}"))) < 1000


def _error_of(source: str) -> CtxtoolsError:
    with pytest.raises(CtxtoolsError) as raised:
        rendered(source)
    return raised.value


@pytest.mark.parametrize(
    "source",
    ["{% if %}", "{{ messages[ }}", "{% endfor %}", "{{ " + "(" * 9999, "{% if a %}" * 9999],
)
def test_what_is_no_template_is_said_to_be_none(source: str) -> None:
    with pytest.raises(FormatError, match="is not a Jinja template: "):
        rendered(source)


def test_a_template_sees_texts_as_strings_and_nothing_of_how_they_are_followed() -> None:
    hidden = "{{ messages[0].content._spans }}{{ messages[0]._reader }}{{ strftime_now.asked }}"
    assert text(hidden) == ""
    assert text("{{ messages[0] }}") == "{'role': 'user', 'content': 'Hello'}"
    assert text("{{ messages[0].content is string and messages[0] is mapping }}") == "True"


def test_what_a_request_may_not_do_either(tmp_path: Path) -> None:
    """Values are handed over as data: objects and endless nesting are refused."""
    nested: list[object] = []
    for _ in range(500):
        nested = [nested]
    for value, message in ((nested, "nested more than"), (tmp_path, "takes no PosixPath")):
        with pytest.raises(UsageError, match=message):
            rendered("{{ x }}", ChatOptions(template={"x": value}))
