"""What a path or a pattern stands for in a snapshot, by the rules of a walk.

See `ctxtools.documents.walk`: hidden names, patterns to include and exclude and `.ignore` files
apply as on the disk. A `.gitignore` does not: whatever is in a revision is not ignored.
"""

from collections.abc import Callable, Collection, Iterator
from itertools import islice

from ctxtools.documents.file import File
from ctxtools.documents.git.versions.named import Named
from ctxtools.documents.git.versions.snapshot import Snapshot
from ctxtools.documents.ignore import MAX_SIZE, IgnoreFile, ignore_file, ignore_steps
from ctxtools.documents.origins.attributes import MAX_SIZE as MAX_ATTRIBUTES
from ctxtools.documents.origins.attributes import Attributes
from ctxtools.documents.search.found import Reason, Selection
from ctxtools.documents.search.steps import Steps
from ctxtools.errors import Skipped
from ctxtools.suggestions import closest_match

_IGNORE = ".ignore"
_Read = Callable[[str, int], bytes | None]
_MAX_COMPARED = 3000  # names that are compared with one that is missing


class Selected:
    """A search in a snapshot.

    Args:
        snapshot: the files.
        locate: where a path is.
        wanted: the paths in the repository that are listed; None for all.
        since: what messages call that choice: "since main".
    """

    def __init__(
        self,
        snapshot: Snapshot,
        locate: Callable[[str], Named],
        wanted: Collection[str] | None = None,
        since: str = "",
    ) -> None:
        self._snapshot = snapshot
        self._locate = locate
        self._wanted = wanted
        self._since = since
        self._paths = [each for each in snapshot.entries if wanted is None or each in wanted]
        self._steps = ignore_steps()
        self._attributes = Attributes()
        self._unread: dict[str, str] = {}  # files with rules, and why they cannot be read

    def expand(self, path: str, named: Named, selection: Selection) -> Iterator[File | Skipped]:
        """What a path, which is in this repository, stands for."""
        snapshot = self._snapshot
        if named.name in snapshot.entries:
            yield self._named(path, named.name, selection)
        elif snapshot.is_folder(named.name):
            yield from self._walk_named(path, named, selection)
        else:
            yield from self._expand_pattern(path, named, selection)

    def _named(self, path: str, name: str, selection: Selection) -> File | Skipped:
        if (reason := selection.reject_named(path)) is not None:
            return Skipped(path, reason)
        if self._wanted is not None and name not in self._wanted:
            return Skipped(path, f"not changed {self._since}")
        content = self._snapshot.content(name, path)
        if isinstance(content, Skipped):
            return content
        marks = self._attributes.marks(name, self._read_attributes) | {"named"}
        return File(path, marks=marks, content=content)

    def _walk_named(
        self, path: str, named: Named, selection: Selection
    ) -> Iterator[File | Skipped]:
        empty = True
        for found in self._walk(named, selection):
            empty = False
            yield found
        if empty and path.rstrip("/") not in ("", ".", ".."):
            reason = selection.reject_named(path.rstrip("/"), "/")
            if reason is not None:
                yield Skipped(path, reason)

    def _expand_pattern(
        self, path: str, named: Named, selection: Selection
    ) -> Iterator[File | Skipped]:
        from ctxtools.documents.search.patterns import expand_braces, is_pattern

        exists = lambda name: self._exists(self._locate(name).name)  # noqa: E731
        if (alternatives := expand_braces(path, exists)) != [path]:
            for each in alternatives:
                yield from self.expand(each, self._locate(each), selection)
        elif is_pattern(path):
            yield from self._match(path, selection)
        else:
            yield self._missing(path, named.name)

    def _match(self, pattern: str, selection: Selection) -> Iterator[File | Skipped]:
        from ctxtools.documents.search.patterns import Patterns, is_pattern

        names = pattern.split("/")
        fixed = next(
            i
            for i, name in enumerate(names)
            if is_pattern(name)
            and not self._snapshot.is_folder(self._locate("/".join(names[: i + 1])).name)
        )
        root = self._locate("/".join(names[:fixed]) or ("/" if pattern.startswith("/") else "."))
        rest = names[fixed:]
        below = f"{root.name}/" if root.name else ""
        only = Patterns(
            "paths", ["/" + "/".join(rest)], lambda name: self._exists(f"{below}{name}")
        )
        selection = selection._replace(
            only=only,
            depth=None if "**" in rest else len(rest),
            hidden=selection.hidden or any(name.startswith(".") for name in rest),
        )
        empty = True
        for found in self._walk(root, selection):
            empty = False
            yield found
        if empty:
            yield Skipped(pattern, f"no file of {self._label} matches this pattern", error=True)

    @property
    def _label(self) -> str:
        return (
            f"{self._snapshot.label} that changed {self._since}"
            if self._since
            else self._snapshot.label
        )

    def _exists(self, name: str) -> bool:
        return name in self._snapshot.entries or self._snapshot.is_folder(name)

    def _missing(self, path: str, name: str) -> Skipped:
        names = islice(self._snapshot.entries, _MAX_COMPARED)
        reason = f"not in {self._snapshot.label}"
        return Skipped(path, reason, error=True, hint=closest_match(name, names))

    def _read(self, path: str, limit: int) -> bytes | None:
        """A file with rules; None if there is none of that size that can be read."""
        try:
            return self._snapshot.read(path, limit)
        except (OSError, ValueError) as error:
            self._unread[path] = f"what it says does not count: git cannot read it: {error}"
            return None

    def _read_attributes(self, path: str) -> bytes | None:
        return self._read(path, MAX_ATTRIBUTES)

    def _walk(self, root: Named, selection: Selection) -> Iterator[File | Skipped]:
        """The files below a folder."""
        selection.census.walked = True
        above = f"{root.name}/" if root.name else ""
        listed, start = root.listed, len(above)
        folders = _Folders(self._read, root, selection, self._steps)
        for path in self._paths:
            if not path.startswith(above):
                continue
            below = path[start:]
            if not folders.enter(below):
                continue
            if folders.leaves_out(below) or not selection.includes(listed + below, below):
                continue
            content = self._snapshot.content(path, listed + below)
            if isinstance(content, Skipped):
                yield content
            else:
                marks = self._attributes.marks(path, self._read_attributes)
                yield File(listed + below, False, marks=marks, content=content)
        for path, reason in self._unread.items():
            yield Skipped(listed + path[start:] if path.startswith(above) else path, reason)
        self._unread.clear()


