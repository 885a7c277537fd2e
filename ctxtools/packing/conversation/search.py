"""The first of several choices that fits, with few counts."""

from collections.abc import Callable


def first_fitting(choices: int, fits: Callable[[int], bool], guess: int = 0) -> int:
    """The number of the first choice that fits, if those after it fit, too.

    Fitting is tried for about 2 · log2(distance between the guess and the answer) choices. Where
    fitting does not grow steadily, what is returned does fit, and the one before it does not.

    Args:
        choices: how many there are; the number that is returned is this one if none fits.
        fits: whether a choice does.
        guess: where the answer may be.
    """
    low, high = -1, choices  # those up to low do not fit; high does, or is the end
    step, probe = 1, min(max(guess, 0), choices - 1)
    while low < probe < high:
        if fits(probe):
            high, probe = probe, max(probe - step, low + 1)
        else:
            low, probe = probe, min(probe + step, high - 1)
        step *= 2
        if low >= 0 and high < choices:
            break
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
