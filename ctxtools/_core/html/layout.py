"""Tables that arrange other things than data."""

from collections.abc import Sequence

from ctxtools._core.html.elements import CELLS, HEADINGS
from ctxtools._core.html.tree import CLOSE, OPEN, Event


class _Table:
    __slots__ = (
        "has_head",
        "has_header_cells",
        "has_headings",
        "has_tables",
        "in_header",
        "number",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.has_head = self.has_header_cells = self.in_header = False
        self.has_headings = self.has_tables = False  # outside of header cells


def layout_tables(events: Sequence[Event]) -> set[int]:
    """The numbers of the events that open tables which only arrange headings or other tables.

    Such a table has neither a head nor a caption, and no header cells unless the others contain
    headings.
    """
    found = set()
    tables: list[_Table] = []
    for number, (kind, name, _, _) in enumerate(events):
        if kind == OPEN:
            if tables:
                table = tables[-1]
                if name in CELLS:
                    table.in_header = name == "th"
                    table.has_header_cells |= table.in_header
                elif name in ("thead", "caption"):
                    table.has_head = True
                elif name in HEADINGS:
                    table.has_headings |= not table.in_header
                elif name == "table":
                    table.has_tables = True
            if name == "table":
                tables.append(_Table(number))
        elif kind == CLOSE and name == "table":
            table = tables.pop()
            contains = table.has_headings or (table.has_tables and not table.has_header_cells)
            if contains and not table.has_head:
                found.add(table.number)
    return found
