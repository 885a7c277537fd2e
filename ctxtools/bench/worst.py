"""Inputs of any size on which tokenizers are slow, wrong or crash.

Long runs of one character are pretokens of a million bytes, on which some merge loops are quadratic
and backtracking regex engines overflow the stack. Random text has words that are in no cache or
vocabulary.
"""

import base64
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

_FAMILY: Final = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
_THAI: Final = "ภาษาไทยเขียนติดกันโดยไม่เว้นวรรค"
_MIXED: Final = (
    *("e\u0301", "a\u0308\u0304", "\r\n", "\r", "\u00a0", " \t ", "'s", "'RE", "we'LL"),
    *("x", "Ünïcodé", "42", "...", "!?", "\u200b", "\ufeff", "ﬁ", "\u1100\u1161", "\u3000"),
)


def worst_input(name: str, size: int, variant: int = 0) -> str:
    """One of the inputs named in ``WORST_INPUTS``.

    Args:
        name: of the input.
        size: in bytes of UTF-8; rounded down to a multiple of the repeated unit.
        variant: each gives another text, which is in no cache: other random characters, or a run
            shorter by this many units.
    """
    return WORST_INPUTS[name](size, variant)


def _repeat(unit: str) -> Callable[[int, int], str]:
    return lambda size, variant: unit * (size // len(unit.encode()) - variant)


def _letters(size: int, variant: int) -> str:
    return "".join(random.Random(variant).choices("abcdefghijklmnopqrstuvwxyz", k=size))


def _base64(size: int, variant: int) -> str:
    return base64.b64encode(random.Random(variant).randbytes(size // 4 * 3)).decode()


def _ideographs(size: int, variant: int) -> str:
    rng = random.Random(variant)
    return "".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(size // 3))


def _characters(first: int, end: int) -> Callable[[int, int], str]:
    """Random ones of a range of characters that all have the same number of bytes."""
    pool = [chr(code) for code in range(first, end)]
    count = len(pool[0].encode())
    return lambda size, variant: "".join(random.Random(variant).choices(pool, k=size // count))


def _combining(size: int, variant: int) -> str:
    rng = random.Random(variant)
    text = "".join(rng.choices(_MIXED, k=size // 3))
    return text.encode()[:size].decode(errors="ignore")


WORST_INPUTS: Final[Mapping[str, Callable[[int, int], str]]] = MappingProxyType(
    {
        "letter a": _repeat("a"),
        "spaces": _repeat(" "),
        "newlines": _repeat("\n"),
        "exclamation marks": _repeat("!"),
        "random letters": _letters,
        "base64": _base64,
        "random ideographs": _ideographs,
        "family emoji": _repeat(_FAMILY),
        "Thai": _repeat(_THAI),
        "marks, CR, LF, NBSP": _combining,
        "combining marks": _characters(0x0300, 0x0370),
        "Latin-1": _characters(0x80, 0x100),
        "Devanagari": _characters(0x0900, 0x0980),
        "private use": _characters(0xE000, 0xF8FF),
        "mathematical letters": _characters(0x1D400, 0x1D800),
    }
)
