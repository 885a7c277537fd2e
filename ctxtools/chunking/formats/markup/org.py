"""Org: headlines, drawers, blocks, tables and lists (https://orgmode.org/worg/org-syntax.html).

Keywords, priorities and tags are no part of a title. What is planned and the drawers under a
headline stay with it; names, captions and attributes with the block after them.
"""

import re
from bisect import bisect_right
from itertools import pairwise

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.formats.lines import indent_of, lines_of, one_line, without_mark
from ctxtools.chunking.formats.sections import SectionBuilder, ends_with_colon, items_of, rows_of
from ctxtools.possessive import compile_pattern

_HEADLINE = re.compile(r"(\*++)[ \t]++(.*+)")
_PRIORITY = re.compile(r"\[#[A-Z0-9]{1,2}\][ \t]*+")
_TAGS = compile_pattern(r"[ \t]++:(?:[\w@#%]++:)++\Z")
_COOKIE = re.compile(r"[ \t]*+\[\d*+(?:/\d*+|%)\]")
_LINK = re.compile(r"\[\[([^\]]*+)\](?:\[([^\]]*+)\])?\]")
_MARKUP = re.compile(r"(?<![\w*])[*/=~_+](?=\S)|(?<=\S)[*/=~_+](?![\w*])")
_PLANNING = re.compile(r"[ \t]*+(?:SCHEDULED|DEADLINE|CLOSED):")
_DRAWER = re.compile(r"[ \t]*+:[\w-]++:\Z")
_END = re.compile(r"[ \t]*+:end:\Z", re.IGNORECASE)
_BLOCK = re.compile(r"[ \t]*+#\+begin_(\S++)", re.IGNORECASE)
_BLOCK_END = re.compile(r"[ \t]*+#\+end_(\S++)\Z", re.IGNORECASE)
_KEYWORD = re.compile(r"[ \t]*+#\+([\w-]++)(?:\[[^\]]*+\])?:[ \t]*+(.*+)")
_AFFILIATED = re.compile(r"(?:name|caption|header|headers|results|plot|label|attr_\w++)\Z", re.I)
_FORMULA = re.compile(r"[ \t]*+#\+tblfm:", re.IGNORECASE)
_ITEM = re.compile(r"[ \t]*+(?:[-+]|\d{1,5}+[.)]|[a-zA-Z][.)])(?:[ \t]|\Z)|[ \t]++\*(?:[ \t]|\Z)")
_NOTE = re.compile(r"\[fn:[^\]\s]++\]")
_RULE = re.compile(r"[ \t]*+-{5,}+\Z")
_INLINE = re.compile(
    r"\[\[[^\]\n]{1,1000}+\](?:\[[^\]\n]{1,1000}+\])?\]|(?<!\w)[=~](?=\S)[^=~\n]{1,300}+[=~](?!\w)"
)
_CODE = frozenset({"src", "example", "export", "comment"})
_MAX_TITLE = 1000  # characters that are read of one


