"""OpenDocument texts, spreadsheets, presentations and drawings (OASIS OpenDocument 1.3, part 3) as
Markdown. Pages are slides and sheets, and in texts where the program that wrote them had them.
"""

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from ctxtools.documents.html.escapes import image
from ctxtools.documents.readers.extraction.office.markup import (
    attribute,
    child,
    inside,
    number,
    texts,
)
from ctxtools.documents.readers.extraction.office.package import Package
from ctxtools.documents.readers.extraction.office.writing import PAGE, Writer, escaped, link
from ctxtools.errors import FormatError
from ctxtools.units import format_items

_MAX_REPEATED = 100  # times that a cell or row with content is written; more are formatting
_MAX_CELLS = 20_000_000
_SKIPPED = frozenset({"tracked-changes", "forms", "sequence-decls", "table-of-content-source"})


class Odf:
    """An OpenDocument file.

    Args:
        package: the file.
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self._writer = Writer()
        self._root = package.xml("content.xml")
        self._ordered: dict[str, dict[int, bool]] = {}
        self._hidden_tables: set[str] = set()
        self._titles = {"Title"}
        styles = package.optional("styles.xml")
        for root in (styles, self._root):
            self._read_styles(root)
        self._styles = styles
        self._notes: list[tuple[str, list[str]]] = []
        self._boxes: list[Element] = []
        self._cells = self._deletions = 0
        self._hidden: list[str] = []

    def read(self) -> Iterator[None]:
        """Read it, step by step."""
        for kind in inside(self._root, "body"):
            if kind.tag == "spreadsheet":
                for table in _tables(kind):
                    self._sheet(table)
                    yield None
            elif kind.tag in ("presentation", "drawing"):
                for position, page in enumerate(kind.findall("page"), start=1):
                    self._slide(page, position)
                    yield None
            else:
                self._deletions += sum(1 for _ in kind.iter("deletion"))
                for text in self._margins("header"):
                    self._writer.paragraph(text)
                self._blocks(kind)
                for text in self._margins("footer"):
                    self._writer.paragraph(text)
            self._write_notes()

    def finish(self) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
        """The text, where pages start, and notes."""
        notes = []
        if self._deletions:
            notes.append(f"tracked changes: {format_items(self._deletions, 'deletion')} left out")
        if self._hidden:
            notes.append(f"hidden sheets are read: {', '.join(self._hidden)}")
        return *self._writer.finish(), tuple(notes)

    def _read_styles(self, root: Element | None) -> None:
        if root is None:
            return
        for style in root.iter("list-style"):
            self._ordered[attribute(style, "name")] = {
                number(level, "level"): level.tag == "list-level-style-number" for level in style
            }
        for style in root.iter("style"):
            if attribute(style, "parent-style-name") == "Title":  # what is set by hand
                self._titles |= {attribute(style, "name")} if root is self._root else set()
            if attribute(child(style, "table-properties"), "display") == "false":
                self._hidden_tables.add(attribute(style, "name"))

    def _margins(self, name: str) -> list[str]:
        """The texts of headers or footers, each once."""
        found: dict[str, None] = {}
        for part in () if self._styles is None else self._styles.iter(name):
            for paragraph in part.iter("p"):
                text = self._text(paragraph).strip()
                if any(character.isalpha() for character in text):
                    found[text] = None
        return [*found]

    def _blocks(self, parent: Iterable[Element], depth: int = -1, ordered: str = "") -> None:
        """Write what is in a text, a section, a box or a list item.

        Args:
            depth: the level of the list that it is in, -1 outside.
            ordered: the style of the outermost list.
        """
        for element in parent:
            name = element.tag
            if name == "h":
                text = self._text(element)
                self._writer.heading(number(element, "outline-level", 1), text)
                self._write_boxes()
            elif name == "p":
                if attribute(element, "style-name") in self._titles:
                    self._writer.heading(1, self._text(element))
                else:
                    self._writer.paragraph(self._text(element))
                self._write_boxes()
            elif name == "list":
                self._list(element, depth + 1, attribute(element, "style-name") or ordered)
            elif name == "table":
                self._table(element)
            elif name == "soft-page-break":
                self._writer.page()
            elif name == "frame":
                self._frame(element)
            elif name not in _SKIPPED:
                self._blocks(element, depth, ordered)

    def _list(self, element: Element, depth: int, style: str) -> None:
        is_ordered = self._ordered.get(style, {}).get(depth + 1, False)
        count = 0
        for item in element:
            if item.tag not in ("list-item", "list-header"):
                continue
            if item.tag == "list-item":
                count = number(item, "start-value", count + 1)
            is_first = True
            for block in item:
                if block.tag in ("p", "h"):
                    text = self._text(block)
                    if block.tag == "h":
                        self._writer.heading(number(block, "outline-level", 1), text)
                    elif is_first and item.tag == "list-item":
                        self._writer.item(depth, text, f"{count}." if is_ordered else "-")
                    else:
                        self._writer.more(text)
                    is_first = False
                    self._write_boxes()
                elif block.tag == "list":
                    self._list(block, depth + 1, attribute(block, "style-name") or style)
                else:
                    self._blocks([block], depth, style)

    def _frame(self, frame: Element) -> None:
        """A picture, by its description, or a text box."""
        described = " ".join([*texts(frame, "title"), *texts(frame, "desc")])
        if described.strip() and child(frame, "image") is not None:
            self._writer.paragraph(image(" ".join(described.split()), ""))
        for part in frame:
            if part.tag == "object":
                self._writer.paragraph(self._formula(part))
            elif part.tag == "table":
                self._table(part)
            elif part.tag == "text-box":
                self._blocks(part)

    def _formula(self, part: Element) -> str:
        """The text of a formula, which is a document in this one."""
        member = attribute(part, "href").removeprefix("./").strip("/") + "/content.xml"
        root = self._package.optional(member)
        if root is None or root.tag != "math":
            return ""
        written = " ".join(texts(root, "annotation")) or "".join(root.itertext())
        return f"${' '.join(written.split())}$"

    def _write_boxes(self) -> None:
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            self._frame(box)

    def _sheet(self, table: Element) -> None:
        name = attribute(table, "name")
        if attribute(table, "style-name") in self._hidden_tables:
            self._hidden.append(name)
        self._writer.page()
        self._writer.heading(2, escaped(name))
        block: list[dict[int, str]] = []
        for row in self._rows(table):
            if row:
                block.append(row)
            else:
                self._write_rows(block)
                block = []
        self._write_rows(block)
        for shapes in table.findall("shapes"):
            self._blocks(shapes)
        self._write_boxes()

    def _write_rows(self, rows: list[dict[int, str]]) -> None:
        columns = sorted({column for row in rows for column in row})
        self._cells += len(columns) * len(rows)
        if self._cells > _MAX_CELLS:
            raise FormatError(f"it has more than {_MAX_CELLS:,} cells", hint="split the document")
        if rows:
            self._writer.table([[row.get(column, "") for column in columns] for row in rows])

    def _table(self, table: Element) -> None:
        rows = [row for row in self._rows(table) if row]
        width = max((max(row) + 1 for row in rows), default=0)
        self._writer.table([[row.get(column, "") for column in range(width)] for row in rows])
        self._write_boxes()

    def _rows(self, parent: Element) -> Iterator[dict[int, str]]:
        """The texts of the cells of each row, by columns."""
        for element in parent:
            if element.tag == "table-row":
                cells = self._row(element)
                repeated = number(element, "number-rows-repeated", 1)
                for _ in range(min(repeated, _MAX_REPEATED) if cells else 1):
                    yield cells
            elif element.tag in ("table-rows", "table-header-rows", "table-row-group"):
                yield from self._rows(element)

    def _row(self, row: Element) -> dict[int, str]:
        found: dict[int, str] = {}
        column = 0
        for cell in row:
            if cell.tag not in ("table-cell", "covered-table-cell"):
                continue
            repeated = max(number(cell, "number-columns-repeated", 1), 1)
            text = "\n".join(self._lines(cell)) if len(cell) else ""
            if text.strip():
                for offset in range(min(repeated, _MAX_REPEATED)):
                    found[column + offset] = text
            column += repeated
        return found

    def _lines(self, parent: Iterable[Element]) -> Iterator[str]:
        """The lines of a cell, also of tables in it."""
        for element in parent:
            if element.tag in ("p", "h"):
                yield self._text(element)
            elif element.tag == "annotation":
                self._comment(element)
            elif element.tag not in _SKIPPED:
                yield from self._lines(element)

    def _slide(self, page: Element, position: int) -> None:
        self._writer.page()
        shapes = [shape for shape in page if shape.tag != "notes"]
        title = next((each for each in shapes if attribute(each, "class") == "title"), None)
        shown = "" if title is None else " ".join(self._lines(title)).strip()
        self._writer.heading(2, shown or f"Slide {position}")
        for shape in shapes:
            if shape is not title:
                self._blocks([shape])
        for notes in page.findall("notes"):
            lines = [
                line
                for frame in notes
                if attribute(frame, "class") == "notes"
                for line in self._lines(frame)
                if line.strip()
            ]
            if lines:
                self._writer.paragraph("Notes:\n" + "\n".join(lines), "> ")

    def _text(self, paragraph: Element) -> str:
        """The text of a paragraph, as Markdown."""
        return "".join(self._inline(paragraph))

    def _inline(self, element: Element) -> Iterator[str]:
        pending = element.text or ""
        for part in element:
            name = part.tag
            if name in ("s", "tab", "line-break"):
                pending += {"s": " " * min(number(part, "c", 1), 100), "tab": "\t"}.get(name, "\n")
            elif name == "span" and not len(part):
                pending += part.text or ""
            else:
                yield escaped(pending)
                pending = ""
                yield from self._special(part)
            pending += part.tail or ""
        yield escaped(pending)

    def _special(self, part: Element) -> Iterator[str]:
        name = part.tag
        if name == "a":
            yield link("".join(self._inline(part)), attribute(part, "href"))
        elif name == "soft-page-break":
            yield PAGE
        elif name == "note":
            label = " ".join("".join(child_.itertext()) for child_ in part.findall("note-citation"))
            mark = f"[^{label.strip() or len(self._notes) + 1}]"
            self._notes.append((mark, [*self._lines(inside(part, "note-body"))]))
            yield mark
        elif name == "annotation":
            yield self._comment(part)
        elif name == "frame" and (formula := part.find("object")) is not None:
            yield self._formula(formula)
        elif name in ("frame", "g", "custom-shape"):
            self._boxes.append(part)
        elif name == "ruby":
            yield from self._inline(_or_empty(child(part, "ruby-base")))
            yield f"({escaped(''.join(texts(part, 'ruby-text')))})"
        elif name not in ("annotation-end", "tracked-changes", "change", "change-start"):
            yield from self._inline(part)

    def _comment(self, part: Element) -> str:
        mark = f"[^c{len(self._notes) + 1}]"
        author = " ".join(texts(part, "creator"))
        lines = [self._text(paragraph) for paragraph in part.iter("p")]
        self._notes.append((mark, [f"{escaped(author)}: ", *lines] if author else lines))
        return mark

    def _write_notes(self) -> None:
        while self._notes:
            notes, self._notes = self._notes, []
            for mark, lines in notes:
                self._writer.paragraph(f"{mark}: " + " ".join(line.strip() for line in lines))


def _or_empty(element: Element | None) -> Element:
    return Element("none") if element is None else element


def _tables(parent: Element) -> Iterator[Element]:
    for element in parent:
        if element.tag == "table":
            yield element
