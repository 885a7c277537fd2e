"""Texts in which strings occur: see `texts_with` in ``ctxtools/_kernel.pyi``."""

import re


def texts_with(
    texts: list[str], literals: list[str], ignore_case: bool = False, threads: int = 1
) -> list[int]:
    """The numbers of the texts in which any of some literals occurs."""
    for each in literals:
        if not each or not each.isascii():
            raise ValueError(f"a literal has to be some ASCII characters, got {each!r}")
    if not literals:
        return []
    flags = re.IGNORECASE | re.ASCII if ignore_case else re.ASCII
    search = re.compile("|".join(map(re.escape, literals)), flags).search
    return [number for number, text in enumerate(texts) if search(text)]
