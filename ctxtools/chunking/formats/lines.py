"""The lines of a text, with offsets: what parsers of line-based formats start from."""

from ctxtools._core.lines import Lines as Lines
from ctxtools._core.lines import indent_of as indent_of
from ctxtools._core.lines import lines_of as lines_of


def without_mark(text: str) -> int:
    """Where a text starts after its byte order mark."""
    return 1 if text.startswith("\ufeff") else 0


def one_line(title: str) -> str:
    """A title without line breaks and more than one space at a time."""
    return " ".join(title.split())


def names(listed: str) -> frozenset[str]:
    """Names that are listed with spaces between them."""
    return frozenset(listed.split())


def without_surrogates(text: str) -> str:
    """The text with a question mark for each lone surrogate."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
