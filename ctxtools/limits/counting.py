"""Counting files once for all tokenizers that rules need."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from ctxtools.documents import DocumentCount, File, Skipped, count_documents
from ctxtools.errors import UsageError
from ctxtools.limits.matching import Subject
from ctxtools.limits.rules import LimitRule, LimitRules
from ctxtools.limits.tokenizers import Tokenizer, find_tokenizer

if TYPE_CHECKING:
    from ctxtools.models import Interval


class Counted(NamedTuple):
    """A file with its numbers for each tokenizer.

    Attributes:
        path: as it was named or found.
        name: from the folder of the rules.
        subject: what it is subject to.
        tokens: for each tokenizer; by an estimate, typically.
        intervals: for each; None where the number is exact.
    """

    path: str
    name: str
    subject: Subject
    tokens: tuple[int, ...]
    intervals: "tuple[Interval | None, ...]"


class Counting:
    """What counts, and how.

    Args:
        rules: what counts the files of each, where it says so.
        threads, progress: as `count_documents` takes them.

    Attributes:
        tokenizers: each once.
        tokenizer_of: for each rule, the number of its tokenizer.
        notes: remarks on the tokenizers.

    Raises:
        CtxtoolsError: a model or an encoding is unknown, or cannot be used.
    """

    def __init__(
        self, rules: LimitRules, threads: int, progress: Callable[[int], object] | None
    ) -> None:
        self.tokenizers: list[Tokenizer] = []
        self.notes: list[str] = []
        self.tokenizer_of = [self._find(rules, rule) for rule in rules.rules]
        self._encodings = list(dict.fromkeys(each.encoding for each in self.tokenizers))
        self._at = [self._encodings.index(each.encoding) for each in self.tokenizers]
        self._is_plain = len(self.tokenizers) == 1 and self.tokenizers[0].estimate is None
        self._threads, self._progress = threads, progress

    def _find(self, rules: LimitRules, rule: LimitRule) -> int:
        """The number of the tokenizer of a rule."""
        says = rule.model is not None or rule.encoding is not None
        by = rule if says else rules
        found, note = find_tokenizer(by.model, by.encoding, by.within, rules.config)
        if found in self.tokenizers:
            return self.tokenizers.index(found)
        if any(each.name == found.name for each in self.tokenizers):
            raise UsageError(
                f"two tokenizers are called {found.name}",
                hint="name the file of one of them in another way",
            )
        self.tokenizers.append(found)
        if note:
            self.notes.append(note)
        if found.estimate:
            self.notes.append(f"{found.name} is an estimate (~): {found.estimate.basis}")
        return len(self.tokenizers) - 1

    def count(self, files: Iterator[File | Skipped]) -> Iterator[DocumentCount | Skipped]:
        """The counts of files, in order; what was skipped is passed on."""
        return count_documents(
            files,
            self._encodings,
            threads=self._threads,
            progress=self._progress,
            characters=any(e.estimate and e.estimate.characters for e in self.tokenizers),
        )

    def counted(self, result: DocumentCount, name: str, subject: Subject) -> Counted:
        """The numbers for each tokenizer, of the counts for each encoding."""
        if self._is_plain:
            return Counted(result.path, name, subject, result.counts, (None,))
        counts = [result.counts[at] for at in self._at]
        intervals = tuple(
            each.interval(count) for each, count in zip(self.tokenizers, counts, strict=True)
        )
        tokens = tuple(
            int(count) if interval is None else interval.typical
            for count, interval in zip(counts, intervals, strict=True)
        )
        return Counted(result.path, name, subject, tokens, intervals)
