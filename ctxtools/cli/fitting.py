"""The work of ``ctx fits``: counting until it is known whether each limit is kept or broken."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from ctxtools.cli.columns import Column
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
        limit, available = column.limit or 0, column.available or 0
        room = f"{format_count(available)} tokens"
        if limit != available:
            room += f" ({format_count(limit)} less {format_count(limit - available)} reserved)"
        high = column.interval(self.count).high
        if not self.over:
            spare = f"{format_count(available - high)} to spare"
            return f"{column.name}: fits, {figure} of {room}, {spare}"
        excess = f"over by {format_count(high - available)}"
        if part == 1:
            return f"{column.name}: does not fit, {figure} of {room}, {excess}"
        answer = f"{column.name}: does not fit, more than {room}, {excess} or more"
        if part:
            whole = round(self.count / part, -3)
            answer += f"; {part:.0%} was read, all may be ~{column.text(int(whole)).lstrip('~')}"
        return answer


class Fitting:
    """Counts files for some columns, no further than the answers need.

    Attributes:
        gauges: one for each column.
        skipped: files that were not counted, as far as reading went.
    """

    def __init__(
        self, columns: Sequence[Column], files: Sequence[File | Skipped], options: ReadOptions
    ) -> None:
        self.gauges = [Gauge(column) for column in columns]
        self.skipped: list[Skipped] = []
        self._files = files
        self._options = options
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
        for text in reader.texts():
            for block in text:
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
        """The answers; a column's ``tokens`` are a lower bound where it is not ``complete``."""
        return {
            "fits": not any(gauge.over for gauge in self.gauges),
            "columns": [
                gauge.column.as_json()
                | {
                    "available": gauge.column.available,
                    "fits": not gauge.over,
                    "tokens": gauge.column.tokens(gauge.count),
                    "complete": not gauge.over,
                }
                for gauge in self.gauges
            ],
            "skipped": [{"path": s.path, "reason": s.reason} for s in self.skipped],
        }

    def _part_read(self) -> float | None:
        """How much of all bytes was read, between 0 and 1; None where stdin is among them."""
        total = 0
        for found in self._files:
            if found.path == "-":
                return None
            with suppress(OSError):
                total += os.stat(found.path).st_size
        return min(self._read / total, 1.0) if total else None
