"""The arguments of a chunker: invalid ones and their errors, attributes, reprs."""

import re
from fractions import Fraction
from typing import Any

import pytest

from ctxtools import get_encoding
from ctxtools._core.types import Strength
from ctxtools.chunking import Chunker
from ctxtools.chunking.costs import BELOW_MIN, COHESION, GLUED, WEIGHTS
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
        ({"prefer": "sense"}, "unknown prefer 'sense'"),
        ({"overlap_within": "page"}, "unknown overlap_within 'page'"),
        ({"break_at": {"line": 1}}, "unknown break_at 'line'"),
        ({"break_at": {"heading": -1}}, "break_at heading must be from 1 to 100, got -1"),
        ({"break_at": {"heading": "h2"}}, "break_at heading must be from 1 to 100, got 'h2'"),
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
    assert (made.prefer, made.overlap_within, made.break_at) == ("boundaries", "document", {})
    assert made.cohesion is False
    breaking = Chunker(len, break_at={"page": True, "heading": 2}, prefer="fill")
    assert breaking.break_at == {"heading": 2, "page": True}
    assert Chunker(**breaking.options).configuration == breaking.configuration
    assert Chunker(len).encoding is None
    assert made.count("a b") == 2 and Chunker(len).count("a b") == 3
    with pytest.raises(AttributeError):
        made.chunk_size = 3  # type: ignore[misc]


def test_a_header_of_a_table_is_repeated_unless_that_is_not_wanted() -> None:
    text = "| name | age |\n|---|---|\n" + "| Ada | 36 |\n" * 40
    for format, source in (("markdown", text), ("csv", "name,age\n" + "Ada,36\n" * 80)):
        made = Chunker("o200k_base", 60, format=format, repeat_table_header=False)  # type: ignore[arg-type]
        chunks = [*made.chunk(source)]
        assert len(chunks) > 3 and {chunk.header for chunk in chunks} == {""}
        assert {chunk.kind for chunk in chunks} == {"table"}
        assert not made.repeat_table_header
    assert all(c.header for c in [*Chunker("o200k_base", 60, format="markdown").chunk(text)][1:])


def test_what_was_added_to_the_settings_changes_no_id() -> None:
    made = Chunker("o200k_base", 60)
    assert "repeat_table_header" not in made.configuration
    assert made.configuration.endswith(" {'prefer': 'boundaries'}")  # once all was to be full
    full = Chunker("o200k_base", 60, prefer="fill")
    other = Chunker("o200k_base", 60, prefer="fill", repeat_table_header=False)
    assert other.configuration == f"{full.configuration} {{'repeat_table_header': False}}"


def test_the_configuration_is_part_of_every_id_and_never_changes() -> None:
    options: dict[str, Any] = {"format": "markdown", "header": True, "prefer": "fill"}
    made = Chunker("o200k_base", (512, 128), 16, min_size=8, **options)
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


def test_the_documented_weights_are_those_that_count() -> None:
    """The docstring of Chunker explains the formula to users."""
    text = Chunker.__doc__ or ""
    rows = re.findall(r"^ {8}(\w[\w ]+?) +\+?([\d./]+) +\+?([\d.]+)", text, re.MULTILINE)
    assert len(rows) == len(Strength) + 4
    for number, weights in ((1, WEIGHTS["boundaries"]), (2, WEIGHTS["fill"])):
        documented = [float(Fraction(row[number].removeprefix("1/"))) for row in rows]
        stretch = round(1 / weights.target, 9)
        inside = weights.atomic, weights.closing
        expected = [weights.per_chunk, stretch, *reversed(weights.penalties), *inside]
        assert documented == expected
        assert weights.sizes == (1, 8, weights.per_chunk, weights.target)
    assert "missing**2 + 8 * rest**16" in text
    assert f"also costs {COHESION:.1f} for".replace("0.", ".") in text
    assert f"({BELOW_MIN:.0f} if it has" in text and f"costs\n    {GLUED:,.0f} more" in text
