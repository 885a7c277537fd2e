"""What a chunker cannot be asked for, and what it says then."""

import pytest

from ctxtools.chunking import Chunker
from ctxtools.errors import UnknownEncodingError, UsageError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"chunk_size": 0}, "chunk_size is 0"),
        ({"chunk_size": -5}, "chunk_size is -5"),
        ({"chunk_size": 1.5}, "chunk_size is 1.5"),
        ({"chunk_size": True}, "chunk_size is True"),
        ({"chunk_size": 1 << 63}, "chunk_size is 9223372036854775808"),
        ({"chunk_size": ()}, r"chunk_size is \(\)"),
        ({"chunk_size": (128, 512)}, "largest size first|chunk_size is"),
        ({"chunk_size": (128, 128)}, "chunk_size is"),
        ({"chunk_size": 8, "chunk_overlap": 8}, "chunk_overlap is 8"),
        ({"chunk_overlap": -1}, "chunk_overlap is -1"),
        ({"chunk_size": (512, 64), "chunk_overlap": 64}, "chunk_overlap is 64"),
        ({"min_size": 513}, "min_size is 513"),
        ({"strategy": "best"}, "strategy is 'best'"),
        ({"on_oversize": "ignore"}, "on_oversize is 'ignore'"),
        ({"format": "word"}, "no format 'word'"),
        ({"encoding": 5}, "encoding is 5"),
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
    with pytest.raises(UsageError, match="which is no whole number"):
        list(Chunker(lambda text: size, 8).chunk("Some text."))  # type: ignore[arg-type, return-value]


def test_texts_that_are_none() -> None:
    made = Chunker("o200k_base")
    with pytest.raises(UsageError, match="bytes"):
        made.chunk(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="is a str"):
        made.chunk_stream("text")
    for format in ("text", "python"):  # guards against a bare TypeError of what joins them
        with pytest.raises(UsageError, match="a block is of type bytes"):
            list(Chunker("o200k_base", format=format).chunk_stream(["text", b"x"]))  # type: ignore[list-item]
    with pytest.raises(UsageError, match="no format"):
        made.chunk("text", format="word")
