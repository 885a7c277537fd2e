"""What ``ctx fits`` does: counting until it is known whether each limit is kept or exceeded."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress

from ctxtools.cli.output.progress import Progress
from ctxtools.cli.targets import Target
from ctxtools.documents import STDIN, File, Reader, ReadOptions, Skipped, each_document


class TargetCount:
    """The count for one target, as far as needed.

    Attributes:
        target: the model or encoding, which has a limit.
        count: tokens in the target's encoding; a lower bound if it is ``over``.
        over: more was counted than is available, and counting has stopped.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.count = 0
        self.over = False
        self._counter = target.encoding.counter()

    def feed(self, block: str | bytes) -> None:
        """Take the next block of a text."""
        if not self.over:
            self._counter.feed(block)
            self._check(self.count + self._counter.count_so_far)

    def end_text(self) -> None:
        """The text is complete."""
        if not self.over:
            self.count += self._counter.finish()
            self._check(self.count)

    def _check(self, count: int) -> None:
        if self.target.is_over(count):
            self.over, self.count = True, count


class FitCheck:
    """Counts files for some targets, only as far as the answers need.

    Attributes:
        counts: one for each target.
        skipped: files that were not counted, as far as reading went.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        files: Sequence[File | Skipped],
        options: ReadOptions,
        progress: Progress,
    ) -> None:
        self.counts = [TargetCount(target) for target in targets]
        self.skipped: list[Skipped] = []
        self._files = files
        self._options = options
        self._progress = progress
        self._read = 0  # bytes
        self._complete = False

    def run(self) -> None:
        """Read and count until the end, or until every target is over its limit."""
        for result in each_document(self._files, self._count, self._options):
            if isinstance(result, Skipped):
                self.skipped.append(result)
                continue
            self._read += result
            if self._all_over:
                return
        self._complete = True

    def _count(self, reader: Reader) -> Iterator[int]:
        """Count one document, and yield the bytes that were read."""
        self._feed(reader)
        yield reader.size

    def _feed(self, reader: Reader) -> None:
        seen = 0
        for text in reader.countable_texts():
            for block in text:
                self._progress.read(reader.size - seen)
                seen = reader.size
                for count in self.counts:
                    count.feed(block)
                if self._all_over:
                    return
            for count in self.counts:
                count.end_text()

    @property
    def fits(self) -> bool:
        """Whether no target is over its limit."""
        return not any(count.over for count in self.counts)

    @property
    def _all_over(self) -> bool:
        return all(count.over for count in self.counts)

    def share_read(self) -> float | None:
        """The share of all bytes that was read, from 0 to 1; None if stdin is among the files."""
        if self._complete:
            return 1.0
        total, skipped = 0, {each.path for each in self.skipped}
        for found in self._files:
            if found.path == STDIN:
                return None
            if found.path not in skipped:
                with suppress(OSError):
                    total += os.stat(found.path).st_size
        return min(self._read / total, 1.0) if total else None
