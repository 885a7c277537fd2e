"""Text of HTML as plain text and as Markdown: white space, character references, escapes.

In Markdown only that is escaped which CommonMark would read as markup, not all punctuation: an
identifier such as snake_case stays as it is, so that it is found.
"""

import re

from ctxtools._core.html.references import unescape

# Any white space but a single blank; a character reference.
_PLAIN = r"[ ][ \t\n\r\f]++|[\t\n\r\f][ \t\n\r\f]*+|&\#?\w{1,31}+;?+"
PLAIN = re.compile(_PLAIN)
_MARKUP = r"""\\(?=[!-/:-@\[-`{-~]|\Z)|`|~~|!(?=\[)|<(?=[A-Za-z/!?]|\Z)
        |(?<!\s)\*|\*(?!\s)|(?<!\w)_|_(?!\w)|\](?=[(\[:]|\Z)"""
MARKUP = re.compile(rf"{_MARKUP}|&(?=\#?\w{{1,31}};)", re.VERBOSE)  # in a text without references
MARKDOWN = re.compile(rf"{_PLAIN}|{_MARKUP}", re.VERBOSE)
IN_LINK = re.compile(rf"{MARKDOWN.pattern}|[\[\]]", re.VERBOSE)
IN_CELL = re.compile(rf"{IN_LINK.pattern}|\|", re.VERBOSE)

CODE_IN_CELL = re.compile(rf"{_PLAIN}|\|", re.VERBOSE)

_TICKS = re.compile(r"`++")
_BRACKETS = re.compile(r"[\\`*_\[\]<>|~]")
_IN_ADDRESS = re.compile(r"[\x00-\x20()<>|\\]")
_NO_ADDRESS = re.compile(r"(?:data|javascript|vbscript):", re.IGNORECASE)
_ESCAPED = frozenset("\\`*_<[]|~")
_REFERENCE = re.compile(r"#?+\w{1,31}+;")
_STARTING = frozenset(">#+-=")
_LINE_START = re.compile(
    r"(?:\#{1,6}(?=\s|\Z)|[-+*](?=\s|\Z)|>|(?P<number>\d{1,9})(?=[.)](?:\s|\Z))|(?:=++|-++)\s*+\Z)"
)


def escaped(text: str, after: str, *, starts_line: bool) -> str:
    """What a character reference stands for, as Markdown.

    Args:
        after: what follows it.
        starts_line: whether it is at the start of a line.
    """
    if (starts_line and text in _STARTING) or (text == "&" and _REFERENCE.match(after)):
        return "\\" + text
    return "".join("\\" + each if each in _ESCAPED else each for each in text)


def line_start_escape(text: str, start: int, end: int) -> int:
    """Where a backslash goes, so that ``text[start:end]`` starts a paragraph; -1 if nowhere."""
    found = _LINE_START.match(text, start, end)
    if not found:
        return -1
    return found.end("number") if found["number"] else start


def target(address: str) -> str:
    """The target of a link or an image; "" if it says nothing to a reader."""
    address = unescape(address).strip()
    if _NO_ADDRESS.match(address):
        return ""
    return _IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", address)


def image(alt: str, source: str) -> str:
    """An image by its text; "" if it has neither a text nor a source."""
    address = target(source)
    return f"![{_BRACKETS.sub(_backslash, alt)}]({address})" if alt or address else ""


def code_marks(code: str) -> tuple[str, str]:
    """What is before and after some code on a line."""
    ticks = longest_ticks(code)
    if not ticks:
        return "`", "`"
    marks = "`" * (ticks + 1)
    return f"{marks} ", f" {marks}"


def longest_ticks(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(map(len, _TICKS.findall(unescape(text))), default=0)


def _backslash(found: re.Match[str]) -> str:
    return "\\" + found[0]
