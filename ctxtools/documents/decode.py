"""Bytes to characters, block by block; the charset is decided along the way.

In this order: the charset that the user named; a byte order mark; the signature of a binary format;
bytes that no UTF-8 text has, which make the file UTF-16, UTF-32 or binary; UTF-8; and if that
fails, what the file declares, or else a detected charset (`ctxtools.documents.charsets.detect`).

UTF-8 fails at the first invalid byte, perhaps at the end of a large file that has been counted up
to that point. Nothing has to be read again: if the previous blocks were pure ASCII, they are the
same text in every charset that can be detected, and the charset is detected from the failing block
(and the next one, if it fails near its end); if they had other characters, all of them valid
UTF-8, the file is damaged UTF-8, and is decoded as such. So pipes and files are treated alike, in
the memory of two blocks.

Newlines are not translated, and a byte order mark is not part of the text. Decoded text has no
lone surrogates. ISO-2022 and HZ consist of ASCII bytes, and are known by their escape sequences.
"""

import codecs
import re
from contextlib import suppress

from ctxtools.errors import NotTextError, UsageError
from ctxtools.signatures import binary_type, has_controls, has_escapes, is_lfs_pointer

_MARKS = (
    # UTF-32 first: its little-endian mark starts with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MARKS = tuple(mark for mark, _ in _MARKS)
_ASCII = bytes(range(128))
HEAD = 8192  # bytes that decide whether a file is binary, as in git and ripgrep
# Python's codecs for names and literals; some of them produce lone surrogates.
_NOT_FOR_FILES = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
_SAMPLE = 65536  # bytes shown to the detector
_DECLARED = 1024  # bytes in which a file says what it is in, as in HTML
_NOISE = 0.3  # the share of invalid and control characters from which bytes are not text
_READ_ANYWAY = "--charset utf-8 reads it all the same, and U+FFFD for what is invalid"


class Decoder:
    """Decodes one file or stream, given in blocks cut anywhere.

    Args:
        charset: decode as this, whatever the bytes look like.
        explicit: the user named the file: refuse it only if it has the signature of a binary
            format or is mostly not text, and decode the rest as UTF-8 with replacements.

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
        self._declared_in = b""  # the start of the file

    def decode(self, block: bytes, final: bool = False) -> str:
        """The characters of the next block, except those that the following one may complete.

        Raises:
            NotTextError: the file is binary.
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
            NotTextError: the file is binary.
        """
        data = self._take(block, final)
        if data is None:
            return b""
        if self._other is not None:
            return self._decode_other(data, final)
        used = 0
        if not self._damaged:
            if data.isascii() and not self._only_ascii:
                used = len(data)
            elif data.isascii():
                used = self._escape(data, final)
                if self._other is not None:
                    return self._decode_other(data, final)
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
        for mark, charset in _MARKS if data.startswith(MARKS) else ():
            if data.startswith(mark) and (self._forced is None or _agree(self._forced, charset)):
                self._use(charset, " (byte order mark)" if charset != "utf-8-sig" else "")
                self._offset = len(mark)
                data = data[len(mark) :]
                if charset == "utf-8-sig" and self._forced is None:
                    self._refuse_binary(data[:HEAD])
                return data
        if self._forced is not None:
            # Without a mark the byte order is unknown, and Python's decoders would fail.
            unmarked = self._forced in ("utf-16", "utf-32")
            self._use(f"{self._forced}-le" if unmarked else self._forced.removesuffix("-sig"))
        else:
            self._start_unmarked(data[:HEAD])
        return data

    def _refuse_binary(self, head: bytes) -> None:
        if kind := binary_type(head):
            hint = f"{kind.hint}; --charset reads its bytes" if kind.hint else _READ_ANYWAY
            if self._explicit:
                what = f"{kind.name}, not text"
            elif kind.is_compressed:
                what = f"{kind.name}, which is read if it is named"
            else:
                what = f"binary ({kind.name})"
            raise NotTextError(what, hint=hint)

    def _start_unmarked(self, head: bytes) -> None:
        if is_lfs_pointer(head):
            hint = "git lfs pull gets its content; --charset utf-8 reads the pointer itself"
            raise NotTextError("Git LFS pointer, its content is not here", hint=hint)
        self._refuse_binary(head)
        self._declared_in = head[:_DECLARED]
        if charset := _sure_charset(head):
            self._use(charset, " (detected)")
        elif b"\0" in head:
            if not self._explicit or _is_noise(head):
                raise NotTextError("binary", hint=_READ_ANYWAY)
            self._only_ascii = False  # never detect a charset
            self._why = ", though it looks binary"

    def _escape(self, data: bytes, final: bool) -> int:
        """How many bytes of an ASCII block to decode; the charset changes if it has escapes."""
        if has_escapes(data):
            from ctxtools.documents.charsets.sure import escaped_charset

            if charset := escaped_charset(data):
                self._use(charset, " (detected)")
        # An escape sequence may be cut.
        cut = -1 if final else max(data.rfind(b"\x1b", -3), data.rfind(b"~", -1))
        return cut if cut >= 0 else len(data)

    def _use(self, charset: str, why: str = "") -> None:
        self.charset = charset
        self._why = why
        if charset not in ("utf-8", "utf-8-sig"):
            self._other = codecs.getincrementaldecoder(charset)("replace")
        elif charset == "utf-8-sig" or self._forced is not None:
            self._only_ascii = False  # it is certain: never detect a charset

    def _decode_utf8(self, data: bytes, final: bool) -> str:
        if not self._damaged:
            if self._only_ascii and data.isascii():
                data, rest = data[: (used := self._escape(data, final))], data[used:]
                if self._other is not None:
                    return self._decode_other(data + rest, final)
                self._pending = rest
                self._offset += used
                return data.decode()
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
        from ctxtools.documents.charsets.detect import declared_charset, detect_charset
        from ctxtools.documents.charsets.sure import wide_charset

        # From the start of a line: from the middle of a character, everything would look different.
        line = data.rfind(b"\n", 0, start) + 1
        line = line if start - line < _SAMPLE // 2 else start
        sample = data[line : line + _SAMPLE]
        charset, why = declared_charset(self._declared_in, sample), " (declared in it)"
        if charset is None:
            charset, why = detect_charset(sample), " (detected)"
            # Only at the start of a file is it known which bytes belong together.
            if self._offset == 0 and (wide := wide_charset(data[:HEAD])):
                charset = wide
        if charset is not None:
            self._first_replaced = None
            self._use(charset, why)
            return self._decode_other(data, final)
        if not self._explicit or _is_noise(data):
            raise NotTextError("not text in any known charset", hint=_READ_ANYWAY)
        self._damaged = True
        self._why = ", as no charset could be detected"
        return self._decode_utf8(data, final)

    def _decode_other(self, data: bytes, final: bool) -> str:
        assert self._other is not None
        self._pending = b""
        text = self._other.decode(data, final)
        if self.charset == "utf-7":  # the one codec that lets lone surrogates through
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        # A genuine U+FFFD, possible in UTF-16 and GB 18030, is counted as a replacement.
        self._replaced += text.count("\ufffd")
        self._offset += len(data)
        return text


def refusal(head: bytes, *, explicit: bool) -> NotTextError | None:
    """Why a file that starts so is refused; None if its start does not tell.

    Args:
        head: its first bytes, `HEAD` of them or all.
        explicit: as `Decoder` takes it.
    """
    try:
        Decoder(explicit=explicit)._start(head)
    except NotTextError as error:
        return error.with_traceback(None)  # whose frames would keep the bytes until a collection
    return None


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


def _agree(forced: str, marked: str) -> bool:
    """Whether a byte order mark belongs to the charset that was named, and not to the text."""
    return forced.removesuffix("-sig") in (marked.removesuffix("-sig"), marked[:-3])


def _sure_charset(head: bytes) -> str | None:
    """The charset that is not UTF-8 though the bytes may be valid UTF-8; None for nearly all."""
    escapes, controls, shifts = has_escapes(head), has_controls(head), b"+" in head
    if not (escapes or controls or (shifts and re.search(rb"\+[A-Za-z0-9+/]{6}", head))):
        return None
    # Imported where a file needs it, as few do.
    from ctxtools.documents.charsets.sure import escaped_charset, is_utf7, wide_charset

    charset = escaped_charset(head) if escapes and head.isascii() else None  # both have 7 bits
    if charset is None and controls:
        charset = wide_charset(head)
    return "utf-7" if charset is None and shifts and is_utf7(head) else charset


def _is_noise(sample: bytes) -> bool:
    """Whether bytes that are in no known charset are mostly not text."""
    text = sample.decode("utf-8", "replace")
    bad = sum(each == "\ufffd" or (each < " " and each not in "\t\n\r\f\x1b") for each in text)
    return bad > _NOISE * len(text)


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 except for a few invalid ones.

    Text in another charset has valid sequences by accident, one in ten at most; so nine valid
    characters for each invalid byte are not an accident.
    """
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    ascii_only = len(data) - len(data.translate(None, _ASCII))
    return len(text) - ascii_only - bad >= 9 * bad
