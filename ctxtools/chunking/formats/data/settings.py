"""TOML, INI and their kin (.cfg, .properties, .env): tables or sections of keys with values.

A line in brackets starts a section, which goes up to the next one; its title is what is in the
brackets, and for one of an array of tables (``[[package]]``) the name in it too. The block of a key
starts with the comments above it. Values may go over several lines: in quotes or brackets in TOML,
by indentation in INI, after a backslash in .properties.
"""

import re

from ctxtools._core.types import Strength
from ctxtools.chunking.block import Block, Parsed, short_title
from ctxtools.chunking.formats.lines import Lines, lines_of, one_line, without_mark
from ctxtools.chunking.formats.sections import SectionBuilder
from ctxtools.possessive import compile_pattern

# Neighbouring keys are merged up to this many characters.
_SMALL = 60

_QUOTED = r"\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'"
_HEADER = compile_pattern(rf"[ \t]*+(\[{{1,2}})[ \t]*+((?:[^\]\"'\n]++|{_QUOTED})++)\]{{1,2}}")
_INI_HEADER = re.compile(r"[ \t]*+(\[)([^\n]+)\]")
_TOML_KEY = compile_pattern(rf"[ \t]*+(?:[\w-]++|{_QUOTED})[ \t]*+[.=]")
_NAME = re.compile(r"[ \t]*+(?:name|id|title|key)[ \t]*+=[ \t]*+(?:\"([^\"]*+)\"|'([^']*+)')")
_NAMED_WITHIN = 5  # lines of a table that may name it
_COMMENT = "#;!"
_LONG_END = {
    '"""': compile_pattern(r'(?:[^"\\]++|\\.|\\\Z|"(?!""))*+"""'),
    "'''": compile_pattern(r"(?:[^']++|'(?!''))*+'''"),
}
_TEXT = compile_pattern(r"\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+'|#[^\n]*+|[\[\]{}]")


def parse(text: str, format: str) -> Parsed:
    """The sections with their keys."""
    return Parsed(_Parser(text, format == "toml").blocks())


class _Parser:
    def __init__(self, text: str, is_toml: bool) -> None:
        self._text, self._is_toml = text, is_toml
        self._lines: Lines = lines_of(text, without_mark(text))
        self._texts, self._starts = self._lines
        self._builder = SectionBuilder()
        self._numbers: dict[str, int] = {}  # of arrays of tables: how many there are

    def blocks(self) -> tuple[Block, ...]:
        texts, end = self._texts, len(self._texts)
        i = 0
        lead = -1  # the first of the comments above a line
        while i < end:
            line = texts[i]
            content = line.lstrip(" \t")
            if not content:
                # Comments that are on their own, as at the start of a file, are no key's.
                if lead >= 0:
                    self._add(lead, i, "comment")
                lead = -1
                i += 1
            elif content[0] in (_COMMENT if not self._is_toml else "#"):
                lead = i if lead < 0 else lead
                i += 1
            elif found := self._header(line, content):
                self._section(i if lead < 0 else lead, i, found)
                lead = -1
                i += 1
            else:
                last = self._value_end(i, end)
                self._add(i if lead < 0 else lead, last, "value")
                lead, i = -1, last
        if lead >= 0:
            self._add(lead, end, "comment")
        return self._builder.blocks(self._starts[end])

    def _header(self, line: str, content: str) -> re.Match[str] | None:
        if content[0] != "[":
            return None
        return _HEADER.match(line) if self._is_toml else _INI_HEADER.match(line)

    def _section(self, first: int, i: int, found: re.Match[str]) -> None:
        name = one_line(found[2].strip())
        title = name
        if len(found[1]) == 2:
            number = self._numbers[name] = self._numbers.get(name, -1) + 1
            title = f"{name} {self._name(i)}" if self._name(i) else f"{name}[{number}]"
        self._builder.heading(self._starts[first], self._starts[i + 1], 1, short_title(title))

    def _name(self, i: int) -> str:
        """What names the table whose header is on a line."""
        for line in self._texts[i + 1 : i + 1 + _NAMED_WITHIN]:
            if line.lstrip(" \t").startswith("["):
                break
            if found := _NAME.match(line):
                return one_line(found[1] or found[2] or "")
        return ""

    def _add(self, first: int, end: int, kind: str) -> None:
        """Add a key, or merge it into the one before if both are short."""
        start, stop = self._starts[first], self._starts[end]
        done = self._builder.done
        if kind == "value" and done and done[-1].kind == kind:
            last = done[-1]
            if last.end == start and stop - last.start <= _SMALL:
                done[-1] = last._replace(end=stop)
                return
        close = first > 0 and self._texts[first - 1]
        strength = Strength.SENTENCE if close else Strength.PARAGRAPH
        self._builder.add(start, stop, kind, atomic=True, strength=strength)

    def _value_end(self, i: int, end: int) -> int:
        """The line after the value that starts on a line."""
        texts = self._texts
        if self._is_toml:
            return self._toml_value_end(i, end)
        if texts[i].endswith("\\") and not texts[i].endswith("\\\\"):
            while i < end and texts[i].endswith("\\"):
                i += 1
            return min(i + 1, end)
        i += 1
        # A line that is indented continues a value (configparser), if it is no key itself.
        while i < end and texts[i] and texts[i][0] in " \t" and "=" not in texts[i]:
            i += 1
        return i

    def _toml_value_end(self, i: int, end: int) -> int:
        """The same in TOML: brackets and long quotes may be closed on another line."""
        depth, quote, first = 0, "", i
        while i < end:
            position, line = 0, self._texts[i]
            while True:
                if quote:
                    closing = _LONG_END[quote].match(line, position)
                    if not closing:
                        break
                    position, quote = closing.end(), ""
                found = _TEXT.search(line, position)
                if not found:
                    break
                position = found.end()
                if found[0] in ('"""', "'''"):
                    quote = found[0]
                elif found[0] in "[]{}":
                    depth += 1 if found[0] in "[{" else -1
            i += 1
            if not quote and depth <= 0:
                return i
            # A bracket that is never closed must not take all of the rest.
            if not quote and i < end and self._starts_other(i):
                return i
        return i if not quote else first + 1

    def _starts_other(self, i: int) -> bool:
        """Whether a line starts a table or a key, although a bracket is still open."""
        line = self._texts[i]
        if line[:1] == "[" and self._texts[i - 1] == "":
            return bool(_HEADER.match(line))
        return line[:1] not in ("", " ", "\t") and bool(_TOML_KEY.match(line))
