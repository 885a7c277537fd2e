"""What ``ctx count`` says: the results of all files, for people and for programs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.cli import output
from ctxtools.cli.columns import Column
from ctxtools.cli.rows import Row, first_rows, group_rows, sort_rows, tree_rows
from ctxtools.documents import Skipped, Tally
from ctxtools.encodings import Encoding
from ctxtools.units import format_bytes, format_count

if TYPE_CHECKING:
    from ctxtools.cli.count import By, Sort

_ROWS = 40  # what a terminal shows unless --top says otherwise
_LISTED = 20  # skipped files that are named one by one


class Report:
    """Gathers what was counted and skipped, and prints it.

    Args:
        columns: what is counted for.
        encodings: what is counted with, in the order of each tally's counts.
        one_input: a single file or stdin was asked for, so that a bare number is the answer.
    """

    def __init__(
        self, columns: Sequence[Column], encodings: Sequence[Encoding], *, one_input: bool
    ) -> None:
        self._columns = columns
        self._at = [encodings.index(column.encoding) for column in columns]
        self._one_input = one_input
        self._tallies: list[Tally] = []
        self._skipped: list[Skipped] = []
        self._total = Row("total", [0] * len(encodings))

    def add(self, result: Tally | Skipped) -> None:
        """Take the result of one file."""
        if isinstance(result, Skipped):
            self._skipped.append(result)
        else:
            self._tallies.append(result)
            self._total.add(result)

    def exit_code(self, *, fail_over: bool, strict: bool) -> int:
        """2 for what could not be read (with ``strict``, for anything skipped), 1 for over."""
        if any(skipped.error or strict for skipped in self._skipped):
            return 2
        return int(fail_over and any(c.is_over(n) for c, n in self._by_column(self._total.counts)))

    # For programs

    def print_json(self, by: "By") -> None:
        """Everything as one object."""
        result: dict[str, Any] = {
            "columns": [column.as_json() for column in self._columns],
            "files": [self._file(tally) for tally in self._tallies],
        }
        if by != "file":
            result["groups"] = [
                {"name": row.name, "files": row.files, **self._figures(row)}
                for row in group_rows(self._tallies, by)
            ]
        result["skipped"] = [{"path": s.path, "reason": s.reason} for s in self._skipped]
        result["total"] = self._total_figures()
        output.print_json(result)

    def print_json_line(self, result: Tally | Skipped) -> None:
        """One file's result, as it comes."""
        if isinstance(result, Skipped):
            output.print_json_line({"path": result.path, "skipped": result.reason})
        else:
            output.print_json_line(self._file(result))

    def print_json_total(self) -> None:
        """The line that ends a stream of results."""
        columns = [column.as_json() for column in self._columns]
        output.print_json_line({"columns": columns, "total": self._total_figures()})

    def print_csv(self, by: "By", sort: "Sort") -> None:
        """A row for each file, directory or type, under a row of headings."""
        rows = sort_rows(group_rows(self._tallies, by), sort)
        heading = "path" if by == "file" else by.value
        output.print_csv(
            [
                (heading, "bytes", *(column.name for column in self._columns)),
                *((row.name, row.size, *self._tokens(row).values()) for row in rows),
            ]
        )

    # For people

    def print_for_people(
        self, by: "By", sort: "Sort", top: int | None, *, tree: bool, color: str
    ) -> None:
        """The bare number of one input, or a table."""
        if self._one_input and not tree and by == "file":
            if self._tallies and len(self._columns) == 1:
                print(self._bare(self._columns[0], self._total.counts[0]))
            elif self._tallies:
                self._print_columns(color)
            return
        if not self._tallies and any(skipped.error for skipped in self._skipped):
            return
        console = output.console(color)
        if top is None:
            top = _ROWS if console.is_terminal and not tree else 0
        rows = (
            tree_rows(self._tallies, sort, top)
            if tree
            else first_rows(sort_rows(group_rows(self._tallies, by), sort), top)
        )
        heading = "Path" if tree or by == "file" else by.value.capitalize()
        console.print(self._table(heading, rows))
        self._print_limits(console)

    def print_notices(self, *, quiet: bool) -> None:
        """On stderr: what was skipped and why, what was not plain, what is an estimate."""
        errors = [skipped for skipped in self._skipped if skipped.error]
        others = [skipped for skipped in self._skipped if not skipped.error]
        for skipped in errors:
            output.warn(f"error: {skipped.path}: {skipped.reason}")
        for hint in dict.fromkeys(skipped.hint for skipped in errors if skipped.hint):
            output.warn(f"\nhint: {hint}")
        if quiet:
            return
        for skipped in others[:_LISTED]:
            output.warn(f"skipped: {skipped.path}: {skipped.reason}")
        if rest := others[_LISTED:]:
            reasons = Counter(skipped.reason for skipped in rest)
            sums = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
            output.warn(f"skipped: {format_count(len(rest))} more ({sums}); --json lists them")
        for tally in self._tallies:
            for note in tally.notes:
                output.warn(f"note: {tally.path}: {note}")
        for column in self._columns:
            if column.estimate:
                output.warn(f"note: {column.name} is an estimate (~): {column.estimate.basis}")

    def _bare(self, column: Column, count: int) -> str:
        if not column.estimate:
            return str(count)
        interval = column.interval(count)
        return f"~{interval.typical} ({interval.low}–{interval.high})"

    def _print_columns(self, color: str) -> None:
        """One input for several models or encodings: a row for each."""
        has_limit = any(column.limit for column in self._columns)
        headings = ["", "Tokens", *(["Limit", "Of limit"] if has_limit else []), "Price"]
        grid = output.table(*headings, left=[""])
        for column, n in self._by_column(self._total.counts):
            cost = column.cost(n)
            limit = format_count(column.limit) if column.limit is not None else ""
            cells = [column.name, column.text(n), *([limit, column.share(n)] if has_limit else [])]
            grid.add_row(*cells, output.dollars(cost) if cost is not None else "")
        output.console(color).print(grid)

    def _table(self, heading: str, rows: Iterable[Row]) -> Any:
        """Tokens for each column, the share of the first one, bytes and the name."""
        names = [column.name for column in self._columns]
        grid = output.table(
            *(names if len(names) > 1 else ["Tokens"]), "Share", "Bytes", heading,
            left=["Share", heading],
        )  # fmt: skip
        for row in rows:
            grid.add_row(*self._cells(row))
        grid.add_section()
        files = "1 file" if self._total.files == 1 else f"{format_count(self._total.files)} files"
        *cells, _ = self._cells(self._total)
        grid.add_row(*cells, f"total of {files}", style="bold")
        return grid

    def _cells(self, row: Row) -> list[str]:
        tokens = [column.text(n) for column, n in self._by_column(row.counts)]
        first, whole = row.counts[self._at[0]], self._total.counts[self._at[0]]
        share = first / whole if whole else 0
        return [*tokens, f"{output.bar(share)} {share:5.1%}", format_bytes(row.size), row.name]

    def _print_limits(self, console: Any) -> None:
        """A line for each limit and price: how much of it all that was counted takes."""
        for column, n in self._by_column(self._total.counts):
            facts = []
            if column.available is not None and column.limit is not None:
                kept = column.limit - column.available
                what = format_count(column.limit)
                what += f" less {format_count(kept)} reserved" if kept else ""
                verdict = ", OVER" if column.is_over(n) else ""
                facts.append(f"{column.share(n)} of {what}{verdict}")
            if (cost := column.cost(n)) is not None:
                facts.append(f"{output.dollars(cost)} as input")
            if column.estimate:
                low, high = column.interval(n).low, column.interval(n).high
                facts.append(f"between {format_count(low)} and {format_count(high)}")
            if facts:
                console.print(f"{column.name}: {column.text(n)} tokens, {'; '.join(facts)}")

    # Figures

    def _by_column(self, counts: Sequence[int]) -> Iterator[tuple[Column, int]]:
        return ((column, counts[at]) for column, at in zip(self._columns, self._at, strict=True))

    def _tokens(self, row: Row | Tally) -> dict[str, int]:
        return {column.name: column.tokens(n) for column, n in self._by_column(row.counts)}

    def _figures(self, row: Row | Tally) -> dict[str, Any]:
        return {"bytes": row.size, "tokens": self._tokens(row)}

    def _file(self, tally: Tally) -> dict[str, Any]:
        notes = {"notes": list(tally.notes)} if tally.notes else {}
        return {"path": tally.path, **self._figures(tally), **notes}

    def _total_figures(self) -> dict[str, Any]:
        figures = {"files": self._total.files, **self._figures(self._total)}
        intervals = {
            column.name: [column.interval(n).low, column.interval(n).high]
            for column, n in self._by_column(self._total.counts)
            if column.estimate
        }
        return figures | ({"intervals": intervals} if intervals else {})
