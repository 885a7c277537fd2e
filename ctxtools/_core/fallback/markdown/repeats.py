"""What is repeated of a Markdown block: the header of a table, the opening fence of code."""

import re
from collections.abc import Sequence

from ctxtools._core.fallback.html.entries import Node
from ctxtools._core.types import Strength
from ctxtools.possessive import compile_pattern

_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n|\Z)")
_TWO_LINES = re.compile(rf"(?:{_LINE.pattern}){{2}}")
# The signs of lists and quotes that a fence may be in, and the fence.
_OPENING = compile_pattern(r"(?:[ \t]|>|[*+-](?=[ \t])|[0-9]{1,9}+[.)](?=[ \t]))*+(`{3,}+|~{3,}+)")
_MAX_INDENT = re.compile(r" {0,3}+[`~]")
_PIPE_ROW = re.compile(r"[ \t]*+\|[^\r\n]*\|[ \t]*+(?:\r\n|\r|\n)")


def table(start: int, end: int, text: str, before: Sequence[Node]) -> tuple[int, str]:
    """Where a table starts, and the rows that are repeated: the header row, the delimiter row, and
    those that a paragraph right before the table ends with.

    Args:
        start, end: the table, which starts with its header row.
        text: the document.
        before: the block before it, if there is one.
    """
    two = _TWO_LINES.match(text, start, end)
    header_end = two.end() if two else start
    if before and before[-1].kind == "paragraph" and before[-1].end == start:
        for line in reversed([*_LINE.finditer(text, before[-1].start, start)]):
            if line[0] and not _PIPE_ROW.fullmatch(line[0]):
                break
            start = line.start()
    return start, text[start:header_end]


def code(start: int, end: int, text: str, *, inside: bool) -> tuple[str, tuple[Node, ...]]:
    """The opening fence of code, with its line break, and the lines between the fences as a block;
    nothing if it is indented instead, or empty.

    Args:
        start, end: the block of code.
        text: the document.
        inside: whether it is in a list or a quote.
    """
    first = _LINE.match(text, start, end)
    opening = _OPENING.match(text, start, end)
    if not first or not opening or (not inside and not _MAX_INDENT.match(text, start)):
        return "", ()
    body, last = first.end(), end
    stripped = text[body:end].rstrip()
    line = stripped[max(stripped.rfind("\n"), stripped.rfind("\r")) + 1 :]
    fence = line.lstrip(" \t>")
    if len(fence) >= len(opening[1]) and not fence.strip(opening[1][0]):
        last = body + len(stripped) - len(line)
    if last <= body:
        return "", ()
    return first[0], (Node(body, last, "code", Strength.NONE),)
