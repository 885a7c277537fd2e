"""Bytes to characters, block by block; the charset is decided along the way.

In this order: the charset that the user named; a byte order mark; NUL bytes at the start, which
make the file UTF-16 or binary; UTF-8; and if that fails, a detected charset.

UTF-8 fails at the first invalid byte, perhaps at the end of a large file that has been counted up
to that point. Nothing has to be read again: if the previous blocks were pure ASCII, they are the
same text in every charset that can be detected, and the charset is detected from the failing block
(and the next one, if it fails near its end); if they had other characters, all of them valid
UTF-8, the file is damaged UTF-8, and is decoded as such. So pipes and files are treated alike, in
the memory of two blocks.

Newlines are not translated, and a byte order mark is not part of the text. Decoded text has no
lone surrogates. ISO-2022-JP, which consists of ASCII bytes, has to be named.
"""

import codecs
import re
from contextlib import suppress

from ctxtools.errors import NotTextError, UsageError

_MARKS = (
    # UTF-32 first: its little-endian mark starts with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ANY_MARK = tuple(mark for mark, _ in _MARKS)
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_ASCII = bytes(range(128))
_OTHER_ALPHABETS = {
    *("cp1251", "koi8-r", "koi8-u", "iso8859-5", "mac-cyrillic"),
    *("cp1253", "iso8859-7", "cp1255", "iso8859-8", "cp1256", "iso8859-6", "cp874"),
}
HEAD = 8192  # bytes that decide whether a file is binary, as in git and ripgrep
# Python's codecs for names and literals; some of them produce lone surrogates.
_NOT_FOR_FILES = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
_SAMPLE = 65536  # bytes shown to the detector


class Decoder:
    """Decodes one file or stream, given in blocks cut anywhere.

    Args:
        charset: decode as this, whatever the bytes look like.
        explicit: the user named the file: never refuse it, but decode what is not text as UTF-8
            with replacements.

    Attributes:
        charset: what the bytes are decoded as; final after the last block.

    Raises:
        UsageError: the charset is unknown.
    """

    def __init__(self, charset: str | None = None, *, explicit: bool = True) -> None:
        self.charset = "utf-8"
        self._explicit = explicit
        self._forced = find_charset(charset) if charset is not None else None
        self._started = False
        self._pending = b""  # bytes to decode with the next block: an incomplete head or character
        self._offset = 0  # of the pending bytes in the file
        self._only_ascii = True  # of what was decoded so far
        self._damaged = False  # UTF-8 with invalid bytes
        self._other: codecs.IncrementalDecoder | None = None  # for everything but UTF-8
        self._replaced = 0
        self._first_replaced: int | None = None  # byte offset
        self._why = ""

    def decode(self, block: bytes, final: bool = False) -> str:
        """The characters of the next block, except those that the following one may complete.

        Raises:
            NotTextError: the file is binary and not explicit.
        """
        data = self._take(block, final)
        if data is None:
            return ""
        if self._other is not None:
            return self._decode_other(data, final)
        return self._decode_utf8(data, final)

    def utf8(self, block: bytes, final: bool = False) -> str | bytes:
        """What `decode` returns, but undecoded if the block is UTF-8.

        Raises:
            NotTextError: the file is binary and not explicit.
        """
        data = self._take(block, final)
        if data is None:
            return b""
        if self._other is not None:
            return self._decode_other(data, final)
        used = 0
        if not self._damaged:
            if data.isascii():
                used = len(data)
            else:
                with suppress(UnicodeDecodeError):
                    text, used = codecs.utf_8_decode(data, "strict", final)
                    self._only_ascii = self._only_ascii and text.isascii()
        if not used:
            return self._decode_utf8(data, final)
        self._pending = data[used:]
        self._offset += used
        return data[:used]

    def _take(self, block: bytes, final: bool) -> bytes | None:
        """The bytes to decode now; None if there are too few yet to choose a charset."""
        data = self._pending + block if self._pending else block
        self._pending = b""
        if not self._started:
            if len(data) < HEAD and not final:
                self._pending = data
                return None
            data = self._start(data)
        return data

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on how the text was decoded; complete after the last block."""
        if not self._why and not self._replaced:
            return ()
        notes = [f"decoded as {self.charset}{self._why}"] if self._why else []
        if self._replaced:
            noun = "sequence" if self._replaced == 1 else "sequences"
            where = (
                f", the first at byte {self._first_replaced:,}"
                if self._first_replaced is not None
                else ""
            )
            notes.append(f"{self._replaced:,} invalid byte {noun} read as U+FFFD{where}")
        return tuple(notes)

    def _start(self, data: bytes) -> bytes:
        """Choose the charset by the head of the file; return it without its byte order mark."""
        self._started = True
        self._pending = b""
        for mark, charset in _MARKS if data.startswith(_ANY_MARK) else ():
            if data.startswith(mark) and (self._forced is None or _agree(self._forced, charset)):
                self._use(charset, " (byte order mark)" if charset != "utf-8-sig" else "")
                self._offset = len(mark)
                return data[len(mark) :]
        if self._forced is not None:
            # Without a mark the byte order is unknown, and Python's decoders would fail.
            unmarked = self._forced in ("utf-16", "utf-32")
            self._use(f"{self._forced}-le" if unmarked else self._forced.removesuffix("-sig"))
        elif data.find(b"\0", 0, HEAD) >= 0:
            utf16 = _utf16_without_mark(data[:HEAD])
            if utf16 is not None:
                self._use(utf16, " (detected)")
            elif not self._explicit:
                raise NotTextError("binary")
            else:
                self._only_ascii = False  # never detect a charset
                self._why = ", though it looks binary"
        return data

    def _use(self, charset: str, why: str = "") -> None:
        self.charset = charset
        self._why = why
        if charset not in ("utf-8", "utf-8-sig"):
            self._other = codecs.getincrementaldecoder(charset)("replace")
        elif charset == "utf-8-sig" or self._forced is not None:
            self._only_ascii = False  # it is certain: never detect a charset

    def _decode_utf8(self, data: bytes, final: bool) -> str:
        if not self._damaged:
            try:
                text, used = codecs.utf_8_decode(data, "strict", final)
            except UnicodeDecodeError as error:
                if self._only_ascii and not final and len(data) - error.start < HEAD:
                    self._pending = data  # too little to detect the charset from
                    return ""
                self._first_replaced = self._offset + error.start
                if self._only_ascii and not _is_damaged_utf8(data):
                    return self._detect(data, error.start, final)
                self._damaged = True
        if self._damaged:
            text, used = codecs.utf_8_decode(data, "replace", final)
            # An error handler could count them, but would be registered for the entire process.
            genuine = data.count(b"\xef\xbf\xbd", 0, used)
            self._replaced += text.count("\ufffd") - genuine
        self._only_ascii = self._only_ascii and text.isascii()
        self._pending = data[used:]
        self._offset += used
        return text

    def _detect(self, data: bytes, start: int, final: bool) -> str:
        """Continue in another charset, from the block where UTF-8 failed for the first time."""
        # From the start of a line: from the middle of a character, everything would look different.
        line = data.rfind(b"\n", 0, start) + 1
        line = line if start - line < _SAMPLE // 2 else start
        charset = detect_charset(data[line : line + _SAMPLE])
        if charset is not None:
            self._first_replaced = None
            self._use(charset, " (detected)")
            return self._decode_other(data, final)
        if not self._explicit:
            raise NotTextError("not text in any known charset")
        self._damaged = True
        self._why = ", as no charset could be detected"
        return self._decode_utf8(data, final)

    def _decode_other(self, data: bytes, final: bool) -> str:
        assert self._other is not None
        self._pending = b""
        text = self._other.decode(data, final)
        # A genuine U+FFFD, possible in UTF-16 and GB 18030, is counted as a replacement.
        self._replaced += text.count("\ufffd")
        self._offset += len(data)
        return text


def find_charset(name: str) -> str:
    """Python's canonical name of a charset: "latin1" is "iso8859-1".

    Raises:
        UsageError: it is unknown, or a codec that is not for text (base64).
    """
    try:
        b"a".decode(name, "replace")  # refuses codecs that are not text encodings, such as base64
        charset = codecs.lookup(name).name
        if charset in _NOT_FOR_FILES:
            raise LookupError(charset)
    except (LookupError, ValueError) as error:
        raise UsageError(
            f"unknown charset {name!r}",
            hint="choose one that Python knows: utf-8, utf-16, cp1252, shift_jis, gb18030, euc_kr",
        ) from error
    return charset


def detect_charset(sample: bytes) -> str | None:
    """The charset of text that is not UTF-8 and has no byte order mark; None if it is not text.

    chardet rather than charset-normalizer, for its accuracy: of 1,395 texts of 40 to 20,000 bytes
    in 11 charsets (translations of Django, 2026-11) chardet 7.7 decoded 97.6 % correctly and
    charset-normalizer 3.5 89.9 %, or 93.0 % when restricted to 24 charsets. The difference is
    mainly Western text: of 117 texts in cp1252 116 against 74, the long ones read as cp1250. Only
    charsets of the web, as those of DOS and mainframes are more often detected than used.
    """
    import chardet  # 60 ms, and almost every file is UTF-8

    found = chardet.detect(
        sample,
        prefer_superset=True,
        compat_names=False,
        encoding_era=chardet.EncodingEra.MODERN_WEB,
    )
    charset = found["encoding"]
    if charset is None or charset.startswith("utf"):
        return None
    name = codecs.lookup(charset).name
    return "cp1252" if name in _OTHER_ALPHABETS and _is_latin(sample) else name


def _is_latin(sample: bytes) -> bool:
    """Whether the bytes above ASCII are single ones next to ASCII letters, as in French or German.

    In Cyrillic, Greek, Hebrew or Arabic they are adjacent, since a word is in one alphabet.
    """
    runs = len(re.findall(rb"[\x80-\xff]+", sample))
    isolated = rb"(?<=[A-Za-z])[\x80-\xff](?![\x80-\xff])|(?<![\x80-\xff])[\x80-\xff](?=[A-Za-z])"
    return len(re.findall(isolated, sample)) > 0.7 * runs


def _agree(forced: str, marked: str) -> bool:
    """Whether a byte order mark belongs to the charset that was named, and not to the text."""
    return forced.removesuffix("-sig") in (marked.removesuffix("-sig"), marked[:-3])


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 except for a few invalid ones.

    Text in another charset has valid sequences by accident, one in ten at most; so nine valid
    characters for each invalid byte are not an accident.
    """
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    ascii_only = len(data) - len(data.translate(None, _ASCII))
    return len(text) - ascii_only - bad >= 9 * bad


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 if every other byte is NUL, as in Western text; None if the file is binary."""
    many = max(4, len(head) // 5)  # two in five characters; in a short file, more than chance
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even == 0 and odd >= many:
        charset = "utf-16-le"
    elif odd == 0 and even >= many:
        charset = "utf-16-be"
    else:
        return None
    try:
        text = codecs.getincrementaldecoder(charset)("strict").decode(head)
    except UnicodeDecodeError:
        return None
    # Small 16-bit integers look alike, but decode to control characters.
    return charset if len(text) > 1 and not _CONTROL.search(text) else None
