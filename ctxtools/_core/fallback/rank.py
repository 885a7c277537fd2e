"""How much each file is used: see `rank` in ``ctxtools/_kernel.pyi``."""

from collections.abc import Iterable


def rank(
    uses: list[dict[int, float]], starts: list[float], steps: int, damping: float
) -> list[float]:
    """The share of each file in the attention of a reader who follows uses."""
    number = len(uses)
    if len(starts) != number:
        raise ValueError(f"{number} files have {len(starts)} starts")
    for used in uses:
        for each, weight in used.items():
            if not (0 <= each < number and weight > 0):
                raise ValueError(f"invalid use of file {each} of {number}")
    total = _sum(starts)
    start = [each / total for each in starts]
    wholes = [_sum(used.values()) for used in uses]
    shares = start
    for _ in range(steps):
        lost = _sum(share for share, used in zip(shares, uses, strict=True) if not used)
        anew = 1 - damping + damping * lost
        following = [anew * each for each in start]
        for share, used, whole in zip(shares, uses, wholes, strict=True):
            passed = damping * share
            for each, weight in used.items():
                following[each] += passed * (weight / whole)
        shares = following
    return shares


def _sum(values: Iterable[float]) -> float:
    """From the first to the last; `sum` adds floats otherwise from Python 3.12 on."""
    total = 0.0
    for value in values:
        total += value
    return total
