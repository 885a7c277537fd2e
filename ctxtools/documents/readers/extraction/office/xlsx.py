"""Excel workbooks (ECMA-376 part 1, chapter 18) as Markdown tables; each sheet is a page.

Cells have the values that were last shown, a formula without one is written as it is. Empty rows
split a sheet into tables; empty rows and columns around these are left out. Sheets are read row by
row: a million empty rows take time, but no memory.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element
from xml.parsers import expat

from ctxtools.documents.readers.extraction.office.drawings import diagram_lines, picture
from ctxtools.documents.readers.extraction.office.markup import (
    attribute,
    child,
    inside,
    number,
    texts,
)
from ctxtools.documents.readers.extraction.office.number_formats import built_in, general, shown
from ctxtools.documents.readers.extraction.office.package import Package
from ctxtools.documents.readers.extraction.office.sheet_xml import Cell, read_cells
from ctxtools.documents.readers.extraction.office.writing import Writer, escaped
from ctxtools.errors import FormatError
from ctxtools.units import format_count, format_items

_MAX_SHEET = 1 << 30  # bytes of the XML of a sheet
_MAX_CELLS = 20_000_000  # of a workbook, the empty ones of its tables too


class Xlsx:
    """A workbook.

    Args:
        package: the file.
        main: its main part.
    """

    def __init__(self, package: Package, main: str) -> None:
        self._package, self._main = package, main
        self._writer = Writer()
        self._strings: list[str] = []
        self._formats: list[str] = []
        self._since_1904 = False
        self._formulas = self._cells = 0
        self._notes: list[str] = []

    def read(self) -> Iterator[None]:
        """Read it, some rows at a time."""
        package = self._package
        root, relations = package.xml(self._main), package.relations(self._main)
        self._since_1904 = attribute(child(root, "workbookPr"), "date1904") in ("1", "true")
        for member in relations.of_kind("sharedStrings")[:1]:
            if (found := package.optional(member)) is not None:
                self._strings = [_string(item) for item in found]
        for member in relations.of_kind("styles")[:1]:
            if (found := package.optional(member)) is not None:
                self._formats = [*_formats(found)]
        hidden, other = list[str](), list[str]()
        for sheet in inside(root, "sheets"):
            name = attribute(sheet, "name")
            member = relations.target(attribute(sheet, "r:id"))
            if member not in package:
                other.append(name)
                continue
            if attribute(sheet, "state") in ("hidden", "veryHidden"):
                hidden.append(name)
            self._writer.page()
            self._writer.heading(2, escaped(name))
            yield from self._sheet(member)
        notes = self._notes
        if hidden:
            notes.append(f"hidden sheets are read: {', '.join(hidden)}")
        if other:
            notes.append(f"sheets that are missing: {', '.join(other)}")
        if self._formulas:
            count = format_items(self._formulas, "formula")
            notes.append(f"{count} without a stored value written as it is")

    def finish(self) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
        """The text, where sheets start, and notes."""
        return *self._writer.finish(), tuple(self._notes)

    def _sheet(self, member: str) -> Iterator[None]:
        data = self._package.read(member, _MAX_SHEET)
        table: list[dict[int, str]] = []
        last = 0
        try:
            for number_, cells in read_cells(data):
                if not number_:
                    yield None
                    continue
                row = {cell.column: text for cell in cells if (text := self._text(cell)).strip()}
                if not row:
                    continue
                if table and number_ > last + 1:
                    self._table(table)
                    table = []
                table.append(row)
                last = number_
        except expat.ExpatError as error:
            raise FormatError(f"{member}: damaged XML ({error})") from error
        self._table(table)
        self._beside(member)

    def _table(self, rows: list[dict[int, str]]) -> None:
        if not rows:
            return
        columns = sorted({column for row in rows for column in row})
        self._cells += len(columns) * len(rows)
        if self._cells > _MAX_CELLS:
            raise FormatError(
                f"it has more than {format_count(_MAX_CELLS)} cells", hint="split the workbook"
            )
        self._writer.table([[row.get(column, "") for column in columns] for row in rows])

    def _text(self, cell: Cell) -> str:
        kind, value = cell.kind, cell.value
        if not value:
            if cell.formula and kind != "str":
                self._formulas += 1
                return escaped(f"={cell.formula}")
            return ""
        if kind == "s":
            index = int(value) if value.isdigit() else -1
            return self._strings[index] if 0 <= index < len(self._strings) else ""
        if kind in ("str", "inlineStr", "d"):
            return escaped(value)
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        if kind == "e":
            return value
        try:
            amount = float(value)
            code = self._formats[cell.style] if cell.style < len(self._formats) else ""
            return shown(amount, code, since_1904=self._since_1904) if code else general(amount)
        except (ValueError, OverflowError):  # not finite, or no number
            return escaped(value)

    def _beside(self, member: str) -> None:
        """Comments, and the text, pictures and charts that lie on a sheet."""
        relations = self._package.relations(member)
        for kind in ("comments", "threadedComment"):
            for comments in relations.of_kind(kind):
                root = self._package.optional(comments)
                for comment in () if root is None else root.iter():
                    if comment.tag in ("comment", "threadedComment"):
                        text = "".join(texts(comment)) or "".join(texts(comment, "text"))
                        self._writer.item(0, escaped(f"{attribute(comment, 'ref')}: {text}"))
        for drawing in relations.of_kind("drawing"):
            root = self._package.optional(drawing)
            if root is None:
                continue
            for paragraph in root.iter("p"):
                self._writer.paragraph(escaped("".join(texts(paragraph))))
            for properties in root.iter("cNvPr"):
                self._writer.paragraph(picture(properties))
            for line in diagram_lines(self._package, self._package.relations(drawing), root):
                self._writer.item(0, line)


def _string(item: Element) -> str:
    """A shared string, without how it is pronounced."""
    spoken = {id(text) for hint in item.iter("rPh") for text in hint.iter("t")}
    return escaped("".join(each.text or "" for each in item.iter("t") if id(each) not in spoken))


def _formats(root: Element) -> Iterator[str]:
    """The number format of each style of cells."""
    named = {
        number(each, "numFmtId"): attribute(each, "formatCode") for each in inside(root, "numFmts")
    }
    for style in inside(root, "cellXfs"):
        identifier = number(style, "numFmtId")
        yield named.get(identifier, built_in(identifier))
