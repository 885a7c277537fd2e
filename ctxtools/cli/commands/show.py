"""``ctx show``: a text with its tokens in alternating colors."""

import os
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from ctxtools.cli import options as opt
from ctxtools.cli.streams import unescaped
from ctxtools.config import Color
from ctxtools.encodings import Encoding
from ctxtools.escape import visible

_BACKGROUNDS = (24, 22, 94, 53, 52)  # of the 256 colors: dark, so that light text stays readable
_LINE_ENDS = str.maketrans({"\n": "⏎\n", "\t": "⇥\t"})  # where no bar shows them
_JOINERS = "\u200c\u200d"  # without width, if what they join is in other tokens


def show(
    path: opt.OnePath = "-",
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    ids: Annotated[bool, typer.Option("--ids", help="Show each token's id after it.")] = False,
    special: opt.Special = False,
    charset: opt.Charset = None,
    color: opt.Colors = None,
) -> None:
    """Show a text with its tokens in alternating colors, or between bars if there is no color.

    A character of several tokens is shown once, with the ids of all of them.
    """
    from ctxtools.cli.inputs import read_one
    from ctxtools.cli.targets import allowed_special, resolve_exact

    tokenizer = resolve_exact(model, encoding).encoding
    text = read_one(path, charset=charset)
    tokens = tokenizer.encode(text, allowed_special=allowed_special(tokenizer, special=special))
    colored = _wants_color(color)
    write = unescaped(sys.stdout).write
    for n, (piece, of) in enumerate(_whole_characters(tokenizer, tokens)):
        label = "".join(f"‹{i}›" for i in of) if ids else ""
        piece = _visible(piece)
        if colored:
            painted = _paint(piece.translate(_LINE_ENDS), n)
            write(painted + (f"\x1b[2m{label}\x1b[0m" if ids else ""))
        else:
            write(f"{piece}{label}│" if not piece.endswith("\n") else f"{label}│{piece}")
    write("" if text.endswith("\n") else "\n")


def _wants_color(color: Color | None) -> bool:
    if color == "always":
        return True
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return color != "never" and not plain and sys.stdout.isatty()


def _whole_characters(encoding: Encoding, ids: list[int]) -> Iterator[tuple[str, list[int]]]:
    """The text of the tokens; those that share a character are grouped."""
    data, group, before = b"", [], list[int]()
    for i in ids:
        # After another one, since some tokenizers drop the space before the first token.
        known, both = encoding.decode_bytes(before), encoding.decode_bytes([*before, i])
        data += both[len(known) :] if both.startswith(known) else encoding.decode_bytes([i])
        group.append(i)
        before = [i]
        try:
            piece = data.decode()
        except UnicodeDecodeError:
            continue
        yield piece, group
        data, group = b"", []
    if group:
        yield data.decode("utf-8", "replace"), group


def _visible(piece: str) -> str:
    """A token's text, in which everything can be seen, and nothing joins what is before it."""
    import unicodedata

    piece = visible(piece.replace("\r", "␍"))
    for joiner in _JOINERS:
        if piece.startswith(joiner) or piece.endswith(joiner):
            piece = piece.replace(joiner, f"\\u{ord(joiner):x}")
    return f"◌{piece}" if unicodedata.category(piece[:1] or " ").startswith("M") else piece


def _paint(text: str, n: int) -> str:
    """The text on a background, line by line, so that it does not extend to the line's end."""
    start = f"\x1b[48;5;{_BACKGROUNDS[n % len(_BACKGROUNDS)]};38;5;255m"
    return "\n".join(f"{start}{line}\x1b[0m" if line else "" for line in text.split("\n"))
