"""The rows of a result: files, directories, types or a tree, sorted and limited to the top ones."""

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from ctxtools.units import format_count

if TYPE_CHECKING:
    from ctxtools.models import Interval

By = Literal["file", "dir", "type", "kind"]  # what a row stands for
Sort = Literal["tokens", "bytes", "path"]  # numbers in descending order


class FileCount(NamedTuple):
    """The counts of one file.

    Attributes:
        path: as in `File`.
        size: bytes.
        counts: one for each target, as `Target.interval` takes it.
        kind: "text", "conversation", "image", "video", "audio" or "document".
        records: texts that were counted.
        notes: remarks on how it was read.
        how: of what is no text, how its tokens are known, for each target, as JSON has it.
    """

    path: str
    size: int
    counts: tuple[int, ...]
    kind: str = "text"
    records: int = 1
    notes: tuple[str, ...] = ()
    how: tuple[dict[str, Any], ...] = ()


class FileCounts(Iterable[FileCount]):
    """The counts of many files, in order. Those of texts are held as numbers in one array, which
    takes a fifth of the memory of as many objects."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._numbers = array("q")  # bytes and counts of each file
        self._width = 1  # of them for a file
        self._others: dict[int, FileCount] = {}  # what is more than numbers, by its position

    def append(self, file: FileCount) -> None:
        """Add a file, which has as many counts as those before."""
        numbers = (file.size, *file.counts)
        if file != FileCount(*file[:3]) or any(type(number) is not int for number in numbers):
            self._others[len(self._paths)] = file
            numbers = (0,) * len(numbers)
        self._width = len(numbers)
        self._numbers.extend(numbers)
        self._paths.append(file.path)

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[FileCount]:
        numbers = iter(self._numbers)
        rows = zip(*[numbers] * self._width, strict=True)
        for position, (path, (size, *counts)) in enumerate(zip(self._paths, rows, strict=True)):
            yield self._others.get(position) or FileCount(path, size, tuple(counts))


class Row:
    """Files that are shown as one row: their number, bytes, and tokens for each target."""

    __slots__ = ("counts", "files", "kinds", "name", "size")

    def __init__(
        self,
        name: str,
        counts: Sequence[int] = (),
        size: int = 0,
        files: int = 0,
        kinds: Iterable[str] = (),
    ) -> None:
        self.name = name
        self.counts = [*counts]
        self.size = size
        self.files = files
        self.kinds = {*kinds}

    @classmethod
    def of(cls, file: FileCount, name: str) -> "Row":
        """The row of one file."""
        return cls(name, file.counts, file.size, 1, (file.kind,))

    @property
    def first(self) -> int:
        """Tokens by which rows are sorted and compared: those for the first target."""
        return all_tokens(self.counts[0])

    def add(self, other: "FileCount | Row") -> None:
        """Add a file, or the files of another row."""
        self.size += other.size
        self.files += other.files if isinstance(other, Row) else 1
        self.kinds |= other.kinds if isinstance(other, Row) else {other.kind}
        counts = self.counts or [0] * len(other.counts)
        self.counts = [a + b for a, b in zip(counts, other.counts, strict=True)]


class _Node(Row):
    """A directory or file of a tree: a row with its children."""

    __slots__ = ("children",)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.children: dict[str, _Node] = {}


_Some = TypeVar("_Some", bound=Row)


def all_tokens(count: int) -> int:
    """Those of the text, as the encoding counts it, and what comes with it."""
    others: Interval | None = getattr(count, "others", None)
    return int(count) + (others.typical if others else 0)


def group_rows(counted: Iterable[FileCount], by: By) -> list[Row]:
    """A row for each file, directory, type or kind, in the order of the files."""
    if by == "file":
        return [Row.of(each, each.path) for each in counted]
    rows: dict[str, Row] = {}
    for document in counted:
        name = _group(document, by)
        if name in rows:
            rows[name].add(document)
        else:
            rows[name] = Row.of(document, name)
    return list(rows.values())


def tree_rows(counted: Iterable[FileCount], sort: Sort, top: int) -> Iterator[Row]:
    """A row for each directory and file, its name after the branches of the tree.

    Of each directory only the first ``top`` entries are shown, and the others as one row.
    """
    root = _Node("")
    for document in counted:
        node = root
        for part in document.path.split("/"):
            node = node.children.setdefault(part, _Node(part or "/"))
            node.add(document)
    return _branches(root, sort, top)


def sort_rows(rows: Iterable[_Some], sort: Sort) -> list[_Some]:
    """Rows by path, or by a number in descending order and then by path."""
    if sort == "path":
        return sorted(rows, key=lambda row: row.name)
    if sort == "bytes":
        return sorted(rows, key=lambda row: (-row.size, row.name))
    return sorted(rows, key=lambda row: (-row.first, row.name))


def first_rows(rows: list[_Some], top: int) -> list[_Some | Row]:
    """The first ``top`` rows, and the others as one; all of them if ``top`` is 0."""
    if not top or len(rows) <= top:
        return [*rows]
    others = Row(f"… {format_count(len(rows) - top)} more (--top 0 shows all)")
    for row in rows[top:]:
        others.add(row)
    return [*rows[:top], others]


def _group(document: FileCount, by: By) -> str:
    if by == "kind":
        return document.kind
    folder, _, name = document.path.rpartition("/")
    if by == "dir":
        return folder or "."
    return os.path.splitext(name)[1].lower() or "(none)"


def _branches(root: _Node, sort: Sort, top: int) -> Iterator[Row]:
    waiting = _expand(root, "", sort, top)  # last one next; without recursion, as trees can be deep
    while waiting:
        row, fork, below = waiting.pop()
        yield Row(f"{fork}{row.name}", row.counts, row.size, row.files, row.kinds)
        if isinstance(row, _Node):
            waiting += _expand(row, below, sort, top)


def _expand(node: _Node, indent: str, sort: Sort, top: int) -> list[tuple[Row, str, str]]:
    """The children of a node in reverse, each with its branch and the indent of its children."""
    rows = first_rows(sort_rows(node.children.values(), sort), top)
    expanded = [(row, f"{indent}├── ", f"{indent}│   ") for row in rows[:-1]]
    expanded += [(row, f"{indent}└── ", f"{indent}    ") for row in rows[-1:]]
    return expanded[::-1]
