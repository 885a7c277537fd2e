"""How results look: tables and bars for people, JSON and CSV for programs.

rich is imported only where a terminal is drawn on: importing it takes 15 ms.
"""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

from ctxtools.cli.streams import exact
from ctxtools.escape import one_line, visible, visible_json
from ctxtools.units import format_percent

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.table import Table

_MIN_NAME = 24  # cells
_GAP = 3  # cells between columns
_UNLIMITED = 10_000  # cells
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NARROW = re.compile(rf"[ -~…─│├└{_EIGHTHS}]*")  # characters of one cell, of most tables
_FORCING = ("FORCE_COLOR", "TTY_COMPATIBLE")  # variables by which rich takes a pipe for a terminal


def bar(share: float, width: int = 10) -> str:
    """A bar of ``width`` characters, filled to a share from 0 to 1 in eighths of a character."""
    eighths = round(min(max(share, 0), 1) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def share_cell(part: float, whole: float) -> str:
    """A share as a bar and in percent; empty of nothing."""
    return f"{bar(part / whole)} {format_percent(part, whole):>6}" if whole else ""


def dollars(amount: "Decimal") -> str:
    """A price for people: ``$0.0132``, ``$12.50``; ``$0.00`` only if it is free."""
    from decimal import Decimal

    if amount >= Decimal("0.995") or not amount:
        return f"${amount:,.2f}"
    return f"${amount:.2g}" if amount >= Decimal("0.0001") else "<$0.0001"


def console(color: str = "auto", *, file: IO[str] | None = None) -> "Console":
    """A rich console on stdout (or ``file``), as wide as the terminal or its content."""
    from rich.console import Console
    from rich.segment import Segment

    class VisibleConsole(Console):
        def on_broken_pipe(self) -> None:
            raise  # rich would exit with 1; `ctx` ends such a run with 0

        def render(
            self, renderable: "RenderableType", options: "ConsoleOptions | None" = None
        ) -> "Iterable[Segment]":
            for segment in super().render(renderable, options):
                text, style, control = segment
                yield segment if control else Segment(visible(text), style)

    file = file or sys.stdout
    force = {"always": True, "never": False}.get(color)
    # A file or a pipe has no width to fit, and gets every name in full.
    width = None if file.isatty() else _UNLIMITED
    no_color = color == "never" or (color == "auto" and bool(os.environ.get("NO_COLOR")))
    return VisibleConsole(
        file=file,
        force_terminal=force if force else None,
        no_color=no_color,
        width=width,
        highlight=False,
        emoji=False,
        markup=False,
        soft_wrap=False,
    )


class Pipe:
    """A file or a pipe, which gets rows and lines as rich would write them."""

    is_terminal = False

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def print(self, line: str) -> None:
        """Write a line."""
        print(line, file=self.file)


def row_console(color: str = "auto", *, file: IO[str] | None = None) -> "Console | Pipe":
    """Where rows and lines are written: `console`, without rich if that is no terminal."""
    file = file or sys.stdout
    if color == "always" or file.isatty() or any(map(os.environ.get, _FORCING)):
        return console(color, file=file)
    return Pipe(file)


def table(*headings: str, left: Iterable[str] = ()) -> "Table":
    """A table whose columns are right-aligned except for those in ``left``."""
    from rich import box
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for heading in headings:
        grid.add_column(heading, justify="left" if heading in left else "right", no_wrap=True)
    return grid


def draw(console: "Console", grid: "Table") -> None:
    """Print a table; to a file or a pipe without trailing spaces."""
    if console.is_terminal:
        console.print(grid)
        return
    with console.capture() as captured:
        console.print(grid)
    print(re.sub(r" +$", "", captured.get(), flags=re.MULTILINE), end="", file=console.file)


def draw_rows(
    console: "Console | Pipe",
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    total: Sequence[str] | None = None,
    *,
    left: Iterable[str],
    optional: Sequence[str] = (),
) -> None:
    """Print a table fitted to the terminal; only names, in the last column, are shortened.

    Args:
        console: where to print.
        headings: of the columns.
        rows: their cells.
        total: the cells of a last row.
        left: the columns that are left-aligned.
        optional: columns to drop, in this order, if names would not fit.
    """
    clean = lru_cache(one_line)  # many rows have the same bar
    rows = [[*map(clean, row)] for row in rows]
    total = total and [*map(clean, total)]
    if isinstance(console, Pipe) or console.width == _UNLIMITED:
        _write_rows(console.file, [*map(clean, headings)], rows, total, left=[*left])
        return
    lines = [headings, *rows, *([total] if total else [])]
    kept = list(range(len(headings)))
    widths = [max(_width(line[i]) for line in lines) for i in kept]
    for heading in [*optional, None]:
        remaining = console.width - sum(widths[i] + _GAP for i in kept[:-1])
        if remaining >= min(_MIN_NAME, widths[-1]) or heading is None:
            break
        kept.remove(headings.index(heading))
    grid = table(*(one_line(headings[i]) for i in kept), left=left)
    for line in rows:
        grid.add_row(*(line[i] for i in kept[:-1]), _shorten(line[-1], remaining))
    if total:
        grid.add_section()
        grid.add_row(*(total[i] for i in kept[:-1]), _shorten(total[-1], remaining), style="bold")
    draw(console, grid)


def _write_rows(
    file: IO[str],
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    total: Sequence[str] | None,
    *,
    left: Sequence[str],
) -> None:
    """What `draw` prints to a pipe, without the 0.3 ms that rich takes for each row."""
    lines = [headings, *rows, *([total] if total else [])]
    columns = [[_width(cell) for cell in column] for column in zip(*lines, strict=True)]
    widths = [*map(max, columns)]
    texts = [""] * len(lines)
    for heading, cells, taken, width in zip(
        headings, zip(*lines, strict=True), columns, widths, strict=True
    ):
        for number, (cell, cells_taken) in enumerate(zip(cells, taken, strict=True)):
            padding = " " * (width - cells_taken)
            texts[number] += f"{cell}{padding}   " if heading in left else f"{padding}{cell}   "
    rule = "─" * (sum(widths) + _GAP * (len(widths) - 1))
    texts.insert(1, rule)
    if total:
        texts.insert(len(texts) - 1, "")
    file.write("".join(f"{text.rstrip(' ')}\n" for text in texts))


def _width(text: str) -> int:
    if _NARROW.fullmatch(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _shorten(name: str, width: int) -> str:
    """A name in ``width`` cells: the line of a tree without its end, a path without its start."""
    width = max(width, 1)
    if _width(name) <= width:
        return name
    keep_start = name.lstrip("│ ").startswith(("├", "└"))
    while name and _width(name) >= width:
        name = name[:-1] if keep_start else name[1:]
    return f"{name}…" if keep_start else f"…{name}"


def json_text(value: Any, indent: int | None = None) -> str:
    """A value as JSON, as readable as it can be written in UTF-8, with nothing hidden in it."""
    import json

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # a file's name may contain bytes that are not UTF-8
        return json.dumps(value, indent=indent)
    return visible_json(text)


def print_json(value: Any) -> None:
    """One JSON value on stdout, indented."""
    print(json_text(value, indent=2))


def print_json_line(value: Any) -> None:
    """One JSON value on a line of stdout, at once."""
    print(json_text(value), flush=True)


def print_csv(rows: Iterable[Sequence[object]]) -> None:
    """Rows as CSV (RFC 4180) on stdout."""
    import csv

    csv.writer(exact(sys.stdout), lineterminator="\n").writerows(rows)


def say(message: str) -> None:
    """A line on stdout, for people."""
    print(one_line(message))


def warn(message: str) -> None:
    """A line on stderr."""
    print(one_line(message), file=sys.stderr)
