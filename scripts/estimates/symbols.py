"""Texts of scripts and symbols that no package has texts of, from their characters at random."""

import random
import unicodedata
from collections.abc import Callable
from typing import Final

from words import WORDS


def prose_with(characters: str) -> Callable[[random.Random], str]:
    """English with some other characters among its words, and those alone."""

    def make(rng: random.Random) -> str:
        share = rng.choice((0.1, 0.3, 1.0))
        gap = rng.choice(("", " "))
        return "".join(
            rng.choice(characters) * rng.choice((1, 1, 1, 2)) + gap
            if rng.random() < share
            else rng.choice(WORDS) + " "
            for _ in range(500)
        )

    return make


def assigned(*ranges: tuple[int, int]) -> str:
    return "".join(
        chr(code)
        for first, last in ranges
        for code in range(first, last + 1)
        if unicodedata.category(chr(code))[0] not in "CZ"
    )


def letters_of(*ranges: tuple[int, int]) -> Callable[[random.Random], str]:
    """Random words of a script's characters: a bound for scripts that no package has texts of."""
    characters = assigned(*ranges)

    def make(rng: random.Random) -> str:
        few = rng.sample(characters, min(len(characters), rng.choice((12, 40, 400))))
        return " ".join(
            "".join(rng.choices(few, k=rng.randint(1, 9))) for _ in range(rng.randint(50, 250))
        )

    return make


EMOJI: Final = assigned((0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF))
