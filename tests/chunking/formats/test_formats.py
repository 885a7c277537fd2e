"""Properties of the blocks of every format, on any text."""

import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools.chunking import Block
from ctxtools.chunking.formats import MODULES, parse_blocks
from ctxtools.chunking.formats.code.languages import GRAMMARS
from ctxtools.documents.filetypes import FORMATS, file_type
from ctxtools.errors import FormatError, MissingExtraError, UsageError
from tests.chunking.formats.samples import TRIED, damaged, samples
from tests.chunking.formats.trees import check, walk
from tests.strategies import texts, texts_with_surrogates

_WORDS = {
    "markdown": [
        *("# ", "## ", "a", "b c", "\n", "\n\n", "- ", "  - ", "1. ", "> ", "```", "~~~", "    "),
        *("|", "|-|", "---", "===", "<div>", "</div>", "<!--", "[a]: b", "*", "`", "\\", "&amp;"),
        *("\t", "+++", "\r", "\r\n", ":"),
    ],
    "json": [
        *('{"a": ', "}", "[", "]", ",", '"b"', "1", "-0.5e3", "null", " ", "\n", "{", '"\\u00e9"'),
        *('"' + "long " * 20 + '"', ":", "tru", "[1, 2]", "\\", '{"k": [{"x": 1}]}'),
    ],
    "html": [
        *("<p>", "</p>", "<h1>", "</h1>", "<h2>", "text", "<ul>", "<li>", "</ul>", "<table>"),
        *("<tr>", "<td>", "</table>", "<thead>", "</thead>", "<pre>", "</pre>", "<br/>", "<!--"),
        *("-->", "<script>", "</script>", "&lt;", "\n", " ", "<", ">", "<!", "<?", "</", "<p/>"),
        *("<div a='b'>", "</div>", "<![CDATA[", "<dl>", "<dt>", "<dd>", "</tr>", "<h1/>"),
    ],
    "notebook": [
        *("# %%\n", "# %% [markdown]\n", "# %% [julia]\n", "# %% [output]\n", "# Title\n", "\n"),
        *("Part\n---\n", "### Part\n", "- item\n", "```\n", "def f(a):\n    return a\n", "a = 1\n"),
        *(
            "%%bash\n",
            "!ls\n",
            "%time f()\n",
            "# %%",
            "\r\n",
            '{"cells": []}',
            "text ",
            "<h2>a</h2>\n",
        ),
    ],
    "csv": ["a", ",", '"', "\n", "\r", "\r\n", '"x"', '"a\nb"', '""', ";", "\t", " "],
}
_WORDS |= {"jsonl": _WORDS["json"], "tsv": _WORDS["csv"], "xml": _WORDS["html"]}
_CODE = [
    *(
        "def f(a):",
        "class A:",
        "function f(a) ",
        "func f() ",
        "fn f() ",
        "int f(int a) ",
        "struct A ",
    ),
    *("{", "}", "(", ")", "[", "]", ";", ":", ",", "\n", "\n", "\n    ", "\n        ", "\n\n", " "),
    *(
        "x = 1",
        "return x",
        "if a:",
        "if (a) ",
        "else ",
        "for x in y:",
        "import a",
        "use a;",
        "export ",
    ),
    *("# c", "// c", "/* c */", "@d", "#[a]", "'''", '"', "'", "`", "const f = () => ", "async "),
    *("#ifdef A\n", "#endif\n", "impl A ", "interface I ", "namespace n ", "template <T> ", "\\"),
    *("typedef struct ", "package a\n", "public ", "private:", "type A ", "lambda", "\t", "\r\n"),
    "x = " + "some_long_name + " * 25 + "1",
]


def documents(format: str) -> st.SearchStrategy[str]:
    """Texts of a format, more or less."""
    words = st.sampled_from(_WORDS.get(format, _CODE))
    joined = st.lists(words | st.sampled_from("é😀\0"), max_size=40).map("".join)
    return joined | damaged(format) | texts | texts_with_surrogates


