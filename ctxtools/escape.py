r"""Text that is printed for people: nothing moves the cursor, hides or reverses."""

import re

# Controls, line and paragraph separators, marks and overrides of direction, what has no width
# (but the joiners, which scripts and emoji need), tags.
_HIDDEN = (
    "\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
_LINE = f"[\x00-\x1f{_HIDDEN}]"
_LINES = rf"[\x00-\x08\x0b\x0c\x0e-\x1f{_HIDDEN}]|\r(?!\n)"


def one_line(name: str) -> str:
    r"""A name on one line: what could break or hide it as an escape, such as ``\x0a``."""
    return _escape(_LINE, name)


def visible(message: str) -> str:
    r"""Lines of text: as `one_line`, but ``\n``, ``\r\n`` and ``\t`` stay."""
    return message if message == "\n" else _escape(_LINES, message)


def visible_json(text: str) -> str:
    r"""JSON with the same value, and ``\u202e`` for what could hide or reverse a part of it."""
    if (text.isascii() and "\x7f" not in text) or text.isprintable():
        return text
    # Only in strings: JSON has no such character outside them.
    return re.sub(f"[{_HIDDEN}]", _json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def _escape(hidden: str, text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    # Compiled when first needed, for most names are plain.
    escaped = re.sub(hidden, lambda m: m.group().encode("unicode_escape").decode(), text)
    return re.sub("[\ud800-\udfff]", _byte, escaped)


def _byte(match: re.Match[str]) -> str:
    code = ord(match.group())
    # A byte of a file's name that is not UTF-8 is 0xDC00 more in Python.
    return rf"\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else "\ufffd"
