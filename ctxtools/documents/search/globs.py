"""Many patterns at once, of which the last that matches decides."""

from collections.abc import Iterable, Iterator, Sequence

from ctxtools.documents.search.glob import Glob
from ctxtools.documents.search.steps import Steps

_KEY = 12  # characters of a literal start or end by which patterns are looked up
_MAX_FOLDERS = 8192  # that are remembered

# Steps: see there.
_READING = 2_000  # a pattern
_TRYING = 25


class Globs:
    """Patterns in order, of which the last that matches decides.

    Literal names and paths are looked up, and so are the literal starts, ends and parts of other
    patterns: a path is matched with those alone that have one of its own, or none.

    Args:
        globs: the patterns.
        steps: of the walk.

    Raises:
        UsageError: there are so many that reading them is too much.
    """

    __slots__ = ("_by_name", "_by_path", "_folders", "_steps", "globs")

    def __init__(self, globs: Iterable[Glob], steps: Steps) -> None:
        self.globs = tuple(globs)
        steps.take(_READING * len(self.globs))
        self._steps = steps
        self._by_name = _Table(self.globs, by_name=True)
        self._by_path = _Table(self.globs, by_name=False)
        self._folders: dict[str, int] = {}  # what `last_in` found for folders

    def last(self, path: str, is_directory: bool) -> int:
        """The number of the last pattern that matches a path itself; -1 if none does.

        Raises:
            UsageError: the patterns take too many steps.
        """
        found = -1
        if self._by_name.used:
            name = path[path.rfind("/") + 1 :]
            found = self._by_name.last(name, is_directory, found, self._steps)
        if self._by_path.used:
            found = self._by_path.last(path, is_directory, found, self._steps)
        return found

    def last_in(self, name: str) -> int:
        """The number of the last pattern that matches a path, or a folder that it is in.

        Args:
            name: the path; that of a folder with a slash at its end.
        """
        is_directory = name.endswith("/")
        path = name.rstrip("/") if is_directory else name
        found = self.last(path, is_directory)
        folder = path[: max(path.rfind("/"), 0)]
        if folder:
            above = self._folders.get(folder)
            if above is None:
                above = self._last_of_folder(folder)
            return above if above > found else found
        return found

    def _last_of_folder(self, path: str) -> int:
        # A tree may be as deep as a path is long, so each folder is looked at once.
        pending = []
        while path and path not in self._folders:
            pending.append(path)
            path = path.rpartition("/")[0]
        found = self._folders[path] if path else -1
        if len(self._folders) > _MAX_FOLDERS:
            self._folders.clear()
        for each in reversed(pending):
            found = self._folders[each] = max(found, self.last(each, True))
        return found


_Numbered = list[tuple[int, Glob]]


class _Table:
    """Those patterns of several that are matched with a name, or with a path.

    Attributes:
        used: whether there are any.
    """

    __slots__ = (
        "_ends",
        "_files",
        "_folders",
        "_others",
        "_parts",
        "_starts",
        "_with_part",
        "used",
    )

    def __init__(self, globs: Sequence[Glob], *, by_name: bool) -> None:
        self.used = False
        # For each literal the last pattern, for a file and for a folder.
        self._files: dict[str, int] = {}
        self._folders: dict[str, int] = {}
        # The others, the last first: by the length of a literal start, end or part, and by that.
        self._starts: dict[int, dict[str, _Numbered]] = {}
        self._ends: dict[int, dict[str, _Numbered]] = {}
        self._parts: dict[int, dict[str, _Numbered]] = {}
        self._with_part: _Numbered = []
        self._others: _Numbered = []
        for number in range(len(globs) - 1, -1, -1):
            glob = globs[number]
            if glob.by_name is not by_name:
                continue
            self.used = True
            if glob.is_literal:
                self._folders.setdefault(glob.prefix, number)
                if not glob.folders_only:
                    self._files.setdefault(glob.prefix, number)
            elif key := glob.prefix[:_KEY]:
                self._starts.setdefault(len(key), {}).setdefault(key, []).append((number, glob))
            elif key := glob.suffix[-_KEY:]:
                self._ends.setdefault(len(key), {}).setdefault(key, []).append((number, glob))
            elif key := glob.part[:_KEY]:
                self._parts.setdefault(len(key), {}).setdefault(key, []).append((number, glob))
                self._with_part.append((number, glob))
            else:
                self._others.append((number, glob))

    def last(self, text: str, is_directory: bool, found: int, steps: Steps) -> int:
        """The number of the last pattern that matches, if it comes after the one that was found."""
        literal = (self._folders if is_directory else self._files).get(text, -1)
        if literal > found and text:
            found = literal
        for length, starts in self._starts.items():
            if bucket := starts.get(text[:length]):
                found = _last_in_bucket(bucket, text, is_directory, found, steps)
        for length, ends in self._ends.items():
            if bucket := ends.get(text[-length:]):
                found = _last_in_bucket(bucket, text, is_directory, found, steps)
        for bucket in self._by_part(text) if self._with_part else ():
            found = _last_in_bucket(bucket, text, is_directory, found, steps)
        if self._others:
            found = _last_in_bucket(self._others, text, is_directory, found, steps)
        return found

    def _by_part(self, text: str) -> Iterator[_Numbered]:
        if len(self._with_part) <= len(text) * len(self._parts):
            yield self._with_part  # fewer than the text has parts
            return
        for length, parts in self._parts.items():
            for each in {text[i : i + length] for i in range(len(text) - length + 1)}:
                if bucket := parts.get(each):
                    yield bucket


def _last_in_bucket(
    bucket: _Numbered, text: str, is_directory: bool, found: int, steps: Steps
) -> int:
    if len(bucket) > 1:
        steps.take(_TRYING * len(bucket))
    for number, glob in bucket:
        if number <= found:
            break
        if (
            (is_directory or not glob.folders_only)
            and glob.may_match(text)
            and (glob.is_simple or glob.fits(text, steps))
        ):
            return number
    return found
