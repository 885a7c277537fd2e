"""Patterns of paths, written as in `.gitignore`, and which of them match nothing.

Two things differ from git. Names of real files come first: in ``app/[id]/page.tsx`` the brackets
are literal if that path exists, and where that cannot be known (after a ``*``) both readings match.
And ``{a,b}`` stands for either, as in a shell.
"""

import os
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_ALTERNATIVES = 1000  # of one pattern
MAX_NAMES = 10_000  # paths that are looked at for a hint
_BRACE = re.compile(r"\\.|[{,}]", re.DOTALL)
_BRACKET = re.compile(r"(?<!\\)\[")
_WILD = re.compile(r"(?<!\\)[*?]")


def is_pattern(path: str) -> bool:
    """Whether a path that does not exist may be a pattern."""
    return any(character in path for character in "*?[") or _braces(path) is not None


def gitignore_lines(pattern: str, exists: Callable[[str], bool]) -> list[str]:
    """What a pattern means, as one or several lines of a `.gitignore`.

    Args:
        pattern: as the user wrote it.
        exists: whether there is a file or folder of that name, which is relative.
    """
    negation = ""
    if pattern.startswith("!"):
        negation, pattern = "!", pattern[1:]
    if pattern.startswith("./"):
        pattern = pattern[1:]
    if pattern.startswith("#"):
        pattern = f"\\{pattern}"
    written = [pattern]
    here = _current_folder()
    if here and pattern.startswith(here):  # as a shell completes $PWD; git's "/" is the walk's root
        written.append(pattern[len(here) - 1 :])
    # The braces may be literal where it cannot be known whether such a path exists.
    alternatives = dict.fromkeys(
        each for one in written for each in [one, *expand_braces(one, exists)]
    )
    lines = dict.fromkeys(line for each in alternatives for line in _readings(each, exists))
    return [negation + line for line in lines]


def _current_folder() -> str:
    """The path of the current folder with a slash at its end; "" if it was removed."""
    try:
        return os.path.join(os.getcwd(), "")
    except OSError:
        return ""


def expand_braces(pattern: str, exists: Callable[[str], bool]) -> list[str]:
    """A pattern once for each alternative in its braces; itself, alone, if it has none.

    Raises:
        UsageError: there are too many.
    """
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        each = waiting.pop(0)
        found = _braces(each)
        if found is not None:
            end = each.find("/", found[1])
            if _exists(each[: end if end >= 0 else None], exists):
                found = None  # there is a file or a folder of that very name
        if found is None:
            done.append(each)
            continue
        start, end, choices = found
        waiting[:0] = [f"{each[:start]}{choice}{each[end:]}" for choice in choices]
        if len(done) + len(waiting) > _ALTERNATIVES:
            raise UsageError(
                f"{pattern!r:.60} stands for more than {_ALTERNATIVES} patterns",
                hint="write fewer alternatives in braces",
            )
    return list(dict.fromkeys(done))


def _exists(name: str, exists: Callable[[str], bool]) -> bool:
    """Whether a name exists from the root of the walk, which is what "/" means, or of the disk."""
    return exists(name.strip("/")) or (name.startswith("/") and exists(name))


def _braces(pattern: str) -> tuple[int, int, list[str]] | None:
    """The first braces with a comma: their start and end, and the alternatives."""
    opened: list[list[int]] = []  # of each open brace: where it is, and the commas in it
    first: list[int] | None = None
    end = 0
    for found in _BRACE.finditer(pattern):
        if found[0] == "{":
            opened.append([found.start()])
        elif found[0] == "," and opened:
            opened[-1].append(found.start())
        elif found[0] == "}" and opened:
            closed = opened.pop()
            if len(closed) > 1 and (first is None or closed[0] < first[0]):
                first, end = closed, found.end()
    if first is None:
        return None
    cuts = [*first, end - 1]
    choices = [pattern[a + 1 : b] for a, b in pairwise(cuts)]
    return first[0], end, choices


def _readings(pattern: str, exists: Callable[[str], bool]) -> Iterator[str]:
    """A pattern with brackets as literal characters where such a path exists, else as both."""
    if not _BRACKET.search(pattern):
        yield pattern
        return
    literal, known = "", True  # the components so far, and whether their existence tells anything
    names = pattern.split("/")
    kinds = []  # for each component: "literal", "class" or "both"
    for number, name in enumerate(names):
        bare = not _WILD.search(name)
        literal = f"{literal}/{name}" if number else name
        if not _BRACKET.search(name):
            kinds.append("class")  # which is the same without brackets
        elif known and bare and _exists(literal, exists):
            kinds.append("literal")
        else:
            kinds.append("both")
        known = known and bare
    for reading in ("literal", "class"):
        parts = [
            _BRACKET.sub(r"\\[", name) if "literal" in (kind, reading) and kind != "class" else name
            for name, kind in zip(names, kinds, strict=True)
        ]
        yield "/".join(parts)


