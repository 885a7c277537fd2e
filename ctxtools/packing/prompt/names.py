"""Names of documents: what is shown of them, and the tree they form."""

import re
from collections.abc import Iterable
from typing import Any

from ctxtools.encodings.engines.backend import replace_surrogates

# What could end a line, or hide a part of one, where it is shown.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def one_line(name: str) -> str:
    r"""A name on one line: what could break or hide it as an escape, such as ``\x0a``."""
    escaped = _CONTROL.sub(lambda m: m.group().encode("unicode_escape").decode(), name)
    return _SURROGATE.sub(_byte, escaped)


def _byte(match: re.Match[str]) -> str:
    code = ord(match.group())
    # A byte of a file's name that is not UTF-8 is 0xDC00 more in Python.
    return rf"\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else "\ufffd"


def draw_tree(paths: Iterable[str]) -> str:
    """Paths as a tree, a line for each folder and file, indented by two spaces a level.

    Lines that show branches would cost tokens and say no more.
    """
    root: dict[str, Any] = {}
    for path in paths:
        node = root
        *folders, name = one_line(path).strip("/").split("/")
        for folder in folders:
            node = node.setdefault(f"{folder}/", {})
        node.setdefault(name, {})
    lines = []
    waiting = [(name, 0, below) for name, below in sorted(root.items(), reverse=True)]
    while waiting:
        name, depth, below = waiting.pop()
        while len(below) == 1 and name.endswith("/"):  # a folder in which there is but one thing
            ((only, below),) = below.items()
            name += only
        lines.append(f"{'  ' * depth}{name}\n")
        waiting += [(each, depth + 1, node) for each, node in sorted(below.items(), reverse=True)]
    return "".join(lines)


def without_surrogates(text: str) -> str:
    """A text that can be written as UTF-8: what cannot be is counted as U+FFFD, and written so."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return replace_surrogates(text)
    return text
