"""What a search for files lists, what it leaves out and why, and which patterns matched nothing."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from ctxtools.documents.file import File
from ctxtools.documents.git.patience import Patience
from ctxtools.errors import Skipped

if TYPE_CHECKING:
    from ctxtools.documents.archives.cache import Cache
    from ctxtools.documents.git.changes import Changes
    from ctxtools.documents.git.versions.version import Told
    from ctxtools.documents.search.patterns import Patterns

MAX_NAMES = 10_000  # paths that are looked at for a hint

Reason = Literal["hidden", "ignored", "excluded", "not included"]

_BECAUSE: dict[Reason, str] = {
    "hidden": "hidden",
    "ignored": "ignored by .gitignore or .ignore",
    "excluded": "excluded",
    "not included": "not included",
}

FOUND_ARCHIVE = "archive, which is read if it is named, or with --archives"
"""Why an archive that was found is skipped."""

TAKES_BACK = "a pattern with ! takes back from those before it; to leave out files, exclude"


def is_found_archive(found: File | Skipped) -> bool:
    """Whether this says that an archive was found, and not looked into."""
    return isinstance(found, Skipped) and found.reason == FOUND_ARCHIVE


class Unmatched(NamedTuple):
    """A pattern that matched no file.

    Attributes:
        option: the argument that it was given in: "include".
        pattern: as it was written.
        hint: what it may have meant, or what left out the files that it matches; "" if nothing is
            like it.
    """

    option: str
    pattern: str
    hint: str = ""

    def __str__(self) -> str:
        return self.message(f"{self.option} {self.pattern!r}")

    def message(self, label: str) -> str:
        """The same in words, with another name for the pattern: ``--include '*.py'``."""
        return f"no file matches {label}{f'; {self.hint}' if self.hint else ''}"


class Census:
    """What a search saw so far.

    Attributes:
        left_out: reason -> how many files and folders were left out for it. What is in such a
            folder was not looked at.
        names: of files and folders, for hints: as listed and, if that differs, from the folder
            that was named. They are kept only while some pattern has matched nothing.
        elsewhere: for a pattern (see `Selection.leave_out`), why what it matches is left out.
        walked: whether a folder was searched.
        suggestions: how many more may be searched for, which takes time.
        cache: members of archives; None before the first one.
    """

    __slots__ = ("cache", "elsewhere", "left_out", "names", "suggestions", "walked")

    def __init__(self) -> None:
        self.left_out: Counter[Reason] = Counter()
        self.names: list[tuple[str, ...]] = []
        self.elsewhere: dict[tuple[int, int], Counter[Reason]] = {}
        self.walked = False
        self.suggestions = 5
        self.cache: Cache | None = None


def _label(option: str, pattern: str) -> str:
    return f"{option} {pattern!r}"


class Selection(NamedTuple):
    """Which of the found files to list, and what became of the others.

    Attributes:
        census: what was seen, which is added to.
        patience: how long git may take to say what it ignores.
        include, exclude: None if there are no such patterns.
        only: what a pattern among the paths matches, relative to the root of its walk.
        depth: files deeper than this cannot match `only`, unless a directory does.
        label: what messages call a pattern of an option.
        archives: look into archives that are found, as into folders.
        base: the folder that some of the patterns are written for, absolute; see `Patterns`.
        below_base: the current folder's path from there, with a slash at the end; "" if it is that
            folder or outside of it.
    """

    census: Census
    patience: Patience
    include: "Patterns | None" = None
    exclude: "Patterns | None" = None
    hidden: bool = False
    ignore: bool = True
    archives: bool = False
    only: "Patterns | None" = None
    depth: int | None = None
    label: Callable[[str, str], str] = _label
    base: str | None = None
    below_base: str = ""

    @property
    def has_patterns(self) -> bool:
        """Whether some pattern says what to list."""
        return not (self.include is None and self.exclude is None and self.only is None)

    def excludes(self, path: str, below: str, slash: str = "") -> bool:
        """Whether to exclude a path, given as listed and relative to the root of its walk."""
        if self.exclude is None:
            return False
        names = _names(path + slash, below + slash)
        return self.exclude.find(*names, based=self._from_base(path, slash)) is not None

    def includes(self, path: str, below: str) -> bool:
        """Whether to list a file."""
        if self.only is not None and self.only.find(below) is None:
            self._remember(path, below)
            return False
        if self.include is None or self._is_included(path, below):
            self._remember(path, below)
            return True
        self.leave_out("not included", path, below)
        self._remember(path, below)
        return False

    def _is_included(self, path: str, below: str) -> bool:
        names = _names(path, below)
        include = self.include
        return include is None or include.find(*names, based=self._from_base(path)) is not None

    def _from_base(self, path: str, slash: str = "") -> str | None:
        """The path from the base; None if it is not below it, or is that which is listed."""
        if self.base is None:
            return None
        if not path.startswith(("/", "..")):
            return f"{self.below_base}{path.removeprefix('./')}{slash}" if self.below_base else None
        absolute, root = os.path.abspath(path), os.path.join(self.base, "")
        if not absolute.startswith(root):
            return None
        return absolute[len(root) :].replace(os.sep, "/") + slash

    def prunes(self, below: str) -> bool:
        """Whether files in a directory cannot match."""
        if self.only is None or self.depth is None or below.count("/") + 1 < self.depth:
            return False
        return self.only.find(f"{below}/") is None

    def leave_out(self, reason: Reason, path: str, below: str, slash: str = "") -> None:
        """Note why a file or folder is not listed."""
        self.census.left_out[reason] += 1
        names = _names(path + slash, below + slash)
        based = self._from_base(path, slash)
        if self.exclude is not None and self.exclude.waiting and reason != "excluded":
            self.exclude.see(*names, based=based)
        for patterns in (self.include, self.only):
            if patterns is not None and patterns.waiting and reason != "not included":
                for number in patterns.would_match(*names, based=based):
                    key = id(patterns), number
                    self.census.elsewhere.setdefault(key, Counter())[reason] += 1

    def reject_named(self, path: str, slash: str = "") -> str | None:
        """Why not to list a file, or a folder, that was named itself; None to list it."""
        if self.exclude is not None:
            number = self.exclude.find(path + slash, based=self._from_base(path, slash))
            if number is not None:
                self.leave_out("excluded", path, path, slash)
                return f"excluded by {self.label(self.exclude.option, self.exclude[number])}"
        self._remember(path + slash, path + slash)
        if slash or self.include is None or self._is_included(path, path):
            return None
        self.leave_out("not included", path, path)
        labels = [self.label(self.include.option, each) for each in self.include.patterns[:3]]
        more = " or another" if len(self.include.patterns) > len(labels) else ""
        return f"does not match {' or '.join(labels)}{more}"

    def unmatched(self) -> list[Unmatched]:
        """The patterns of include and exclude that matched nothing."""
        return [
            Unmatched(patterns.option, patterns[number], self.suggest(self._hint(patterns, number)))
            for patterns in (self.include, self.exclude)
            if patterns is not None
            for number in patterns.waiting
        ]

    def _hint(self, patterns: "Patterns", number: int) -> Callable[[], str]:
        return lambda: self.hint(patterns, number, patterns[number])

    def suggest(self, search: Callable[[], str]) -> str:
        """What a search for something similar finds; "" after the first few searches."""
        self.census.suggestions -= 1
        return search() if self.census.suggestions >= 0 else ""

    def hint(self, patterns: "Patterns", number: int, pattern: str, start: int = 0) -> str:
        """What a pattern may have meant, or why what it matches is left out.

        Args:
            patterns, number: which pattern it is.
            pattern: as the user wrote it.
            start: of `Census.names`, those that it was compared with.
        """
        if reasons := self.census.elsewhere.get((id(patterns), number)):
            listed = ", ".join(f"{n} {_BECAUSE[reason]}" for reason, n in reasons.most_common())
            return f"what it matches is left out: {listed}"
        if pattern.startswith("!") and patterns is self.include:
            return TAKES_BACK
        from ctxtools.documents.search.nearest import nearest

        names = self.census.names[start:]
        return nearest(pattern, names, anchored=patterns is self.only)

    def _remember(self, path: str, below: str) -> None:
        names = self.census.names
        if len(names) < MAX_NAMES and any(
            patterns is not None and patterns.waiting
            for patterns in (self.include, self.exclude, self.only)
        ):
            based = self._from_base(path)
            names.append(_names(path, below) if based is None else (*_names(path, below), based))


def below_current(base: str | None) -> str:
    """The current folder's path from a folder, with a slash at the end; "" if it is not below."""
    try:
        current = os.path.join(os.getcwd(), "")
    except OSError:  # it was removed
        return ""
    root = os.path.join(base, "") if base is not None else current
    return current[len(root) :].replace(os.sep, "/") if current.startswith(root) else ""


