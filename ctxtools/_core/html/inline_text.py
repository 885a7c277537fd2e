"""The text of headings and titles, as a reader sees it."""

import re
from collections.abc import Sequence

from ctxtools._core.html.elements import VOID
from ctxtools._core.html.references import unescape
from ctxtools._core.html.tokens import attributes
from ctxtools._core.html.tree import END_TAG, OPAQUE, OPEN, TAG, TEXT, Event
from ctxtools._core.titles import ANCHORS, clean_title, visible

# Classes of what is not seen, or is a tool of the page beside the heading.
_UNSEEN_CLASSES = frozenset(
    ("mw-editsection", "sr-only", "visually-hidden", "screen-reader-text", "screenreader-only")
)
_HIDDEN_STYLE = re.compile(
    r"display\s*+:\s*+none|visibility\s*+:\s*+hidden", re.ASCII | re.IGNORECASE
)
_SAYS_HIDDEN = re.compile(r"hidden|none|class|aria-", re.IGNORECASE)
_MATH_TAG = re.compile(r"<annotation[^>]*+>[^<]*+|<[^>]*+>", re.ASCII | re.IGNORECASE)


def heading_text(text: str, events: Sequence[Event]) -> str:
    """The title of a heading from the events inside it."""
    words: list[str] = []
    skipped, depth = "", 0  # the name of an element that is not seen, and how often it is open
    link = -1  # the number of words before the open link; -1 if none is
    for kind, name, start, end in events:
        if skipped:
            if name == skipped:
                depth += (kind == TAG) - (kind == END_TAG)
                skipped = skipped if depth else ""
        elif kind == TEXT:
            words.append(unescape(text[start:end]))
        elif kind == TAG:
            if name in ("br", "hr"):
                words.append(" ")
            elif name == "img":
                words.append(image_text(text, start, end))
            elif name == "button" or is_hidden(text, start, end):
                if name not in VOID:
                    skipped, depth = name, 1
            elif name == "a":
                link = len(words)
        elif kind == END_TAG:
            if name == "a" and link >= 0:
                if visible("".join(words[link:])) in ANCHORS:
                    del words[link:]
                link = -1
        elif kind == OPEN:
            words.append(" ")
        elif kind == OPAQUE and name == "math":
            words.append(_MATH_TAG.sub("", unescape(text[start:end])))
    return clean_title("".join(words))


def image_text(text: str, start: int, end: int) -> str:
    """What an image says in words, from its tag."""
    return visible(unescape(attributes(text, start, end).get("alt", "")))


def is_anchor(text: str, events: Sequence[Event]) -> bool:
    """Whether a link shows nothing but a sign, by the events inside it."""
    if any(event.kind == TAG and event.name == "img" for event in events):
        return False
    words = (unescape(text[event.start : event.end]) for event in events if event.kind == TEXT)
    return visible("".join(words)) in ANCHORS


def title_text(text: str, start: int, end: int) -> str:
    """The title of a document from its title element, tags included."""
    first, last = text.find(">", start, end) + 1, text.rfind("<", start, end)
    return clean_title(unescape(text[first : last if last > start else end]))


def is_hidden(text: str, start: int, end: int) -> bool:
    """Whether a start tag says that its element is not displayed."""
    if not _SAYS_HIDDEN.search(text, start, end):
        return False
    given = attributes(text, start, end)
    return (
        "hidden" in given
        or given.get("aria-hidden", "").lower() == "true"
        or _HIDDEN_STYLE.search(given.get("style", "")) is not None
        or not _UNSEEN_CLASSES.isdisjoint(given.get("class", "").split())
    )
