"""Private keys as a whole, from the line that begins one to the line that ends it.

Apart from `patterns`, since hardly any text has one. Line breaks may be written as ``\\n`` in a
string, and lines indented.
"""

import re
from collections.abc import Iterator

from ctxtools.packing.secrets.names import Span
from ctxtools.possessive import compile_pattern

_BEGIN = re.compile(r"-----?\s?BEGIN ([A-Z0-9 ]{0,30})PRIVATE KEY(?: BLOCK)?\s?-----?")
_END = re.compile(r"-----?\s?END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?\s?-----?")
_LONGEST_KEY = 40_000  # characters; an RSA key of 16,384 bits has 13,000
# What stands between the words of a key in a string of a program, or in YAML.
_NOT_KEY = re.compile(r"""\\[nrt\\"']|[\s"'`+,;|>#*\\]""")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=:.@-]{24,}")
# A line of a key that is never ended: base64, or a header.
_KEY_LINE = compile_pattern(
    r"""[ \t"'`+#*>|]*+"""
    r"""(?:[A-Za-z0-9+/=]{20,}+|(?:Proc-Type|DEK-Info|Version|Comment): .*+|[A-Za-z0-9+/]++=*+)?+"""
    r"""[ \t"'`+,;\\nr]*"""
)
_PUTTY = re.compile(r"PuTTY-User-Key-File-\d: ")
_PUTTY_END = re.compile(r"^Private-MAC: \w+", re.MULTILINE)


def private_keys(text: str) -> Iterator[Span]:
    """The keys in a text, those too whose last line is missing."""
    position = 0
    while begin := _BEGIN.search(text, position):
        position = begin.end()
        following = text.find("BEGIN", position, position + _LONGEST_KEY)
        limit = following if following >= 0 else position + _LONGEST_KEY
        end = _END.search(text, position, limit)
        if end and _KEY_BODY.fullmatch(_NOT_KEY.sub("", text[position : end.start()])):
            yield Span(begin.start(), end.end(), "Private Key")
            position = end.end()
        elif (last := _unended(text, position, limit)) > position:
            yield Span(begin.start(), last, "Private Key")
            position = last


def putty_keys(text: str) -> Iterator[Span]:
    """The keys of PuTTY in a text."""
    begin = _PUTTY.search(text)
    while begin:
        following = _PUTTY.search(text, begin.end())
        limit = min(following.start() if following else len(text), begin.end() + _LONGEST_KEY)
        if end := _PUTTY_END.search(text, begin.end(), limit):
            yield Span(begin.start(), end.end(), "Private Key")
        begin = following


def _unended(text: str, start: int, limit: int) -> int:
    """Where a key ends that has no last line: after its last line of base64, before a limit."""
    last = start
    position = text.find("\n", start) + 1
    while 0 < position < min(len(text), limit):
        end = text.find("\n", position)
        end = end if end >= 0 else len(text)
        line = text[position:end].rstrip("\r")
        if not _KEY_LINE.fullmatch(line):
            break
        if re.search(r"[A-Za-z0-9+/=]{20}", line) or (last > start and line.strip()):
            last = position + len(line)
        position = end + 1
    return last
