"""The page of a count: where the tokens of many files are, for several models side by side."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ctxtools.checks import check_list, check_type
from ctxtools.documents import DocumentCount, Skipped
from ctxtools.documents.file import display_name
from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError
from ctxtools.escape import one_line
from ctxtools.models import Interval, Model
from ctxtools.models.interval import exactly
from ctxtools.report.columns import CountColumn, column_data
from ctxtools.report.folders import Folders
from ctxtools.report.page import render_page, shown_notes, skipped_data


class CountedFile(NamedTuple):
    """The tokens of one file.

    Attributes:
        path: with "/" between folders.
        size: bytes.
        tokens: for each column a number, or an interval if it is an estimate.
        kind: "text", or what it is instead: "image", "conversation".
        notes: remarks on how it was read.
    """

    path: str
    size: int
    tokens: tuple[int | Interval, ...]
    kind: str = "text"
    notes: tuple[str, ...] = ()


def count_page(
    files: Iterable[CountedFile | DocumentCount | Skipped],
    columns: Sequence[CountColumn | Encoding | Model],
    *,
    skipped: Iterable[Skipped] = (),
    notes: Iterable[str] = (),
    title: str = "",
) -> str:
    """A page that shows where the tokens of files are: treemap, table, shares of limits.

    Args:
        files: their counts, one for each column; `count_documents` gives these, and what it skips.
        columns: what was counted for, in the order of the counts.
        skipped: files that were not counted.
        notes: remarks on the whole.
        title: of the page.

    Returns:
        HTML, complete in itself; see `save_report`.

    Raises:
        UsageError: an argument is of the wrong type, or a file has another number of counts than
            there are columns.

    >>> import ctxtools as ctx
    >>> from ctxtools.documents import count_documents, find_files
    >>> encoding = ctx.get_encoding("o200k_base")
    >>> page = ctx.report.count_page(count_documents(find_files(["docs"]), [encoding]), [encoding])
    """
    check_type("title", title, str)
    check_list("files", files, "CountedFile")
    check_list("columns", columns, "CountColumn")
    if not columns:
        raise UsageError("columns is empty: there is nothing to show counts for")
    described = [_column(each) for each in columns]
    table = _Table(len(described))
    left_out = []
    for each in files:
        if isinstance(each, Skipped):
            left_out.append(each)
        elif isinstance(each, CountedFile):
            table.add(each)
        elif isinstance(each, DocumentCount):
            table.add(CountedFile(each.path, each.size, each.counts, notes=each.notes))
        else:
            check_type("a file", each, CountedFile, DocumentCount, Skipped)
    data = {
        "title": one_line(title),
        "columns": [table.column(at, each) for at, each in enumerate(described)],
        **table.as_data(),
        "skipped": skipped_data([*left_out, *skipped]),
        "notes": shown_notes(
            [*notes, *(f"{each.name}: {each.note}" for each in described if each.note)]
        ),
    }
    return render_page("count", "Token count", data, parts=("tree", "map", "table", "files"))


class _Table:
    """The columns of the files, as the page has them."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._folders = Folders()
        self._names: list[str] = []
        self._parents: list[int] = []
        self._bytes: list[int] = []
        self._tokens: list[list[int]] = [[] for _ in range(width)]
        self._intervals: list[dict[int, tuple[int, int]]] = [{} for _ in range(width)]
        self._kinds: dict[int, str] = {}
        self._notes: dict[int, list[str]] = {}

    def add(self, file: CountedFile) -> None:
        if len(file.tokens) != self._width:
            raise UsageError(
                f"{one_line(file.path)} has {len(file.tokens)} counts for {self._width} columns"
            )
        number = len(self._names)
        folder, name = self._folders.add(display_name(file.path))
        self._names.append(name)
        self._parents.append(folder)
        self._bytes.append(file.size)
        for at, tokens in enumerate(file.tokens):
            interval = tokens if isinstance(tokens, Interval) else exactly(int(tokens))
            self._tokens[at].append(interval.typical)
            if not interval.exact:
                self._intervals[at][number] = (interval.low, interval.high)
        if file.kind != "text":
            self._kinds[number] = file.kind
        if file.notes:
            self._notes[number] = shown_notes(file.notes)

    def column(self, at: int, column: CountColumn) -> dict[str, Any]:
        """What the page says of a column."""
        typical, bounds = sum(self._tokens[at]), self._intervals[at]
        low = typical + sum(bounds[n][0] - self._tokens[at][n] for n in bounds)
        high = typical + sum(bounds[n][1] - self._tokens[at][n] for n in bounds)
        facts = column_data(column, Interval(low, typical, high))
        return {**facts, "inexact": facts["inexact"] or bool(bounds)}

    def as_data(self) -> dict[str, Any]:
        """Folders and files, for JSON."""
        return {
            "folders": self._folders.as_data(),
            "files": {
                "name": self._names,
                "folder": self._parents,
                "bytes": self._bytes,
                "tokens": self._tokens,
                "intervals": self._intervals,
                "kind": self._kinds,
                "notes": self._notes,
            },
        }


def _column(column: CountColumn | Encoding | Model) -> CountColumn:
    if isinstance(column, CountColumn):
        return column
    if isinstance(column, Model):
        known = column.context is not None
        return CountColumn(column.name, column.budget().available if known else None)
    check_type("a column", column, CountColumn, Encoding, Model)
    return CountColumn(column.name or "tokens")
