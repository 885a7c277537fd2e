"""The strengths of boundaries: where sentences, clauses, lines, paragraphs and pages end."""

from itertools import pairwise

import pytest

from ctxtools._core.types import Strength
from ctxtools.encodings import Encoding
from tests.core.engines import tiktoken


@pytest.fixture(params=["default", "tiktoken"])
def either(request: pytest.FixtureRequest, o200k: Encoding) -> Encoding:
    """o200k_base with the default engine, and with tiktoken."""
    return o200k if request.param == "default" else Encoding("o200k_base", tiktoken("o200k_base"))


def spans(encoding: Encoding, text: str, least: Strength) -> list[tuple[Strength, str]]:
    """What the boundaries of at least a strength part a text into, each with the strength at its
    end; the last has none."""
    offsets, strengths = encoding.index(text).boundaries(least)
    ends = [*offsets, len(text)]
    found = [text[a:b] for a, b in pairwise([0, *ends])]
    return [*zip(map(Strength, [*strengths, 0]), found, strict=True)]


def shown(encoding: Encoding, text: str, least: Strength) -> str:
    """The text with the strengths of its boundaries."""
    return "".join(f"{span}{strength or ''}" for strength, span in spans(encoding, text, least))


STORY = """# Title

Mr. Smith met J. Doe, vs. nobody, e.g. at 3.5 in the U.S. today. "Really?" she said. (Yes.) Then
1. One. Two

End of line.
Next line goes on
to here! Café… Wow…no **so.** Then.  \n
他说：“好。”然后走了。真的？！是……的。３．５ ok。

## Next
x"""

SENTENCES = [
    (Strength.PARAGRAPH, "# Title\n\n"),
    (Strength.SENTENCE, "Mr. Smith met J. Doe, vs. nobody, e.g. at 3.5 in the U.S. today."),
    (Strength.SENTENCE, ' "Really?" she said.'),
    (Strength.SENTENCE, " (Yes.)"),
    (Strength.LINE, " Then\n"),
    (Strength.SENTENCE, "1. One."),
    (Strength.PARAGRAPH, " Two\n\n"),
    (Strength.SENTENCE_LINE, "End of line.\n"),
    (Strength.LINE, "Next line goes on\n"),
    (Strength.SENTENCE, "to here!"),
    (Strength.SENTENCE, " Café…"),
    (Strength.SENTENCE, " Wow…no **so.**"),
    (Strength.PARAGRAPH, " Then.  \n\n"),
    (Strength.SENTENCE, "他说：“好。”"),
    (Strength.SENTENCE, "然后走了。"),
    (Strength.SENTENCE, "真的？！"),
    (Strength.SENTENCE, "是……"),
    (Strength.SENTENCE, "的。"),
    (Strength.SECTION, "３．５ ok。\n\n"),
    (Strength.LINE, "## Next\n"),
    (Strength.NONE, "x"),
]


def test_sentences_lines_and_paragraphs(either: Encoding) -> None:
    assert spans(either, STORY, Strength.LINE) == SENTENCES


def test_the_end_of_one_line_is_not_the_start_of_the_next(either: Encoding) -> None:
    assert spans(either, "One. \r\n  Two.\r\nThree.\n", Strength.SENTENCE) == [
        (Strength.SENTENCE_LINE, "One. \r\n"),
        (Strength.SENTENCE_LINE, "  Two.\r\n"),
        (Strength.NONE, "Three.\n"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann: it is. So?\nBo: no", "Ann: it is.4 So?\n5Bo: no"),  # a turn each line
        ("One.)\n\n  Two", "One.)\n\n6  Two"),
        ("a line\nanother", "a line\n3another"),
        ("a line,\nanother", "a line,\n3another"),
        ("a page\fanother", "a page\f6another"),
        ("a page.\n\f Head", "a page.\n\f6 Head"),
        ("a page\n\f\nHead", "a page\n\f\n6Head"),
        ("a page\f\f\nHead", "a page\f\f\n6Head"),
        ("a line\vanother", "a line\v3another"),
        ("a line.\x85Another", "a line.\x855Another"),
        ("a line\u2028a line.\u2028Another", "a line\u20283a line.\u20285Another"),
        ("a line\v\vanother", "a line\v\v6another"),
        ("a paragraph\u2029another", "a paragraph\u20296another"),
        ("a page\f# Head", "a page\f7# Head"),
    ],
)
def test_lines_and_pages(text: str, expected: str, either: Encoding) -> None:
    assert shown(either, text, Strength.LINE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one, two; three: four", "one,2 two;2 three:2 four"),
        ("one — two – three", "one —2 two –2 three"),
        ("1,000 at 12:30, a;b", "1,000 at 12:30,2 a;b"),
        ("“So,” he said (well,) then", "“So,”2 he said (well,)2 then"),
        ("one,\ntwo", "one,\n3two"),  # the comma's line goes to its end
        ("— Yes, — he said", "— Yes,2 —2 he said"),  # no bullet is parted from its item
        ("list\n– item\n", "list\n3– item\n"),
        ("无论国籍、吨位，都是这样：好", "无论国籍、2吨位，2都是这样：2好"),
        ("他说“好，”然后", "他说“好，”2然后"),
        ("１，０００和12：30、好", "１，０００和12：30、2好"),
        ("نعم، قال؛ ثم", "نعم،2 قال؛2 ثم"),
        ("ሰላም፣ ወንድሜ", "ሰላም፣2 ወንድሜ"),
        ("這樣，。好", "這樣，。4好"),
    ],
)
def test_clauses(text: str, expected: str, either: Encoding) -> None:
    assert shown(either, text, Strength.CLAUSE) == expected


@pytest.mark.parametrize("mark", "?!؟۔।॥։።။។៕‼⁇߹𑁇꓿")
def test_terminators_of_other_scripts(mark: str, either: Encoding) -> None:
    assert shown(either, f"अब{mark} अब{mark}) अब", Strength.SENTENCE) == f"अब{mark}4 अब{mark})4 अब"
