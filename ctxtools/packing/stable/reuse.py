"""How many tokens of a text a provider's prompt cache can have of an earlier one."""

from collections.abc import Sequence

from ctxtools.encodings import Encoding

_BEYOND = 20_000  # characters after the first difference, on which no token before it depends


def shared_tokens(earlier: str, text: str, encoding: Encoding) -> int:
    """The tokens that two texts begin with: those of their ids that are the same.

    Args:
        earlier, text: any texts.
        encoding: of the ids.
    """
    end = _shared(earlier, text) + _BEYOND
    return _shared(encoding.encode(earlier[:end]), encoding.encode(text[:end]))


def _shared(first: Sequence[object], second: Sequence[object]) -> int:
    """The length of the longest start that both have."""
    low, high = 0, min(len(first), len(second))
    while low < high:
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
