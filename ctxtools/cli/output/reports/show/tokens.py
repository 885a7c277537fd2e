"""A text with its tokens in alternating colors, or between bars if there is no color."""

import os
import sys
import unicodedata
from collections.abc import Sequence

from ctxtools.cli.streams import unescaped
from ctxtools.config import Color
from ctxtools.encodings import Encoding
from ctxtools.encodings.tokens import whole_characters
from ctxtools.escape import visible

_BACKGROUNDS = (24, 22, 94, 53, 52)  # of the 256 colors: dark, so that light text stays readable
_LINE_ENDS = str.maketrans({"\n": "⏎\n", "\t": "⇥\t"})  # where no bar shows them
_JOINERS = "\u200c\u200d"  # without width, if what they join is in other tokens


class TokenWriter:
    """Writes tokens to stdout, so that each can be told from the next.

    Args:
        encoding: of the tokens.
        color: when to use color; None is where stdout is a terminal.
        ids: write each token's id after it.

    Attributes:
        ids: as given.
    """

    def __init__(self, encoding: Encoding, color: Color | None, *, ids: bool) -> None:
        self._encoding = encoding
        self.ids = ids
        self._colored = _wants_color(color)
        self._write = unescaped(sys.stdout).write
        self._number = 0

    def tokens(self, ids: Sequence[int]) -> None:
        """Write tokens. A character of several is written once, with the ids of all of them."""
        for piece, of in whole_characters(self._encoding, ids):
            self.token(piece, "".join(f"‹{i}›" for i in of) if self.ids else "")

    def token(self, text: str, label: str = "") -> None:
        """Write one token by its text."""
        text = _visible(text)
        if self._colored:
            painted = _paint(text.translate(_LINE_ENDS), self._number)
            self._write(painted + (f"\x1b[2m{label}\x1b[0m" if label else ""))
        else:
            self._write(f"{text}{label}│" if not text.endswith("\n") else f"{label}│{text}")
        self._number += 1

    def line(self, text: str = "") -> None:
        """Write a line that is no token."""
        text = visible(text)
        self._write(f"\x1b[1m{text}\x1b[0m\n" if self._colored and text else f"{text}\n")


def _wants_color(color: Color | None) -> bool:
    if color == "always":
        return True
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return color != "never" and not plain and sys.stdout.isatty()


def _visible(piece: str) -> str:
    """A token's text, in which everything can be seen, and nothing joins what is before it."""
    piece = visible(piece.replace("\r", "␍"))
    for joiner in _JOINERS:
        if piece.startswith(joiner) or piece.endswith(joiner):
            piece = piece.replace(joiner, f"\\u{ord(joiner):x}")
    return f"◌{piece}" if unicodedata.category(piece[:1] or " ").startswith("M") else piece


def _paint(text: str, n: int) -> str:
    """The text on a background, line by line, so that it does not extend to the line's end."""
    start = f"\x1b[48;5;{_BACKGROUNDS[n % len(_BACKGROUNDS)]};38;5;255m"
    return "\n".join(f"{start}{line}\x1b[0m" if line else "" for line in text.split("\n"))
