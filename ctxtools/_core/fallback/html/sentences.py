"""Ends of sentences that tags hide: between ``one.</em> <b>Next`` the text alone shows none.

They are found in the text as it is rendered, without its tags, where end tags follow the last
character of a sentence.
"""

import re
from collections.abc import Sequence

from ctxtools._core.fallback.boundaries import strength_at
from ctxtools._core.fallback.sentences.marks import (
    CLOSERS,
    FULL_WIDTH_CLOSERS,
    FULL_WIDTH_TERMINATORS,
    TERMINATORS,
)
from ctxtools._core.html.elements import VISIBLE
from ctxtools._core.html.tree import END_TAG, TAG, TEXT, Event
from ctxtools._core.types import Strength

_OBJECT = "\ufffc"  # what an image or the like is in the rendered text
_ENDS = TERMINATORS | FULL_WIDTH_TERMINATORS | CLOSERS | FULL_WIDTH_CLOSERS
_SPACE = re.compile(r"[ \t\n\r\f]+")


def hidden_ends(text: str, events: Sequence[Event]) -> list[int]:
    """Where sentences end in a run of text and inline tags: after the end tags that follow each."""
    gaps: list[tuple[int, int]] = []  # where end tags are: in the rendered text, and in the text
    parts = [" "]  # of the rendered text
    length = before = 0  # of the rendered text, and without white space at its end
    end, last = -1, ""  # of the end tags after that; the character before them
    is_open = False  # whether more end tags may follow
    position = events[0].start if events else 0
    for kind, name, start, stop in events:
        if start > position:
            # A comment, or an end tag of nothing, belongs to the end tags around it.
            if text[position : position + 2] not in ("</", "<!", "<?"):
                is_open = False
            elif is_open and end >= 0:
                end = start
        position = stop
        if kind == END_TAG:
            end = stop if is_open else end
            continue
        if kind == TAG and name not in VISIBLE:
            is_open = False
            continue
        shown = _SPACE.sub(" ", text[start:stop]) if kind == TEXT else _OBJECT
        visible = shown.rstrip(" ")
        if visible and end >= 0:
            if last in _ENDS:
                gaps.append((before, end))
            end = -1
        if parts[-1].endswith(" "):
            shown = shown.removeprefix(" ")
        if shown:
            parts.append(shown)
        length += len(shown)
        if visible:
            before, last = length - shown.endswith(" "), visible[-1]
            is_open = True
    rendered = "".join(parts[1:])
    return [end for at, end in gaps if strength_at(rendered, at) == Strength.SENTENCE]
