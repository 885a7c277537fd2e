"""How long git may take in a search for files, and what it did not tell."""

from typing import NamedTuple


class Untold(NamedTuple):
    """Why git did not say what it ignores in a work tree, and what the reader can do about it."""

    reason: str
    hint: str


class Patience:
    """How long git may take in a search, which can come to thousands of repositories.

    Attributes:
        seconds: what is left.
        untold: the work trees about which git did not answer in time, or was not asked.
    """

    __slots__ = ("seconds", "untold")

    def __init__(self, seconds: float = 10.0) -> None:
        self.seconds = seconds
        self.untold: dict[str, Untold] = {}
