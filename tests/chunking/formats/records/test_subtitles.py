"""Subtitles: cues with their times, and where a cut is good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse_blocks
from ctxtools.errors import FormatError
from tests.chunking.contract import cut
from tests.chunking.formats.trees import check, sketch


def test_a_cue_has_its_number_its_time_and_its_lines() -> None:
    text = (
        "\ufeff1\n00:00:01,000 --> 00:00:02,000\nOne,\n\ntwo.\n\n"
        "2\n00:00:02,100 --> 00:00:03,000\nThree\n3\n00:00:03,100 --> 00:00:04,000\n\n"
        "4\n00:00:09,000-->00:00:10,000\nFour\n"
    )
    blocks = parse_blocks(text, "srt")
    check(blocks, text)
    assert sketch(blocks, text) == [
        "record PARAGRAPH '1\\n00:00:01,000 --> 00:00:02,000\\nOne,\\n\\ntwo.\\n\\n'",
        "record SENTENCE_LINE '2\\n00:00:02,100 --> 00:00:03,000\\nThree\\n'",
        "record LINE '3\\n00:00:03,100 --> 00:00:04,000\\n\\n'",
        "record PARAGRAPH '4\\n00:00:09,000-->00:00:10,000\\nFour\\n'",
    ]


def test_webvtt_has_a_head_names_and_notes() -> None:
    text = (
        "WEBVTT\nKind: captions\n\nSTYLE\n::cue {}\n\n"
        "first\n00:01.000 --> 00:02.000 line:1\nOne.\n\n"
        "NOTE\ntwo\n\n00:02.100 --> 01:00:03.000\n<i>Three?</i>\n\n00:03.000 --> 00:04.000\nFour\n"
    )
    assert sketch(parse_blocks(text, "vtt"), text) == [
        "metadata PARAGRAPH 'WEBVTT\\nKind: captions\\n\\nSTYLE\\n::cue {}\\n'",
        "record PARAGRAPH 'first\\n00:01.000 --> 00:02.000 line:1\\nOne.\\n\\n'",
        "comment PARAGRAPH 'NOTE\\ntwo\\n\\n'",
        "record SENTENCE_LINE '00:02.100 --> 01:00:03.000\\n<i>Three?</i>\\n\\n'",
        "record SENTENCE_LINE '00:03.000 --> 00:04.000\\nFour\\n'",
    ]


@pytest.mark.parametrize(("format", "text"), [("srt", "a\n"), ("vtt", "WEBVTT\n"), ("srt", "")])
def test_a_text_without_times(format: str, text: str) -> None:
    with pytest.raises(FormatError, match="no line has times"):
        parse_blocks(text, format)


_line = st.text("ab .?1", min_size=1, max_size=30).filter(lambda line: bool(line.strip()))
_cues = st.lists(st.lists(_line, min_size=1, max_size=3), min_size=1, max_size=20)


@given(_cues)
def test_no_cue_is_parted_from_its_time(cues: list[list[str]]) -> None:
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{chr(10).join(lines)}\n\n"
        for n, lines in enumerate(cues, 1)
    )
    blocks = parse_blocks(text, "srt")
    assert [text[b.start :].partition("\n")[0] for b in blocks] == [
        str(n) for n in range(1, len(cues) + 1)
    ]
    chunks, _ = cut(Chunker(len, 200, format="srt"), text)
    for chunk in chunks:
        assert chunk.text.split("\n")[1].count("-->") == 1
