"""Where strings occur: see `texts_with` and `find_literals` in ``ctxtools/_kernel.pyi``."""

import re


def texts_with(
    texts: list[str], literals: list[str], ignore_case: bool = False, threads: int = 1
) -> list[int]:
    """The numbers of the texts in which any of some literals occurs."""
    pattern = _pattern(literals, re.IGNORECASE if ignore_case else 0)
    return [number for number, text in enumerate(texts) if pattern.search(text)]


def find_literals(texts: list[str], literals: list[str], threads: int = 1) -> list[list[int]]:
    """The offsets, in characters, at which any of some literals occurs in each text."""
    pattern = _pattern(literals)
    return [[found.start() for found in pattern.finditer(text)] for text in texts]


def _pattern(literals: list[str], flags: int = 0) -> re.Pattern[str]:
    for each in literals:
        if not each or not each.isascii():
            raise ValueError(f"a literal has to be some ASCII characters, got {each!r}")
    # Without any, what matches nowhere.
    return re.compile("|".join(map(re.escape, literals)) or "(?!)", flags | re.ASCII)
