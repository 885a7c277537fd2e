"""PowerPoint presentations (ECMA-376 part 1, chapter 19) as Markdown; each slide is a page.

A slide is a heading with its title, then its text, tables, charts and diagrams, descriptions of its
pictures, and after them comments and the speaker's notes. Hidden slides are read; a note says so.
"""

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from ctxtools.documents.readers.extraction.office.docx_inline import formula
from ctxtools.documents.readers.extraction.office.drawings import diagram_lines, picture
from ctxtools.documents.readers.extraction.office.markup import (
    alternative,
    attribute,
    child,
    inside,
    number,
    texts,
)
from ctxtools.documents.readers.extraction.office.package import Package, Relations
from ctxtools.documents.readers.extraction.office.styles import numeral
from ctxtools.documents.readers.extraction.office.writing import Writer, escaped, link

_TITLES = frozenset({"title", "ctrTitle"})
_LISTS = frozenset({"", "obj", "body"})  # placeholders whose paragraphs are items of a list
_NUMBERS = frozenset({"sldNum", "dt"})
_FORMS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_MARGINS = frozenset({"ftr", "hdr"})
_FORMULA = "\0"  # in the place of the address of a link


class Pptx:
    """A presentation.

    Args:
        package: the file.
        main: its main part.
    """

    def __init__(self, package: Package, main: str) -> None:
        self._package, self._main = package, main
        self._writer = Writer()
        self._margins: set[str] = set()
        self._relations = Relations("", None)
        self._notes: list[str] = []
        self._counts: dict[int, int] = {}  # of the open lists with numbers, by levels
        self._authors: dict[str, str] = {}

    def read(self) -> Iterator[None]:
        """Read it, slide by slide."""
        relations = self._package.relations(self._main)
        root = self._package.xml(self._main)
        for kind in ("commentAuthors", "authors"):
            for member in relations.of_kind(kind):
                found = self._package.optional(member)
                for author in () if found is None else found:
                    self._authors[attribute(author, "id")] = attribute(author, "name")
        hidden, missing = list[int](), list[int]()
        for position, slide in enumerate(inside(root, "sldIdLst"), start=1):
            member = relations.target(attribute(slide, "r:id"))
            self._writer.page()
            if member not in self._package:
                missing.append(position)
                self._writer.heading(2, f"Slide {position}")
                continue
            found = self._package.xml(member)
            if attribute(found, "show", "1") in ("0", "false"):
                hidden.append(position)
            self._slide(position, member, found)
            yield None
        if hidden:
            self._notes.append(f"hidden slides are read: {', '.join(map(str, hidden))}")
        if missing:
            self._notes.append(f"slides that are missing: {', '.join(map(str, missing))}")

    def finish(self) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
        """The text, where slides start, and notes."""
        return *self._writer.finish(), tuple(self._notes)

    def _slide(self, position: int, member: str, root: Element) -> None:
        self._relations = self._package.relations(member)
        shapes = [*_shapes(inside(root, "cSld", "spTree"))]
        title = next((shape for shape in shapes if _placeholder(shape) in _TITLES), None)
        shown = "" if title is None else " ".join(self._lines(title)).strip()
        self._writer.heading(2, shown or f"Slide {position}")
        for shape in shapes:
            if shape is not title:
                self._shape(shape)
        for comments in self._relations.of_kind("comments"):
            self._comments(comments)
        for notes in self._relations.of_kind("notesSlide"):
            self._speaker_notes(notes)

    def _shape(self, shape: Element) -> None:
        kind = _placeholder(shape)
        if kind in _NUMBERS:
            return
        if kind in _MARGINS:
            text = " ".join(self._lines(shape)).strip()
            if text and text not in self._margins:
                self._margins.add(text)
                self._writer.paragraph(text)
            return
        if shape.tag == "graphicFrame":
            for table in shape.iter("tbl"):
                self._writer.table([[*self._row(row)] for row in table.iter("tr")])
            for line in diagram_lines(self._package, self._relations, shape):
                self._writer.item(0, line)
        elif shape.tag == "pic":
            self._writer.paragraph(picture(child(shape, "nvPicPr", "cNvPr")))
        for paragraph in inside(shape, "txBody"):
            if paragraph.tag == "p":
                self._paragraph(paragraph, kind)
        self._counts.clear()

    def _paragraph(self, paragraph: Element, kind: str | None) -> None:
        properties = child(paragraph, "pPr")
        text = self._text(paragraph)
        numbered = child(properties, "buAutoNum")
        has_bullet = any(child(properties, name) is not None for name in ("buChar", "buBlip"))
        if not text.strip():
            return
        level = number(properties, "lvl")
        if numbered is not None:
            self._item(level, text, numbered)
            return
        self._counts = {each: count for each, count in self._counts.items() if each < level}
        if has_bullet or (kind in _LISTS and child(properties, "buNone") is None):
            self._writer.item(level, text)
        else:
            self._writer.paragraph(text)

    def _item(self, level: int, text: str, numbered: Element) -> None:
        """An item of a list with numbers or letters."""
        start = number(numbered, "startAt", 1)
        count = self._counts.get(level, start - 1) + 1
        self._counts = {each: its for each, its in self._counts.items() if each < level}
        self._counts[level] = count
        kind = attribute(numbered, "type")
        form = next((form for form in _FORMS if kind.startswith(form)), "")
        if form:
            self._writer.item(level, f"{numeral(count, _FORMS[form])}. {text}")
        else:
            self._writer.item(level, text, f"{count}.")

    def _row(self, row: Element) -> Iterator[str]:
        for cell in row.iter("tc"):
            covered = attribute(cell, "hMerge") in ("1", "true")
            covered |= attribute(cell, "vMerge") in ("1", "true")
            yield "" if covered else "\n".join(self._lines(cell))

    def _lines(self, shape: Element) -> Iterator[str]:
        for paragraph in inside(shape, "txBody"):
            if paragraph.tag == "p" and (text := self._text(paragraph)).strip():
                yield text

    def _text(self, paragraph: Element) -> str:
        """The text of a paragraph, as Markdown; adjacent runs with the same link are one."""
        pieces: list[tuple[str, str]] = []
        for run in _runs(paragraph):
            if run.tag == "oMath":
                pieces.append((formula(run), _FORMULA))
                continue
            click = child(run, "rPr", "hlinkClick")
            address = self._relations.target(attribute(click, "r:id"))
            # Of another slide, it is a member of the package.
            address = address if ":" in address else ""
            text = "\n" if run.tag == "br" else "".join(texts(run)).replace("\v", "\n")
            if pieces and pieces[-1][1] == address:
                pieces[-1] = pieces[-1][0] + text, address
            else:
                pieces.append((text, address))
        return "".join(
            text if address == _FORMULA else link(escaped(text), address)
            for text, address in pieces
        )

    def _comments(self, member: str) -> None:
        root = self._package.optional(member)
        for comment in () if root is None else root.iter("cm"):
            # The old kind has a text, the new one paragraphs, and answers with theirs.
            lines = ["".join(texts(comment, "text"))]
            lines += ["".join(texts(paragraph)) for paragraph in comment.iter("p")]
            text = " ".join(line for line in lines if line)
            author = self._authors.get(attribute(comment, "authorId"), "")
            self._writer.paragraph(
                escaped(f"Comment by {author}: {text}" if author else f"Comment: {text}"), "> "
            )

    def _speaker_notes(self, member: str) -> None:
        root = self._package.optional(member)
        if root is None:
            return
        slide, self._relations = self._relations, self._package.relations(member)
        lines = [
            line
            for shape in _shapes(inside(root, "cSld", "spTree"))
            if _placeholder(shape) == "body"
            for line in self._lines(shape)
        ]
        self._relations = slide
        if lines:
            self._writer.paragraph("Notes:\n" + "\n".join(lines), "> ")


def _shapes(parent: Iterable[Element]) -> Iterator[Element]:
    """The shapes of a slide, also those in groups."""
    for shape in parent:
        if shape.tag == "grpSp":
            yield from _shapes(shape)
        elif shape.tag == "AlternateContent":
            yield from _shapes(alternative(shape))
        elif shape.tag in ("sp", "pic", "graphicFrame", "cxnSp"):
            yield shape


def _placeholder(shape: Element) -> str | None:
    """The kind of a placeholder, "" for one of any kind; None if it is none."""
    for properties in shape:
        if properties.tag.startswith("nv"):
            found = child(properties, "nvPr", "ph")
            return None if found is None else attribute(found, "type")
    return None


def _runs(paragraph: Iterable[Element]) -> Iterator[Element]:
    for element in paragraph:
        if element.tag in ("r", "fld", "br", "oMath"):
            yield element
        elif element.tag == "AlternateContent":
            yield from _runs(alternative(element))
        elif element.tag not in ("pPr", "endParaRPr"):
            yield from _runs(element)