@pytest.mark.parametrize("format", TRIED)
@given(data=st.data())
def test_blocks_are_a_tree_or_the_text_is_not_of_the_format(
    format: str, data: st.DataObject
) -> None:
    text = data.draw(documents(format))
    try:
        blocks = parse_blocks(text, format)
    except FormatError as error:
        assert error.message and error.hint
        return
    check(blocks, text)
    assert parse_blocks(text, format) == blocks


@pytest.mark.parametrize("format", TRIED)
@pytest.mark.parametrize("before", ["", "\ufeff", "\n\n", "\ud800"])
def test_a_line_of_any_format(format: str, before: str) -> None:
    for text in (before, before + "1", before + "é\r\n", before + "\0"):
        try:
            check(parse_blocks(text, format), text)
        except FormatError:
            assert format in ("json", "jsonl", "xml", "srt", "vtt")


_NESTED = [
    "[",
    "(",
    "{",
    "<",
    "> ",
    "- ",
    "<div>",
    '{"a":',
    "* _",
    "#",
    "if (a) ",
    "`",
    '"',
    "\\",
    "a ",
]


@pytest.mark.parametrize("format", TRIED)
@pytest.mark.parametrize("unit", _NESTED)
def test_deep_nesting_and_endless_lines(format: str, unit: str) -> None:
    text = unit * 20_000
    try:
        blocks = parse_blocks(text, format)
    except FormatError:
        return
    check(blocks, text)


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("json", "[" * 100_000 + "]" * 100_000),
        ("json", '{"a":' * 100_000 + "1" + "}" * 100_000),
        ("jsonl", "[" * 100_000 + "]" * 100_000 + "\n1\n"),
        ("markdown", "::: a\n" * 20_000 + "b\n" + ":::\n" * 20_000),
        ("markdown", "".join(f"<A{n}>\n" for n in range(9_000, 0, -1)) + "</A1>\n</A9000>\n"),
        ("xml", "<a>" * 50_000 + "b" + "</a>" * 50_000),
        ("yaml", "".join(f"{' ' * n}a:\n" for n in range(900))),
        ("yaml", "- " * 20_000 + "a\n"),
        ("rst", "".join(f"{' ' * n}- a\n\n" for n in range(900))),
        ("rst", "".join(f"{' ' * n}a\n" for n in range(900))),
        ("asciidoc", "".join(f"{'=' * n}\n" for n in range(4, 900))),
        ("asciidoc", "".join(f"{'*' * (n % 5 + 1)} a\n. b\n" for n in range(9_000))),
        ("latex", "\\begin{a}\\begin{itemize}\\item " * 9_000),
        ("latex", "\\section{" * 9_000),
        ("org", "".join(f"{' ' * n}- a\n" for n in range(900))),
        ("org", "".join(f"{'*' * n} a\n" for n in range(1, 900))),
        ("sql", "insert into a values " + "(" * 50_000 + ")" * 50_000 + ";"),
        ("toml", "a = " + "[" * 50_000 + "]" * 50_000),
        ("markdown", "> " * 100_000 + "a"),
        ("markdown", "".join("  " * n + "- a\n" for n in range(500))),
        ("html", "<div>" * 100_000 + "a" + "</div>" * 100_000),
        ("python", "(" * 1_000 + ")" * 1_000),
        ("python", "".join(" " * n + "if a:\n" for n in range(200)) + " " * 200 + "b"),
        ("javascript", "{" * 100_000 + "}" * 100_000),
        ("c", "#if a\n" * 20_000 + "#endif\n" * 20_000),
    ],
)
def test_deep_nesting(format: str, text: str) -> None:
    check(parse_blocks(text, format), text)


