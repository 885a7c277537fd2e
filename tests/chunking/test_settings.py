"""What a chunker cannot be asked for, and what it says then."""

import pytest

from ctxtools.chunking import Chunker
from ctxtools.errors import UnknownEncodingError, UsageError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"chunk_size": 0}, "chunk_size must be from 1 .* got 0"),
        ({"chunk_size": -5}, "got -5"),
        ({"chunk_size": 1.5}, "got 1.5"),
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
def test_arguments_that_cannot_be_used(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        Chunker(**{"encoding": "o200k_base", **arguments})  # type: ignore[arg-type]
    assert error.value.hint


def test_an_unknown_encoding() -> None:
    with pytest.raises(UnknownEncodingError):
        Chunker("o300k")


@pytest.mark.parametrize("size", [1.5, None, "3", -1])
def test_a_function_that_does_not_count(size: object) -> None:
    with pytest.raises(UsageError, match="must return an int >= 0, got"):
        list(Chunker(lambda text: size, 8).chunk("Some text."))  # type: ignore[arg-type, return-value]


def test_texts_that_are_none() -> None:
    made = Chunker("o200k_base")
    with pytest.raises(UsageError, match="text must be a str, got bytes"):
        made.chunk(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="must be an iterable of str, got str"):
        made.chunk_stream("text")
    for format in ("text", "python"):  # guards against a bare TypeError of what joins them
        with pytest.raises(UsageError, match="each block must be a str, got bytes"):
            list(Chunker("o200k_base", format=format).chunk_stream(["text", b"x"]))  # type: ignore[list-item]
    with pytest.raises(UsageError, match="unknown format"):
        made.chunk("text", format="word")
