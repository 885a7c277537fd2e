"""What the time of a frame takes, which many models get as text between their frames.

The texts stand between special tokens, so each is tokenized alone, and is a number with some tokens
around it. How many tokens a number has depends on how the vocabulary groups digits.
"""

from ctxtools.messages.parts import sum_intervals
from ctxtools.models import Interval
from ctxtools.models.interval import exactly


def stamp(seconds: float, *, rest: int, group: int, single_below: int, decimals: int) -> Interval:
    """The tokens of a time in seconds.

    Args:
        seconds: the time.
        rest: tokens beside those of its whole number: "<", ".", the decimal, " seconds", ">".
        group: digits that the tokenizer's pattern puts together, from the left.
        single_below: all numbers below it are one token.
        decimals: to which the time is rounded; 0 cuts them off.
    """
    whole = f"{seconds:.{decimals}f}".partition(".")[0] if decimals else str(int(seconds))
    groups = [whole[start : start + group] for start in range(0, len(whole), group)]
    number = sum_intervals(_group(digits, single_below) for digits in groups)
    return Interval(number.low + rest, number.typical + rest, number.high + rest)


def _group(digits: str, single_below: int) -> Interval:
    if int(digits) < single_below and (digits == str(int(digits)) or single_below >= 1000):
        return exactly(1)
    return Interval(1, 2, 2)
