"""What may be left out of a document: scripts, styles, drawings and the content of data URIs."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import get_args

from ctxtools._core.html.tokens import tokens
from ctxtools._core.html.tree import OPAQUE, events
from ctxtools.chunking.settings import Omission
from ctxtools.chunking.views.view import View
from ctxtools.documents.html.writer import Writer
from ctxtools.documents.origins.data_uris import data_uri_contents

OMISSIONS: tuple[Omission, ...] = get_args(Omission)

_MIN_DATA = 32  # bytes of the content of a data URI that is left out
_MAX_INDENT = 200  # characters searched for the start of a line
_LINE_BREAK = re.compile(r"[ \t]*+\r?\n")
_END_TAG = re.compile(r"</[a-z]++\s*+>", re.IGNORECASE)

Spans = list[tuple[int, int]]


def omissions(
    text: str, kinds: Collection[Omission], segments: Iterable[tuple[int, int]]
) -> dict[str, Spans]:
    """The spans of a document that are of some kinds, in order and disjoint.

    Args:
        text: the document.
        kinds: what to look for.
        segments: the spans of it that are HTML, in order.
    """
    found: dict[str, Spans] = {kind: [] for kind in kinds}
    elements: Spans = []
    for start, end in segments:
        for kind, name, first, last in events(text, [*tokens(text, start, end)], start, end):
            # One without an end tag is not what it seems to be.
            if kind == OPAQUE and name in found and _is_closed(text, name, first, last):
                span = _lines(text, first, last)
                found[name].append(span)
                elements.append(span)
    if "data-uri" in found:
        inside = iter([*elements, (len(text), len(text))])
        element = next(inside)
        for start, end, _ in data_uri_contents(text, _MIN_DATA):
            while element[1] <= start:
                element = next(inside)
            if end <= element[0]:
                found["data-uri"].append((start, end))
    return found


def without(text: str, left_out: Mapping[str, Spans]) -> View:
    """A view of a document without some spans."""
    writer, position = Writer(text), 0
    for start, end in sorted(span for spans in left_out.values() for span in spans):
        writer.copy(position, start)
        position = end
    writer.copy(position, len(text))
    return View(writer.text(), writer.segments, left_out)


def _is_closed(text: str, name: str, start: int, end: int) -> bool:
    last = text.rfind("</", start, end)
    return (
        last > 0
        and _END_TAG.fullmatch(text, last, end) is not None
        and name in text[last:end].lower()
    )


def _lines(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with the white space before it and the line break after it, if its lines have nothing
    else."""
    low = max(start - _MAX_INDENT, 0)
    first = low + len(text[low:start].rstrip(" \t"))
    after = _LINE_BREAK.match(text, end)
    if after and (first == 0 or text[first - 1] == "\n"):
        return first, after.end()
    return start, end
