"""Rich Text Format: what its control words say, in any charset."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import FormatError
from tests.documents.readers.extraction.reading import only

_START = (
    r"{\rtf1\ansi\ansicpg1252\uc1{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial;}{\f2\fcharset128 M;}}"
    r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}{\s7 heading 3;}}"
)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r"\pard\s1 One\par\pard\s7 Two\par\pard three\par", "# One\n\n### Two\n\nthree"),
        (r"caf\'e9 \u8364? \u-10179?\u-8704?\par", "café € 😀"),
        (r"{\f1 \'cf\'f0\'e8}{\f2 \'83A\'83\'42}\par", "Приアィ"),
        (r"{\uc2\u228 ae}x\par", "äx"),
        (r"a\tab b\line c\~d\_e\endash f\par", "a\tb\nc d-e–f"),
        (r"\{x\}\\y\par", r"{x}\y"),
        (
            r'{\field{\*\fldinst HYPERLINK "https://e.org"}{\fldrslt shown}} after\par',
            "[shown](https://e.org) after",
        ),
        (r"a{\footnote\pard\plain note\par}b\par", "a[^1]b\n\n[^1]: note"),
        (r"a{\*\footnote\pard note\par}b\par", "a[^1]b\n\n[^1]: note"),
        (r"\pard 1.\tab one\par\pard\bullet\tab two\par", "1. one\n- two"),
        (r"a{\v hidden}b{\*\unknown skipped {\b more}}c{\pict\bin3 }}}}d\par", "abcd"),
        (r"{\listtext 1.\tab}\pard one\par{\listtext 2.\tab}\pard two\par", "1. one\n2. two"),
        (r"{\listtext\'95\tab}\pard a\par{\listtext(i)\tab}\pard\ilvl1 b\par", "- a\n    - (i) b"),
        (
            r"\trowd\pard\intbl a\cell b|c\cell\row\intbl d\par e\cell f\cell\row\pard end\par",
            "| a | b\\|c |\n|---|---|\n| d e | f |\n\nend",
        ),
        (r"\trowd\intbl a\cell b\cell\row after", "| a | b |\n|---|---|\n\nafter"),
        (r"\trowd\intbl a\cell b\par c", "| a | b c |\n|---|---|"),
        (r"{\header\pard Secret\par}body\par", "body\n\nSecret"),
        (r"# no heading\par", r"\# no heading"),
    ],
)  # fmt: skip
def test_control_words(inside: str, text: str) -> None:
    assert only(f"{_START}{inside}}}".encode("latin-1"), "a.rtf").text == text + "\n"


def test_rtf_that_is_called_doc() -> None:
    assert only(b"{\\rtf1 words\\par}", "a.doc").text == "words\n"


def test_pages() -> None:
    found = only(rf"{_START}one\page two\par}}".encode(), "a.rtf")

    assert [found.text[page:].split()[0] for page in found.pages] == ["one", "two"]


@settings(max_examples=50)
@given(st.lists(st.sampled_from([
    "{", "}", "\\", "\\u", "\\'", "\\'e", "\\bin99 ", "\\par", "\\cell", "\\row", "{\\footnote ",
    "{\\*\\x ", "\\s1 ", "\\uc9 ", "\\u9 ", "\\f2 ", "\\'83", "word ", "{\\fonttbl", "\\ansicpg9 ",
    "{\\stylesheet", "{\\listtext", "\\u-10179?", "\\outlinelevel99 ", "\\itap0 ",
]), max_size=30))  # fmt: skip
def test_damaged_control_words(parts: list[str]) -> None:
    found = only(("{\\rtf1 " + "".join(parts)).encode(), "a.rtf")

    assert found.text.encode("utf-8").decode() == found.text and "\f" not in found.text


def test_other_files_and_deep_groups() -> None:
    with pytest.raises(FormatError, match="no RTF"):
        only(b"words", "a.rtf")
    with pytest.raises(FormatError, match="nested more than"):
        only(b"{\\rtf1" + b"{" * 100_000, "a.rtf")
