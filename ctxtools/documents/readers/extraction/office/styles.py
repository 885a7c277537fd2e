"""Styles and numbering of a Word document."""

import re
from typing import NamedTuple
from xml.etree.ElementTree import Element

from ctxtools.documents.readers.extraction.office.markup import attribute, child, number

_HEADING = re.compile(r"heading\s*([1-9])", re.IGNORECASE)
_LIST = re.compile(r"list (?:bullet|number) ([2-5])", re.IGNORECASE)
_MAX_CHAIN = 20  # styles that a style is based on
_PLACEHOLDER = re.compile(r"%([1-9])")
_PLAIN_NUMBER = re.compile(r"%[1-9]\.?")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_BODY = 9  # the outline level of text that is no heading


class Style(NamedTuple):
    """What a style of paragraphs says, with the styles it is based on.

    Attributes:
        heading: the level of the headings that have it, 0 if they are none.
        list: the number of the list and the level of its items, None if they are none.
        deeper: levels that its items are below those of a list of their own: "List Bullet 2".
    """

    heading: int = 0
    list: tuple[str, int] | None = None
    deeper: int = 0


class Styles:
    """The styles of paragraphs."""

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self.default = ""
        for style in () if root is None else root.iter("style"):
            if attribute(style, "type", "paragraph") == "paragraph":
                identifier = attribute(style, "styleId")
                self._elements[identifier] = style
                if attribute(style, "default") in ("1", "true"):
                    self.default = identifier
        self._found: dict[str, Style] = {}

    def get(self, identifier: str) -> Style:
        """The style of an id."""
        if identifier not in self._found:
            self._found[identifier] = self._resolve(identifier)
        return self._found[identifier]

    def _resolve(self, identifier: str) -> Style:
        heading: int | None = None
        listed: tuple[str, int] | None = None
        level: int | None = None
        list_number, deeper = "", 0
        for distance in range(_MAX_CHAIN):
            style = self._elements.get(identifier)
            if style is None:
                break
            properties = child(style, "pPr")
            name = attribute(child(style, "name"), "val")
            if not distance and name.lower() == "title":  # authors and dates may be based on it
                heading = 1
            if heading is None:
                heading = heading_level(name, child(properties, "outlineLvl"))
            if not deeper and (found := _LIST.fullmatch(name)):
                deeper = int(found[1]) - 1
            if (numbered := child(properties, "numPr")) is not None:
                list_number = list_number or attribute(child(numbered, "numId"), "val")
                if level is None and (given := child(numbered, "ilvl")) is not None:
                    level = number(given, "val")
            identifier = attribute(child(style, "basedOn"), "val")
        if list_number not in ("", "0"):
            listed = list_number, level or 0
        return Style(heading or 0, listed, deeper)


def heading_level(name: str, outline: Element | None) -> int | None:
    """The level of a heading; 0 if it is said to be none, None if nothing is said.

    Args:
        name: of its style, which Word keeps in English.
        outline: its outline level.
    """
    if found := _HEADING.fullmatch(name):
        return int(found[1])
    if outline is None:
        return None
    level = number(outline, "val", _BODY)
    return level + 1 if level < _BODY else 0


class _Level(NamedTuple):
    format: str
    text: str
    start: int
    style: str


class Numbering:
    """The lists of a document, with how far each has counted."""

    def __init__(self, root: Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[str] = set()
        if root is None:
            return
        for each in root.iter("abstractNum"):
            self._levels[attribute(each, "abstractNumId")] = {
                number(level, "ilvl"): _Level(
                    attribute(child(level, "numFmt"), "val", "decimal"),
                    attribute(child(level, "lvlText"), "val"),
                    number(child(level, "start"), "val", 1),
                    attribute(child(level, "pStyle"), "val"),
                )
                for level in each.iter("lvl")
            }
        for each in root.iter("num"):
            identifier = attribute(each, "numId")
            self._abstract[identifier] = attribute(child(each, "abstractNumId"), "val")
            self._starts[identifier] = {
                number(override, "ilvl"): number(child(override, "startOverride"), "val", 1)
                for override in each.iter("lvlOverride")
                if child(override, "startOverride") is not None
            }

    def level_of_style(self, identifier: str, style: str) -> int:
        """The level of a list that a style of paragraphs has, 0 if none says it."""
        levels = self._levels.get(self._abstract.get(identifier, ""), {})
        return next((depth for depth, level in levels.items() if level.style == style), 0)

    def is_blank(self, identifier: str, depth: int) -> bool:
        """Whether items have a bullet that is not seen: they go on with the item before."""
        level = self._levels.get(self._abstract.get(identifier, ""), {}).get(depth)
        return level is not None and level.format == "bullet" and not level.text.strip()

    def next(self, identifier: str, depth: int) -> tuple[str, bool] | None:
        """The label of the next item of a list.

        Args:
            identifier: of the list.
            depth: the level of the item, from 0.

        Returns:
            The label as it is shown, "" for a bullet, and whether it is a plain number; None if
            there is no such list.
        """
        abstract = self._abstract.get(identifier)
        if abstract is None:
            return None
        levels = self._levels.get(abstract, {})
        level = levels.get(depth, _Level("bullet", "", 1, ""))
        counts = self._counts.setdefault(abstract, {})
        if identifier not in self._started:
            self._started.add(identifier)
            for deeper, start in self._starts.get(identifier, {}).items():
                counts[deeper] = start - 1
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        if level.format in ("bullet", "none"):
            return "", False
        # A level above that has not counted yet is shown as its start.
        label = _PLACEHOLDER.sub(
            lambda found: numeral(
                counts.get(int(found[1]) - 1, 1),
                levels[int(found[1]) - 1].format if int(found[1]) - 1 in levels else "decimal",
            ),
            level.text,
        ).strip()
        plain = level.format == "decimal" and bool(_PLAIN_NUMBER.fullmatch(level.text.strip()))
        return label, plain


def numeral(value: int, form: str) -> str:
    """A number as a list shows it.

    Args:
        form: "decimal", "lowerLetter", "upperRoman" and others of ECMA-376 17.18.59.
    """
    if form in ("lowerLetter", "upperLetter") and value > 0:
        turns, letter = divmod(value - 1, 26)
        text = chr(ord("a") + letter) * min(turns + 1, 10)
        return text if form == "lowerLetter" else text.upper()
    if form in ("lowerRoman", "upperRoman") and 0 < value < 4000:
        text = ""
        for size, digits in _ROMAN:
            text += digits * (value // size)
            value %= size
        return text if form == "lowerRoman" else text.upper()
    return f"{value:02d}" if form == "decimalZero" else str(value)
