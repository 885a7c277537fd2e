"""The text inside the paragraphs of a Word document."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from xml.etree.ElementTree import Element

from ctxtools.documents.readers.extraction.office.drawings import diagram_lines, picture
from ctxtools.documents.readers.extraction.office.markup import (
    alternative,
    attribute,
    child,
    inside,
    is_on,
    outermost,
    texts,
)
from ctxtools.documents.readers.extraction.office.package import Package, Relations
from ctxtools.documents.readers.extraction.office.writing import PAGE, escaped, link
from ctxtools.units import format_items

_DELETED = frozenset({"del", "moveFrom"})
_SKIPPED = frozenset({"pPr", "rPr", "sdtPr", "instrText", "delText", "tcPr", "proofErr"})
_CHARACTERS = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_FIELD = re.compile(r"HYPERLINK\s+(?:\\\w\s+)*\"([^\"]*)\"")
_REFERENCES = {"footnoteReference": "", "endnoteReference": "e", "commentReference": "c"}
_PRIVATE = range(0xE000, 0xF900)  # of fonts with symbols of their own


_MARKS = ("address", "is_struck", "is_markdown")  # as `_Piece` takes them


class _Piece:
    """Text with the same marks."""

    __slots__ = ("address", "is_markdown", "is_struck", "text")

    def __init__(self, text: str, address: str, is_struck: bool, is_markdown: bool) -> None:
        self.text, self.address = text, address
        self.is_struck, self.is_markdown = is_struck, is_markdown


class Inline:
    """Reads paragraphs.

    Args:
        rendered_pages: pages start where the program that wrote the document saw them start.

    Attributes:
        relations: of the part that is read.
        boxes: contents of text boxes found since it was emptied.
        deletions: how much was left out as deleted.
    """

    def __init__(self, package: Package, relations: Relations, *, rendered_pages: bool) -> None:
        self._package, self.relations = package, relations
        self._rendered_pages = rendered_pages
        self.boxes: list[Element] = []
        self.deletions = self._insertions = self._hidden = 0
        self._left_out: dict[str, int] = {}
        self._pieces: list[_Piece] = []
        self._fields: list[list[str]] = []  # open: instruction, "shown" in its result

    def leave_out(self, what: str) -> None:
        """Count something that is not read."""
        self._left_out[what] = self._left_out.get(what, 0) + 1

    def notes(self) -> Iterator[str]:
        """What a reader should know."""
        if self.deletions or self._insertions:
            yield (
                f"tracked changes: {format_items(self._insertions, 'insertion')} read, "
                f"{format_items(self.deletions, 'deletion')} left out"
            )
        if self._hidden:
            yield f"{format_items(self._hidden, 'span')} of hidden text left out"
        for what, count in self._left_out.items():
            yield f"{what} is not read" + (f" ({count} times)" if count > 1 else "")

    def text(self, paragraph: Element) -> str:
        """The text of a paragraph, as Markdown on one or more lines."""
        outer, self._pieces = self._pieces, []
        self._walk(paragraph, "")
        pieces, self._pieces = self._pieces, outer
        return "".join(map(_written, _joined(pieces)))

    def _walk(self, parent: Iterable[Element], address: str) -> None:
        for element in parent:
            name = element.tag
            if name == "r":
                self._run(element, address)
            elif name in _SKIPPED:
                continue
            elif name in _DELETED:
                self.deletions += 1
            elif name in ("ins", "moveTo"):
                self._insertions += 1
                self._walk(element, address)
            elif name == "hyperlink":
                target = self.relations.target(attribute(element, "r:id"))
                self._walk(element, target or address)
            elif name == "fldSimple":
                found = _FIELD.search(attribute(element, "instr"))
                self._walk(element, found[1] if found else address)
            elif name == "sdt":
                self._walk(inside(element, "sdtContent"), address)
            elif name == "AlternateContent":
                self._walk(alternative(element), address)
            elif name == "oMath":
                self._add(formula(element), address, is_markdown=True)
            else:
                self._walk(element, address)

    def _run(self, run: Element, address: str) -> None:
        properties = child(run, "rPr")
        if is_on(child(properties, "vanish")):
            self._hidden += any(True for _ in texts(run))
            return
        struck = is_on(child(properties, "strike")) or is_on(child(properties, "dstrike"))
        for element in run:
            self._content(element, address, struck)

    def _content(self, element: Element, address: str, struck: bool) -> None:
        name = element.tag
        if name == "t":
            self._add(element.text or "", address, struck)
        elif name in _CHARACTERS:
            self._add(_CHARACTERS[name], address, struck)
        elif name == "br":
            is_page = attribute(element, "type") == "page"
            if not is_page:
                self._add("\n", address, struck)
            elif not self._rendered_pages:
                self._add(f"\n{PAGE}", address, struck)
        elif name == "lastRenderedPageBreak":
            self._add(PAGE, address, struck)
        elif name == "sym":
            self._symbol(attribute(element, "char"), address)
        elif name in _REFERENCES:
            self._add(f"[^{_REFERENCES[name]}{attribute(element, 'id')}]", "", is_markdown=True)
        elif name == "fldChar":
            self._field(attribute(element, "fldCharType"))
        elif name == "instrText":
            if self._fields:
                self._fields[-1][0] += element.text or ""
        elif name in ("drawing", "pict", "object"):
            self._drawing(element)
        elif name == "AlternateContent":
            for inner in alternative(element):
                self._content(inner, address, struck)
        elif name == "ruby":
            self._walk(inside(element, "rubyBase"), address)
            self._add("(", address)
            self._walk(inside(element, "rt"), address)
            self._add(")", address)

    def _field(self, kind: str) -> None:
        """A field: its instruction, and then what it shows."""
        if kind == "begin":
            self._fields.append(["", ""])
        elif kind == "separate" and self._fields:
            self._fields[-1][1] = "shown"
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _symbol(self, code: str, address: str) -> None:
        try:
            value = int(code, 16)
        except ValueError:
            return
        if value in _PRIVATE:
            self.leave_out("a symbol of a font")
        elif 0x20 <= value < 0x11_0000:
            self._add(chr(value), address)

    def _drawing(self, element: Element) -> None:
        self.boxes.extend(outermost(element, "txbxContent"))
        for properties in outermost(element, "docPr"):
            if shown := picture(properties):
                self._add(shown, "", is_markdown=True)
        for line in diagram_lines(self._package, self.relations, element):
            self._add(f"\n{line}\n", "", is_markdown=True)

    def _add(
        self, text: str, address: str, struck: bool = False, *, is_markdown: bool = False
    ) -> None:
        if self._fields:
            instruction, state = self._fields[-1]
            if not state:
                return
            if not address and (found := _FIELD.search(instruction)):
                address = found[1]
        self._pieces.append(_Piece(text, address, struck, is_markdown))


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Pieces with the same marks as one: programs write words in several."""
    for marks, group in groupby(pieces, attrgetter(*_MARKS)):
        yield _Piece("".join(each.text for each in group), *marks)


