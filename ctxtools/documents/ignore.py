"""Which paths `.gitignore` and `.ignore` files exclude from a walk.

Inside a repository git itself is asked, once, for everything that it ignores below the root of the
walk. That is exact (global excludes, tracked files, every detail of the pattern language) and
fast: 5,000 files in 10 ms. Without a repository or without git, or where git takes too long, the
ignore files are read and matched here; in bytes, as git does (`ctxtools.documents.search.glob`).

The rules, which are those of ripgrep where git has none:

- `.gitignore` is respected outside a repository too, from the root of the walk downwards. Inside
  one, so are those above the walk, up to the root of the repository; a nested one starts afresh.
- `.ignore` has the same syntax, is read in the same directories, and outranks `.gitignore`.
- The closest file with a matching pattern decides, by the last such pattern in it. What is below
  an ignored directory cannot be included again.
- A file that git tracks is not ignored, whatever the patterns say, as in git itself. Only git
  knows what is tracked: without it such a file is excluded. Nor is `core.excludesFile` known here,
  or `core.ignoreCase`.
"""

import os
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ctxtools.documents.git.ignored import ignored_by_git
from ctxtools.documents.git.patience import Patience
from ctxtools.documents.git.repository import find_root, is_repository, open_repository
from ctxtools.documents.search.glob import Glob, as_bytes, without_spaces_at_end
from ctxtools.documents.search.globs import Globs
from ctxtools.documents.search.steps import Steps
from ctxtools.errors import ReadError, Skipped
from ctxtools.escape import one_line
from ctxtools.regular_file import NO_FILE, read_regular

MAX_SIZE = 1 << 20  # bytes of an ignore file
_UNTOLD = "files that it tracks may be left out"


class IgnoreFile(NamedTuple):
    """The patterns of one ignore file.

    Attributes:
        prefix: from the file's directory to the root of the walk; "" if it is not above it.
        start: the offset in a walked path of what is relative to the file's directory.
        patterns: None if it has none.
        skipped: why it has none, if it could not be read.
    """

    prefix: str
    start: int
    patterns: Globs | None
    skipped: Skipped | None = None

    def verdict(self, path: str, is_directory: bool) -> bool | None:
        """Whether the path is ignored; None if no pattern matches it."""
        if self.patterns is None:
            return None
        found = self.patterns.last(as_bytes(self.prefix + path[self.start :]), is_directory)
        return None if found < 0 else not self.patterns.globs[found].negated


def ignore_steps() -> Steps:
    return Steps("the patterns of ignore files", "search without them: --no-ignore, ignore=False")


class IgnoreRules(NamedTuple):
    """The rules that apply in one directory of a walk.

    Paths are those of the walk, and the `prefix` of a directory is its path with a "/" at the
    end, or "" for the current directory.

    Attributes:
        root: the prefix of the directory where these rules start: the walk's or a repository's.
        patience: how long git may still take in this walk.
        steps: how many steps matching may still take in this walk.
        from_git: the paths below `root` that git ignores; None if git was not asked.
        gitignores: the `.gitignore` files in force, the closest first.
        ignores: the `.ignore` files in force, the closest first.
        within: the repository, or else the directory of the walk. A link that leads out of it is
            not followed: what is elsewhere is not for a folder to name.
    """

    root: str
    patience: Patience
    steps: Steps
    from_git: frozenset[str] | None = None
    gitignores: tuple[IgnoreFile, ...] = ()
    ignores: tuple[IgnoreFile, ...] = ()
    within: str = "."

    @classmethod
    def at(
        cls, prefix: str, patience: Patience, steps: Steps | None = None, *, ask_git: bool = True
    ) -> "IgnoreRules":
        """The rules from outside a directory: those of its parents, and git's."""
        steps = steps or ignore_steps()
        directory = os.path.realpath(prefix or ".")
        repository = find_root(directory)
        if repository is None:
            return cls(prefix, patience, steps, within=directory)
        from_git = ignored_by_git(repository, directory, patience) if ask_git else None
        gitignores: list[IgnoreFile] = []
        if from_git is None:
            gitignores += _git_files(repository, directory, prefix, steps)
        if ask_git and (untold := patience.untold.get(repository)):
            reason = f"{untold.reason}; {_UNTOLD}"
            path = prefix + ".git" if repository == directory else f"{repository}/.git"
            skipped = Skipped(path, reason, hint=untold.hint)
            gitignores.append(IgnoreFile("", len(prefix), None, skipped))
        return cls(
            prefix,
            patience,
            steps,
            from_git,
            tuple(gitignores),
            tuple(_parent_files(".ignore", repository, directory, prefix, steps)),
            repository,
        )

    @property
    def has_patterns(self) -> bool:
        """Whether patterns are to be matched, rather than looked up what git ignores."""
        files = self.ignores if self.from_git is not None else (*self.ignores, *self.gitignores)
        return any(file.patterns is not None for file in files)

    def enter(self, prefix: str, names: Collection[str]) -> "IgnoreRules":
        """The rules in a directory, including its ignore files.

        Args:
            prefix: the directory.
            names: its entries.
        """
        rules = self
        if prefix != self.root:
            if ".git" in names and is_repository(prefix):
                rules = IgnoreRules.at(prefix, self.patience, self.steps)
                rules = rules._replace(ignores=self.ignores)
            elif self.from_git is not None and self._name(prefix[:-1]) in self.from_git:
                # A `.ignore` has included a directory again, whose contents git has not listed:
                # from here on the patterns must be matched.
                rules = IgnoreRules.at(prefix, self.patience, self.steps, ask_git=False)
                rules = rules._replace(ignores=self.ignores)
        if ".gitignore" in names and rules.from_git is None:
            found = rules._read_in(prefix, ".gitignore")
            rules = rules._replace(gitignores=(found, *rules.gitignores))
        if ".ignore" in names:
            found = rules._read_in(prefix, ".ignore")
            rules = rules._replace(ignores=(found, *rules.ignores))
        return rules

    def _read_in(self, prefix: str, name: str) -> IgnoreFile:
        path = prefix + name
        return _read(path, "", len(prefix), _narrowest(path, self.within), self.steps)

    def skipped(self, prefix: str) -> Iterator[Skipped]:
        """The ignore files that are new in a directory and could not be read."""
        for file in (*self.gitignores, *self.ignores):
            if file.skipped is not None and file.start == len(prefix):
                yield file.skipped

    def ignored(self, path: str, is_directory: bool) -> bool:
        """Whether to exclude a path in the directory of these rules.

        Raises:
            UsageError: the patterns take too many steps.
        """
        self.steps.next_path()
        for file in self.ignores:
            if (verdict := file.verdict(path, is_directory)) is not None:
                return verdict
        if self.from_git is not None:
            return self._name(path) in self.from_git
        for file in self.gitignores:
            if (verdict := file.verdict(path, is_directory)) is not None:
                return verdict
        return False

    def _name(self, path: str) -> str:
        return path[len(self.root) :]


