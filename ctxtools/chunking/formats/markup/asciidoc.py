"""AsciiDoc: sections, delimited blocks, lists and tables.

As Asciidoctor reads it (https://docs.asciidoctor.org/asciidoc/latest/): attributes, anchors, the
title of a block and comments belong to the block after them. Inside of examples, sidebars and
quotes are blocks of their own. Tables are in ``asciidoc_tables``.
"""

import re

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.formats.lines import lines_of, one_line, without_mark
from ctxtools.chunking.formats.markup import asciidoc_tables
from ctxtools.chunking.formats.sections import NESTED, SectionBuilder, ends_with_colon, items_of

_TITLE = re.compile(r"(={1,6}|#{1,6})[ \t]++(\S.*+)")
_UNDERLINE = re.compile(r"(=++|-++|~++|\^++|\+++)\Z")
_LEVELS = {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}
_VERBATIM = re.compile(r"(?:-{4,}+|\.{4,}+|\+{4,}+|/{4,}+)\Z|`{3,}+[^`]*+\Z")
_COMPOUND = re.compile(r"(?:={4,}+|\*{4,}+|_{4,}+|--)\Z")
_TABLE = re.compile(r"[|,:!]={3,}+\Z")
_LEAD = re.compile(r"\[[^\n]*\]\Z|\.[^\s.].*+|//(?!/).*+|(?:ifn?def|ifeval|endif)::[^\s\[]*+\[.*+")
_ATTRIBUTE = re.compile(r":!?[\w-]++!?:(?=[ \t]|\Z)")
_RULE = re.compile(r"(?:'{3,}+|<{3,}+|---|\*\*\*|- - -|\* \* \*)\Z")
_MACRO = re.compile(r"[a-z]\w*+::[^\s\[]*+\[.*\]\Z")
_ITEM = re.compile(
    r"[ \t]*+(\*{1,5}+|-|\.{1,5}+|\d{1,4}+\.|[a-zA-Z]\.|<(?:\d{1,3}+|\.)>)[ \t]++(?=\S)"
)
_TERM = re.compile(r"[ \t]*+(?!//)[^\s:;](?:[^:;]++|:(?!:)|;(?!;))*?(:{2,4}+|;;)(?=[ \t]|\Z)")
_INLINE = re.compile(
    r"(?:https?|link|xref|mailto|image|footnote|icon|kbd|btn|menu):[^\s\[]{0,500}+\[[^\]\n]{0,500}+\]"
    r"|<<[^<>\n]{1,500}+>>|`[^`\n]{1,500}+`"
)
_MARKUP = re.compile(
    r"\[\[[^\]]*+\]\]|\[#[^\]]*+\](?=[#*_`])|(?<!\w)[`*_#]{1,2}+(?=\S)|(?<=\S)[`*_#]{1,2}+(?!\w)"
)
_LINK = re.compile(
    r"(?:https?|link|xref|mailto):[^\s\[]{0,500}+\[([^\]]{0,500}+)\]|<<[^,>]++,([^>]++)>>"
)
_MAX_TITLE = 1000  # characters that are read of one


def parse(text: str, format: str = "asciidoc") -> Parsed:
    """The sections of a document and the blocks in them."""
    parser = _Parser(text)
    builder = SectionBuilder()
    parser.read(builder, 0, len(parser.texts), 0)
    return Parsed(builder.blocks(len(text)), [match.span() for match in _INLINE.finditer(text)])


