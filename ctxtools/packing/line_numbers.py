"""Line numbers: before each line of a text its number and a tab, as ``cat -n`` writes them.

Models have read a lot of that. Without the padding, and with a tab rather than a colon and a space,
a file of code has 13 % more tokens with o200k_base; ``12: `` takes 23 %, and padded 28 %.
"""


def number_lines(text: str, first: int = 1) -> str:
    """A text with numbers, from ``first`` on. A line ends with a line feed, or with the text."""
    if not text:
        return ""
    end = "\n" if text.endswith("\n") else ""
    lines = text.removesuffix("\n").split("\n")
    return "\n".join(f"{number}\t{line}" for number, line in enumerate(lines, first)) + end