def _names(path: str, below: str) -> tuple[str, ...]:
    return (path,) if path == below else (path, below)


class FoundFiles(Iterator[File | Skipped]):
    """The files that were searched for, as they are found, and what was skipped.

    Attributes:
        unmatched: the patterns that matched no file; known when all files were found, and empty
            before.
    """

    def __init__(
        self,
        files: Iterator[File | Skipped],
        selection: Selection,
        told: "Told | None" = None,
    ) -> None:
        self.unmatched: list[Unmatched] = []
        self._files = files
        self._selection = selection
        self._told = told
        self._exhausted = False

    def __next__(self) -> File | Skipped:
        try:
            return next(self._files)
        except StopIteration:
            if not self._exhausted:
                self._exhausted = True
                self.unmatched = self._selection.unmatched()
            raise

    @property
    def notes(self) -> list[str]:
        """Remarks on the version of a repository that was read; complete when all were found."""
        return [] if self._told is None else self._told.notes

    @property
    def changes(self) -> "Mapping[str, Changes]":
        """Path as it is listed -> what changed in it, where that was asked for; complete when all
        files were found."""
        return {} if self._told is None else self._told.changes

    @property
    def unchanged(self) -> str:
        """Why there may be no file: nothing changed. Else ""."""
        return "" if self._told is None or self._told.changes else self._told.unchanged

    @property
    def left_out(self) -> dict[Reason, int]:
        """How many files and folders were left out so far: hidden, ignored, excluded or not
        included. What is in such a folder was not looked at."""
        return dict(self._selection.census.left_out)

    @property
    def exclusions(self) -> list[str]:
        """The patterns to exclude that something matched so far."""
        patterns = self._selection.exclude
        if patterns is None:
            return []
        waiting = set(patterns.waiting)
        return [each for i, each in enumerate(patterns.patterns) if i not in waiting]

    @property
    def searched_folders(self) -> bool:
        """Whether a folder was searched, rather than only named files listed."""
        return self._selection.census.walked
