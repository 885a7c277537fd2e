"""Templates that somebody else wrote."""

import pytest

from ctxtools.errors import UsageError
from ctxtools.packing import pack
from ctxtools.packing.prompt.render import make_layout
from ctxtools.packing.prompt.template import TemplateLayout
from tests.hanging import no_hang


@pytest.mark.parametrize(
    "template",
    [
        "{{#documents}}" * 50_000,  # each was looked for an end up to the end: 165 seconds
        "{{/documents}}" * 50_000,
        "{{ #documents" * 50_000 + "}}",
        "{{" * 350_000,
        ("{{" + " " * 100) * 7_000,
        "{{" + " " * 350_000 + "x" + " " * 350_000,
        "{{ " + "x" * 700_000,
        '{{"{{' * 140_000,
    ],
    ids=range(8),
)
def test_a_large_template_without_documents(template: str) -> None:
    with no_hang(), pytest.raises(UsageError, match="does not say where the documents go"):
        TemplateLayout(template, make_layout("xml", []), [])


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{tree}}" * 21 + "{{documents}}", r"has {{tree}} 21 times, of at most 20"),
        ("{{#documents}}" + "{{content}}" * 21 + "{{/documents}}", r"{{content}} 21 times"),
        ("{{#documents}}" + "{{mark}}" * 1000 + "{{/documents}}", "1,002 names"),
        ('{{"{{"}}' * 1001 + "{{documents}}", "1,002 names in double braces, of at most 1,000"),
    ],
)
def test_a_template_that_stands_for_far_more_than_it_is_long(template: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        pack({"a.md": "text\n"}, "o200k_base", budget=500, template=template)


def test_the_first_start_and_the_first_end_after_it_are_taken() -> None:
    layout = TemplateLayout(
        "a{{ #documents }}\n{{ content }}|{{ /documents }}\r\nz",
        make_layout("xml", []),
        [],
    )
    assert layout.frame("", None) == ("a", "z")
    assert not layout.is_safe("a|b") and layout.is_safe("ab")


def test_attributes_and_formats_are_only_text() -> None:
    template = "{0.__class__} %(x)s ${x} {{documents}} {documents.__globals__}"
    packed = pack({"a.md": "text\n"}, "o200k_base", budget=500, template=template)
    assert packed.text.startswith("{0.__class__} %(x)s ${x} ")
    assert packed.text.endswith(" {documents.__globals__}")
    for name in ("x.__class__", "documents.text", "content|safe", "x()"):
        with pytest.raises(UsageError):
            pack({"a.md": "t"}, "o200k_base", budget=500, template=f"{{{{#{name}}}}}")
