"""Pages: on which of them a chunk is, by form feeds or by the offsets that a reader found."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ctxtools.checks import check_list
from ctxtools.errors import UsageError

_FORM_FEED = "\f"


class PageNumbers:
    """Where the pages of one document start, as far as it was seen.

    Args:
        starts: offsets in characters at which its pages start, of the first one too; empty where it
            has no pages. None takes form feeds, each of which ends a page.

    Raises:
        UsageError: they are no offsets in order.
    """

    def __init__(self, starts: Sequence[int] | None = None) -> None:
        self._by_form_feeds = starts is None
        self._seen = 0  # up to where form feeds were searched for
        self._starts = array("Q") if starts is None else _checked(starts)

    def __bool__(self) -> bool:
        """Whether there are pages; of form feeds, whether one was seen."""
        return len(self._starts) > 0

    def look_at(self, text: str, offset: int) -> None:
        """Take the next look-ahead window, which starts at an offset and may overlap the last."""
        if self._by_form_feeds:
            found = array("Q", _form_feed_ends(text, offset, self._seen - offset))
            if found and not self._starts:
                self._starts.append(0)
            self._starts.extend(found)
            self._seen = max(self._seen, offset + len(text))

    def between(self, start: int, end: int) -> Sequence[int]:
        """Where pages start in ``start < offset < end``, in characters of the document."""
        starts = self._starts
        return starts[bisect_right(starts, start) : bisect_left(starts, end)]

    def span(self, text: str, start: int) -> tuple[int, int]:
        """The pages, from 1, on which a text starts and ends, without the white space around it.

        So the line break or form feed before a page's first word does not count, nor that after its
        last one.

        Args:
            text: a slice of the document.
            start: its offset.
        """
        first, last = start, start + max(0, len(text) - 1)
        if inner := text.strip():
            first += len(text) - len(text.lstrip())
            last = first + len(inner) - 1
        return self._page(first), self._page(last)

    def _page(self, offset: int) -> int:
        return max(1, bisect_right(self._starts, offset))


def _form_feed_ends(text: str, offset: int, first: int) -> Iterator[int]:
    """The offsets in the document after each form feed of ``text[first:]``."""
    at = text.find(_FORM_FEED, max(0, first))
    while at >= 0:
        yield offset + at + 1
        at = text.find(_FORM_FEED, at + 1)


def _checked(starts: Sequence[int]) -> "array[int]":
    check_list("pages", starts, hint="pass the offsets at which pages start")
    try:
        offsets = array("Q", starts)
    except (TypeError, OverflowError) as error:
        raise UsageError(
            f"pages must be offsets in characters, all >= 0, got {starts!r:.60}",
            hint="pass the offsets at which pages start, that of the first one too",
        ) from error
    if any(after < before for before, after in pairwise(offsets)):
        raise UsageError("pages must be offsets in order", hint="sort them")
    return offsets
