"""Patterns of paths, written as in `.gitignore`, and which of them match nothing.

Some things differ from git. Names of real files come first: in ``app/[id]/page.tsx`` the brackets
are literal if that path exists, and where that cannot be known (after a ``*``) both readings match.
``{a,b}`` stands for either, as in a shell. ``?`` and ``[é]`` are a character, not a byte. What
matches a folder matches all that is in it, and a later pattern with ``!`` takes back from that too.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from ctxtools.documents.search.glob import Glob, without_spaces_at_end
from ctxtools.documents.search.globs import Globs
from ctxtools.documents.search.steps import Steps
from ctxtools.errors import UsageError

_ALTERNATIVES = 1000  # of one pattern
_CHARACTERS = 1_000_000  # of one pattern, and of what its braces make of it
_LINES = 20_000  # of one option
_MAX_PATH = 4096  # characters; longer paths do not exist
_MAX_SEEN = 8192  # folders that are remembered
_TRYING = 25  # steps
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
    characters = 0
    while waiting:
        each = waiting.pop(0)
        characters += len(each)
        found = _braces(each)
        if found is not None:
            end = each.find("/", found[1])
            if _exists(each[: end if end >= 0 else None], exists):
                found = None  # there is a file or a folder of that very name
        if found is None:
            done.append(each)
            continue
        start, end, choices = found
        characters += end - start + (len(each) - (end - start)) * len(choices)
        if len(done) + len(waiting) + len(choices) > _ALTERNATIVES or characters > _CHARACTERS:
            raise UsageError(
                f"{pattern!r:.60} stands for more than {_ALTERNATIVES} patterns, or for more than "
                f"{_CHARACTERS:,} characters of them",
                hint="write fewer alternatives in braces",
            )
        waiting[:0] = [f"{each[:start]}{choice}{each[end:]}" for choice in choices]
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
        if known:
            literal = f"{literal}/{name}" if number else name
            known = len(literal) <= _MAX_PATH
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
        self._steps = Steps(f"the patterns of {option}", "write fewer, or simpler ones")
        # Those that matched nothing yet. Each is tried on every path until it matches.
        self._waiting: dict[int, list[Glob]] = {}
        # Folders that none of them matches, nor any that those are in; and whether as based.
        self._seen: set[tuple[str, bool]] = set()
        total = 0
        for is_based, numbers in groupby(range(len(patterns)), self._is_based.__getitem__):
            globs: list[Glob] = []
            owners: list[int] = []
            for number in numbers:
                compiled = compile_globs(option, patterns[number], exists)
                total += len(compiled)
                if total > _LINES:
                    raise UsageError(
                        f"{option} has patterns that stand for more than {_LINES:,}",
                        hint="write fewer patterns, or fewer alternatives in braces",
                    )
                self._waiting[number] = compiled
                globs += compiled
                owners += [number] * len(compiled)
            self._segments.insert(0, _Segment(Globs(globs, self._steps), owners, is_based))

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
        self._steps.next_path()
        bare = [_bare(name) for name in names]
        for segment in self._segments:
            taken_back = False
            for name in (*bare, based) if based is not None and segment.is_based else bare:
                found = segment.globs.last_in(name)
                if found < 0:
                    continue
                if self._waiting:
                    self.see(*names, based=based)
                if not segment.globs.globs[found].negated:
                    return segment.owners[found]
                taken_back = True
            if taken_back:
                return None
        return None

    def see(self, *names: str, based: str | None = None) -> list[int]:
        """Note that there is a path, and return the patterns that match it and none before."""
        hit = self._matching(names, based)
        for number in hit:
            del self._waiting[number]
        return hit

    def _matching(self, names: Iterable[str], based: str | None) -> list[int]:
        """The patterns that match a path, and nothing before."""
        self._steps.next_path()
        hit = set[int]()
        for name in names:
            hit |= self._hit(_bare(name), is_based=False)
        if based is not None:
            hit |= self._hit(based, is_based=True)
        return [number for number in self._waiting if number in hit]

    def _hit(self, name: str, *, is_based: bool) -> set[int]:
        path = name.rstrip("/")
        levels = [(path, len(path) < len(name))]
        while (path := path.rpartition("/")[0]) and (path, is_based) not in self._seen:
            levels.append((path, True))
        if len(self._seen) > _MAX_SEEN:
            self._seen.clear()
        hit = set[int]()
        for path, is_directory in reversed(levels):
            self._steps.take(_TRYING * len(self._waiting))
            for number, globs in self._waiting.items():
                if (self._is_based[number] or not is_based) and any(
                    glob.matches(path, is_directory, self._steps) for glob in globs
                ):
                    hit.add(number)
            if is_directory and not hit:
                self._seen.add((path, is_based))
        return hit

    def would_match(self, *names: str, based: str | None = None) -> list[int]:
        """The patterns that match a path, or something in a folder, and nothing so far.

        They stay such.
        """
        hit = self._matching(names, based)
        folders = tuple(name for name in names if name.endswith("/"))
        if folders:
            hit += [
                number
                for number in self._waiting
                if number not in hit and _bare(self.patterns[number]).startswith(folders)
            ]
        return hit


class _Segment(NamedTuple):
    """Patterns that stand together, and are all written for one folder or for any."""

    globs: Globs
    owners: list[int]  # for each of them, the number of its pattern
    is_based: bool


def _bare(name: str) -> str:
    return name.removeprefix("./").lstrip("/")


def matcher(pattern: str, exists: Callable[[str], bool], option: str = "") -> Callable[[str], bool]:
    """Whether a path matches one pattern.

    Raises:
        UsageError: it is not a valid pattern. The function raises it if matching takes too long.
    """
    steps = Steps(f"{option} {pattern!r:.60}".lstrip(), "write a simpler pattern")
    globs = Globs(compile_globs(option, pattern, exists), steps)

    def matches(name: str) -> bool:
        steps.next_path()
        found = globs.last_in(_bare(name))
        return found >= 0 and not globs.globs[found].negated

    return matches


def compile_globs(option: str, pattern: str, exists: Callable[[str], bool]) -> list[Glob]:
    """What a pattern means; readings that are not valid are left out, but not all.

    Args:
        option: what messages call it.
        pattern: as the user wrote it.
        exists: see `gitignore_lines`.

    Raises:
        UsageError: it is empty or not valid.
    """
    name = f"{option} " if option else ""
    if not pattern.strip():
        raise UsageError(
            f"{name}{pattern!r} is an empty pattern", hint="leave it out, or name what to match"
        )
    problem: ValueError | None = None
    globs = []
    for line in gitignore_lines(pattern, exists):
        glob = Glob(without_spaces_at_end(line))
        try:
            glob.check()
        except ValueError as error:
            problem = error
        else:
            globs.append(glob)
    if not globs:
        raise UsageError(
            f"{name}{pattern!r}: {problem}",
            hint="write patterns as in a .gitignore: *.py, docs/, /build, src/**/*.md",
        ) from problem
    return globs