def _git_files(repository: str, directory: str, prefix: str, steps: Steps) -> Iterator[IgnoreFile]:
    """What git would read outside a directory, the closest first."""
    yield from _parent_files(".gitignore", repository, directory, prefix, steps)
    below = _relative(directory, repository)
    configuration = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    opened = open_repository(repository)
    if opened is not None and os.path.lexists(opened.exclude):
        yield _read(opened.exclude, below, len(prefix), opened.within, steps)
    if os.path.lexists(own := f"{configuration}/git/ignore"):
        yield _read(own, below, len(prefix), None, steps)


def _parent_files(
    name: str, repository: str, directory: str, prefix: str, steps: Steps
) -> Iterator[IgnoreFile]:
    """The files of that name above a directory, up to the repository's root, closest first."""
    parent = directory
    while parent != repository:
        parent = os.path.dirname(parent)
        path = f"{parent}/{name}"
        if os.path.lexists(path):
            within = _narrowest(path, repository)
            yield _read(path, _relative(directory, parent), len(prefix), within, steps)


def _narrowest(path: str, within: str) -> str:
    """The folder that a file must be in: its own, unless it is a link that may lead out of it."""
    return within if os.path.islink(path) else os.path.dirname(path)


def _relative(directory: str, parent: str) -> str:
    below = directory[len(parent) :].strip("/")
    return f"{below}/" if below else ""


def _read(path: str, prefix: str, start: int, within: str | None, steps: Steps) -> IgnoreFile:
    """An ignore file. One that cannot be read has no patterns, as in git."""
    try:
        data = read_regular(path, MAX_SIZE, within=within)
    except ReadError as error:
        if isinstance(error.__cause__, NO_FILE):
            return IgnoreFile(prefix, start, None)
        reason = error.message.removeprefix(f"{one_line(path)}: ")
        skipped = Skipped(path, f"its patterns are not applied: {reason}", hint=error.hint)
        return IgnoreFile(prefix, start, None, skipped)
    return ignore_file(data, prefix, start, steps)


def ignore_file(data: bytes, prefix: str, start: int, steps: Steps) -> IgnoreFile:
    """An ignore file of that content; see `IgnoreFile`."""
    globs = [Glob(line) for line in _lines(data)]
    return IgnoreFile(prefix, start, Globs(globs, steps) if globs else None)


def _lines(data: bytes) -> Iterator[str]:
    """The patterns of an ignore file, a character for each byte; as git, which is written in C and
    stops at a NUL, takes them from its lines."""
    for line in data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split("\n"):
        pattern = without_spaces_at_end(line.removesuffix("\r").partition("\0")[0])
        if pattern and not pattern.startswith("#"):
            yield pattern
