"""How much the matching of patterns may take."""

from ctxtools.errors import UsageError

# Of some nanoseconds each.
_MAX_STEPS = 2_000_000_000
_FREE_STEPS = 100_000  # for each path, enough for hundreds of patterns


class Steps:
    """How many steps the matching of a walk may take: as many as are in proportion to it.

    Patterns times paths is a product, and a stranger may write many of both. Nearly all patterns
    are looked up, or told by what a path starts with, ends with or holds; each path may take some
    hundred times as many steps as others need, and all together two billions more.

    Args:
        whose: what has the patterns, for the message.
        hint: what to do.
    """

    __slots__ = ("_free", "_hint", "_left", "_whose")

    def __init__(self, whose: str, hint: str) -> None:
        self._whose = whose
        self._hint = hint
        self._left = _MAX_STEPS
        self._free = 0

    def next_path(self) -> None:
        """The steps from here on are for another path."""
        self._free = _FREE_STEPS

    def take(self, number: int) -> None:
        """Raise a UsageError if there were too many."""
        self._free -= number
        if self._free < 0:
            self._left += self._free
            self._free = 0
            if self._left < 0:
                raise UsageError(f"{self._whose} take too long to match", hint=self._hint)
