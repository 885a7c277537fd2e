"""The rows of a sheet, one at a time, from its XML."""

from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

_BLOCK = 1 << 16  # bytes
_STEP = 1 << 24  # bytes between two limits of time
_MAX_COLUMN = 16_384


class Cell(NamedTuple):
    """A cell as it is stored.

    Attributes:
        column: from 1.
        kind: of its value: "n", "s" for a shared string, "str", "inlineStr", "b", "e", "d".
        style: the number of its style.
        value: its text.
        formula: that made it, "" if none did.
    """

    column: int
    kind: str
    style: int
    value: str
    formula: str


def read_cells(data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that have values: their numbers, from 1, and cells; now and then number 0, so that
    there are limits of time in between.

    Args:
        data: the XML. Entities are not expanded.

    Raises:
        expat.ExpatError: it is not well-formed.
    """
    rows = _Rows()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = rows.start
    parser.EndElementHandler = rows.end
    parser.CharacterDataHandler = rows.text
    parser.EntityDeclHandler = _refuse
    for start in range(0, len(data), _BLOCK):
        parser.Parse(data[start : start + _BLOCK], False)
        yield from rows.take()
        if start % _STEP == 0:
            yield 0, []
    parser.Parse(b"", True)
    yield from rows.take()


def _refuse(*_: object) -> None:
    raise expat.ExpatError("it declares XML entities")


class _Rows:
    def __init__(self) -> None:
        self._done: list[tuple[int, list[Cell]]] = []
        self._row: list[Cell] = []
        self._number = self._column = self._style = 0
        self._kind = ""
        self._inside = ""  # the element whose text is kept
        self._in_hint = False
        self._value: list[str] = []
        self._formula: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition("}")[2]
        if name == "c":
            self._column = column(attributes.get("r", "")) or self._column + 1
            self._kind = attributes.get("t", "n")
            style = attributes.get("s", "0")
            self._style = int(style) if style.isdigit() and len(style) < 9 else 0
            self._value, self._formula = [], []
        elif name in ("v", "t", "f"):
            self._inside = name
        elif name == "rPh":
            self._in_hint = True
        elif name == "row":
            given = attributes.get("r", "")
            self._number = int(given) if given.isdigit() and len(given) < 9 else self._number + 1
            self._column = 0
            self._row = []

    def end(self, name: str) -> None:
        name = name.rpartition("}")[2]
        if name == "c":
            if (self._value or self._formula) and self._column <= _MAX_COLUMN:
                value, formula = "".join(self._value), "".join(self._formula)
                self._row.append(Cell(self._column, self._kind, self._style, value, formula))
        elif name in ("v", "t", "f"):
            self._inside = ""
        elif name == "rPh":
            self._in_hint = False
        elif name == "row" and self._row:
            self._done.append((self._number, self._row))

    def text(self, text: str) -> None:
        if self._inside == "f":
            self._formula.append(text)
        elif self._inside and not self._in_hint:
            self._value.append(text)

    def take(self) -> list[tuple[int, list[Cell]]]:
        done, self._done = self._done, []
        return done


def column(reference: str) -> int:
    """The column of a cell such as "AB12", from 1; 0 if it says none."""
    found = 0
    for character in reference[:4]:
        if not ("A" <= character <= "Z"):
            break
        found = found * 26 + ord(character) - ord("A") + 1
    return found
