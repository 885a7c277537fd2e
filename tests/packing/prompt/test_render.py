"""No document can be taken for another one, or for the frame: rendered texts are read back."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding
from ctxtools.errors import UsageError
from ctxtools.packing import pack
from ctxtools.packing.arguments import Form, Format
from ctxtools.packing.prompt.render import Entry, Part, fence, make_layout
from ctxtools.packing.prompt.template import layout_for
from tests.packing.conftest import document_lists, hostile_texts, names

O200K = get_encoding("o200k_base")
LIMIT = 10**9


def ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


@given(document_lists)
def test_xml_has_a_tag_for_each_document_and_no_other(documents: list[tuple[str, str]]) -> None:
    text = pack(documents, O200K, budget=LIMIT).text
    if not documents:
        assert text == ""
        return
    suffix = re.match(r"<documents(-\d+)?>\n", text)
    assert suffix
    tag = f"document{suffix.group(1) or ''}"
    bodies = re.findall(rf'<{tag} index="\d+" source="[^"\n]*">\n(.*?)</{tag}>\n', text, re.DOTALL)
    assert sorted(bodies) == sorted(ended(body) for _, body in documents)
    spelled = re.findall(rf"(?i)<\s*/?\s*{tag}(?![\w-])", text)
    assert len(spelled) == 2 * len(documents)


@given(document_lists)
def test_markdown_can_be_read_back(documents: list[tuple[str, str]]) -> None:
    """As CommonMark reads fences: a line of as many characters closes one."""
    lines = pack(documents, O200K, budget=LIMIT, format="markdown").text.split("\n")
    bodies: list[str] = []
    body: list[str] = []
    headings, bar = 0, ""
    for line in lines[1:]:
        if bar and re.fullmatch(rf" {{0,3}}{bar[0]}{{{len(bar)},}}[ \t]*\r?", line):
            bodies.append("".join(f"{each}\n" for each in body))
            bar, body = "", []
        elif bar:
            body.append(line)
        elif start := re.match(r"`{3,}|~{3,}", line):
            bar = start.group()
        else:
            headings += line.startswith("## ")
            assert line == "" or line.startswith("## ")
    assert headings == len(documents)
    assert sorted(bodies) == sorted(ended(body) for _, body in documents)


@given(document_lists)
def test_json_is_json(documents: list[tuple[str, str]]) -> None:
    read = json.loads(pack(documents, O200K, budget=LIMIT, format="json").text)
    assert [each["index"] for each in read["documents"]] == list(range(1, len(documents) + 1))
    assert sorted(each["content"] for each in read["documents"]) == sorted(t for _, t in documents)


@given(document_lists)
def test_plain_text_has_exactly_one_line_for_each_document(
    documents: list[tuple[str, str]],
) -> None:
    text = pack(documents, O200K, budget=LIMIT, format="plain").text
    if not documents:
        return
    bar = re.match(r"=== document(-\d+)? 1: ", text)
    assert bar
    word = f"=== document{bar.group(1) or ''}"
    assert len(re.findall(rf"(?i){word}(?![\w-])", text)) == len(documents)


@given(names, hostile_texts, st.sampled_from(["xml", "markdown", "plain"]))
def test_a_name_stays_on_its_line(name: str, text: str, format: Format) -> None:
    entry = make_layout(format, [text]).entry(1, Entry(name, Form.PATH))
    assert entry.strip("\n").count("\n") == 0
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u2028\u202e]", entry)
    if format == "xml":
        assert entry.count("<") == entry.count(">") == 1


def test_fences() -> None:
    assert fence("no fence") == "```"
    assert fence("a ``` b") == "~~~"
    assert fence("``` ~~~~") == "````"
    assert fence("`" * 9 + "~" * 5) == "~" * 6


def test_a_million_backticks_cost_little() -> None:
    packed = pack({"a.md": "`" * 1_000_000}, O200K, budget=LIMIT, format="markdown")
    assert packed.text.count("~") == 6


@pytest.mark.parametrize("format", ["xml", "markdown", "json", "plain"])
def test_the_tree_and_the_part_are_in_the_frame(format: Format) -> None:
    before, after = make_layout(format, []).frame("src/\n  a.py\n", Part(2, 5))
    assert "src/" in after and "a.py" in after
    assert "2" in before and "5" in before
    if format == "json":
        assert json.loads(before + after)["of"] == 5


def test_a_tree() -> None:
    documents = {"src/pkg/a.py": "", "src/pkg/b.py": "", "README.md": "", "docs/x/y/z.md": ""}
    text = pack(documents, O200K, budget=LIMIT, tree=True).text
    tree = "<tree>\nREADME.md\ndocs/x/y/z.md\nsrc/pkg/\n  a.py\n  b.py\n</tree>\n</documents>\n"
    assert text.endswith(tree)


def test_a_template() -> None:
    template = (
        "{{tree}}--\n{{#documents}}\n[{{index}}] {{source}} {{mark}} {{language}}\n"
        "{{content}}\n{{mark}}\n{{/documents}}\nEnd of {{parts}}.\n"
    )
    documents = {"a.py": "x = '{{index}} mark-1'\n", "b.md": "b"}
    packed = pack(documents, O200K, budget=LIMIT, template=template)
    assert packed.text == (
        "a.py\nb.md\n--\n[1] a.py mark-2 python\nx = '{{index}} mark-1'\n\nmark-2\n"
        "[2] b.md mark-2 markdown\nb\nmark-2\nEnd of 1.\n"
    )
    assert packed.notes == ()
    whole = pack(documents, O200K, budget=LIMIT, template="Read:\n{{documents}}Go.", format="plain")
    assert whole.text.startswith("Read:\n=== document 1: a.py ===\n")
    assert whole.text.endswith("b\n\nGo.")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('Hi {{"{{"}} user }}: {{documents}}', "Hi {{ user }}: a"),
        ("{{ '{{' }}#documents}} {{documents}} {{ \"}}\" }}", "{{#documents}} a }}"),
        ('{{#documents}}{{"{{"}}content}} {{content}}{{/documents}}', "{{content}} a"),
        ("{{{documents}}} {{ a.b }} {{!}}", "{a} {{ a.b }} {{!}}"),
    ],
)
def test_literal_braces_in_a_template(template: str, text: str) -> None:
    packed = pack({"a": "a"}, O200K, budget=LIMIT, template=template, format="plain")
    found = packed.text.replace("=== document 1: a ===\na\n\n", "a")
    assert found == text and packed.token_count == O200K.count(packed.text)


def test_an_unknown_name_in_a_template_says_how_to_write_braces() -> None:
    with pytest.raises(UsageError, match=r"unknown name \{\{msg\}\}") as caught:
        pack({"a": "a"}, O200K, budget=LIMIT, template="{{ msg }} {{documents}}")
    assert '{{"{{"}} msg }}' in str(caught.value.hint)


def test_a_template_whose_delimiter_is_in_a_document() -> None:
    template = "{{#documents}}{{source}}\n{{content}}\n-----\n{{/documents}}"
    packed = pack({"a.md": "one\n-----\nb.md\ntwo"}, O200K, budget=LIMIT, template=template)
    assert len(packed.notes) == 1 and "{{mark}}" in packed.notes[0]
    layout = layout_for("xml", template, [])
    assert layout.is_safe("one") and not layout.is_safe("one ----- two")


def test_where_the_documents_go_is_said_once() -> None:
    for template in ("{{documents}} {{documents}}", "{{documents}} {{/documents}}"):
        with pytest.raises(UsageError, match="where the documents go"):
            pack({"a": "x"}, O200K, budget=100, template=template)
    spaced = pack(
        {"a": "x"}, O200K, budget=100, template="{{ #documents }}{{ content }}{{ /documents }}"
    )
    assert spaced.text == "x"
