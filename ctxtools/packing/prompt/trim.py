"""A document cut to a limit of tokens, at the end of a line, with a marker for what is omitted."""

import re
from collections.abc import Callable, Sequence

from ctxtools.encodings import Encoding
from ctxtools.packing.arguments import Trim
from ctxtools.packing.line_numbers import number_lines
from ctxtools.packing.prompt.pages import named_pages

_ATTEMPTS = 12
_MIN_TOKENS = 16  # of the document; fewer do not justify a marker
_MAX_UNUSED_SHARE = 0.5  # of what fits, for a cut at the end of a line


def trim(
    text: str,
    encoding: Encoding,
    limit: int,
    side: Trim,
    cost: Callable[[str], int] | None = None,
    *,
    line_numbers: bool = False,
    pages: Sequence[int] = (),
) -> tuple[str, int] | None:
    """A text trimmed so that it costs at most ``limit`` tokens, and what it costs.

    The returned text itself was counted. It is the complete text if that fits.

    Args:
        text: the document.
        encoding: counts it.
        limit: in tokens.
        side: which end is kept, or "middle" for both ends.
        cost: the tokens of a trimmed text together with what surrounds it; by default of the
            trimmed text alone.
        line_numbers: number the lines that are kept, as they are numbered in the document.
        pages: offsets at which its pages start, which the marker then names.

    Returns:
        (trimmed text, tokens), or None where the limit leaves too little of the document.
    """
    cost = cost or encoding.count
    available = limit - cost("")
    if available < _MIN_TOKENS:
        return None
    # The token index of what either end can be at most: no more of a large text is read.
    size = _size_beyond(text, encoding, available, side)
    first = last = encoding.index(text[:size])
    if size < len(text):
        last = encoding.index(text[-size:])
    if len(text) < 2 * size:
        whole = number_lines(text) if line_numbers else text
        if (tokens := cost(whole)) <= limit:
            return whole, tokens
    lines = text.count("\n")
    marker = _marker(text, min(size, len(text)) // 2, len(text), lines, pages)
    available -= encoding.count(marker) + 1
    for _ in range(_ATTEMPTS):
        if available < _MIN_TOKENS:
            return None
        after = {"head": 0, "tail": available, "middle": available // 2}[side]
        start = _line_end(text, first.end_anywhere(0, available - after))
        end = _line_start(text, len(text) - last.length + last.start_anywhere(last.length, after))
        trimmed = _joined(text, start, end, lines, line_numbers, pages)
        tokens = cost(trimmed)
        if tokens <= limit:
            return trimmed, tokens
        # In proportion too, since escapes may take as much as the text itself.
        available = min(available - (tokens - limit), available * limit // tokens)
    return None


def _size_beyond(text: str, encoding: Encoding, limit: int, side: Trim) -> int:
    """A number of characters of which the ends to keep exceed a limit of tokens, if the text does.

    Twice the text at most.
    """
    size = 8 * limit
    while size < len(text) and (
        (side != "tail" and encoding.fits(text[:size], limit))
        or (side != "head" and encoding.fits(text[-size:], limit))
    ):
        size *= 2
    return size


def _joined(
    text: str, start: int, end: int, lines: int, line_numbers: bool, pages: Sequence[int]
) -> str:
    """The text without ``text[start:end]``, for which there is a marker."""
    if start >= end:
        return number_lines(text) if line_numbers else text
    before, after = text[:start], text[end:]
    if line_numbers:
        before, after = number_lines(before), number_lines(after, text.count("\n", 0, end) + 1)
    line_break = "" if start == 0 or text[start - 1] == "\n" else "\n"
    return f"{before}{line_break}{_marker(text, start, end, lines, pages)}\n{after}"


def _line_end(text: str, end: int) -> int:
    """Where to end what is kept at the start: after a line, else after a word, if near enough."""
    if end == len(text):
        return end
    for separator in ("\n", " "):
        found = text.rfind(separator, int(end * _MAX_UNUSED_SHARE), end)
        if found >= 0:
            return found + 1
    return end


def _line_start(text: str, start: int) -> int:
    """Where to start what is kept at the end."""
    if start in (0, len(text)):
        return start
    last = len(text) - int((len(text) - start) * _MAX_UNUSED_SHARE)
    for separator in ("\n", " "):
        found = text.find(separator, start - 1, last)
        if found >= 0:
            return found + 1
    return start


MARKER = re.compile(
    r"\[\.\.\. (?:lines? (\d{1,12})(?: to (\d{1,12}))?|characters (\d{1,12}) to (\d{1,12}))"
    r" of (\d{1,12})(?: \(on [^()\n]{1,300}\))? left out \.\.\.\]"
)
"""What `trim` puts in place of what it leaves out."""


def trimmed_again(
    text: str, marker: re.Match[str], *, line_numbers: bool = False, pages: Sequence[int] = ()
) -> str | None:
    """A text without what a marker says is left out, as `trim` writes it; None if it has no such
    lines or characters.

    Args:
        text: the document.
        marker: a match of `MARKER`.
        line_numbers, pages: as in `trim`.
    """
    first, last, start, end, _ = (int(each or 0) for each in marker.groups())
    lines = text.count("\n")
    if first:
        start = _line_offset(text, first)
        end = _line_offset(text, max(last, first) + 1)
    else:
        start -= 1
    if not 0 <= start < end <= len(text):
        return None
    if _marker(text, start, end, lines, pages) != marker.group():
        return None
    return _joined(text, start, end, lines, line_numbers, pages)


def _line_offset(text: str, number: int) -> int:
    """Where a line starts, by its number from 1; the end of the text if it has fewer."""
    position = 0
    for _ in range(number - 1):
        position = text.find("\n", position) + 1
        if not position:
            return len(text)
    return position


def _marker(text: str, start: int, end: int, lines: int, pages: Sequence[int]) -> str:
    """What is omitted, in words: whole lines, or characters where a line is cut.

    Args:
        text: the document.
        start, end: of what is omitted.
        lines: the line breaks of the text.
        pages: offsets at which its pages start.
    """
    on = f" (on {named_pages(pages, [(start, end)])})" if pages else ""
    starts_line = start == 0 or text[start - 1] == "\n"
    ends_line = end == len(text) or text[end - 1] == "\n"
    if not starts_line or not ends_line:
        return f"[... characters {start + 1} to {end} of {len(text)}{on} left out ...]"
    first = text.count("\n", 0, start) + 1
    last = lines - text.count("\n", end) + (not text.endswith("\n") and end == len(text))
    total = lines + (not text.endswith("\n"))
    which = f"lines {first} to {last}" if last > first else f"line {first}"
    return f"[... {which} of {total}{on} left out ...]"
