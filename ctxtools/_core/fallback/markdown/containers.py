"""Blocks that CommonMark does not know, but Docusaurus, MyST, Pandoc, MkDocs and MDX do.

Containers between lines of three colons or between the tags of a component (``<Tabs>``),
admonitions that start with ``!!!`` and have an indented text, formulas between lines of ``$$``, and
imports and exports. To a parser of CommonMark their lines are shown empty, so that no offset
changes; then they are put among the blocks that it found.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from ctxtools._core.fallback.html.entries import Node
from ctxtools._core.lines import Lines, lines_of
from ctxtools._core.types import Strength
from ctxtools.possessive import compile_pattern

# A text without any of these has no containers. (One pattern of all takes ten times as long.)
_HINTS = (":::", "!!!", "???", "===", "$$", "\nimport", "\nexport", "\rimport", "\rexport")
_CLOSING_COMPONENT = re.compile(r"</[A-Z]")
_FENCE = re.compile(r" {0,3}(`{3,}+|~{3,}+)(.*+)")
_COLONS = re.compile(r" {0,3}:{3,}+[ \t]*+(.*+)")
_COMPONENT = re.compile(r" {0,3}<(/?)([A-Z][A-Za-z0-9_.]*+)(?:[ \t][^<>]*+)?(?<!/)>\Z")
_ADMONITION = re.compile(r"(?:!!!|\?\?\?\+?+|===[!+]?+)[ \t]++[\"A-Za-z0-9_\x80-\U0010ffff]")
_MODULE = compile_pattern(
    r"import[ \t]++(?:[A-Za-z0-9_*{\x80-\U0010ffff][^\"'\n]*?(?<=[ \t}])from[ \t]*+)?+"
    r"[\"'][^\"']++[\"'];?+\Z"
    r"|export[ \t]++(?:const|let|var|default|function|async|class|\{|\*)"
)
_NOT_A_BREAK = re.compile(r"[^\r\n]")


_MAX_DEPTH = 12  # of containers in each other
_MAX_BLOCKS = 16  # of blocks in which a container still contains some
_INSIDE = Strength.SENTENCE  # the strongest boundary in a container

# kind of a region: that of its block
_KINDS = {
    "container": "element",
    "opening": "element",
    "closing": "element",
    "admonition": "element",
    "formula": "paragraph",
    "module": "imports",
}


class Region(NamedTuple):
    """What is to become a block.

    Attributes:
        start, end: its offsets.
        kind: one of `_KINDS`.
        inner_start, inner_end: what is parsed; the same twice if nothing is.
        children: the regions inside.
    """

    start: int
    end: int
    kind: str
    inner_start: int
    inner_end: int
    children: tuple["Region", ...] = ()


def find(text: str, start: int) -> tuple[str, list[Region]]:
    """The regions of a document.

    Returns:
        (the text with spaces in place of what a parser of CommonMark should not see; the regions in
        order).
    """
    starts = text.startswith(("import", "export"), start)
    if not (starts or any(hint in text for hint in _HINTS) or _CLOSING_COMPONENT.search(text)):
        return text, []
    regions = _regions(lines_of(text, start))
    pieces, position = [], 0
    for first, last in _hidden(regions):
        pieces += [text[position:first], _NOT_A_BREAK.sub(" ", text[first:last])]
        position = last
    return "".join([*pieces, text[position:]]) if pieces else text, regions


def _hidden(regions: Iterable[Region]) -> Iterable[tuple[int, int]]:
    for region in regions:
        yield region.start, region.inner_start
        yield from _hidden(region.children)
        yield region.inner_end, region.end


def _regions(lines: Lines) -> list[Region]:
    texts, starts, end = lines.texts, lines.starts, len(lines.texts)
    opened = [_Open("", 0)]
    names = Counter[str]()  # of the containers that are open
    deeper = Counter[str]()  # of those that are nested too deeply
    fence, i = "", 0
    while i < end:
        line = texts[i]
        mark = line[:4].lstrip(" ")[:1]
        if mark in ("`", "~") and (found := _FENCE.match(line)):
            if not fence:
                fence = found[1] if mark == "~" or "`" not in found[2] else ""
            elif found[1].startswith(fence) and not found[2]:
                fence = ""
        elif fence or not mark:
            pass
        elif mark in (":", "<") and (delimiter := _delimiter(line)):
            name, opens = delimiter
            if opens and len(opened) < _MAX_DEPTH:
                opened.append(_Open(name, i))
                names[name] += 1
            elif opens or deeper[name]:
                deeper[name] += 1 if opens else -1
            elif names[name]:
                # Those inside that are not closed are none.
                last = len(opened) - 1
                while opened[last].name != name:
                    last -= 1
                first, inside = opened[last], [each.inside for each in opened[last:]]
                names.subtract(each.name for each in opened[last:])
                del opened[last:]
                region = Region(
                    *(starts[first.line], starts[i + 1], "container"),
                    *(starts[first.line + 1], starts[i], tuple(chain.from_iterable(inside))),
                )
                opened[-1].inside.append(region)
        elif (last := _verbatim_end(lines, i, end)) > i:
            kind = "module" if mark in "ie" else "formula" if mark == "$" else "admonition"
            stop = starts[last]
            opened[-1].inside.append(Region(starts[i], stop, kind, stop, stop))
            i = last
            continue
        i += 1
    return [region for each in opened for region in each.inside]


class _Open:
    """A container that is open: its name, its first line, and the regions in it so far."""

    __slots__ = ("inside", "line", "name")

    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line
        self.inside: list[Region] = []


def _delimiter(line: str) -> tuple[str, bool] | None:
    """The name of the container that a line starts or ends, and whether it starts it."""
    if found := _COLONS.match(line):
        return ":::", bool(found[1])
    if found := _COMPONENT.match(line):
        return found[2], not found[1]
    return None


def _verbatim_end(lines: Lines, i: int, end: int) -> int:
    """The line after a region that starts at a line and is not parsed; ``i`` if there is none."""
    line, texts = lines.texts[i], lines.texts
    if line[0] in "!?=" and _ADMONITION.match(line):
        last = i + 1
        while last < end and (not texts[last] or texts[last].startswith(("    ", "\t"))):
            last += 1
        last = lines.last_filled(i + 1, last)
        return last if last > i + 1 else i
    if line == "$$":
        last = i + 1
        while last < end and texts[last] and not texts[last].endswith("$$"):
            last += 1
        return last + 1 if last < end and texts[last] else i
    if line[0] in "ie" and (not i or not texts[i - 1]) and _MODULE.match(line):
        while i < end and texts[i]:
            i += 1
    return i


def insert(blocks: Sequence[Node], regions: Sequence[Region]) -> tuple[Node, ...]:
    """Blocks with those of regions among them.

    A region takes the blocks that it contains as its children. It goes into a section that contains
    it, and nowhere if another block does. If there are headings in it, there are only blocks for
    its first and its last line, which stay with what is inside: the first line is a part of the
    section that follows it.

    Args:
        blocks: disjoint, in order; sections may contain others.
        regions: likewise.
    """
    if not regions:
        return tuple(blocks)
    inserter = _Inserter()
    merged = inserter.merged(blocks, list(reversed(regions)), 0)
    return (*merged, *inserter.openings)


class _Inserter:
    """Merges blocks and regions in the order of the text."""

    def __init__(self) -> None:
        self.openings: list[Node] = []
        """First lines of containers that were not yet put anywhere: where a heading follows, they
        belong to its section."""
        self._glued = False  # whether the next block belongs to the line before it
        self._after_heading = False  # whether nothing but regions is between a heading and here

    def merged(self, blocks: Sequence[Node], waiting: list[Region], depth: int) -> list[Node]:
        """The blocks with those of the regions.

        Args:
            waiting: the regions, the first one last. It is used up.
            depth: of the blocks.
        """
        done: list[Node] = []
        i = 0
        while waiting:
            region = waiting.pop()
            while i < len(blocks) and blocks[i].end <= region.start:
                self._add(done, blocks[i], [], depth)
                i += 1
            following = blocks[i] if i < len(blocks) else None
            if following and following.start <= region.start:
                if following.kind == "section":
                    waiting.append(region)
                    self._add(done, following, _within(following, waiting), depth)
                    i += 1
                continue
            first = i
            while i < len(blocks) and blocks[i].start < region.end:
                i += 1
            inside = blocks[first:i]
            if any(block.kind == "section" for block in inside):
                waiting += reversed(_parts(region))
                i = first
            elif inside and inside[-1].end > region.end:
                i = first
            elif region.kind == "opening":
                self.openings.append(self._block(region, (), done, depth))
            else:
                self._put_openings(done)
                done.append(self._block(region, inside, done, depth))
        for block in blocks[i:]:
            self._add(done, block, [], depth)
        return done

    def _put_openings(self, done: list[Node]) -> None:
        if self.openings:
            done += self.openings
            self.openings, self._glued = [], True

    def _add(self, done: list[Node], block: Node, regions: list[Region], depth: int) -> None:
        """Add a block, with its strength after what was inserted before it.

        Args:
            regions: those in it, the first one last.
        """
        openings: list[Node] = []
        if block.kind == "section":
            openings, self.openings = self.openings, []
        else:
            self._put_openings(done)
        strength = block.strength
        if self._glued:
            strength = Strength.NONE
        elif self._after_heading and strength == Strength.NONE:
            strength = Strength.SECTION if block.kind == "section" else Strength.PARAGRAPH
        self._after_heading, self._glued = False, bool(openings)
        start, end, children = block.start, block.end, block.children
        if openings:
            start = openings[0].start
            openings[1:] = [each._replace(strength=Strength.NONE) for each in openings[1:]]
        if openings or regions:
            children = (*openings, *self.merged(children, regions, depth + 1))
        if self.openings:
            end = self.openings[0].start
        self._glued = False
        done.append(block._replace(start=start, end=end, strength=strength, children=children))

    def _block(
        self, region: Region, blocks: Sequence[Node], before: Sequence[Node], depth: int
    ) -> Node:
        """The block of a region with others in it."""
        start, end, kind = region[:3]
        after_heading = bool(before) and before[-1].kind == "heading"
        glued = self._glued or after_heading or kind == "closing"
        strength = Strength.NONE if glued else Strength.PARAGRAPH
        self._glued = False
        children: list[Node] = []
        if kind != "opening":
            self._after_heading |= after_heading
        if kind == "container" and depth < _MAX_BLOCKS:
            self._glued, outer = True, self._after_heading
            inside = self.merged(blocks, list(reversed(region.children)), depth + 1)
            children = [each._replace(strength=min(each.strength, _INSIDE)) for each in inside]
            if children:
                last = Node(region.inner_end, end, "element", Strength.NONE)
                children.append(last)
            self._glued, self._after_heading = False, outer
        return Node(start, end, _KINDS[kind], strength, atomic=True, children=tuple(children))


def _within(section: Node, waiting: list[Region]) -> list[Region]:
    """Takes the regions in a section, the first one last; those that end after it in parts."""
    inside = []
    while waiting and waiting[-1].start < section.end:
        region = waiting.pop()
        if region.end <= section.end:
            inside.append(region)
        elif region.kind == "container":
            waiting += reversed(_parts(region))
    return inside[::-1]


def _parts(region: Region) -> list[Region]:
    """The first line of a region, what is in it, and its last line."""
    start, end, _, inner_start, inner_end, children = region
    first = Region(start, inner_start, "opening", inner_start, inner_start)
    return [first, *children, Region(inner_end, end, "closing", end, end)]
