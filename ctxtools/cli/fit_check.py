"""The work of ``ctx fits``: counting until it is known whether each limit is kept or broken."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from ctxtools.cli.output.progress import Progress
from ctxtools.cli.targets import Column
from ctxtools.documents import File, Reader, ReadOptions, Skipped, open_document, skipped_by
from ctxtools.errors import FormatError, ReadError
from ctxtools.units import format_count


class Gauge:
    """The count of one column, up to where it is over.

    Attributes:
        column: what is counted for; it has a limit.
        count: tokens in the column's encoding; at least so many where ``over``.
        over: more was counted than is available, and no more will be.
    """

    def __init__(self, column: Column) -> None:
        self.column = column
        self.count = 0
        self.over = False
        self._counter = column.encoding.counter()

    def feed(self, block: str) -> None:
        """Take a part of a text."""
        if not self.over:
            self._counter.feed(block)
            self._check(self.count + self._counter.count_so_far)

    def end_text(self) -> None:
        """The text is complete."""
        if not self.over:
            self.count += self._counter.finish()
            self._check(self.count)

    def _check(self, count: int) -> None:
        if self.column.is_over(count):
            self.over, self.count = True, count

    def line(self, part: float | None) -> str:
        """The answer in words; ``part`` is how much of all bytes was read, if that is known."""
        column, figure = self.column, self.column.text(self.count)
        available, interval = column.available or 0, column.interval(self.count)
        room = f"{column.room()} tokens" if "(" not in column.room() else column.room()
        among = f" ({column.range(self.count)})" if column.estimate else ""
        if not self.over:
            spare = format_count(available - interval.high)
            return f"{column.name}: fits, {figure}{among} of {room}, {spare} to spare"
        answer = "does not fit" if interval.low > available else "may not fit"
        if part == 1:
            excess = format_count(interval.typical - available)
            over = f", over by {excess}" if not column.estimate else ""
            return f"{column.name}: {answer}, {figure}{among} of {room}{over}"
        line = f"{column.name}: {answer}, more than {figure}{among} of {room}"
        if part:
            whole = column.tokens(round(self.count / part / 1000) * 1000)
            line += f"; {part:.0%} was read, all may be ~{format_count(whole)}"
        return line

    def as_json(self) -> dict[str, Any]:
        """The answer; ``tokens`` is a lower bound where it is not ``complete``."""
        interval = self.column.interval(self.count)
        return self.column.as_json() | {
            "available": self.column.available,
            "fits": not self.over,
            "tokens": interval.typical,
            **({"interval": [interval.low, interval.high]} if self.column.estimate else {}),
            "complete": not self.over,
        }


class Fitting:
    """Counts files for some columns, no further than the answers need.

    Attributes:
        gauges: one for each column.
        skipped: files that were not counted, as far as reading went.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        files: Sequence[File | Skipped],
        options: ReadOptions,
        progress: Progress,
    ) -> None:
        self.gauges = [Gauge(column) for column in columns]
        self.skipped: list[Skipped] = []
        self._files = files
        self._options = options
        self._progress = progress
        self._read = 0  # bytes
        self._complete = False

    def run(self) -> None:
        """Read and count, up to the end or to where every column is over."""
        for found in self._files:
            if isinstance(found, Skipped):
                self.skipped.append(found)
                continue
            try:
                with open_document(found, self._options) as reader:
                    known = self._measure(reader)
                    self._read += reader.size
            except (ReadError, FormatError) as error:
                self.skipped.append(skipped_by(found.path, error))
                continue
            if known:
                return
        self._complete = True

    def _measure(self, reader: Reader) -> bool:
        """Count one document; whether every column is over now."""
        seen = 0
        for text in reader.texts():
            for block in text:
                self._progress.read(reader.size - seen)
                seen = reader.size
                for gauge in self.gauges:
                    gauge.feed(block)
                if self._all_over:
                    return True
            for gauge in self.gauges:
                gauge.end_text()
        return self._all_over

    @property
    def _all_over(self) -> bool:
        return all(gauge.over for gauge in self.gauges)

    def exit_code(self, *, strict: bool) -> int:
        """2 for what could not be read, else 1 if any column is over."""
        if any(skipped.error or strict for skipped in self.skipped):
            return 2
        return int(any(gauge.over for gauge in self.gauges))

    def lines(self) -> Iterator[str]:
        """The answer for each column, in words."""
        part = 1.0 if self._complete else self._part_read()
        for gauge in self.gauges:
            yield gauge.line(part)

    def as_json(self) -> dict[str, Any]:
        """The answers, and what was not counted."""
        return {
            "fits": not any(gauge.over for gauge in self.gauges),
            "columns": [gauge.as_json() for gauge in self.gauges],
            "skipped": [{"path": s.path, "reason": s.reason} for s in self.skipped],
        }

    def _part_read(self) -> float | None:
        """How much of all bytes was read, between 0 and 1; None where stdin is among them."""
        total, skipped = 0, {each.path for each in self.skipped}
        for found in self._files:
            if found.path == "-":
                return None
            if found.path in skipped:
                continue
            with suppress(OSError):
                total += os.stat(found.path).st_size
        return min(self._read / total, 1.0) if total else None
