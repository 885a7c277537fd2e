"""The arguments of a chunker: invalid ones and their errors, attributes, reprs."""

import re

import pytest

from ctxtools import get_encoding
from ctxtools._core.types import Strength
from ctxtools.chunking import Chunker
from ctxtools.chunking.costs import PENALTIES
from ctxtools.errors import UnknownEncodingError, UsageError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"chunk_size": 0}, "chunk_size must be from 1 .* got 0"),
        ({"chunk_size": -5}, "got -5"),
        ({"chunk_size": 1.5}, "got 1.5"),
        ({"chunk_size": "512"}, "chunk_size must be an int or a list of int, got '512'"),
        ({"chunk_size": True}, "got True"),
        ({"chunk_size": 1 << 63}, "got 9223372036854775808"),
        ({"chunk_size": ()}, r"got \(\)"),
        ({"chunk_size": (128, 512)}, r"largest size first, got \(128, 512\)"),
        ({"chunk_size": (128, 128)}, r"largest size first, got \(128, 128\)"),
        ({"chunk_size": 8, "chunk_overlap": 8}, "chunk_overlap must be from 0 to 7, got 8"),
        ({"chunk_overlap": -1}, "chunk_overlap must be from 0 to 511, got -1"),
        ({"chunk_size": (512, 64), "chunk_overlap": 64}, "from 0 to 63, got 64"),
        ({"min_size": 513}, "min_size must be from 0 to 512, got 513"),
        ({"strategy": "best"}, "unknown strategy 'best'"),
        ({"on_oversize": "ignore"}, "unknown on_oversize 'ignore'"),
        ({"format": "word"}, "unknown format 'word'"),
        ({"encoding": 5}, "encoding must be an Encoding, a name or a function, got 5"),
    ],
)
def test_invalid_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        Chunker(**{"encoding": "o200k_base", **arguments})  # type: ignore[arg-type]
    assert error.value.hint


def test_an_unknown_encoding() -> None:
    with pytest.raises(UnknownEncodingError):
        Chunker("o300k")


@pytest.mark.parametrize("size", [1.5, None, "3", -1])
def test_a_function_that_does_not_return_a_count(size: object) -> None:
    with pytest.raises(UsageError, match="must return an int >= 0, got"):
        list(Chunker(lambda text: size, 8).chunk("Some text."))  # type: ignore[arg-type, return-value]


def test_texts_of_the_wrong_type() -> None:
    made = Chunker("o200k_base")
    with pytest.raises(UsageError, match="text must be a str, got bytes"):
        made.chunk(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="blocks must be a list of str, got str"):
        made.chunk_stream("text")
    for format in ("text", "python"):  # guards against a bare TypeError of what joins them
        with pytest.raises(UsageError, match="each block must be a str, got bytes"):
            list(Chunker("o200k_base", format=format).chunk_stream(["text", b"x"]))  # type: ignore[list-item]
    with pytest.raises(UsageError, match="unknown format"):
        made.chunk("text", format="word")  # type: ignore[arg-type]


def test_attributes() -> None:
    made = Chunker("o200k_base", (512, 128), 16, min_size=8, format="markdown", header=True)
    assert (made.chunk_size, made.chunk_sizes, made.chunk_overlap) == (512, (512, 128), 16)
    assert (made.min_size, made.strategy, made.format) == (8, "optimal", "markdown")
    assert (made.header, made.on_oversize) == (True, "raise")
    assert made.encoding is get_encoding("o200k_base")
    assert Chunker(len).encoding is None
    assert made.count("a b") == 2 and Chunker(len).count("a b") == 3
    with pytest.raises(AttributeError):
        made.chunk_size = 3  # type: ignore[misc]


def test_the_configuration_is_part_of_every_id_and_never_changes() -> None:
    made = Chunker("o200k_base", (512, 128), 16, min_size=8, format="markdown", header=True)
    arguments = "((512, 128), 16, 8, 'optimal', 'markdown', True, 'raise')"
    assert made.configuration == f"o200k_base {arguments}"


def test_reprs_are_short() -> None:
    made = Chunker("o200k_base", 1 << 20)
    chunks = made.chunk("word " * 100_000, source="a.txt")
    assert repr(next(chunks)) == (
        "<Chunk 0 of 'a.txt', 0..500000, 100001 tokens: 'word word word word word word word word…'>"
    )
    assert len(repr(chunks)) < 50 and len(repr(made)) < 50


def test_a_stream_takes_a_format() -> None:
    text = "# Title\n\nText.\n"
    chunks = Chunker("o200k_base").chunk_stream([text[:5], text[5:]], format="markdown")
    assert next(chunks).headings == ("Title",)
    with pytest.raises(UsageError, match="unknown format"):
        Chunker("o200k_base").chunk_stream([text], format="word")  # type: ignore[arg-type]


def test_the_documented_penalties_are_those_that_count() -> None:
    """The docstring of Chunker explains the formula to users."""
    text = " ".join((Chunker.__doc__ or "").split())
    found = re.search(
        r"penalty is (\S+) for a cut before a heading, (\S+) at an empty line, (\S+) at the end of"
        r" a sentence, (\S+) at a line break, (\S+) between words and (\S+) inside a word",
        text,
    )
    assert found
    strongest_first = ("SECTION", "PARAGRAPH", "SENTENCE", "LINE", "WORD", "NONE")
    assert [*map(float, found.groups())] == [PENALTIES[Strength[s]] for s in strongest_first]
