"""Lone surrogates, which a ``str`` may hold and UTF-8 may not."""

import re
from typing import Final

SURROGATE: Final = re.compile("[\ud800-\udfff]")


def replace_surrogates(text: str) -> str:
    """The text as UTF-8 can hold it: pairs of surrogates joined, single ones as U+FFFD.

    This is what tiktoken does with a ``str`` that has surrogates.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