def parse(text: str, format: str = "org") -> Parsed:
    """The sections of a document and the blocks in them."""
    return Parsed(_Parser(text).blocks(), [match.span() for match in _INLINE.finditer(text)])


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = lines_of(text, without_mark(text))
        self._texts, self._starts = self._lines
        self._builder = SectionBuilder()
        self._lead: int | None = None  # the first line of what belongs to the next block
        self._states = {"TODO", "DONE"}
        self._ends: dict[str, list[int]] = {}  # lines that end blocks of a name
        for number, line in enumerate(self._texts):
            if "#+" in line and (found := _BLOCK_END.match(line)):
                self._ends.setdefault(found[1].lower(), []).append(number)
        self._outer = 0  # levels around the headlines

    def blocks(self) -> tuple[Block, ...]:
        if title := self._document_title():
            self._builder.open(self._starts[0], 1, title)
            self._outer = 1
        i, end = 0, len(self._texts)
        while (i := self._lines.next_filled(i, end)) < end:
            i = self._block(i, end)
        if self._lead is not None:
            self._add(end, end, "metadata")
        return self._builder.blocks(len(self._text))

    def _document_title(self) -> str:
        """The title of the document, and the keywords that it defines."""
        parts = []
        for line in self._texts:
            if (found := _KEYWORD.match(line)) is None:
                continue
            name = found[1].lower()
            if name == "title":
                parts.append(found[2])
            elif name in ("todo", "seq_todo", "typ_todo"):
                self._states |= {word.partition("(")[0] for word in found[2].split()} - {"|"}
        return self._plain(" ".join(parts))

    def _plain(self, title: str) -> str:
        title = _LINK.sub(lambda found: found[2] or found[1], title[:_MAX_TITLE])
        return one_line(_MARKUP.sub("", title))

    def _add(self, i: int, end: int, kind: str, **more: object) -> int:
        """Add the block of the lines from ``i``, or what belongs to it before, to ``end``."""
        first, self._lead = i if self._lead is None else self._lead, None
        end = self._lines.last_filled(first + 1, end)
        self._builder.add(self._starts[first], self._starts[end], kind, **more)  # type: ignore[arg-type]
        return end

    def _block(self, i: int, end: int) -> int:
        line = self._texts[i]
        if line[0] == "*" and (found := _HEADLINE.match(line)):
            return self._heading(i, end, found)
        content = line.lstrip(" \t")
        mark = content[0]
        if mark == "#":
            return self._keyword(i, end, content)
        if mark == ":" and _DRAWER.match(line) and (last := self._drawer_end(i, end)):
            return (
                self._glued(i, last)
                if self._builder.is_after_heading
                else self._add(i, last, "metadata", atomic=True)
            )
        if mark == ":" and content[1:2] in ("", " "):
            return self._add(i, self._while(i, end, ":"), "code", atomic=True)
        if mark == "|":
            return self._table(i, end)
        if mark == "[" and line[0] == "[" and _NOTE.match(line):
            return self._add(i, self._paragraph_end(i, end), "item", atomic=True)
        if _RULE.match(line):
            return self._add(i, i + 1, "rule", atomic=True)
        if _ITEM.match(line):
            return self._list(i, end)
        if _PLANNING.match(line) and self._builder.is_after_heading:
            return self._glued(i, i + 1)
        last = self._paragraph_end(i, end)
        introduces = ends_with_colon(self._texts[last - 1])
        return self._add(i, last, "paragraph", introduces=introduces)

    def _glued(self, i: int, end: int) -> int:
        self._builder.glue(self._starts[i], self._starts[end], "metadata")
        return end

    def _heading(self, i: int, end: int, found: re.Match[str]) -> int:
        first, self._lead = i if self._lead is None else self._lead, None
        title = found[2]
        word, _, rest = title.partition(" ")
        title = rest if rest and word in self._states else title
        title = _TAGS.sub("", _PRIORITY.sub("", title, count=1))
        title = self._plain(_COOKIE.sub("", title).removeprefix("COMMENT "))
        self._builder.heading(
            self._starts[first], self._starts[i + 1], len(found[1]) + self._outer, title
        )
        return i + 1

    def _keyword(self, i: int, end: int, content: str) -> int:
        """A block, a keyword or a comment: what starts with ``#``."""
        line = self._texts[i]
        if (found := _BLOCK.match(line)) and (last := self._block_end(i, found[1])):
            return self._delimited(i, last, found[1].lower())
        if found := _KEYWORD.match(line):
            if not _AFFILIATED.match(found[1]):
                last = self._while(i, end, "#+", affiliated=False)
                return (
                    self._glued(i, last)
                    if self._lead is None
                    else self._add(i, last, "metadata", atomic=True)
                )
        elif content[1:2] not in ("", " ", "+"):
            last = self._paragraph_end(i, end)
            return self._add(i, last, "paragraph")
        self._lead = i if self._lead is None else self._lead
        return i + 1

    def _block_end(self, i: int, name: str) -> int:
        """The line after the block that starts on line ``i``; 0 if it does not end."""
        ends = self._ends.get(name.lower(), [])
        number = bisect_right(ends, i)
        return ends[number] + 1 if number < len(ends) else 0

    def _delimited(self, i: int, last: int, name: str) -> int:
        first = i if self._lead is None else self._lead
        if name in _CODE:
            kind = "comment" if name == "comment" else "code"
            head = self._starts[i + 1] if kind == "code" and last > i + 2 else 0
            repeat = self._text[self._starts[first] : head] if head else ""
            return self._add(i, last, kind, atomic=True, repeat=repeat, repeat_from=head)
        kind = "quote" if name in ("quote", "verse") else "element"
        starts = self._starts
        children = []
        if last > i + 2:  # the lines that delimit it stay with what is inside
            inside = Block(starts[i + 1], starts[last - 1], "paragraph", Strength.NONE)
            closing = Block(starts[last - 1], starts[last], "element", Strength.NONE, atomic=True)
            children = [inside, closing]
        return self._add(i, last, kind, atomic=True, children=children)

    def _drawer_end(self, i: int, end: int) -> int:
        """The line after the drawer that starts on line ``i``; 0 if it does not end."""
        for last in range(i + 1, end):
            line = self._texts[last]
            if line and _END.match(line):
                return last + 1
            if line and (line[0] == "*" and _HEADLINE.match(line)):
                break
            if line and _DRAWER.match(line):
                break
        return 0

    def _while(self, i: int, end: int, start: str, *, affiliated: bool = True) -> int:
        """The line after those from ``i`` on that start with something."""
        i += 1
        while i < end and (line := self._texts[i].lstrip(" \t")).startswith(start):
            if start == ":" and line[1:2] not in ("", " "):
                break
            found = _KEYWORD.match(line)
            if not affiliated and (not found or _AFFILIATED.match(found[1])):
                break
            i += 1
        return i

    def _table(self, i: int, end: int) -> int:
        first = i if self._lead is None else self._lead
        last = i
        while last < end and self._texts[last].lstrip(" \t").startswith("|"):
            last += 1
        rows = [n for n in range(i, last) if not self._texts[n].lstrip(" \t").startswith("|-")]
        while last < end and _FORMULA.match(self._texts[last]):
            last += 1
        # The header is above the first rule that is between rows.
        below = next((a + 1 for a, b in pairwise(rows) if b > a + 1), None)
        begins = [n for n in rows if below is None or n > below]
        begins = [i, *begins[1:]] if below is None else begins
        spans = [*zip(begins, [*begins[1:], last], strict=True)]
        head = self._starts[begins[0]] if below is not None else 0
        return self._add(
            i,
            last,
            "table",
            atomic=True,
            repeat=self._text[self._starts[first] : head] if head else "",
            repeat_from=head,
            children=rows_of([(self._starts[a], self._starts[b]) for a, b in spans]),
        )

    def _list(self, i: int, end: int) -> int:
        """A list: items are nested by their indentation, two empty lines end it."""
        texts, start = self._texts, i
        columns: list[int] = []
        items: list[tuple[int, int]] = []
        while i < end:
            line = texts[i]
            if not line:
                following = self._lines.next_filled(i, end)
                deeper = following < end and indent_of(texts[following]) > columns[0]
                is_item = following < end and _ITEM.match(texts[following])
                if following - i > 1 or not (deeper or is_item):
                    break
                i = following
                continue
            column = indent_of(line)
            if _ITEM.match(line):
                while columns and columns[-1] > column:
                    columns.pop()
                if not columns or columns[-1] < column:
                    columns.append(column)
                items.append((len(columns) - 1, self._starts[i]))
            elif column <= columns[0]:
                break
            elif (found := _BLOCK.match(line)) and (last := self._block_end(i, found[1])):
                i = last
                continue
            i += 1
        last = self._starts[self._lines.last_filled(start + 1, i)]
        return self._add(start, i, "list", atomic=True, children=items_of(items, last))

    def _paragraph_end(self, i: int, end: int) -> int:
        """The line after a paragraph, which an empty line or another element ends."""
        i += 1
        while i < end and (line := self._texts[i]):
            content = line.lstrip(" \t")
            if content[0] in "#|" and (content[:2] == "#+" or content[0] == "|"):
                break
            if (line[0] == "*" and _HEADLINE.match(line)) or _ITEM.match(line):
                break
            if content[0] == "[" and _NOTE.match(line):
                break
            i += 1
        return i
