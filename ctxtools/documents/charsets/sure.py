"""Charsets with sure signs.

Those are the escape sequences of ISO-2022 and HZ, which are ASCII bytes, the runs of UTF-7, and the
patterns that 16 and 32 bits for each character leave.
"""

import codecs
import re
from contextlib import suppress

from ctxtools.documents.charsets.plausible import is_wide_text, plausibility
from ctxtools.errors import NotTextError
from ctxtools.signatures import has_controls

_CONTROL_CHARACTERS = re.compile(r"[\0-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_ESCAPES = re.compile(rb"\x1b\$(?:[@AB]|[()*][A-H])")  # ISO-2022: two bytes for a character follow
_HZ = re.compile(rb"~\{((?:[!-w][!-~])+)~\}")
_UTF7 = re.compile(rb"\+[A-Za-z0-9+/]{3,}-?")


def wide_charset(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark, by the start of a file; None if it is neither."""
    if len(head) >= 4:
        units = [head[i::4] for i in range(4)]
        for charset, order in (("utf-32-le", units[::-1]), ("utf-32-be", units)):
            # No character is above 10FFFF: the first byte is 0, and the second nearly always.
            narrow = not any(order[0]) and order[1].count(0) * 2 > len(order[1])
            if narrow and _is_wide(head, charset):
                return charset
    return next((name for name in ("utf-16-le", "utf-16-be") if _is_wide(head, name)), None)


def _is_wide(head: bytes, charset: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(charset)("strict").decode(head)
    except UnicodeDecodeError:
        return False
    if len(text) < 2 or _CONTROL_CHARACTERS.search(text):
        return False
    return is_wide_text(text, certain=has_controls(head))


def escaped_charset(data: bytes) -> str | None:
    """The charset of ASCII bytes with the escape sequences of ISO-2022 or HZ; None without such.

    Raises:
        NotTextError: it is ISO-2022-CN, which Python cannot decode.
    """
    if found := _ESCAPES.search(data):
        return _iso2022(data, found[0])
    return "hz" if _is_hz(data) else None


def _iso2022(data: bytes, first: bytes) -> str | None:
    if first[2:3] in b")*" and first[3:] != b"C":
        raise NotTextError(
            "ISO-2022-CN, which Python cannot decode",
            hint="convert it first: iconv -f ISO-2022-CN -t UTF-8 FILE",
        )
    if first == b"\x1b$)C":
        return "iso2022_kr"
    for charset in ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext", "iso2022_jp_2004"):
        with suppress(UnicodeDecodeError):
            codecs.getincrementaldecoder(charset)("strict").decode(data)
            return charset
    return "iso2022_jp_ext"


def _is_hz(data: bytes) -> bool:
    """Whether ``~{...~}`` holds common Chinese characters; Lisp's FORMAT has that spelling too."""
    runs = b"".join(_HZ.findall(data))
    common = sum(0x21 <= byte <= 0x23 or 0x30 <= byte <= 0x57 for byte in runs[::2])
    return len(runs) >= 4 and common >= 0.9 * (len(runs) // 2)


def is_utf7(data: bytes) -> bool:
    """Whether every ``+...-`` is a run of letters of some other alphabet, and there are several."""
    letters = ""
    for run in _UTF7.findall(data):
        try:
            text = run.decode("utf-7")
        except UnicodeDecodeError:
            return False
        letters += "".join(each for each in text if each > "\x7f")
        if not text.strip("+-") or text.isascii() or not is_wide_text(text, certain=True):
            return False
    return len(letters) >= 4 and plausibility(letters) == 1 and letters.isprintable()