def _written(piece: _Piece) -> str:
    if piece.is_markdown:
        return piece.text
    text = escaped(piece.text)
    if piece.is_struck and text.strip():
        lead = text[: len(text) - len(text.lstrip())]
        text = f"{lead}~~{text.strip()}~~{text[len(text.rstrip()) :]}"
    return link(text, piece.address) if piece.address else text


def formula(element: Element) -> str:
    """A formula (ISO/IEC 29500-1, 22.1) in the notation of TeX; "" if it is empty."""
    found = " ".join(_formula(element).split())
    return f"${found}$" if found else ""


def _formula(element: Element) -> str:
    def part(name: str) -> str:
        return "".join(map(_formula, inside(element, name)))

    def braced(mark: str, name: str) -> str:
        return f"{mark}{{{found}}}" if (found := part(name).strip()) else ""

    name = element.tag
    properties = child(element, f"{name}Pr")
    if name == "t":
        return element.text or ""
    if name == "f":
        return f"\\frac{{{part('num')}}}{{{part('den')}}}"
    if name in ("sSub", "sSup", "sSubSup"):
        return part("e") + braced("_", "sub") + braced("^", "sup")
    if name == "sPre":
        return "{}" + braced("_", "sub") + braced("^", "sup") + part("e")
    if name in ("limLow", "limUpp"):
        return part("e") + braced("_" if name == "limLow" else "^", "lim")
    if name == "rad":
        degree = part("deg").strip()
        return f"\\sqrt{f'[{degree}]' if degree else ''}{{{part('e')}}}"
    if name == "nary":
        sign = attribute(child(properties, "chr"), "val", "\u222b")
        return f"{sign}{braced('_', 'sub')}{braced('^', 'sup')} {part('e')}"
    if name == "d":
        start, between, end = (
            attribute(child(properties, f"{which}Chr"), "val", default)
            for which, default in (("beg", "("), ("sep", "|"), ("end", ")"))
        )
        return start + between.join(map(_children, element.findall("e"))) + end
    if name == "eqArr":
        return " \\\\ ".join(map(_children, element.findall("e")))
    if name == "m":
        return " \\\\ ".join(map(_row, element.findall("mr")))
    if name == "func":
        return f"{part('fName')} {part('e')}"
    return "" if name in _DELETED else _children(element)


def _children(element: Element) -> str:
    return "".join(map(_formula, element))


def _row(element: Element) -> str:
    return " & ".join(map(_children, element.findall("e")))
