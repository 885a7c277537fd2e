"""What ``ctx count`` reports: the results of all files, for people and for programs."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from ctxtools.cli.output import console as output
from ctxtools.cli.output.notices import FileNote, exit_code, print_notices
from ctxtools.cli.output.rows import (
    By,
    FileCount,
    FileCounts,
    Row,
    Sort,
    first_rows,
    group_rows,
    sort_rows,
    tree_rows,
)
from ctxtools.cli.targets import Target
from ctxtools.documents import DocumentCount, Skipped
from ctxtools.encodings import Encoding
from ctxtools.escape import one_line
from ctxtools.units import format_bytes, format_items

if TYPE_CHECKING:
    from rich.console import Console

    from ctxtools.cli.output.json_rows import JsonFormat


_BY_RULE = {"image", "video", "audio"}  # kinds that no tokenizer counts
_ROWS = 40  # what a terminal shows unless --top says otherwise


class Report:
    """Collects what was counted and skipped, and prints it.

    Args:
        targets: the models and encodings that were asked for.
        encodings: those that count, in the order of the numbers of each count.
        one_input: a single file or stdin was named, so the result is a bare number.
        named: the one path that was named; the same holds if it is that of the one file that is
            counted, a member of an archive or of a revision.

    Attributes:
        skipped: what was not counted.
        notes: on the run as a whole.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        encodings: Sequence[Encoding],
        *,
        one_input: bool,
        named: str | None = None,
    ) -> None:
        self._targets = targets
        self._at = [encodings.index(target.encoding) for target in targets]
        self._one_input, self._named = one_input, named
        self._counted = FileCounts()
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self._total = Row("total", [0] * len(targets))

    def add(self, result: DocumentCount | FileCount | Skipped) -> FileCount | Skipped:
        """Take the result of one file, and return it with a count for each target."""
        if isinstance(result, DocumentCount):
            counts = tuple(result.counts[at] for at in self._at)
            result = FileCount(
                result.path, result.size, counts, records=result.records, notes=result.notes
            )
        if isinstance(result, Skipped):
            self.skipped.append(result)
        else:
            self._counted.append(result)
            self._total.add(result)
        return result

    @property
    def files(self) -> int:
        """How many were counted."""
        return self._total.files

    def exit_code(self, *, fail_over: bool, strict: bool) -> int:
        """2 if something was not read (with ``strict``, or skipped), 1 if over the limit."""
        over = any(target.is_over(n) for target, n in self._by_target(self._total.counts))
        return exit_code(self.skipped, strict=strict) or int(fail_over and over)

    # For programs

    def print_json(self, by: By) -> None:
        """All results as one object."""
        from ctxtools.cli.output.json_rows import JsonFormat, print_object

        format = JsonFormat(self._strings())
        result: dict[str, Any] = {
            "columns": [target.as_json() for target in self._targets],
            "files": None,
        }
        if by != "file":
            result["groups"] = [
                {"name": row.name, "files": row.files, **self._figures(row)}
                for row in group_rows(self._counted, by)
            ]
        result["skipped"] = None
        result["notes"] = self.notes
        result["total"] = self._total_figures()
        skipped = (format.item(s.as_dict()) for s in self.skipped)
        print_object(result, {"files": self._file_items(format), "skipped": skipped}, format)

    def _strings(self) -> Iterator[str]:
        """What may have bytes of names that are not UTF-8."""
        import json

        for document in self._counted:
            yield document.path
            if document.notes or document.how:
                yield json.dumps(self._file(document), ensure_ascii=False)
        for skipped in self.skipped:
            yield from skipped.as_dict().values()
        yield json.dumps(self.notes, ensure_ascii=False)
        yield json.dumps([target.as_json() for target in self._targets], ensure_ascii=False)

    def _file_items(self, format: "JsonFormat") -> Iterator[str]:
        """The files as items of a JSON list. Texts, which nearly all are, are written at once."""
        names = [format.string(target.name) for target in self._targets]
        tokens = ",\n        ".join(f"{name.replace('%', '%%')}: %d" for name in names)
        pattern = f"""    {{
      "path": %s,
      "bytes": %d,
      "tokens": {{
        {tokens}
      }}
    }}"""
        # A count with what is no text, or of which not all is known, has an interval.
        plain = len(set(names)) == len(names) and not self._inexact
        for document in self._counted:
            path, size, counts, kind, records, notes, how = document
            if plain and kind == "text" and records == 1 and not (notes or how):
                yield pattern % (format.string(path), size, *counts)
            else:
                yield format.item(self._file(document))

    def print_json_line(self, result: FileCount | Skipped) -> None:
        """One file's result, as it comes."""
        if isinstance(result, Skipped):
            output.print_json_line({"path": result.path, "skipped": result.reason})
        else:
            output.print_json_line(self._file(result))

    def print_json_total(self) -> None:
        """The line that ends a stream of results."""
        targets = [target.as_json() for target in self._targets]
        line = {"columns": targets, "notes": self.notes, "total": self._total_figures()}
        output.print_json_line(line)

    def print_csv(self, by: By, sort: Sort) -> None:
        """A row for each file, directory or type, under a row of headings."""
        heading = "path" if by == "file" else by
        names = []
        for target in self._targets:
            names += [target.name]
            names += [f"{target.name} low", f"{target.name} high"] * (target in self._inexact)
        rows = sort_rows(group_rows(self._counted, by), sort)
        kind = ["kind"] * self._shows_kinds(by)
        lines = (
            (row.name, row.size, *self._csv_figures(row), *([_kind(row)] if kind else []))
            for row in rows
        )
        output.print_csv([(heading, "bytes", *names, *kind), *lines])

    def _csv_figures(self, row: Row) -> Iterator[int]:
        for target, n in self._by_target(row.counts):
            interval = target.interval(n)
            yield interval.typical
            if target in self._inexact:
                yield from (interval.low, interval.high)

    @property
    def _inexact(self) -> list[Target]:
        """The targets whose total is an interval."""
        counts = self._by_target(self._total.counts)
        return [each for each, n in counts if _is_interval(each, n)]

    def write_html(self, path: str) -> None:
        """All results as a page for browsers; nothing if nothing could be counted."""
        from ctxtools.cli.output.html import write_count_page

        if self._counted or not self.skipped:
            notes = [*map(str, self._all_notes())]
            write_count_page(
                path, self._targets, self._counted, self._total.counts, self.skipped, notes
            )

    # For people

    def print_for_people(
        self, by: By, sort: Sort, top: int | None, *, tree: bool, color: str
    ) -> None:
        """A bare number for one input, otherwise a table."""
        paths = {each.path for each in islice(self._counted, 2)}
        one_input = self._one_input or paths == {self._named}
        if one_input and not tree and by == "file":
            if self._counted and len(self._targets) == 1:
                print(self._bare(self._targets[0], self._total.counts[0]))
            elif self._counted:
                self._print_targets(color)
            return
        if not self._counted and any(skipped.error for skipped in self.skipped):
            return
        console = output.row_console(color)
        if top is None:
            top = _ROWS if console.is_terminal and not tree else 0
        rows = (
            tree_rows(self._counted, sort, top)
            if tree
            else first_rows(sort_rows(group_rows(self._counted, by), sort), top)
        )
        heading = "Path" if tree or by == "file" else by.capitalize()
        self._draw_table(console, heading, rows, kinds=self._shows_kinds(by))
        self._print_limits(console)

    def print_notices(self, *, quiet: bool) -> None:
        """Print to stderr what was skipped and why, notes on files, and what is an estimate."""
        print_notices(self.skipped, self._all_notes(), quiet=quiet)

    def _all_notes(self) -> list[str | FileNote]:
        notes: list[str | FileNote] = [
            *self.notes,
            *(FileNote(d.path, note) for d in self._counted for note in d.notes),
        ]
        for target in self._targets:
            if target.estimate and not self._total.kinds <= _BY_RULE:
                notes.append(f"{target.name} is an estimate (~): {target.estimate.basis}")
            if target.model and target.available is None:
                notes.append(f"the context window of {target.name} is unknown; --limit states one")
        return notes

    def _bare(self, target: Target, count: int) -> str:
        if target.is_exact(count):
            return str(count)
        interval = target.interval(count)
        if interval.exact and not (target.estimate and count):  # rules for media are no estimates
            return str(interval.typical)
        return f"~{interval.typical} ({interval.low}–{interval.high})"

    def _print_targets(self, color: str) -> None:
        """One input for several targets: a row for each."""
        headings = ["", "Tokens", "Between", "Of available", "Available", "Price"]
        rows = []
        for target, n in self._by_target(self._total.counts):
            share = f"{target.format_share(n)}{' OVER' if target.is_over(n) else ''}"
            cost = target.cost(n)
            price = output.dollars(cost) if cost is not None else ""
            available = target.format_available() if target.available is not None else ""
            between = target.format_interval(n).removeprefix("between ").replace(" and ", "–")
            name = one_line(target.name)
            rows.append([name, target.format_tokens(n), between, share, available, price])
        kept = [i for i in range(len(headings)) if i < 2 or any(row[i] for row in rows)]
        grid = output.table(*(headings[i] for i in kept), left=[""])
        for row in rows:
            grid.add_row(*(row[i] for i in kept))
        output.draw(output.console(color), grid)

    def _draw_table(
        self, console: "Console | output.Pipe", heading: str, rows: Iterable[Row], *, kinds: bool
    ) -> None:
        """Tokens for each target, the share for the first one, bytes and the name."""
        names = [target.name for target in self._targets]
        share = "Of total"
        if len(set(self._at)) > 1:  # each encoding would have its own
            share += f" ({names[0]})"
        kind = ["Kind"] * kinds
        headings = [*(names if len(names) > 1 else ["Tokens"]), share, "Bytes", *kind, heading]
        files = format_items(self._total.files, "file")
        total = [*self._cells(self._total, kinds=kinds)[:-1], f"total of {files}"]
        output.draw_rows(
            console,
            headings,
            [self._cells(row, kinds=kinds) for row in rows],
            total,
            left=[share, *kind, heading],
            optional=["Bytes", *kind, share],
        )

    def _cells(self, row: Row, *, kinds: bool) -> list[str]:
        tokens = [target.format_tokens(n) for target, n in self._by_target(row.counts)]
        share = output.share_cell(row.first, self._total.first)
        return [*tokens, share, format_bytes(row.size), *([_kind(row)] * kinds), row.name]

    def _shows_kinds(self, by: By) -> bool:
        """Whether a column says what files are."""
        return by != "kind" and self._total.kinds != {"text"}

    def _print_limits(self, console: "Console | output.Pipe") -> None:
        """A line for each limit and price, with the share that the total takes."""
        for target, n in self._by_target(self._total.counts):
            facts = []
            if target.available is not None:
                share = f"{target.format_share(n)} of " if target.format_share(n) else "of "
                facts.append(
                    f"{share}{target.format_available()}{', OVER' if target.is_over(n) else ''}"
                )
            if (cost := target.cost(n)) is not None:
                facts.append(f"{output.dollars(cost)} as input")
            if interval := target.format_interval(n):
                facts.append(interval)
            if facts:
                tokens = target.format_tokens(n)
                console.print(one_line(f"{target.name}: {tokens} tokens, {'; '.join(facts)}"))

    # Figures

    def _by_target(self, counts: Sequence[int]) -> Iterator[tuple[Target, int]]:
        return zip(self._targets, counts, strict=True)

    def _tokens(self, row: Row | FileCount) -> dict[str, int]:
        return {target.name: target.tokens(n) for target, n in self._by_target(row.counts)}

    def _figures(self, row: Row | FileCount) -> dict[str, Any]:
        figures: dict[str, Any] = {"bytes": row.size, "tokens": self._tokens(row)}
        intervals = {
            target.name: [target.interval(n).low, target.interval(n).high]
            for target, n in self._by_target(row.counts)
            if _is_interval(target, n)
        }
        return figures | ({"intervals": intervals} if intervals else {})

    def _file(self, document: FileCount) -> dict[str, Any]:
        more: dict[str, Any] = {"records": document.records} if document.records != 1 else {}
        if document.kind != "text":
            more["kind"] = document.kind
        if document.how:
            names = (target.name for target in self._targets)
            more["how"] = dict(zip(names, document.how, strict=True))
        if document.notes:
            more["notes"] = list(document.notes)
        return {"path": document.path, **self._figures(document), **more}

    def _total_figures(self) -> dict[str, Any]:
        return {"files": self._total.files, **self._figures(self._total)}


def _is_interval(target: Target, count: int) -> bool:
    """Whether a count is shown as an interval: not all of it is exact."""
    return not target.is_exact(count) and bool(target.estimate or not target.interval(count).exact)


def _kind(row: Row) -> str:
    return "mixed" if len(row.kinds) > 1 else "".join(row.kinds)
