"""Front matter: what is known of a Markdown document, before its text: YAML, TOML or JSON."""

import json
import re

from ctxtools.chunking.formats.lines import one_line
from ctxtools.possessive import compile_pattern

_BREAK = r"(?:\r\n|\r|\n)"
_OPENING = re.compile(rf"(---|\+\+\+)[ \t]*+{_BREAK}(?![ \t]*+{_BREAK})")
_CLOSING = {
    fence: re.compile(rf"(?<=[\r\n])(?:{closing})[ \t]*+(?:{_BREAK}|\Z)")
    for fence, closing in {"---": r"---|\.\.\.", "+++": r"\+\+\+"}.items()
}
_CLOSING_BRACE = re.compile(rf"(?<=[\r\n])\}}[ \t]*+(?:{_BREAK}|\Z)")
_TITLE = re.compile(r"(?:\A|(?<=[\r\n]))[\"']?title[\"']?[ \t]*+[:=][ \t]*+([^\r\n]*+)")
_TABLE = re.compile(r"(?<=[\r\n])[ \t]*+\[")
_FOLDED = compile_pattern(rf"[|>][-+0-9]*+[ \t]*+(?:#[^\r\n]*+)?+(?:{_BREAK}[ \t]++([^\r\n]*+))?+")
_QUOTED = compile_pattern(r"\"((?:[^\"\\]|\\.)*+)\"|'((?:[^']|'')*+)'")
_MAX_JSON = 100_000  # characters


def find(text: str, start: int) -> tuple[int, str]:
    """The front matter of a document.

    Args:
        text: the document.
        start: where it starts, after a byte order mark.

    Returns:
        (the offset of its end, which is ``start`` if there is none; its title on one line, "" if it
        has none).
    """
    if text.startswith("{", start):
        return _json(text, start)
    opening = _OPENING.match(text, start)
    if not opening:
        return start, ""
    fence = opening[1]
    closing = _CLOSING[fence].search(text, opening.end())
    if not closing:
        return start, ""
    inside = text[opening.end() : closing.start()]
    if fence == "+++" and (table := _TABLE.search(inside)):
        inside = inside[: table.start()]
    return closing.end(), _title(inside)


def _json(text: str, start: int) -> tuple[int, str]:
    closing = _CLOSING_BRACE.search(text, start, start + _MAX_JSON)
    if not closing:
        return start, ""
    try:
        values = json.loads(text[start : closing.end()], strict=False)
    except (ValueError, RecursionError):
        return start, ""
    title = values.get("title")
    return closing.end(), one_line(title) if isinstance(title, str) else ""


def _title(inside: str) -> str:
    """The title among keys of YAML or TOML."""
    found = _TITLE.search(inside)
    if not found:
        return ""
    value = found[1].strip()
    if folded := _FOLDED.match(inside, found.start(1)):
        return one_line(folded[1] or "")
    if quoted := _QUOTED.match(value):
        if quoted[2] is not None:
            return one_line(quoted[2].replace("''", "'"))
        return one_line(_unescaped(quoted[1]))
    return one_line("" if value.startswith("#") else value.partition(" #")[0])


def _unescaped(quoted: str) -> str:
    try:
        decoded: str = json.loads(f'"{quoted}"', strict=False)
    except ValueError:
        return quoted
    return decoded
