"""What ``ctx count`` says: the results of all files, for people and for programs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.cli.options import By, Sort
from ctxtools.cli.output import console as output
from ctxtools.cli.output.notices import print_notices
from ctxtools.cli.output.rows import Row, first_rows, group_rows, sort_rows, tree_rows
from ctxtools.cli.targets import Column
from ctxtools.documents import DocumentCount, Skipped
from ctxtools.encodings import Encoding
from ctxtools.units import format_bytes, format_count

if TYPE_CHECKING:
    from rich.console import Console


_ROWS = 40  # what a terminal shows unless --top says otherwise


class Report:
    """Gathers what was counted and skipped, and prints it.

    Args:
        columns: what is counted for.
        encodings: what is counted with, in the order of each count.
        one_input: a single file or stdin was asked for, so that a bare number is the answer.
    """

    def __init__(
        self, columns: Sequence[Column], encodings: Sequence[Encoding], *, one_input: bool
    ) -> None:
        self._columns = columns
        self._at = [encodings.index(column.encoding) for column in columns]
        self._one_input = one_input
        self._counted: list[DocumentCount] = []
        self._skipped: list[Skipped] = []
        self._total = Row("total", [0] * len(encodings))

    def add(self, result: DocumentCount | Skipped) -> None:
        """Take the result of one file."""
        if isinstance(result, Skipped):
            self._skipped.append(result)
        else:
            self._counted.append(result)
            self._total.add(result)

    def exit_code(self, *, fail_over: bool, strict: bool) -> int:
        """2 for what could not be read (with ``strict``, for anything skipped), 1 for over."""
        if any(skipped.error or strict for skipped in self._skipped):
            return 2
        return int(fail_over and any(c.is_over(n) for c, n in self._by_column(self._total.counts)))

    # For programs

    def print_json(self, by: By) -> None:
        """Everything as one object."""
        result: dict[str, Any] = {
            "columns": [column.as_json() for column in self._columns],
            "files": [self._file(document) for document in self._counted],
        }
        if by != "file":
            result["groups"] = [
                {"name": row.name, "files": row.files, **self._figures(row)}
                for row in group_rows(self._counted, by)
            ]
        result["skipped"] = [{"path": s.path, "reason": s.reason} for s in self._skipped]
        result["total"] = self._total_figures()
        output.print_json(result)

    def print_json_line(self, result: DocumentCount | Skipped) -> None:
        """One file's result, as it comes."""
        if isinstance(result, Skipped):
            output.print_json_line({"path": result.path, "skipped": result.reason})
        else:
            output.print_json_line(self._file(result))

    def print_json_total(self) -> None:
        """The line that ends a stream of results."""
        columns = [column.as_json() for column in self._columns]
        output.print_json_line({"columns": columns, "total": self._total_figures()})

    def print_csv(self, by: By, sort: Sort) -> None:
        """A row for each file, directory or type, under a row of headings."""
        heading = "path" if by == "file" else by.value
        names = []
        for column in self._columns:
            names += [column.name]
            names += [f"{column.name} low", f"{column.name} high"] if column.estimate else []
        rows = sort_rows(group_rows(self._counted, by), sort)
        lines = ((row.name, row.size, *self._csv_figures(row)) for row in rows)
        output.print_csv([(heading, "bytes", *names), *lines])

    def _csv_figures(self, row: Row) -> Iterator[int]:
        for column, n in self._by_column(row.counts):
            interval = column.interval(n)
            yield interval.typical
            if column.estimate:
                yield from (interval.low, interval.high)

    # For people

    def print_for_people(
        self, by: By, sort: Sort, top: int | None, *, tree: bool, color: str
    ) -> None:
        """The bare number of one input, or a table."""
        if self._one_input and not tree and by == "file":
            if self._counted and len(self._columns) == 1:
                print(self._bare(self._columns[0], self._total.counts[0]))
            elif self._counted:
                self._print_columns(color)
            return
        if not self._counted and any(skipped.error for skipped in self._skipped):
            return
        console = output.console(color)
        if top is None:
            top = _ROWS if console.is_terminal and not tree else 0
        rows = (
            tree_rows(self._counted, sort, top)
            if tree
            else first_rows(sort_rows(group_rows(self._counted, by), sort), top)
        )
        heading = "Path" if tree or by == "file" else by.value.capitalize()
        self._draw_table(console, heading, rows)
        self._print_limits(console)

    def print_notices(self, *, quiet: bool) -> None:
        """On stderr: what was skipped and why, what was not plain, what is an estimate."""
        notes = [
            f"{document.path}: {note}" for document in self._counted for note in document.notes
        ]
        for column in self._columns:
            if column.estimate:
                notes.append(f"{column.name} is an estimate (~): {column.estimate.basis}")
        print_notices(self._skipped, notes, quiet=quiet)

    def _bare(self, column: Column, count: int) -> str:
        if not column.estimate:
            return str(count)
        interval = column.interval(count)
        return f"~{interval.typical} ({interval.low}–{interval.high})"

    def _print_columns(self, color: str) -> None:
        """One input for several models or encodings: a row for each."""
        headings = ["", "Tokens", "Between", "Of limit", "Available", "Price"]
        rows = []
        for column, n in self._by_column(self._total.counts):
            share = f"{column.share(n)}{' OVER' if column.is_over(n) else ''}"
            cost = column.cost(n)
            price = output.dollars(cost) if cost is not None else ""
            room = column.room() if column.available is not None else ""
            between = column.range(n).removeprefix("between ").replace(" and ", "–")
            rows.append([column.name, column.text(n), between, share, room, price])
        kept = [i for i in range(len(headings)) if i < 2 or any(row[i] for row in rows)]
        grid = output.table(*(headings[i] for i in kept), left=[""])
        for row in rows:
            grid.add_row(*(row[i] for i in kept))
        output.draw(output.console(color), grid)

    def _draw_table(self, console: "Console", heading: str, rows: Iterable[Row]) -> None:
        """Tokens for each column, the share of the first one, bytes and the name."""
        names = [column.name for column in self._columns]
        headings = [*(names if len(names) > 1 else ["Tokens"]), "Share", "Bytes", heading]
        files = "1 file" if self._total.files == 1 else f"{format_count(self._total.files)} files"
        total = [*self._cells(self._total)[:-1], f"total of {files}"]
        output.draw_rows(
            console,
            headings,
            [self._cells(row) for row in rows],
            total,
            left=["Share", heading],
            optional=["Bytes", "Share"],
        )

    def _cells(self, row: Row) -> list[str]:
        tokens = [column.text(n) for column, n in self._by_column(row.counts)]
        first, whole = row.counts[self._at[0]], self._total.counts[self._at[0]]
        share = first / whole if whole else 0
        return [*tokens, f"{output.bar(share)} {share:6.1%}", format_bytes(row.size), row.name]

    def _print_limits(self, console: "Console") -> None:
        """A line for each limit and price: how much of it all that was counted takes."""
        for column, n in self._by_column(self._total.counts):
            facts = []
            if column.available is not None:
                share = f"{column.share(n)} of " if column.share(n) else "of "
                facts.append(f"{share}{column.room()}{', OVER' if column.is_over(n) else ''}")
            if (cost := column.cost(n)) is not None:
                facts.append(f"{output.dollars(cost)} as input")
            if column.estimate:
                facts.append(column.range(n))
            if facts:
                console.print(f"{column.name}: {column.text(n)} tokens, {'; '.join(facts)}")

    # Figures

    def _by_column(self, counts: Sequence[int]) -> Iterator[tuple[Column, int]]:
        return ((column, counts[at]) for column, at in zip(self._columns, self._at, strict=True))

    def _tokens(self, row: Row | DocumentCount) -> dict[str, int]:
        return {column.name: column.tokens(n) for column, n in self._by_column(row.counts)}

    def _figures(self, row: Row | DocumentCount) -> dict[str, Any]:
        figures: dict[str, Any] = {"bytes": row.size, "tokens": self._tokens(row)}
        intervals = {
            column.name: [column.interval(n).low, column.interval(n).high]
            for column, n in self._by_column(row.counts)
            if column.estimate
        }
        return figures | ({"intervals": intervals} if intervals else {})

    def _file(self, document: DocumentCount) -> dict[str, Any]:
        more: dict[str, Any] = {"records": document.records} if document.records != 1 else {}
        if document.notes:
            more["notes"] = list(document.notes)
        return {"path": document.path, **self._figures(document), **more}

    def _total_figures(self) -> dict[str, Any]:
        return {"files": self._total.files, **self._figures(self._total)}
