"""Data URIs (RFC 2397), which say nothing to a reader: their content is elided.

``data:image/png;base64,iVBORw0…`` becomes ``data:image/png;base64,[4,096 bytes elided]``. Where a
notebook is read as JSON, its images have no ``data:`` before them: ``"image/png": "iVBORw0…"``.

Time is linear in the text: every pattern is possessive, and where one found no end it is not tried
again before the position that it reached.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ctxtools import _core
from ctxtools.possessive import compile_pattern

KEPT = 256  # bytes of content up to which a URI is kept

_START = compile_pattern(
    r"data:(?P<type>[\w.+-]++\\?+/[\w.+-]++)?+(?P<parameters>(?:;[\w.+-]++(?:=[\w.+%-]*+)?+)*+),"
    r'|"(?:image|audio|video|application)/[\w.+-]++"\s{0,8}+:\s{0,8}+\[?+\s{0,200}+"(?P<json>)',
    re.IGNORECASE,
)
# What it starts with; to look for these first is many times faster.
_STARTS = ("data:", "DATA:", "Data:", '"image/', '"audio/', '"video/', '"application/')
# Wrapped lines, and strings that are joined, go on where the next one is long or the last.
_WRAP = r"(?:\\n|\\r|\\?\r?\n[ \t]{0,40}+|&\#(?:10|13|x[AaDd]);|[\"']\s{0,4}+\+?+\s{0,80}+[\"'])"
_BASE64 = compile_pattern(
    rf"[ \t]{{0,4}}+(?:[A-Za-z0-9+/=_-]++|%[0-9A-Fa-f]{{2}}|\\/"
    rf"|{_WRAP}(?=[A-Za-z0-9+/]{{40}}|[A-Za-z0-9+/]{{0,80}}={{0,2}}[\"'`)]))*+"
)
# The lines may be strings of a list.
_JSON_BASE64 = compile_pattern(
    r'(?:[A-Za-z0-9+/=]++|\\/|\\n|"\s{0,80}+,\s{0,80}+"(?=[A-Za-z0-9+/=]{1,80}+(?:\\n)?+"\s{0,80}+[],]))*+'
)
_UNQUOTED = re.compile(r"[^\s\"'`<>()\[\]{}\\]*+")
# By what is before a URI: its content, which what is after it ends.
_QUOTED = {
    '"': (compile_pattern(r'(?:[^"\\\n]++|\\(?s:.))*+'), '"'),
    "'": (compile_pattern(r"(?:[^'\\\n]++|\\(?s:.))*+"), "'"),
    "`": (compile_pattern(r"(?:[^`\\]++|\\(?s:.))*+"), "`"),
    '\\"': (compile_pattern(r'(?:[^"\\\n]++|\\[^"\n])*+'), '\\"'),
    "(": (re.compile(r"[^()\n]*+"), ")"),
}


class Elided(NamedTuple):
    """A text without the content of its data URIs.

    Attributes:
        text: the same but for that.
        number: of URIs whose content was elided.
        size: what was elided, in bytes of UTF-8.
    """

    text: str
    number: int
    size: int


def data_uri_starts(texts: Sequence[str], threads: int = 1) -> list[list[int]]:
    """The offsets at which a data URI may start in each text; nearly all texts have none.

    Args:
        texts: any texts.
        threads: how many may work; 0 is one per core.
    """
    return _core.find_literals(list(texts), list(_STARTS), threads)


def elide_data_uris(
    text: str, *, keep_lines: bool = False, starts: Sequence[int] | None = None
) -> Elided:
    """A text with a marker in place of the content of each data URI of more than `KEPT` bytes.

    Args:
        text: any text.
        keep_lines: keep the line breaks in such a content, so that lines keep their numbers.
        starts: see `data_uri_starts`.
    """
    parts: list[str] = []
    kept = number = elided = 0
    for start, end, size in data_uri_contents(text, starts=starts):
        breaks = "\n" * text.count("\n", start, end) if keep_lines else ""
        parts += text[kept:start], f"[{size:,} bytes elided]{breaks}"
        kept = end
        number, elided = number + 1, elided + size
    if not number:
        return Elided(text, 0, 0)
    return Elided("".join((*parts, text[kept:])), number, elided)


def data_uri_contents(
    text: str, kept: int = KEPT, starts: Sequence[int] | None = None
) -> Iterator[tuple[int, int, int]]:
    """The contents of data URIs: (start, end) in characters, and their size in bytes of UTF-8.

    Args:
        text: any text.
        kept: those of at most so many bytes are passed over.
        starts: see `data_uri_starts`.
    """
    position = 0
    unended: dict[str, int] = {}
    for at in data_uri_starts([text])[0] if starts is None else starts:
        start = _START.match(text, at) if at >= position else None
        if start is None:
            continue
        position = _content_end(text, start, unended)
        content = text[start.end() : position]
        size = len(content.encode("utf-8", "surrogatepass")) if len(content) > kept // 4 else 0
        if size > kept:
            yield start.end(), position, size


def _content_end(text: str, start: re.Match[str], unended: dict[str, int]) -> int:
    """Where the content of a URI ends.

    Args:
        text: the document.
        start: a match of `_START`.
        unended: up to where no end was found, for each of `_QUOTED`; this adds to it.
    """
    begin = start.end()
    if start["json"] is not None:
        return _end(_JSON_BASE64, text, begin)
    parameters = start["parameters"].lower()
    if parameters.endswith(";base64"):
        return _end(_BASE64, text, begin)
    if not start["type"] and not parameters:
        return begin  # `data:,`, more likely code than a URI
    opening = text[max(start.start() - 2, 0) : start.start()]
    quote = opening if opening == '\\"' else opening[-1:]
    if quote in _QUOTED and begin >= unended.get(quote, 0):
        pattern, closing = _QUOTED[quote]
        end = _end(pattern, text, begin)
        if text.startswith(closing, end):
            return end
        unended[quote] = end
    return _end(_UNQUOTED, text, begin)


def _end(pattern: re.Pattern[str], text: str, begin: int) -> int:
    found = pattern.match(text, begin)
    return found.end() if found else begin
