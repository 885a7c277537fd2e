"""The text of a heading as a reader sees it."""

import re

MAX_TITLE = 200
"""The longest title, in characters: every block and chunk inside a block repeats its title."""

# Characters without width, but not the joiners that form words and emoji; and those of private use,
# which are the icons of a font.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff\ue000-\uf8ff\U000f0000-\U0010ffff]+")
_JOINERS = "\u200c\u200d"

ANCHORS = frozenset({"", "¶", "#", "§", "🔗", "∞", "⚓"})
"""What links to headings show, which is not of their text."""

_STRUCK = re.compile(r"~~(?=\S)([^~]++)(?<=\S)~~")
# The identifier after a heading in Pandoc, kramdown and Docusaurus: ASCII letters, digits, "_.:-"
# and all that is not ASCII. What names the others is compiled in a twentieth of the time.
_IDENTIFIER = re.compile(r"\{:?\s?#[^\0-,/;-@[-^`{-\x7f]++[^{}]*+\}")


def short_title(title: str) -> str:
    """A title, truncated if it is too long."""
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"


def visible(text: str) -> str:
    """A text without what has no width and without icons; any white space is one space."""
    return " ".join(_UNSEEN.sub("", text).split()).strip(_JOINERS)


def clean_title(text: str) -> str:
    """A title from the text of its heading: without its identifier, the sign that a link left and
    marks of struck text, and truncated if it is too long."""
    text = _STRUCK.sub(r"\1", visible(text)).rstrip("¶ ")
    start = text.rfind("{")
    if start > 0 and _IDENTIFIER.fullmatch(text, start):
        text = text[:start].rstrip("¶ ")
    return short_title(text)
