"""A part of a document that fits, cut where a line ends, with a marker for what is left out."""

from collections.abc import Callable
from enum import StrEnum

from ctxtools.encodings import Encoding

_TRIES = 12
_LEAST = 16  # tokens of a document that are worth a marker
_MARKER = 24  # tokens of one, about
_NEAR = 32  # characters between two places of which one fits
_BACK = 0.5  # of what fits is given up at the most for a cut at the end of a line


class Trim(StrEnum):
    """Which part of a document is kept."""

    HEAD = "head"
    TAIL = "tail"
    MIDDLE = "middle"  # is cut out: the start and the end are kept


def trim_to_fit(
    text: str, encoding: Encoding, room: int, side: Trim, cost: Callable[[str], int]
) -> tuple[str, int] | None:
    """The trimmed text whose cost is at most ``room``, and that cost; None where too little fits.

    Args:
        text: the document.
        encoding: counts it.
        room: tokens.
        side: which part is kept.
        cost: the tokens of a trimmed text with all that goes around it.
    """
    limit = room - cost("") - _MARKER
    for _ in range(_TRIES):
        if limit < _LEAST:
            return None
        trimmed = trim(text, encoding, limit, side)
        taken = cost(trimmed)
        if taken <= room:
            return trimmed, taken
        # In proportion too, since escapes may take as much as the text itself.
        limit = min(limit - (taken - room), int(limit * room / taken))
    return None


def trim(text: str, encoding: Encoding, limit: int, side: Trim) -> str:
    """A part of a text, of at most about ``limit`` tokens, with a marker for the rest."""
    if side is Trim.MIDDLE:
        start = _head(text, encoding, limit - limit // 2)
        end = max(_tail(text, encoding, limit // 2), start)
    elif side is Trim.HEAD:
        start, end = _head(text, encoding, limit), len(text)
    else:
        start, end = 0, _tail(text, encoding, limit)
    if start >= end:
        return text
    before, after = text[:start], text[end:]
    marker = _marker(text, start, end)
    if before and not before.endswith("\n"):
        marker = f"\n{marker}"
    return f"{before}{marker}\n{after}"


def _head(text: str, encoding: Encoding, limit: int) -> int:
    """Where to end a part at the start: behind a line, else a word, that leaves at least half."""
    end = _longest(len(text), limit, lambda n: encoding.count(text[:n]))
    if end == len(text):
        return end
    least = int(end * _BACK)
    for mark in ("\n", " "):
        place = text.rfind(mark, least, end)
        if place >= 0:
            return place + 1
    return end


def _tail(text: str, encoding: Encoding, limit: int) -> int:
    """Where to start a part at the end."""
    n = len(text)
    start = n - _longest(n, limit, lambda size: encoding.count(text[n - size :]))
    if start == 0:
        return start
    most = n - int((n - start) * _BACK)
    for mark in ("\n", " "):
        place = text.find(mark, start - 1, most)
        if place >= 0:
            return place + 1
    return start


def _longest(length: int, limit: int, count: Callable[[int], int]) -> int:
    """About the most characters, of ``length``, that have at most ``limit`` tokens.

    Tokens are spread over a text evenly enough for a guess by proportion to be nearly right, and
    nothing beyond the guess is looked at: a large text is not counted for a small limit.
    """
    low, low_count = 0, 0
    high, high_count = length, 0  # of which the count is not known yet
    guess = min(4 * limit, length)
    for _ in range(_TRIES * 2):
        found = count(guess)
        if found <= limit:
            low, low_count = guess, found
        else:
            high, high_count = guess, found
        if low == length or high - low <= _NEAR or limit - low_count <= _NEAR // 16:
            break
        if high_count:
            share = (limit - low_count) / max(high_count - low_count, 1)
            step = int((high - low) * min(max(share, 0.05), 0.95))
            guess = low + min(max(step, 1), high - low - 1)
        else:  # everything so far fits
            guess = min(max(int(low * limit / max(low_count, 1) * 1.02), low * 2, 64), length)
    return low


def _marker(text: str, start: int, end: int) -> str:
    """What is left out, in words: whole lines, or characters where a line is cut."""
    starts_line = start == 0 or text[start - 1] == "\n"
    ends_line = end == len(text) or text[end - 1] == "\n"
    if not starts_line or not ends_line:
        return f"[... characters {start + 1} to {end} of {len(text)} left out ...]"
    first = text.count("\n", 0, start) + 1
    last = first + text.count("\n", start, end) - (text[end - 1] == "\n")
    lines = text.count("\n") + (not text.endswith("\n"))
    which = f"lines {first} to {last}" if last > first else f"line {first}"
    return f"[... {which} of {lines} left out ...]"
