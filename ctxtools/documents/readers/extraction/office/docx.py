"""Word documents (ECMA-376 part 1, chapter 17) as Markdown.

Headings by their styles or outline levels, lists with the numbers that are shown, tables, links,
footnotes, comments, text boxes, and headers and footers once. Of tracked changes, what was inserted
is read and what was deleted is not; a note says so. Emphasis is left out but for struck text.
"""

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from ctxtools.documents.readers.extraction.office.docx_inline import Inline
from ctxtools.documents.readers.extraction.office.markup import (
    alternative,
    attribute,
    child,
    inside,
    is_on,
    number,
)
from ctxtools.documents.readers.extraction.office.package import Package
from ctxtools.documents.readers.extraction.office.styles import Numbering, Styles, heading_level
from ctxtools.documents.readers.extraction.office.writing import PAGE, Writer

_CONTAINERS = frozenset({"ins", "moveTo", "customXml", "smartTag", "sdtContent", "body", "dir"})
_NO_ITEM, _CONTINUED = -1, -2  # levels of what is no list item
_STEP = 1000  # blocks between two limits of time
_MAX_COLUMNS = 63  # that Word allows in a table


class Docx:
    """A Word document.

    Args:
        package: the file.
        main: its main part.
    """

    def __init__(self, package: Package, main: str) -> None:
        self.package = package
        self._relations = package.relations(main)
        self._styles = Styles(self._part("styles"))
        self._numbering = Numbering(self._part("numbering"))
        self._root = package.xml(main)
        self._paged = next(self._root.iter("lastRenderedPageBreak"), None) is not None
        self._inline = Inline(package, self._relations, rendered_pages=self._paged)
        self._writer = Writer()

    def read(self) -> Iterator[None]:
        """Read it, step by step."""
        headers, footers = self._margins("headerReference"), self._margins("footerReference")
        for text in headers:
            self._writer.paragraph(text)
        blocks = [*inside(self._root, "body")]
        for start in range(0, len(blocks), _STEP):
            self._blocks(blocks[start : start + _STEP])
            yield None
        for text in footers:
            if text not in headers:
                self._writer.paragraph(text)
        self._notes("footnotes", "footnote", "")
        self._notes("endnotes", "endnote", "e")
        self._notes("comments", "comment", "c")

    def finish(self) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
        """The text, where pages start, and notes."""
        return *self._writer.finish(), tuple(self._inline.notes())

    def _part(self, kind: str) -> Element | None:
        found = self._relations.of_kind(kind)
        return self.package.optional(found[0]) if found else None

    def _margins(self, name: str) -> list[str]:
        """The texts of headers or footers, each once."""
        found: dict[str, None] = {}
        for reference in self._root.iter(name):
            member = self._relations.target(attribute(reference, "r:id"))
            root = self.package.optional(member) if member else None
            if root is None:
                continue
            self._inline.relations = self.package.relations(member)
            for paragraph in root.iter("p"):
                text = self._inline.text(paragraph).replace(PAGE, "").strip()
                if any(character.isalpha() for character in text):
                    found[text] = None
            self._inline.boxes.clear()
        self._inline.relations = self._relations
        return [*found]

    def _notes(self, kind: str, name: str, mark: str) -> None:
        """Footnotes or comments, after the text."""
        members = self._relations.of_kind(kind)
        root = self.package.optional(members[0]) if members else None
        if root is None:
            return
        self._inline.relations = self.package.relations(members[0])
        for note in root.iter(name):
            if attribute(note, "type") in ("separator", "continuationSeparator"):
                continue
            lines = [self._inline.text(paragraph).strip() for paragraph in note.iter("p")]
            text = "\n".join(line for line in lines if line)
            if author := attribute(note, "author"):
                text = f"{author}: {text}"
            if text:
                self._writer.paragraph(f"[^{mark}{attribute(note, 'id')}]: {text}")
        self._inline.relations = self._relations

    def _blocks(self, parent: Iterable[Element]) -> None:
        for element in parent:
            name = element.tag
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._table(element)
            elif name in _CONTAINERS:
                self._blocks(element)
            elif name == "sdt":
                self._blocks(inside(element, "sdtContent"))
            elif name == "AlternateContent":
                self._blocks(alternative(element))
            elif name == "altChunk":
                self._inline.leave_out("an embedded document")

    def _paragraph(self, element: Element) -> None:
        properties = child(element, "pPr")
        text = self._inline.text(element)
        if not self._paged and is_on(child(properties, "pageBreakBefore")):
            self._writer.page()
        identifier = attribute(child(properties, "pStyle"), "val", self._styles.default)
        style = self._styles.get(identifier)
        label, depth, plain = self._label(properties, identifier)
        own = heading_level("", child(properties, "outlineLvl"))
        heading = style.heading if own is None else own
        if not text.strip(f" \t\n{PAGE}"):
            self._writer.paragraph(text)
        elif heading:
            self._writer.heading(heading, f"{label} {text}" if label else text)
        elif depth == _CONTINUED:
            self._writer.more(text)
        elif depth == _NO_ITEM:
            self._writer.paragraph(text)
        elif plain:
            self._writer.item(depth, text, label if label.endswith(".") else f"{label}.")
        else:
            self._writer.item(depth, f"{label} {text}" if label else text)
        boxes, self._inline.boxes = self._inline.boxes, []
        for box in boxes:
            self._blocks(box)
        section = child(properties, "sectPr")
        if (
            section is not None
            and not self._paged
            and attribute(child(section, "type"), "val", "nextPage") != "continuous"
        ):
            self._writer.page()

    def _label(self, properties: Element | None, identifier: str) -> tuple[str, int, bool]:
        """The label of a list item, its level, and whether it is a plain number; the level is
        `_NO_ITEM` if it is none, `_CONTINUED` if it goes on with the one before."""
        style = self._styles.get(identifier)
        listed = style.list
        numbered = child(properties, "numPr")
        if numbered is not None:
            named = attribute(child(numbered, "numId"), "val", listed[0] if listed else "0")
            level = child(numbered, "ilvl")
            depth = number(level, "val") if level is not None else (listed[1] if listed else 0)
            listed = None if named == "0" else (named, depth)
        elif listed:
            listed = (
                listed[0],
                listed[1] or self._numbering.level_of_style(listed[0], identifier),
            )
        found = self._numbering.next(*listed) if listed else None
        if listed is None or found is None:
            return "", _NO_ITEM, False
        if self._numbering.is_blank(*listed):
            return "", _CONTINUED, False
        return found[0], listed[1] or style.deeper, found[1]

    def _table(self, table: Element) -> None:
        rows = [[*self._cells(row)] for row in self._inside(table, "tr")]
        if max(map(len, rows), default=0) == 1:  # a frame around text
            for row in rows:
                for cell in row:
                    self._blocks(cell)
            return
        found = []
        for row in rows:
            found.append([text for cell in row for text in self._cell(cell)])
        boxes, self._inline.boxes = self._inline.boxes, []
        self._writer.table(found)
        for box in boxes:
            self._blocks(box)

    def _inside(self, parent: Iterable[Element], name: str) -> Iterator[Element]:
        """The rows of a table or the cells of a row, also those in controls."""
        for element in parent:
            if element.tag == name:
                if name == "tr" and child(element, "trPr", "del") is not None:
                    self._inline.deletions += 1
                    continue
                yield element
            elif element.tag in _CONTAINERS:
                yield from self._inside(element, name)
            elif element.tag == "sdt":
                yield from self._inside(inside(element, "sdtContent"), name)

    def _cells(self, row: Element) -> Iterator[Element]:
        yield from self._inside(row, "tc")

    def _cell(self, cell: Element) -> list[str]:
        """The text of a cell, and empty ones for the columns that it also covers."""
        properties = child(cell, "tcPr")
        merged = child(properties, "vMerge")
        span = min(max(number(child(properties, "gridSpan"), "val", 1), 1), _MAX_COLUMNS)
        is_covered = merged is not None and attribute(merged, "val", "continue") != "restart"
        text = "" if is_covered else "\n".join(self._flat(cell))
        return [text, *[""] * (span - 1)]

    def _flat(self, parent: Iterable[Element]) -> Iterator[str]:
        """The lines of a cell, also of tables in it."""
        for element in parent:
            if element.tag == "p":
                properties = child(element, "pPr")
                identifier = attribute(child(properties, "pStyle"), "val", self._styles.default)
                label, _, _ = self._label(properties, identifier)
                text = self._inline.text(element)
                yield f"{label} {text}" if label else text
            elif element.tag == "AlternateContent":
                yield from self._flat(alternative(element))
            elif element.tag not in ("tcPr", "trPr", "tblPr", "del"):
                yield from self._flat(element)
