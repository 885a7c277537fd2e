"""Source code: its blocks, from a parser that cannot take the memory or the life of this process.

A tree-sitter parser takes memory that is quadratic in some texts, at once and without a chance to
stop it: 16 kB of ``a<`` as Java are a gigabyte. So all but small texts are parsed in a child
process with a limit.
"""

import json
import re
from typing import TYPE_CHECKING, Any

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block
from ctxtools.chunking.formats.syntax import failed
from ctxtools.chunking.formats.syntax import parse as parse_here

if TYPE_CHECKING:
    from ctxtools.isolated import Frames

_SMALL = 2000  # characters, for which the worst that was found took 160 MB
_MEMORY, _MEMORY_PER_BYTE = 1 << 28, 400  # bytes; code needs some 60 for each of its own
_SECONDS, _SECONDS_PER_BYTE = 5, 2e-5  # of CPU time; code needs a fortieth

# A file named .h with one of these at the start of a line is C++, not C. "class" alone does not
# count, since it may start a line of a comment.
_CPP = re.compile(
    r"""^[ \t]*+(?:
        template[ \t]*+<
        |(?:inline[ \t]++)?namespace\b[ \t\w:]*+\s*+\{
        |using[ \t]++namespace\b
        |(?:public|private|protected)[ \t]*+:
        |(?:enum[ \t]++)?class(?:[ \t]++\w++){1,3}+\s*+[{;:]
    )""",
    re.MULTILINE | re.VERBOSE,
)

_STRENGTHS = tuple(sorted(Strength))


def parse(text: str, format: str) -> tuple[Block, ...]:
    """The blocks of source code. Text in the format "c" that can only be C++ is parsed as C++.

    Raises:
        FormatError: the parser failed, crashed or took too much.
        MissingExtraError: the grammar is not installed.
    """
    if format == "c" and _CPP.search(text):
        format = "cpp"
    if len(text) <= _SMALL:
        return parse_here(text, format)
    from ctxtools import isolated

    data = text.encode("utf-8", "surrogatepass")
    run = isolated.Run(
        f"{__name__}:parse_job",
        {"format": format},
        data=data,
        memory=_MEMORY + _MEMORY_PER_BYTE * len(data),
        seconds=int(_SECONDS + _SECONDS_PER_BYTE * len(data)),
    )
    try:
        ((_, found),) = run
    except isolated.Ended as error:
        raise failed(format, str(error)) from error
    return _blocks(json.loads(found))


def parse_job(request: dict[str, Any], file: object, data: bytes) -> "Frames":
    """What `parse` returns, in a child."""
    blocks = parse_here(data.decode("utf-8", "surrogatepass"), request["format"])
    yield {}, json.dumps(blocks).encode()


def _blocks(rows: list[Any]) -> tuple[Block, ...]:
    return tuple(
        Block(start, end, kind, _STRENGTHS[strength], title, atomic, repeat, _blocks(children))
        for start, end, kind, strength, title, atomic, repeat, children in rows
    )
