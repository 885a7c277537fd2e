"""Where the cells of a table are, whose cells may cover several columns and rows."""

from collections.abc import Iterable, Iterator, Sequence

from ctxtools._core.html.elements import CELLS
from ctxtools._core.html.tokens import attributes
from ctxtools._core.html.tree import CLOSE, OPEN, Event

_MAX_COLUMNS, _MAX_ROWS = 100, 50  # that one cell covers


class Grid:
    """The cells of a table, row by row.

    Args:
        text: the document.
        events: those of the table, its own first and last.

    Attributes:
        columns: how many the longest row has.
        rows: how many were started.
    """

    def __init__(self, text: str, events: Sequence[Event]) -> None:
        self._text = text
        self.columns = 0
        self._reset()
        for event in _own_events(events):
            if event.name == "tr":
                self.start_row()
            elif event.name in CELLS:
                self.cell(event)
                self.columns = max(self.columns, self._column)
        self._reset()

    def _reset(self) -> None:
        self.rows = self._column = self._covered = 0
        self._below: dict[int, int] = {}  # column: how many rows more a cell above covers

    def start_row(self) -> None:
        """A row starts."""
        self.rows += 1
        self._column = self._covered = 0

    def cell(self, event: Event) -> int:
        """The next cell of the row; returns how many columns between it and the one before, or the
        start of the row, other cells cover."""
        before = self._covered
        while self._below.get(self._column, 0):
            self._below[self._column] -= 1
            self._column += 1
            before += 1
        given = attributes(self._text, event.start, event.end)
        columns = _number(given.get("colspan"), _MAX_COLUMNS)
        rows = _number(given.get("rowspan"), _MAX_ROWS)
        if rows > 1:
            self._below |= dict.fromkeys(range(self._column, self._column + columns), rows - 1)
        self._column += columns
        self._covered = columns - 1
        return before

    def end_row(self) -> int:
        """How many columns follow the last cell of a row, in the first row all that others have."""
        missing = self._covered
        while self._below.get(self._column, 0):
            self._below[self._column] -= 1
            self._column += 1
            missing += 1
        if self.rows == 1:
            missing += max(0, self.columns - self._column)
        return missing


def _own_events(events: Iterable[Event]) -> Iterator[Event]:
    """The starts of the rows and cells of a table, without those of tables in it."""
    depth = 0
    for event in events:
        if event.name == "table":
            depth += (event.kind == OPEN) - (event.kind == CLOSE)
        elif event.kind == OPEN and depth == 1:
            yield event


def _number(value: str | None, most: int) -> int:
    return min(max(int(value), 1), most) if value and value.isascii() and value.isdigit() else 1
