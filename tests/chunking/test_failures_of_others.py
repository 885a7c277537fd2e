"""Failures seen in other chunkers, one test each."""

import json
from itertools import pairwise
from typing import Any

import pytest

from ctxtools import Encoding
from ctxtools.chunking import Chunker, Format
from tests.chunking.contract import check_contract, check_joins, cut


@pytest.mark.parametrize("size", [16, 64, 512])
@pytest.mark.parametrize(
    "text",
    {
        "cjk": "天地玄黄宇宙洪荒" * 2000,
        "base64": "aGVsbG8gd29ybGQ1234+/xyz" * 500,
        "letters": "a" * 20_000,
        "spaces": " " * 20_000,
        "line": "word and word, " * 1500,
        "json": '{"a":[1,2,{"b":"c"}],"d":null}' * 400,
        "marks": "a" + "\u0301" * 5000,
        "joiners": "\U0001f468\u200d" * 2000,
        "flags": "\U0001f1e9" * 3000,
        "newlines": "\n" * 9000,
        "crlf": "a\r\n" * 4000,
    }.values(),
    ids=lambda text: repr(text[:6]),
)
def test_text_without_boundaries_is_full_and_in_order(
    o200k: Encoding, text: str, size: int
) -> None:
    made, summary = cut(Chunker(o200k, size), text)
    check_contract(made, text, o200k.count, size)
    check_joins(made, text)
    # Other chunkers fill base64 to 72 % of the limit, minified JSON at 39 % and one letter at 12 %.
    assert len(made) < 6 or size < 64 or summary.fill > 0.85


def test_overlap_counts_once_it_is_in_the_chunk(o200k: Encoding) -> None:
    """Pieces that are joined and not counted again exceed the limit."""
    text = "Über 3.000 naïve façades — 12,5 % „zitiert“ … " * 200
    made, summary = cut(Chunker(o200k, 16, 5), text)
    check_contract(made, text, o200k.count, 16)
    assert summary.shortened_overlaps == 0


def test_overlap_is_as_large_as_asked_for(o200k: Encoding) -> None:
    """Other chunkers give 25 to 40 of 64 tokens, and none at some cuts."""
    text = " ".join(f"The sentence of number {i} has a few more words." for i in range(2000))
    made, summary = cut(Chunker(o200k, 512, 64), text)
    for before, after in pairwise(made):
        shared = text[after.start_index : before.end_index]
        assert shared.startswith(" The sentence of number")
        assert 64 - 13 < o200k.count(shared) <= 64
    assert summary.shortened_overlaps == 0
    text = text.replace(".", "")
    made, summary = cut(Chunker(o200k, 512, 64), text)
    for before, after in pairwise(made):
        assert 60 <= o200k.count(text[after.start_index : before.end_index]) <= 64
    assert summary.shortened_overlaps == 0


def test_offsets_of_repeated_and_of_wide_text(o200k: Encoding) -> None:
    """Searching for the text of a chunk finds the first of equal ones, or nothing: -1."""
    text = "同じ文。 Same sentence. \U0001f600 " * 300
    made, _ = cut(Chunker(o200k, 64, 16), text)
    check_contract(made, text, o200k.count, 64)


@pytest.mark.parametrize("size", [2, 3, 16])
def test_no_character_is_cut_into_replacements(o200k: Encoding, size: int) -> None:
    """Splitting lists of tokens and decoding the parts turns characters into U+FFFD."""
    text = (
        "".join(chr(0x4E00 + i * 7 % 20_000) for i in range(3000))
        + "\U0001f9d1\u200d\U0001f680" * 50
    )
    made, _ = cut(Chunker(o200k, max(size, 4)), text)
    check_contract(made, text, o200k.count, max(size, 4))
    assert not any("\ufffd" in chunk.text for chunk in made)


def test_sentences_are_counted_together(o200k: Encoding) -> None:
    """The sum of the sentences' counts is not the count of the chunk."""
    text = "No. 1! Why?! (“Yes…”) 3.14159 is not e. " * 700
    for size, overlap in ((16, 0), (64, 8), (128, 32)):
        made, _ = cut(Chunker(o200k, size, overlap), text)
        check_contract(made, text, o200k.count, size)


def test_markdown_loses_no_white_space(o200k: Encoding) -> None:
    """Tabs, no-break spaces and the spaces at line ends are text, too."""
    text = (
        "# A\tb\u00a0c  \n\n-\tone\u00a0two\t\n-   three  \n\n\tcode\tblock\n\u00a0\n\n\n## D\n"
        * 40
    )
    made, _ = cut(Chunker(o200k, 24, format="markdown"), text)
    check_contract(made, text, o200k.count, 24)
    check_joins(made, text)


def test_json_loses_no_key(o200k: Encoding) -> None:
    """Empty objects, and lists of them, are values; a key without a large value is one, too."""
    value: dict[str, Any] = {
        f"key {i}": {"empty": {}, "none": None, "list": [[], {}, ""]} for i in range(200)
    }
    text = json.dumps(value, indent=1)
    made, _ = cut(Chunker(o200k, 64, format="json"), text)
    check_contract(made, text, o200k.count, 64)
    assert json.loads("".join(chunk.text for chunk in made)) == value


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_a_heading_above_the_limit_hides_nothing(o200k: Encoding, format: Format) -> None:
    heading = "# " + "a heading that is longer than a chunk " * 30
    text = f"Before.\n\n{heading}\n\nBehind it.\n\n## Small\n\nThe end.\n"
    made, _ = cut(Chunker(o200k, 64, 8, format=format, header=True), text)
    check_contract(made, text, o200k.count, 64)
    assert "The end." in made[-1].text


@pytest.mark.parametrize("rest", [1, 5, 20])
def test_the_last_chunk_is_not_tiny(o200k: Encoding, rest: int) -> None:
    sentence = "This is one of many sentences. "
    each = o200k.count(sentence)
    text = sentence * (5 * (512 // each)) + "End. " * rest
    made, _ = cut(Chunker(o200k, 512), text)
    assert made[-1].token_count > 256


def test_ids_are_deterministic(o200k: Encoding) -> None:
    text = "Some words. " * 500
    first, second = ([c.id for c in Chunker(o200k, 64).chunk(text)] for _ in range(2))
    assert first == second and len({*first}) == len(first)


@pytest.mark.parametrize("format", ["text", "markdown", "html", "json", "csv"])
def test_the_limit_holds_in_every_format(o200k: Encoding, format: Format) -> None:
    """In every format, whatever the text is."""
    text = "| a | b |\n|---|---|\n" + '| <p>cell, of a table</p> | {"x": 1} |\n' * 300
    made, _ = cut(Chunker(o200k, 32, 4, format=format, header=True), text)
    check_contract(made, text, o200k.count, 32)