@given(st.text("<a,;{}(>) \n", max_size=30), st.integers(1, 2000))
@example("a<b,", 2000)
def test_code_that_takes_a_parser_too_long_is_a_format_error(unit: str, times: int) -> None:
    # "a<b," 20,000 times takes the grammar of TypeScript a minute, and cannot be stopped.
    try:
        parse_blocks(unit * min(times, 8_000 // max(len(unit), 1)), "typescript")
    except FormatError as error:
        assert "typescript" in error.message


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("README.md", "markdown"),
        ("docs/A.Markdown", "markdown"),
        ("a.py", "python"),
        ("a.pyi", "python"),
        ("a.jsx", "javascript"),
        ("a.mjs", "javascript"),
        ("a.ts", "typescript"),
        ("a.tsx", "tsx"),
        ("a.go", "go"),
        ("a.rs", "rust"),
        ("A.java", "java"),
        ("a.h", "c"),
        ("a.hpp", "cpp"),
        ("a.JSON", "json"),
        ("a.ndjson", "jsonl"),
        ("a.xhtml", "html"),
        ("a.tsv", "tsv"),
        ("a.csv", "csv"),
        ("a.txt", "text"),
        ("Makefile", "make"),
        ("docker/Dockerfile", "dockerfile"),
        ("web.Dockerfile", "dockerfile"),
        ("CMakeLists.txt", "cmake"),
        ("Rakefile", "ruby"),
        ("BUILD.bazel", "starlark"),
        ("a.cs", "csharp"),
        ("a.R", "r"),
        ("Procfile", "text"),
        (".md", "text"),
        ("", "text"),
        ("a.md/", "markdown"),
    ],
)
def test_the_name_of_a_file_tells_its_format(name: str, format: str) -> None:
    assert file_type(name).format == format
    assert format in FORMATS


def test_plain_text_has_no_blocks() -> None:
    assert parse_blocks("# a\n\nb", "text") == ()


def test_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="unknown format 'pyhton'") as raised:
        parse_blocks("", "pyhton")
    assert "python" in (raised.value.hint or "")


def test_a_grammar_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from ctxtools.chunking.formats.code.grammars import installed

    installed.cache_clear()
    monkeypatch.setattr("ctxtools.chunking.formats.code.grammars.find_spec", lambda name: None)
    for name, format, extra in (("rust", "rust", "code"), ("c_sharp", "csharp", "languages")):
        monkeypatch.setitem(sys.modules, f"tree_sitter_{name}", None)
        with pytest.raises(MissingExtraError, match=f"{format} code needs tree-sitter") as raised:
            parse_blocks("fn f() {}", format)
        assert f".[{extra}]" in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("format", "head", "tail"),
    [
        ("markdown", "# a{}\n", "## b\n\nc\n"),
        ("html", "<h1>a{}</h1>\n", "<h2>b</h2>c\n"),
        ("json", '{{"a{}": {{"', '": "' + "x" * 80 + '"}}'),
        ("python", "class A({}):\n", "  def b(): pass\n"),
    ],
)
def test_a_title_is_short(format: str, head: str, tail: str) -> None:
    """Guards against quadratic time: everything in a block repeats its title in the header."""
    (block,) = parse_blocks(head.format("long title " * 100) + tail, format)
    titles = [block.title for block in walk([block]) if block.title]
    assert titles and all(len(title) <= 200 for title in titles)


def test_titles_belong_to_sections_not_to_heading_blocks() -> None:
    text = "# A *b*\n\ntext\n\n## C\n\nmore\n"
    titled = [block for block in walk(parse_blocks(text, "markdown")) if block.title]
    assert [block.title for block in titled] == ["A b", "C"]


def test_the_former_name_of_atomic_warns() -> None:
    block = Block(0, 1, "table", atomic=True)
    with pytest.warns(DeprecationWarning, match=r"Block\.atomic"):
        assert block.whole is block.atomic is True


@pytest.mark.parametrize("format", [each for each in FORMATS if samples(each)])
def test_a_sample_has_blocks(format: str) -> None:
    for text in samples(format):
        assert format == "text" or len([*walk(parse_blocks(text, format))]) > 4


def test_every_format_has_a_parser() -> None:
    assert {*MODULES} == {*FORMATS} - {"text"}
    assert {*GRAMMARS} < {format for format, module in MODULES.items() if module == "code"}


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("rst", ".. _label:\n:field: what is known of the document\n\nText.\n"),
        ("yaml", "\fkey: 1\n...\nother: 2\n"),
        ("asciidoc", "|===\n|Quay |Depth\n\n|North\n|4 m\n\n"),
    ],
)
def test_blocks_that_were_no_tree(format: Any, text: str) -> None:
    """A label before fields, a form feed before a key, and a table that nothing closes."""
    check(parse_blocks(text, format), text)
