"""RTF (Rich Text Format 1.9.1) as Markdown: headings by outline levels and styles, lists with the
labels that are shown, tables, links, footnotes and comments. Hidden and deleted text is left out.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.documents.readers.extraction.office.writing import PAGE, Writer, escaped, link
from ctxtools.errors import FormatError

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^A-Za-z])|([{}])|([^\\{}\r\n]+)"
)
_STEP = 100_000  # tokens between two limits of time
_MAX_DEPTH = 5_000  # groups
_MAX_SIZE = 512 << 20  # bytes
_CHARACTERS = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "tab": "\t", "line": "\n", "lbr": "\n", "emspace": " ",
    "enspace": " ", "qmspace": " ", "nestcell": "\n", "page": f"\n{PAGE}", "softpage": PAGE,
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"\n": "\\par", b"\r": "\\par", b"\t": "\t"}
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
# Destinations that hold no text of the document; of those marked with \* all but some are skipped.
_SKIPPED = frozenset({
    "colortbl", "info", "pict", "objdata", "themedata", "sp", "atnid", "atnauthor", "atrfstart",
    "atrfend", "atndate", "atnref", "bkmkstart", "bkmkend", "nonshppict", "listtable",
    "listoverridetable", "revtbl", "rsidtbl", "generator", "xmlnstbl", "datafield", "fontemb",
    "filetbl", "pgptbl", "latentstyles", "datastore", "template", "tc", "xe", "private", "do",
})  # fmt: skip
_READ = frozenset({"shpinst", "fldinst", "shptxt", "annotation", "footnote"})
_MARGINS = ("header", "footer")
_ASIDE = frozenset({"footnote", "annotation"}) | {
    margin + pages for margin in _MARGINS for pages in ("", "f", "l", "r")
}
_HEADING = re.compile(r"heading\s*([1-9])", re.IGNORECASE)
_LINK = re.compile(r"HYPERLINK\s+(?:\\\w\s+)*\"([^\"]*)\"")
_TYPED_LABEL = re.compile(r"(\d{1,9}|[•–▪◦·])\\?([.)]?)[ \t]*\t\s*")  # as some programs write lists
_BULLETS = frozenset("•·-–*o▪◦\u00b7\uf0b7§")


@dataclass(slots=True)
class _Group:
    """What holds in a group of braces, and in those in it."""

    destination: str = ""
    charset: str = "cp1252"
    skips: int = 1  # bytes that stand for a Unicode character
    is_skipped: bool = False
    is_hidden: bool = False
    address: str = ""


@dataclass(slots=True)
class _Paragraph:
    """What holds for a paragraph."""

    heading: int = 0
    level: int = 0
    label: str = ""
    in_table: bool = False


def read(stream: BinaryIO, name: str) -> Iterator[Extracted | None]:
    """The text of a file in Rich Text Format; see `extracted.Read`."""
    data = stream.read(_MAX_SIZE + 1)
    if len(data) > _MAX_SIZE:
        raise FormatError(f"more than {_MAX_SIZE >> 20} MB of RTF", hint="split the document")
    if not data.lstrip()[:5].startswith(b"{\\rtf"):
        raise FormatError("no RTF, which starts with {\\rtf", hint="check what the file is")
    document = _Rtf(data)
    yield from document.read()
    text, pages, notes = document.finish()
    yield Extracted(text, pages, format="markdown", notes=notes)


class _Rtf:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._writer = Writer()
        self._group = _Group()
        self._stack: list[_Group] = []
        self._bytes = bytearray()
        self._runs: list[tuple[str, str]] = []  # of the paragraph: text and address
        self._paragraph = _Paragraph()
        self._row: list[str] = []
        self._rows: list[list[str]] = []
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._styles: dict[int, int] = {}
        self._style = self._style_level = 0
        self._style_name = ""
        self._charset = "cp1252"
        self._skip = 0  # bytes that a Unicode character replaces
        self._pending_high = 0
        # Around a footnote or a header: the paragraphs' text so far.
        self._outer: list[tuple[int, list[tuple[str, str]]]] = []
        self._asides: list[str] = []
        self._margins: dict[str, None] = {}
        self._deletions = 0
        self._is_starred = False
        self._instruction = ""

    def read(self) -> Iterator[None]:
        """Read it, step by step."""
        position, count = 0, 0
        while found := _TOKEN.search(self._data, position):
            position = found.end()
            count += 1
            if count % _STEP == 0:
                yield None
            word, value, code, symbol, brace, text = found.groups()
            if brace:
                self._flush()
                self._open() if brace == b"{" else self._close()
            elif self._group.is_skipped:
                if word == b"bin" and value:
                    position += max(int(value), 0)
            elif text is not None:
                self._add_bytes(text)
            elif code is not None:
                self._add_bytes(bytes([int(code, 16)]))
            elif symbol is not None:
                self._symbol(symbol)
            elif word == b"bin":
                position += max(int(value or 0), 0)
            else:
                self._word(word.decode("ascii"), None if value is None else int(value))
        self._flush()
        if self._row and self._text().strip():  # a cell that does not end
            self._row.append(self._text())
            self._runs = []
        self._end_table()
        self._paragraph.in_table = False
        self._end_paragraph()
        for text_ in self._margins:
            self._writer.paragraph(text_)
        for aside in self._asides:
            self._writer.paragraph(aside)

    def finish(self) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
        """The text, where pages start, and notes."""
        notes = ("deleted text (tracked changes) is left out",) if self._deletions else ()
        return *self._writer.finish(), notes

    def _open(self) -> None:
        if len(self._stack) >= _MAX_DEPTH:
            raise FormatError(
                f"its groups are nested more than {_MAX_DEPTH:,} levels deep",
                hint="no usual program writes such a file; if you trust it, save it again",
            )
        self._stack.append(self._group)
        self._group = replace(self._group)
        self._is_starred = False

    def _close(self) -> None:
        if not self._stack:
            return
        ended, self._group = self._group.destination, self._stack.pop()
        if self._outer and len(self._stack) < self._outer[-1][0]:
            self._end_aside(ended)
        if ended == "stylesheet" and self._style_name:
            self._end_style()
        self._is_starred = False

    def _end_aside(self, destination: str) -> None:
        _, runs = self._outer.pop()
        text = self._text().strip()
        self._runs = runs
        if not text:
            return
        if destination.startswith(_MARGINS):
            if any(character.isalpha() for character in text):
                self._margins[text.replace(PAGE, "")] = None
            return
        mark = f"[^{len(self._asides) + 1}]"
        self._asides.append(f"{mark}: {text}")
        self._runs.append((mark, "\0"))

    def _end_style(self) -> None:
        name = self._style_name.strip(" ;")
        found = _HEADING.fullmatch(name)
        level = int(found[1]) if found else self._style_level
        self._styles[self._style] = 1 if name.lower() == "title" else level
        self._style_name, self._style, self._style_level = "", 0, 0

    def _add_bytes(self, data: bytes) -> None:
        if self._skip:
            cut = min(self._skip, len(data))
            self._skip -= cut
            data = data[cut:]
        self._bytes += data

    def _flush(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            self._add(data.decode(self._group.charset, "replace"))

    def _add(self, text: str) -> None:
        group = self._group
        if group.destination == "fldinst":
            self._instruction += text
        elif group.destination == "stylesheet":
            self._style_name += text
        elif group.destination == "listtext":
            self._paragraph.label += text
        elif group.destination != "fonttbl" and not group.is_hidden:
            self._runs.append((text, group.address))

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._is_starred = True
        elif symbol in b"\\{}":
            self._add_bytes(symbol)
        elif symbol in _SYMBOLS:
            self._flush()
            text = _SYMBOLS[symbol]
            self._end_paragraph() if text == "\\par" else self._add(text)

    def _word(self, word: str, value: int | None) -> None:
        if word == "u" and value is not None:
            self._flush()
            self._unicode(value % 0x1_0000)
            return
        self._flush()
        self._skip = 0
        group = self._group
        if self._is_starred:
            self._is_starred = False
            if word not in _READ:
                group.is_skipped = True
                return
        if word in _SKIPPED:
            group.is_skipped = True
        elif word in _CHARACTERS:
            self._add(_CHARACTERS[word])
        elif word in ("fonttbl", "stylesheet", "fldinst"):
            group.destination = word
            if word == "fldinst":
                self._instruction = ""
        elif word in ("listtext", "pntext"):
            group.destination = "listtext"
            self._paragraph.label = ""
        elif word == "fldrslt":
            found = _LINK.search(self._instruction)
            group.address = found[1] if found else ""
            self._instruction = ""
        elif word in _ASIDE:
            group.destination = word
            self._outer.append((len(self._stack), self._runs))
            self._runs = []
        else:
            self._format(word, value)

    def _format(self, word: str, value: int | None) -> None:
        group, paragraph = self._group, self._paragraph
        if word == "uc":
            group.skips = min(max(value or 0, 0), 8)
        elif word == "ansicpg":
            self._charset = group.charset = _codec(f"cp{value}")
        elif word == "mac":
            self._charset = group.charset = "mac_roman"
        elif word == "f":
            if group.destination == "fonttbl":
                self._font = value or 0
            else:
                group.charset = self._fonts.get(value or 0, self._charset)
        elif word == "fcharset":
            self._fonts[self._font] = _codec(_CHARSETS.get(value or 0, self._charset))
        elif word in ("v", "deleted"):
            group.is_hidden = value != 0
            self._deletions += word == "deleted" and value != 0
        elif word == "plain":
            group.is_hidden, group.charset = False, self._charset
        elif word == "s" and group.destination == "stylesheet":
            self._style = value or 0
        elif word == "s":
            paragraph.heading = self._styles.get(value or 0, 0)
        elif word == "outlinelevel" and value is not None:
            level = value + 1 if 0 <= value < 9 else 0
            if group.destination == "stylesheet":
                self._style_level = level
            else:
                paragraph.heading = level
        elif word == "ilvl":
            paragraph.level = min(max(value or 0, 0), 8)
        elif word in ("intbl", "itap"):
            paragraph.in_table = value != 0
        elif word == "pard":
            self._paragraph = _Paragraph(label=paragraph.label if not self._runs else "")
        elif word in ("par", "sect"):
            self._end_paragraph()
            if word == "sect":
                self._writer.page()
        elif word == "cell":
            self._row.append(self._text())
            self._runs = []
        elif word == "row":
            self._rows.append(self._row)
            self._row = []

    def _unicode(self, value: int) -> None:
        """A character, or half of one of those beyond the first 65,536."""
        if 0xD800 <= value < 0xDC00:
            self._pending_high = value
        elif 0xDC00 <= value < 0xE000:
            if self._pending_high:
                point = 0x10000 + ((self._pending_high - 0xD800) << 10) + value - 0xDC00
                self._add(chr(point))
            self._pending_high = 0
        else:
            self._add(chr(value))
        self._skip = self._group.skips

    def _text(self) -> str:
        """The text of the paragraph as Markdown."""
        text, position = "", 0
        runs = self._runs
        while position < len(runs):
            address, joined = runs[position][1], ""
            while position < len(runs) and runs[position][1] == address:
                joined += runs[position][0]
                position += 1
            if address == "\0":
                text += joined
            else:
                text += link(escaped(joined), address)
        return text

    def _end_paragraph(self) -> None:
        paragraph = self._paragraph
        if self._outer:
            self._runs.append(("\n", ""))
            return
        if paragraph.in_table or self._row:
            self._runs.append(("\n", ""))
            return
        self._end_table()
        text, label = self._text(), paragraph.label.strip()
        if not label and (found := _TYPED_LABEL.match(text)):
            label, text = found[1] + found[2], text[found.end() :]
        self._runs = []
        paragraph.label = ""
        if paragraph.heading and text.strip():
            self._writer.heading(paragraph.heading, f"{label} {text}" if label else text)
        elif label in _BULLETS and label:
            self._writer.item(paragraph.level, text)
        elif re.fullmatch(r"\d{1,9}\.", label):
            self._writer.item(paragraph.level, text, label)
        elif label:
            self._writer.item(paragraph.level, f"{escaped(label)} {text}")
        else:
            self._writer.paragraph(text)

    def _end_table(self) -> None:
        if self._row:
            self._rows.append(self._row)
            self._row = []
        if self._rows:
            rows, self._rows = self._rows, []
            self._writer.table(rows)


def _codec(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
