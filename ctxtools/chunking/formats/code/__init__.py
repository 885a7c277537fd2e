"""Source code: its blocks, from a parser that cannot take the memory or the life of this process.

A tree-sitter parser takes memory that is quadratic in some texts, at once and without a chance to
stop it: 16 kB of ``a<`` as Java are a gigabyte. And the scanners of some grammars, written in C,
crash on what is no code of theirs: that of Bash does. So all but small texts in the languages of
`GRAMMARS` are parsed in a child process with a limit.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ctxtools import _core
from ctxtools._core.roles import KINDS
from ctxtools.chunking.block import MAX_DEPTH, Parsed
from ctxtools.chunking.formats import MODULES, USE_TEXT
from ctxtools.chunking.formats.code.grammars import installed
from ctxtools.chunking.formats.code.languages import GRAMMARS
from ctxtools.errors import FormatError, MissingExtraError
from ctxtools.possessive import compile_pattern

if TYPE_CHECKING:
    from ctxtools._core import Blocks
    from ctxtools.isolated import Frames

_SMALL = 2000  # characters, for which the worst that was found took 160 MB
_MEMORY, _MEMORY_PER_BYTE = 1 << 28, 400  # bytes; code needs some 60 for each of its own
_SECONDS, _SECONDS_PER_BYTE = 5, 2e-5  # of CPU time; code needs a fortieth

# A file named .h with one of these at the start of a line is C++, not C. "class" alone does not
# count, since it may start a line of a comment.
_CPP = compile_pattern(
    r"""^[ \t]*+(?:
        template[ \t]*+<
        |(?:inline[ \t]++)?namespace\b[ \t\w:]*+\s*+\{
        |using[ \t]++namespace\b
        |(?:public|private|protected)[ \t]*+:
        |(?:enum[ \t]++)?class(?:[ \t]++\w++){1,3}+\s*+[{;:]
    )""",
    re.MULTILINE | re.VERBOSE,
)

_COLUMNS, _SIZE = 5, 4  # of `code_blocks`, and the bytes of a number in them


def parse(text: str, format: str) -> Parsed:
    """The blocks of source code. Text in the format "c" that can only be C++ is parsed as C++.

    Raises:
        FormatError: the parser failed, crashed or took too much.
        MissingExtraError: the grammar is not installed.
    """
    if format == "c" and _CPP.search(text):
        format = "cpp"
    data = text.encode("utf-8", "surrogatepass")
    if len(text) <= _SMALL and format in GRAMMARS:
        return Parsed(_blocks(*_columns(data, format)))
    from ctxtools import isolated

    installed(format)  # or nothing is started
    run = isolated.Run(
        f"{__name__}:parse_job",
        {"format": format},
        data=data,
        memory=_MEMORY + _MEMORY_PER_BYTE * len(data),
        seconds=int(_SECONDS + _SECONDS_PER_BYTE * len(data)),
    )
    try:
        ((header, found),) = run
    except isolated.Ended as error:
        raise _failed(format, str(error)) from error
    size = header["blocks"] * _SIZE
    columns = [found[n * size : (n + 1) * size] for n in range(_COLUMNS)]
    return Parsed(_blocks(columns, found[_COLUMNS * size :].decode()))


def prepare(documents: Iterable[tuple[str, int]]) -> None:
    """Start the child that `parse` needs, in the background, if it needs one.

    Args:
        documents: formats, and the characters of texts, of what is likely to be parsed.
    """
    formats = Counter(
        format
        for format, size in documents
        if MODULES.get(format) == "code" and (size > _SMALL or format not in GRAMMARS)
    )
    for format, _ in formats.most_common(1):
        with suppress(MissingExtraError):
            installed(format)  # or nothing is started
            from ctxtools import isolated

            job = f"{__name__}:prepare_job"
            isolated.prepare(job, {"format": format}, memory=_MEMORY, seconds=_SECONDS)


def prepare_job(request: dict[str, Any], file: object, data: bytes) -> "Frames":
    """Imports what `parse_job` needs."""
    installed(request["format"])
    yield {}, b""


def parse_job(request: dict[str, Any], file: object, data: bytes) -> "Frames":
    """What `parse` needs of a text, in a child: the columns of its blocks, and their titles."""
    columns, titles = _columns(data, request["format"])
    blocks = len(columns[0]) // _SIZE
    yield {"blocks": blocks}, b"".join((*columns, titles.encode()))


def _columns(data: bytes, format: str) -> tuple[Sequence[bytes], str]:
    """The blocks of code in UTF-8, as `code_blocks` has them."""
    grammar, roles, words = installed(format)
    try:
        *columns, titles = _core.code_blocks(grammar, data, roles, words, MAX_DEPTH)
    except ValueError as error:
        raise _failed(format, str(error)) from error
    return [bytes(column) for column in columns], titles


def _failed(format: str, reason: str) -> FormatError:
    return FormatError(f"cannot be parsed as {format} code: {reason}", hint=USE_TEXT)


def _blocks(columns: Sequence[bytes], titles: str) -> "Blocks":
    views = [memoryview(each).cast("I") for each in columns]
    return _core.Blocks.from_post_order(views, titles, KINDS)
