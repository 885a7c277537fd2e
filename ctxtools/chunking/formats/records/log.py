"""Logs: an entry is a line with a time, and the lines after it that have none, such as a traceback.

Where on a line the time is differs between programs, but not within a log, so the first lines tell.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.formats.lines import lines_of, without_mark

_SAMPLE = 400  # lines that tell what an entry looks like
_MAX_COLUMN = 100  # of the time
_NEAR = 16  # columns up to which a time is at the start of a line
_MANY = 0.3  # of the times: if these are at the start of their lines, those of entries are
_SLACK = 8  # columns by which the time may be further right than on the lines of the sample
_SHARE = 0.1  # of the lines that are not indented: the least that have to have a time

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_TIME = re.compile(
    rf"""(?<![\w.:/-])(?:
        \d{{4}}[-/.]\d{{2}}[-/.]\d{{2}}(?:[T _:]{_CLOCK})?
        |\d{{1,2}}[-/. ]{_MONTH}[-/. ]\d{{2,4}}[: T]{_CLOCK}
        |\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}[, T]{{1,2}}{_CLOCK}
        |(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ ])?
            {_MONTH}[ ]{{1,2}}\d{{1,2}}(?:,?[ ]\d{{4}},?)?[ ]{_CLOCK}
        |[IWEFD]\d{{4}}[ ]{_CLOCK}
        |\d{{2}}:\d{{2}}:\d{{2}}
        |\d{{8}}[T -]?\d{{4,6}}
        |1[0-9]{{9}}(?:[.,]\d+|\d{{3}})?
        |\[[ ]*\d+\.\d{{3,6}}\]
    )(?!\w)""",
    re.VERBOSE,
)
_INDENTED = " \t"


def parse(text: str, format: str = "log") -> Parsed:
    """The entries; none if few lines have a time."""
    lines = lines_of(text, without_mark(text))
    texts, starts = lines
    is_json = _is_json(texts[:_SAMPLE])
    last_column = -1 if is_json else _last_column(texts[:_SAMPLE])
    if last_column < 0 and not is_json:
        return Parsed()
    search, until = _TIME.search, last_column + _MAX_COLUMN
    firsts: list[int] = []  # lines of entries
    for i, line in enumerate(texts):
        if not line or line[0] in _INDENTED:
            continue
        if is_json:
            if line[0] == "{":
                firsts.append(i)
        elif (found := search(line, 0, until)) and found.start() <= last_column:
            firsts.append(i)
    blocks = []
    for first, last in pairwise([*firsts, len(texts)]):
        close = first and texts[first - 1]
        strength = Strength.SENTENCE if close else Strength.PARAGRAPH
        blocks.append(Block(starts[first], starts[last], "record", strength, atomic=True))
    return Parsed(tuple(blocks))


def _last_column(sample: Sequence[str]) -> int:
    """How far right the time may be on the first line of an entry; -1 if few lines have one."""
    lines = [line for line in sample if line and line[0] not in _INDENTED]
    found = (_TIME.search(line, 0, 2 * _MAX_COLUMN) for line in lines)
    columns = sorted(each.start() for each in found if each and each.start() <= _MAX_COLUMN)
    if len(columns) < max(1, _SHARE * len(lines)):
        return -1
    near = [column for column in columns if column <= _NEAR]
    if len(near) >= _MANY * len(columns):  # the others are times of which an entry speaks
        columns = near
    return columns[int(0.9 * (len(columns) - 1))] + _SLACK


def _is_json(sample: Sequence[str]) -> bool:
    """Whether most lines are JSON objects."""
    filled = [line for line in sample if line]
    objects = sum(line[0] == "{" and line[-1] == "}" for line in filled)
    return objects > len(filled) / 2