class _Parser:
    """Reads the lines of a document.

    Attributes:
        texts: the lines.
        starts: their offsets.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self.lines = lines_of(text, without_mark(text))
        self.texts, self.starts = self.lines
        self._lead: int | None = None  # the first line of what belongs to the next block
        self._is_first = True  # whether the title of the document may come

    def read(self, builder: SectionBuilder, i: int, end: int, depth: int) -> None:
        """Read the blocks on the lines ``i..end``; there are no titles unless ``depth`` is 0."""
        while (i := self.lines.next_filled(i, end)) < end:
            i = self._block(builder, i, end, depth)
        if self._lead is not None:
            self._add(builder, i, i, "metadata")

    def _add(self, builder: SectionBuilder, i: int, end: int, kind: str, **more: object) -> int:
        """Add the block of the lines from ``i``, or what belongs to it before, to ``end``."""
        first, self._lead = i if self._lead is None else self._lead, None
        end = self.lines.last_filled(first + 1, end)
        builder.add(self.starts[first], self.starts[end], kind, **more)  # type: ignore[arg-type]
        return end

    def _block(self, builder: SectionBuilder, i: int, end: int, depth: int) -> int:
        line = self.texts[i]
        if line[0] in "[./ie" and _LEAD.match(line) and not _VERBATIM.match(line):
            self._lead = i if self._lead is None else self._lead
            return i + 1
        if not depth and (found := self._title(i, end)):
            return self._heading(builder, *found, end)
        if line[0] == ":" and _ATTRIBUTE.match(line):
            return self._attributes(builder, i, end)
        if _TABLE.match(line):
            return self._table(builder, i, end)
        if _VERBATIM.match(line):
            last = self._closing(i, end)
            kind = "comment" if line[0] == "/" else "code"
            start = self.starts[i if self._lead is None else self._lead]
            head = self.starts[i + 1] if kind == "code" and last > i + 2 else 0
            repeat = self._text[start:head] if head else ""
            return self._add(builder, i, last, kind, atomic=True, repeat=repeat, repeat_from=head)
        if _COMPOUND.match(line):
            return self._compound(builder, i, end, depth)
        if _RULE.match(line):
            return self._add(builder, i, i + 1, "rule", atomic=True)
        if _ITEM.match(line) or _TERM.match(line):
            return self._list(builder, i, end)
        if _MACRO.match(line):
            return self._add(builder, i, i + 1, "element", atomic=True)
        return self._paragraph(builder, i, end)

    def _title(self, i: int, end: int) -> tuple[int, int, int, str] | None:
        """The title at a line: (line, the line after it, its level, its text)."""
        line = self.texts[i]
        if found := _TITLE.match(line):
            return i, i + 1, len(found[1]), found[2]
        if i + 1 < end and (under := _UNDERLINE.match(self.texts[i + 1])):
            fits = abs(len(under[0]) - len(line)) < 2 and re.search(r"\w", line)
            if fits and not line[0].isspace() and not _ITEM.match(line):
                return i, i + 2, _LEVELS[under[0][0]], line
        return None

    def _heading(
        self, builder: SectionBuilder, i: int, last: int, level: int, title: str, end: int
    ) -> int:
        first, self._lead = i if self._lead is None else self._lead, None
        plain = _LINK.sub(lambda found: found[1] or found[2] or "", title[:_MAX_TITLE])
        title = one_line(_MARKUP.sub("", plain).rstrip("= "))
        builder.heading(self.starts[first], self.starts[last], level, title)
        was_first, self._is_first = self._is_first, False
        if was_first and level == 1 and last < end and self.texts[last]:
            # The authors, the revision and the attributes of the document.
            stop = last
            while stop < end and self.texts[stop]:
                stop += 1
            builder.glue(self.starts[last], self.starts[stop], "metadata")
            return stop
        return last

    def _attributes(self, builder: SectionBuilder, i: int, end: int) -> int:
        start = i
        while i < end and _ATTRIBUTE.match(self.texts[i]):
            while i + 1 < end and self.texts[i].endswith(" \\"):
                i += 1
            i += 1
        first, self._lead = start if self._lead is None else self._lead, None
        builder.glue(self.starts[first], self.starts[i], "metadata")
        return i

    def _closing(self, i: int, end: int) -> int:
        """The line after the block whose delimiter is on line ``i``."""
        fence = self.texts[i]
        fence = fence[: len(fence) - len(fence.lstrip("`"))] or fence
        try:
            return self.texts.index(fence, i + 1, end) + 1
        except ValueError:
            return end

    def _compound(self, builder: SectionBuilder, i: int, end: int, depth: int) -> int:
        """An example, a sidebar, a quote or an open block, with the blocks in it."""
        last = self._closing(i, end)
        kind = "quote" if self.texts[i][0] == "_" else "element"
        first, self._lead = self._lead, None
        inner = SectionBuilder(glued=True, strength=Strength.SENTENCE)
        closed = last > i + 1 and self.texts[last - 1] == self.texts[i]
        if depth < NESTED:
            self.read(inner, i + 1, last - closed, depth + 1)
        self._lead = first
        children = inner.done
        if children and closed:
            end_line = Block(
                self.starts[last - 1], self.starts[last], "element", Strength.NONE, atomic=True
            )
            children.append(end_line)
        return self._add(builder, i, last, kind, atomic=True, children=children)

    def _table(self, builder: SectionBuilder, i: int, end: int) -> int:
        first = i if self._lead is None else self._lead
        last = self.lines.last_filled(i + 1, self._closing(i, end))
        rows, header = asciidoc_tables.rows(self.lines, first, i, last)
        offsets = [(self.starts[a], self.starts[b]) for a, b in rows]
        from_ = offsets[0][0] if header and offsets else 0
        return self._add(
            builder,
            i,
            last,
            "table",
            atomic=True,
            repeat=self._text[self.starts[first] : from_] if from_ else "",
            repeat_from=from_,
            children=[
                Block(a, b, "row", Strength.SENTENCE if n else Strength.NONE, atomic=True)
                for n, (a, b) in enumerate(offsets)
            ],
        )

    def _list(self, builder: SectionBuilder, i: int, end: int) -> int:
        """A list, with the lists in its items; ``+`` continues an item with another block."""
        texts, start = self.texts, i
        markers: list[str] = []
        items: list[tuple[int, int]] = []
        while i < end:
            line = texts[i]
            if not line:
                following = self.lines.next_filled(i, end)
                if following == end or not self._continues(following):
                    break
                i = following
            elif found := _ITEM.match(line) or _TERM.match(line):
                marker = found[1] if found[1][0] in "*-.:;" else re.sub(r"\w++", "1", found[1])
                if marker in markers:
                    del markers[markers.index(marker) + 1 :]
                else:
                    markers.append(marker)
                items.append((len(markers) - 1, self.starts[i]))
                i += 1
            elif line == "+":
                i = self._attached(i + 1, end)
            elif _is_delimiter(line) or (line[0] == "[" and _LEAD.match(line)):
                break
            else:
                i += 1
        last = self.starts[self.lines.last_filled(start + 1, i)]
        # The meanings of the marks in a listing.
        after_code = builder.done and builder.done[-1].kind == "code" and texts[start][:1] == "<"
        strength = Strength.LINE if after_code else None
        return self._add(
            builder,
            start,
            i,
            "list",
            atomic=True,
            children=items_of(items, last),
            strength=strength,
        )

    def _continues(self, i: int) -> bool:
        """Whether a list goes on at a line after an empty one."""
        line = self.texts[i]
        is_literal = line[0] in " \t"
        return bool(_ITEM.match(line) or _TERM.match(line) or line == "+" or is_literal)

    def _attached(self, i: int, end: int) -> int:
        """The line after the block that starts at a line and is a part of an item."""
        while i < end and self.texts[i] and _LEAD.match(self.texts[i]):
            i += 1
        if i < end and self.texts[i]:
            return self._closing(i, end) if _is_delimiter(self.texts[i]) else i + 1
        return i

    def _paragraph(self, builder: SectionBuilder, i: int, end: int) -> int:
        """A paragraph; a literal one if it is indented."""
        texts, start = self.texts, i
        i += 1
        while i < end and (line := texts[i]):
            if _is_delimiter(line) or (line[0] == "[" and _LEAD.match(line)):
                break
            i += 1
        if texts[start][0] in " \t":
            return self._add(builder, start, i, "code", atomic=True)
        introduces = ends_with_colon(texts[i - 1])
        return self._add(builder, start, i, "paragraph", introduces=introduces)


def _is_delimiter(line: str) -> bool:
    """Whether a block starts or ends at a line."""
    return bool(_VERBATIM.match(line) or _COMPOUND.match(line) or _TABLE.match(line))
