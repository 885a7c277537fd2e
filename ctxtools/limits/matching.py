"""Which rules a file is subject to."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ctxtools.documents.search.found import below_current
from ctxtools.documents.search.patterns import matcher
from ctxtools.limits.rules import LimitRule

_NAMES_HIDDEN = re.compile(r"(?:^|[/{,])\.(?!\.?(?:[/,}]|$))")  # a name that starts with a dot


class Subject(NamedTuple):
    """What a file is subject to, by the numbers of rules.

    Attributes:
        rules: those that match it.
        each: the one whose limit of each file counts; None if there is none.
        growth: the same for the growth of each file.
    """

    rules: tuple[int, ...]
    each: int | None
    growth: int | None


class Matching:
    """Matches files with rules.

    Args:
        rules: in order.
        folder: that their patterns are written for, absolute.
        hidden: rules match hidden names even if they name none.

    Attributes:
        names_hidden: a rule names something hidden.
        matched: the numbers of the rules that matched a file.

    Raises:
        UsageError: a pattern is not valid.
    """

    def __init__(self, rules: Sequence[LimitRule], folder: str, *, hidden: bool) -> None:
        exists: Callable[[str], bool] = lambda name: _exists(folder, name)  # noqa: E731
        self._rules = rules
        self._root = os.path.join(folder, "")
        self._below = below_current(folder)
        self._is_below = bool(self._below) or _is_current(folder)
        self._matches = [matcher(each.pattern, exists, each.origin) for each in rules]
        asks = [_NAMES_HIDDEN.search(each.pattern) is not None for each in rules]
        self._asks_for_hidden = [hidden or each for each in asks]
        self.names_hidden = any(asks)
        self.matched: set[int] = set()
        self._subjects: dict[tuple[int, ...], Subject | None] = {(): None}

    def name(self, path: str) -> str | None:
        """The path of a file from the folder of the rules; None if it is not in there."""
        if self._is_below and not path.startswith(("/", "..")) and "/../" not in path:
            return self._below + path.removeprefix("./")
        absolute = os.path.abspath(path)
        if not absolute.startswith(self._root):
            return None
        return absolute[len(self._root) :].replace(os.sep, "/")

    def find(self, path: str) -> Subject | None:
        """What a file is subject to; None if no rule matches it."""
        name = self.name(path)
        return None if name is None else self.find_name(name)

    def find_name(self, name: str) -> Subject | None:
        """The same by its path from the folder of the rules."""
        is_hidden = name.startswith(".") or "/." in name
        hit = tuple(
            number
            for number, matches in enumerate(self._matches)
            if (not is_hidden or self._asks_for_hidden[number]) and matches(name)
        )
        if hit not in self._subjects:
            self.matched.update(hit)
            self._subjects[hit] = self._subject(hit)
        return self._subjects[hit]

    def _subject(self, hit: tuple[int, ...]) -> Subject:
        each = _last(number for number in hit if self._rules[number].each is not None)
        growth = _last(number for number in hit if self._rules[number].each_growth is not None)
        return Subject(hit, each, growth)

    def unmatched(self) -> list[LimitRule]:
        """The rules that matched no file so far."""
        return [rule for number, rule in enumerate(self._rules) if number not in self.matched]


def _last(numbers: Iterable[int]) -> int | None:
    return max(numbers, default=None)


def _is_current(folder: str) -> bool:
    try:
        return os.getcwd() == folder
    except OSError:  # it was removed
        return False


def _exists(folder: str, name: str) -> bool:
    try:
        return os.path.lexists(os.path.join(folder, name))
    except ValueError:  # a NUL in it
        return False
