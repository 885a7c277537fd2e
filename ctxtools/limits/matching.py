"""Which rules a file is subject to."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from ctxtools.documents.search.found import below_current
from ctxtools.documents.search.glob import Glob
from ctxtools.documents.search.patterns import compile_globs
from ctxtools.documents.search.steps import Steps
from ctxtools.limits.rules import LimitRule

_NAMES_HIDDEN = re.compile(r"(?:^|[/{,])\.(?!\.?(?:[/,}]|$))")  # a name that starts with a dot
_MAX_FOLDERS = 8192  # that are remembered


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


class _Folder(NamedTuple):
    """What is known of a folder, by the numbers of rules.

    Attributes:
        matched: those that match it, or one that it is in, and so all files in it.
        possible: others that may match a file in it, as far as their literal starts tell.
    """

    matched: tuple[int, ...]
    possible: tuple[int, ...]


class Matching:
    """Matches files with rules. A rule takes time in the folders that it may match something in.

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
        self._steps = Steps("the patterns of limits", "write fewer, or simpler ones")
        # A pattern with a ! is refused before; its alternatives in braces do not take back either.
        self._globs = [
            [glob for glob in compile_globs(each.origin, each.pattern, exists) if not glob.negated]
            for each in rules
        ]
        self._folders: dict[str, _Folder] = {}
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
        folder = self._folder(name[: max(name.rfind("/"), 0)])
        self._steps.next_path()
        hit = folder.matched
        if more := [n for n in folder.possible if self._matches(n, name, is_folder=False)]:
            hit = tuple(sorted((*hit, *more)))
        if name.startswith(".") or "/." in name:
            hit = tuple(number for number in hit if self._asks_for_hidden[number])
        if hit not in self._subjects:
            self.matched.update(hit)
            self._subjects[hit] = self._subject(hit)
        return self._subjects[hit]

    def _folder(self, path: str) -> _Folder:
        """What is known of a folder; "" is that of the rules."""
        # A tree may be as deep as a path is long, so each folder is looked at once.
        pending = []
        while path not in self._folders and path:
            pending.append(path)
            path = path.rpartition("/")[0]
        found = self._folders.get(path)
        if found is None:
            found = _Folder((), tuple(range(len(self._rules))))
        if len(self._folders) > _MAX_FOLDERS:
            self._folders.clear()
        for each in reversed(pending):
            self._steps.next_path()
            own = {n for n in found.possible if self._matches(n, each, is_folder=True)}
            others = (n for n in found.possible if n not in own and self._may_match_in(n, each))
            found = _Folder(tuple(sorted((*found.matched, *own))), tuple(others))
            self._folders[each] = found
        return found

    def _matches(self, number: int, path: str, *, is_folder: bool) -> bool:
        """Whether a rule matches a path itself."""
        return any(glob.matches(path, is_folder, self._steps) for glob in self._globs[number])

    def _may_match_in(self, number: int, folder: str) -> bool:
        """Whether a rule may match something below a folder, as far as its literal start tells."""
        return any(_may_be_below(glob, f"{folder}/") for glob in self._globs[number])

    def _subject(self, hit: tuple[int, ...]) -> Subject:
        each = _last(number for number in hit if self._rules[number].each is not None)
        growth = _last(number for number in hit if self._rules[number].each_growth is not None)
        return Subject(hit, each, growth)

    def unmatched(self) -> list[LimitRule]:
        """The rules that matched no file so far."""
        return [rule for number, rule in enumerate(self._rules) if number not in self.matched]


def _may_be_below(glob: Glob, folder: str) -> bool:
    start = glob.prefix
    return glob.by_name or start.startswith(folder) or folder.startswith(start)


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