@dataclass(frozen=True, slots=True)
class Unmatched:
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


class Patterns:
    """The patterns of one option, in order: a later one that starts with ``!`` takes back.

    Args:
        option: the name of the argument, for messages.
        patterns: one or more, as in `.gitignore`.
        exists: see `gitignore_lines`.
        based: those that are written for a certain folder, as in a configuration file.

    Raises:
        UsageError: a pattern is empty or not valid.
    """

    def __init__(
        self,
        option: str,
        patterns: Sequence[str],
        exists: Callable[[str], bool],
        based: Collection[str] = (),
    ) -> None:
        self.option = option
        self.patterns = patterns
        self._is_based = [pattern in based for pattern in patterns]
        self._segments: list[_Segment] = []  # the last first, for it decides
        # Those that matched nothing yet. Each is tried on every path until it matches.
        self._waiting: dict[int, list[Any]] = {}
        for is_based, numbers in groupby(range(len(patterns)), self._is_based.__getitem__):
            lines: list[Any] = []
            owners: list[int] = []
            for number in numbers:
                compiled = list(_compile(option, patterns[number], exists))
                self._waiting[number] = compiled
                lines += compiled
                owners += [number] * len(compiled)
            self._segments.insert(0, _Segment(_spec(lines), owners, is_based))

    def __getitem__(self, number: int) -> str:
        return self.patterns[number]

    @property
    def waiting(self) -> Iterable[int]:
        """The numbers of the patterns that have matched nothing yet."""
        return self._waiting.keys()

    def find(self, *names: str, based: str | None = None) -> int | None:
        """The number of the pattern that decides to match a path; None if it is not matched.

        Args:
            names: the path as it is listed, and relative to the root of its walk; a folder's with
                a slash at the end.
            based: the path from the folder that the ``based`` patterns are written for, if it is
                another name.
        """
        if self._waiting:
            self.see(*names, based=based)
        for segment in self._segments:
            taken_back = False
            for name in (*names, based) if based is not None and segment.is_based else names:
                found = segment.spec.check_file(name)
                if found.include and found.index is not None:
                    return segment.owners[found.index]
                taken_back |= found.include is False
            if taken_back:
                return None
        return None

    def see(self, *names: str, based: str | None = None) -> list[int]:
        """Note that there is a path, and return the patterns that match it and none before."""
        bare = [name.removeprefix("./").lstrip("/") for name in names]
        every = bare if based is None else [*bare, based]
        hit = [
            number
            for number, lines in self._waiting.items()
            if any(line.match_file(name) for line in lines
                   for name in (every if self._is_based[number] else bare))
        ]  # fmt: skip
        for number in hit:
            del self._waiting[number]
        return hit

    def would_match(self, *names: str, based: str | None = None) -> list[int]:
        """The patterns that match a path, or something in a folder, and nothing so far.

        They stay such.
        """
        waiting = dict(self._waiting)
        hit = self.see(*names, based=based)
        self._waiting = waiting
        folders = tuple(name for name in names if name.endswith("/"))
        if folders:
            hit += [
                number
                for number in waiting
                if number not in hit
                and self.patterns[number].removeprefix("./").lstrip("/").startswith(folders)
            ]
        return hit


class _Segment(NamedTuple):
    """Patterns that stand together, and are all written for one folder or for any."""

    spec: "GitIgnoreSpec"
    owners: list[int]  # for each line, the number of its pattern
    is_based: bool


def matcher(pattern: str, exists: Callable[[str], bool], option: str = "") -> Callable[[str], bool]:
    """Whether a path matches one pattern.

    Raises:
        UsageError: it is not a valid pattern.
    """
    return _spec(list(_compile(option, pattern, exists))).match_file


def _spec(lines: list[Any]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # importing takes 40 ms

    return GitIgnoreSpec(lines)


def _compile(option: str, pattern: str, exists: Callable[[str], bool]) -> Iterator[Any]:
    """The lines of a pattern, compiled; readings that are not valid are left out, but not all."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    name = f"{option} " if option else ""
    if not pattern.strip():
        raise UsageError(
            f"{name}{pattern!r} is an empty pattern", hint="leave it out, or name what to match"
        )
    problem: Exception | None = None
    some = False
    for line in gitignore_lines(pattern, exists):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # of "[[" in an expression
                compiled = GitIgnoreSpecPattern(line)
        except (ValueError, re.error) as error:
            problem = error
        else:
            if compiled.regex is not None:
                some = True
                yield compiled
    if problem is not None and not some:
        raise UsageError(
            f"{name}{pattern!r}: {problem}",
            hint="write patterns as in a .gitignore: *.py, docs/, /build, src/**/*.md",
        ) from problem
