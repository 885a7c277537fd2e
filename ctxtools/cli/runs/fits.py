"""What ``ctx fits`` does: counting until it is known whether each limit is kept or exceeded.

A little more is read than that takes: where the end is near, the figure is exact.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from ctxtools.cli.output.notices import FileNote
from ctxtools.cli.output.progress import Progress
from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import STDIN, File, Reader, ReadOptions, Skipped, each_document
from ctxtools.documents.text import SplitWatch
from ctxtools.errors import MissingExtraError
from ctxtools.models import Interval, TextCount
from ctxtools.models.characters import CharacterCounter
from ctxtools.models.interval import NO_TOKENS

_MORE = 1 << 20  # bytes that are read after the answer is known, in case that is all


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one target.

    Attributes:
        target: the model or encoding, which has a limit.
        count: tokens in the target's encoding.
        complete: everything was counted; otherwise ``count`` is a lower bound, since reading
            stopped, or something could not be read.
    """

    target: Target
    count: int
    complete: bool

    @property
    def fits(self) -> bool:
        """Whether the limit is kept; by an estimate, for certain."""
        return not self.target.is_over(self.count)


class FitCheck:
    """Counts files for some targets, only as far as the answers need.

    Args:
        targets: each with a limit.
        files: what to read.
        options: how to read it.
        progress: is told of it.
        others: counts what is no text for each target; see `OtherFiles`.
        framing: what the chat format of a target's model adds to one message.

    Attributes:
        files: how many were read, the last one perhaps in part.
        skipped: files that were not counted, as far as reading went.
        notes: remarks on how the files were read.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        files: Sequence[File | Skipped],
        options: ReadOptions,
        progress: Progress,
        others: Callable[[Reader], FileCount | None] = lambda reader: None,
        framing: Mapping[Target, Interval] = MappingProxyType({}),
    ) -> None:
        self.files = 0
        self.skipped: list[Skipped] = []
        self.notes: list[FileNote] = []
        self._targets = targets
        self._counters = {
            target.encoding: target.encoding.counter(allowed_special=target.allowed_special)
            for target in targets
        }
        self._needs_characters = any(target.needs_characters for target in targets)
        self._characters = CharacterCounter()  # of one file, as `ctx count` has them
        self._earlier = TextCount(0)  # the characters of the files before
        # Of the texts that are complete. What a tokenizer adds it adds once: they are one input.
        self._counts = {target.encoding: target.added_tokens or 0 for target in targets}
        self._count_other = others
        self._others = dict.fromkeys(targets, NO_TOKENS)  # tokens of media and conversations
        self._framing = framing
        self._is_message = False
        self._files = files
        self._options = options
        self._progress = progress
        self._read = 0  # bytes
        self._known_at: int | None = None  # bytes, when every answer was known
        self._complete = False

    def run(self) -> None:
        """Read and count until the end, or until every target is over its limit for certain."""
        for result in each_document(self._files, self._count, self._options):
            if isinstance(result, Skipped):
                self.skipped.append(result)
                continue
            self.files += 1
            if not result:
                # What was named and is missing is an error all the same.
                others = (each for each in self._files if isinstance(each, Skipped) and each.error)
                self.skipped += [each for each in others if each not in self.skipped]
                return
        self._complete = True

    def _count(self, reader: Reader) -> Iterator[bool]:
        """Count one document, and yield whether to go on."""
        other = self._count_other(reader)
        self._is_message |= other is None or other.kind != "conversation"
        if other is None:
            go_on = self._feed(reader)
        else:
            self._add(other)
            go_on = not self._is_enough(reader)
        if other is None and go_on and self._needs_characters:
            self._earlier += TextCount(0, self._characters.counts())
            self._characters = CharacterCounter()
        self._read += reader.file_size if other else reader.size
        notes = (*(other.notes if other else ()), *reader.notes)
        self.notes += [FileNote(reader.file.path, note) for note in dict.fromkeys(notes)]
        yield go_on

    def _add(self, other: FileCount) -> None:
        for target, count in zip(self._targets, other.counts, strict=True):
            self._others[target] += target.interval(count)

    def _feed(self, reader: Reader) -> bool:
        seen = 0
        watch: SplitWatch | None = None
        for text in reader.countable_texts():
            for block in text:
                self._progress.read(reader.size - seen)
                seen = reader.size
                for counter in self._counters.values():
                    counter.feed(block)
                if reader.unsized is not None:
                    watch = watch or SplitWatch(reader.file.path, self._counters.values())
                    watch.fed(len(block))
                if self._needs_characters:
                    self._characters.feed(block)
                if self._is_enough(reader):
                    return False
            for encoding, counter in self._counters.items():
                self._counts[encoding] += counter.finish()
            if self._is_enough(reader):
                return False
        return True

    def _is_enough(self, reader: Reader) -> bool:
        """Whether every answer is known, and the end not near."""
        if not all(self._is_known(target) for target in self._targets):
            return False
        read = self._read + reader.size
        if self._known_at is None:
            self._known_at = read
        if reader.at_end:
            return False
        # Waiting for more from a pipe may take forever.
        return not reader.file_size or read - self._known_at >= _MORE

    def _is_known(self, target: Target) -> bool:
        lower_bound = target.interval(self._count_so_far(target)).low
        return target.available is not None and lower_bound > target.available

    def _count_so_far(self, target: Target) -> int:
        encoding = target.encoding
        count = self._counts[encoding] + self._counters[encoding].count_so_far
        others = self._others[target] + self.framing(target)
        if target.needs_characters:
            return self._earlier + TextCount(count, self._characters.counts(), others)
        return TextCount(count, (), others)

    def framing(self, target: Target) -> Interval:
        """What a chat format adds to the input, which is one message unless it is conversations."""
        return self._framing.get(target, NO_TOKENS) if self._is_message else NO_TOKENS

    @property
    def answers(self) -> list[Answer]:
        """The answer for each target."""
        # Some of a file that could not be read may be in the counts.
        complete = self._complete and not any(each.error for each in self.skipped)
        return [Answer(target, self._count_so_far(target), complete) for target in self._targets]

    @property
    def fits(self) -> bool:
        """Whether no target is over its limit."""
        return all(answer.fits for answer in self.answers)

    def share_read(self) -> float | None:
        """The share of all bytes that was read, from 0 to 1; None if a pipe is among the files."""
        if self._complete:
            return 1.0
        total, skipped = 0, {each.path for each in self.skipped}
        for found in self._files:
            if found.path == STDIN:
                return None
            if found.path in skipped:
                continue
            if isinstance(found, File) and found.content is not None:
                total += found.content.size
                continue
            try:
                status = os.stat(found.path)
            except OSError:
                continue
            if not stat.S_ISREG(status.st_mode):
                return None
            total += status.st_size
        return min(self._read / total, 1.0) if total else None


class Framing(NamedTuple):
    """What chat formats add to a message.

    Attributes:
        known: for each target; one without it has none.
        notes: on those whose framing cannot be counted here.
    """

    known: Mapping[Target, Interval] = MappingProxyType({})
    notes: tuple[str, ...] = ()


def find_framing(targets: Sequence[Target], counting: Mapping[str, Any]) -> Framing:
    """What the chat format of each target's model adds to a message.

    A limit of the user's own is one on the files, and nothing is added to it.

    Args:
        targets: the models and encodings.
        counting: further arguments of `count_messages`, such as tools that go with the message.

    Raises:
        UsageError: these cannot be used.
    """
    from ctxtools.messages import count_messages
    from ctxtools.messages.chat.formats import find_format

    known, notes = {}, []
    message = {"role": "user", "content": ""}
    for target in targets:
        model = target.model
        if not model or target.is_stated or model.is_embedding or not find_format(model.name):
            continue
        try:
            known[target] = count_messages([message], model=model, **counting).interval
        except MissingExtraError as error:
            needed = f"{error.message}; {error.hint}" if error.hint else error.message
            notes.append(f"{target.name}: without a message's framing: {needed}")
    return Framing(known, tuple(notes))
