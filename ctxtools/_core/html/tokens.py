"""Tokens of an HTML document: tags and comments, with their offsets.

One regular expression finds them as the HTML standard does
(https://html.spec.whatwg.org/#tokenization); what lies between two tokens is text. Parsers that
build a tree (lxml, selectolax) do not say where a tag stands. Python's ``html.parser`` was tried:
it takes several times as long, and its results depend on the version of Python.
"""

import re
import string
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ctxtools._core.html.elements import RAW
from ctxtools.possessive import compile_pattern

START, EMPTY, END, COMMENT = range(4)
"""Kinds: a start tag; one that ends with ``/>``, which in XHTML closes any element; an end tag; and
whatever else stands between ``<`` and ``>``."""


class Token(NamedTuple):
    """A tag, with its name in lower case, or a comment, without one; offsets in characters."""

    kind: int
    name: str
    start: int
    end: int


# A comment, CDATA, a tag (groups: slash, name), a declaration or a bogus comment. A comment without
# an end extends to the end of the text, so that no character is scanned twice.
_MARKUP = compile_pattern(
    r"""<(?:
        !--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+(?:--!?>|\Z))
        |!\[CDATA\[(?:[^\]]*+(?:\](?!\]>)[^\]]*+)*+(?:\]\]>|\Z))
        |(/?)([a-zA-Z][^ \t\n\f\r/>]*+)
            (?:[ \t\n\f\r/]++
                |[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+
                    (?:[ \t\n\f\r]*+=[ \t\n\f\r]*+
                        (?:"[^"]*+"|'[^']*+'|(?!["'])[^ \t\n\f\r>]*+))?+
            )*+
            (?:>|\Z)
        |[!?/][^>]*+(?:>|\Z)
    )""",
    re.VERBOSE,
)

_ATTRIBUTE = compile_pattern(
    r"""([^ \t\n\f\r/>][^ \t\n\f\r/>=]*+)
        (?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:"([^"]*+)"|'([^']*+)'|(?!["'])([^ \t\n\f\r>]*+)))?+""",
    re.VERBOSE,
)
_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_NAME = re.compile(r"<[a-zA-Z][^ \t\n\f\r/>]*+")
_SCRIPT = re.compile(r"<!--|-->|<(/?)script(?=[ \t\n\f\r/>])", re.ASCII | re.IGNORECASE)


def tokens(text: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """The tokens of ``text[start:end]``, in order."""
    end = len(text) if end is None else end
    search, make = _MARKUP.search, tuple.__new__
    position = start
    while found := search(text, position, end):
        first, position = found.span()
        slash, name = found.groups()
        if name is None:
            yield make(Token, (COMMENT, "", first, position))
            continue
        if text[position - 1] != ">":  # no tag without an end
            return
        name = _lower(name)
        if slash:
            yield make(Token, (END, name, first, position))
        elif text[position - 2] == "/":
            yield make(Token, (EMPTY, name, first, position))
        else:
            yield make(Token, (START, name, first, position))
            if name in RAW:
                position = _raw_end(text, name, position, end)


def markup_end(text: str, start: int, end: int) -> int:
    """The end of a tag or comment that starts at an offset and ends before another; -1 if none
    does."""
    found = _MARKUP.match(text, start, end)
    return found.end() if found and text[found.end() - 1] == ">" else -1


def attributes(text: str, start: int, end: int) -> dict[str, str]:
    """The attributes of a start tag from ``start`` to ``end``: names in lower case, values as they
    are written. Of several with one name, the first counts."""
    found: dict[str, str] = {}
    name = _NAME.match(text, start, end)
    for match in _ATTRIBUTE.finditer(text, name.end() if name else start, end):
        key, double, single, bare = match.groups()
        found.setdefault(_lower(key), double or single or bare or "")
    return found


def _lower(name: str) -> str:
    """A name with the letters of ASCII in lower case."""
    return name.lower() if name.isascii() else name.translate(_LOWER)


def _raw_end(text: str, name: str, start: int, end: int) -> int:
    """Where the end tag of an element with raw text starts."""
    if name == "script":
        return _script_end(text, start, end)
    found = _end_tag(name).search(text, start, end) if name != "plaintext" else None
    return found.start() if found else end


def _script_end(text: str, start: int, end: int) -> int:
    """The same for a script, in whose comments a ``<script>`` has an end tag of its own."""
    in_comment = in_inner = False
    for found in _SCRIPT.finditer(text, start, end):
        if found[0] == "<!--":
            # "<!-->" is a comment and its end.
            in_comment = not text.startswith((">", "->"), found.end(), end)
        elif found[0] == "-->":
            in_comment = in_inner = False
        elif not found[1]:
            in_inner = in_comment
        elif in_inner:
            in_inner = False
        else:
            return found.start()
    return end


@cache
def _end_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.ASCII | re.IGNORECASE)