class _Folders:
    """The folders that a walk of a snapshot is in, with the ignore files that apply in them."""

    def __init__(self, read: _Read, root: Named, selection: Selection, steps: Steps) -> None:
        self._read, self._root, self._selection, self._steps = read, root, selection, steps
        self._names: list[str] = []  # of the folders, from the root of the walk
        self._left = ""  # a folder that is left out, with a slash at the end
        # For each folder, the ignore files in force, the closest first.
        self._ignores: list[tuple[IgnoreFile, ...]] = [()]
        if selection.ignore:
            self._ignores[0] = tuple(self._above())

    def enter(self, below: str) -> bool:
        """Go to the folder of a path; whether it, and those that it is in, are listed.

        Args:
            below: the path, relative to the root of the walk. They come in the order of a walk.
        """
        if self._left and below.startswith(self._left):
            return False
        self._left = ""
        names = below.split("/")[:-1]
        common = 0
        for old, new in zip(self._names, names, strict=False):
            if old != new:
                break
            common += 1
        del self._names[common:]
        del self._ignores[common + 1 :]
        for depth in range(common, len(names)):
            folder = "/".join(names[: depth + 1])
            if self.leaves_out(folder, "/") or self._selection.prunes(folder):
                self._left = f"{folder}/"
                return False
            self._names.append(names[depth])
            self._ignores.append((*self._read_in(f"{folder}/"), *self._ignores[-1]))
        return True

    def leaves_out(self, below: str, slash: str = "") -> bool:
        """Whether a file or a folder is left out, which is noted."""
        selection, listed = self._selection, self._root.listed + below
        reason: Reason | None = None
        if below.rpartition("/")[2].startswith(".") and not selection.hidden:
            reason = "hidden"
        elif selection.ignore and self._is_ignored(below, bool(slash)):
            reason = "ignored"
        elif selection.excludes(listed, below, slash):
            reason = "excluded"
        if reason is not None:
            selection.leave_out(reason, listed, below, slash)
        return reason is not None

    def _is_ignored(self, below: str, is_folder: bool) -> bool:
        self._steps.next_path()
        for file in self._ignores[-1]:
            if (verdict := file.verdict(below, is_folder)) is not None:
                return verdict
        return False

    def _read_in(self, folder: str) -> Iterator[IgnoreFile]:
        """The ignore file in a folder of the walk; its path has a slash at the end."""
        if self._selection.ignore:
            above = f"{self._root.name}/" if self._root.name else ""
            data = self._read(f"{above}{folder}{_IGNORE}", MAX_SIZE)
            if data is not None:
                yield ignore_file(data, "", len(folder), self._steps)

    def _above(self) -> Iterator[IgnoreFile]:
        """The ignore files of the walk's root and of what that is in, the closest first."""
        folder, below = self._root.name, ""
        while True:
            path = f"{folder}/{_IGNORE}" if folder else _IGNORE
            if (data := self._read(path, MAX_SIZE)) is not None:
                yield ignore_file(data, below, 0, self._steps)
            if not folder:
                return
            folder, _, name = folder.rpartition("/")
            below = f"{name}/{below}"
