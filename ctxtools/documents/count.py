"""Counting documents: every file over every encoding in one pass, on several threads, in order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import add
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ctxtools.checks import check_threads
from ctxtools.documents.each import each_document
from ctxtools.documents.file import DocumentCount, File
from ctxtools.documents.read import Reader
from ctxtools.documents.readers.options import DEFAULT, ReadOptions
from ctxtools.documents.readers.plain import count_plain
from ctxtools.documents.text import SplitWatch
from ctxtools.encodings import AllowedSpecial, Encoding
from ctxtools.errors import Skipped

if TYPE_CHECKING:
    from ctxtools.models.characters import CharacterCounter

_Other = TypeVar("_Other")
_Other_co = TypeVar("_Other_co", covariant=True)
_Some = TypeVar("_Some")
_BLOCK = 1 << 20  # bytes


class Others(Protocol[_Other_co]):
    """What counts files that are no text."""

    def __call__(self, reader: Reader, /) -> _Other_co | None:
        """The counts of a file, on any thread; None if it is to be read as text."""

    def may_take(self, head: bytes, /) -> bool:
        """Whether it may count a file that was not named and that starts so."""


def count_documents(
    files: Iterable[File | Skipped],
    encodings: Sequence[Encoding],
    options: ReadOptions = DEFAULT,
    *,
    threads: int = 0,
    progress: Callable[[int], object] | None = None,
    allowed_special: AllowedSpecial = (),
    add_special_tokens: bool = False,
    characters: bool = False,
    others: Others[_Other] | None = None,
    inline: Callable[[File], bool] | None = None,
) -> Iterator[DocumentCount | _Other | Skipped]:
    """Count each file as it is found, in bounded memory.

    Args:
        files: from `find_files`; what was skipped there is passed on.
        encodings: what to count with. Each file is read once for all of them, except for large
            files that the engines read themselves, once for each encoding.
        options: how to read the files.
        threads: files counted at once; 0 means one per core.
        progress: called with the number of bytes read since the last call, from any thread.
        allowed_special: as `Encoding` takes it, for each of them.
        add_special_tokens: count what each tokenizer itself adds to a text, for each text.
        characters: count them too, as an `Estimate` needs them.
        others: asked first for each file: what counts those that are no text.
        inline: whether a file is less work than handing it to another thread.

    Raises:
        MissingExtraError: a format needs a package that is not installed.
        SpecialTokenError: an encoding does not have a special token that is allowed.
    """
    threads = check_threads(threads)
    counter = _DocumentCounter(encodings, threads, progress, allowed_special)
    counter.characters = characters
    if add_special_tokens:
        counter.added = [encoding.tokens_added for encoding in encodings]

    def count(reader: Reader) -> tuple[DocumentCount | _Other]:
        other = others(reader) if others is not None else None
        return counter.count(reader) if other is None else (other,)

    remaining: Iterable[File | Skipped | DocumentCount | _Other] = files
    if not (allowed_special or characters or (others is not None and others.may_take(b""))):
        may_take = others.may_take if others is not None else lambda head: False
        plain = count_plain(files, encodings, options, threads, progress, may_take)
        if plain is not files:
            # What the kernel's threads hand back is little: half as many are enough for it, and
            # each would have its own memo.
            threads = max(1, threads // 2)
        remaining = map(counter.with_added, plain)
    results: Iterator[DocumentCount | _Other | Skipped] = each_document(
        remaining, count, options, threads=threads, share=8, inline=inline
    )
    try:
        yield from results
    finally:
        counter.stopped.set()


class _DocumentCounter:
    """One call of `count_documents`; `count` may be called from several threads.

    Attributes:
        stopped: set when the results are not needed any more.
        added: the tokens that each encoding adds to a text.
        characters: whether to count them too.
    """

    def __init__(
        self,
        encodings: Sequence[Encoding],
        threads: int,
        progress: Callable[[int], object] | None,
        allowed_special: AllowedSpecial,
    ) -> None:
        self.stopped = Event()
        self.added = [0] * len(encodings)
        self.characters = False
        self._encodings = encodings
        self._allowed_special = allowed_special
        self._threads = threads
        self._lock, self._shared = Lock(), 0  # files that are counted on several threads now
        self._progress = progress

    def count(self, reader: Reader) -> tuple[DocumentCount]:
        if reader.container == "parquet":
            found = self._count_columns(reader, reader.columns())
        else:
            found = self._count_shared(reader) or self._count_blocks(reader)
        return (self.with_added(found),)

    def with_added(self, found: _Some) -> _Some:
        """A document's counts with what the tokenizers add to each text; anything else as it is."""
        if not (isinstance(found, DocumentCount) and any(self.added)):
            return found
        added = (n * found.records for n in self.added)
        return found._replace(counts=tuple(map(add, found.counts, added)))

    def _count_shared(self, reader: Reader) -> DocumentCount | None:
        """The counts of a large file by engines that read it themselves, on several threads."""
        if self._allowed_special or not all(e.backend.shares_files for e in self._encodings):
            return None
        if not reader.is_large_text():
            return None
        path = reader.path_of_open_file
        with self._threads_of_a_file() as threads:
            counts = [e.backend.count_files([path], threads)[0] for e in self._encodings]
        if any(isinstance(count, Exception) for count in counts):
            return None  # it is not UTF-8, or vanished: the reader reports what is wrong
        if self._progress:
            self._progress(reader.file_size)
        numbers: Iterable[int] = (n for n in counts if isinstance(n, int))
        if self.characters:
            with open(path, "rb") as file:
                characters = self._count_characters(iter(lambda: file.read(_BLOCK), b""))
            numbers = _with_characters(numbers, characters)
        return DocumentCount(reader.file.path, reader.file_size, tuple(numbers))

    @contextmanager
    def _threads_of_a_file(self) -> Iterator[int]:
        """The threads for one more large file: its share, or each file would take all of them."""
        with self._lock:
            self._shared += 1
            threads = max(1, self._threads // self._shared)
        try:
            yield threads
        finally:
            with self._lock:
                self._shared -= 1

    def _count_columns(self, reader: Reader, columns: Iterable[Any]) -> DocumentCount:
        """The counts of texts in Arrow arrays, which never become a ``str``."""
        counts = [0] * len(self._encodings)
        characters = _character_counter() if self.characters else None
        records = 0
        for texts in columns:
            self._check_stopped()
            for number, encoding in enumerate(self._encodings):
                found = encoding.count_arrow(
                    texts, allowed_special=self._allowed_special, threads=self._threads
                )
                counts[number] += sum(found)
            if characters:
                for text in filter(None, texts.to_pylist()):
                    characters.feed(text)
            records += len(texts)
        if self._progress:
            self._progress(reader.size)
        if characters:
            counts = _with_characters(counts, characters.counts())
        return DocumentCount(reader.file.path, reader.size, tuple(counts), records, reader.notes)

    def _count_blocks(self, reader: Reader) -> DocumentCount:
        allowed = self._allowed_special
        counters = [encoding.counter(allowed_special=allowed) for encoding in self._encodings]
        counts = [0] * len(counters)
        characters = _character_counter() if self.characters else None
        records = seen = 0
        watch: SplitWatch | None = None
        for blocks in reader.countable_texts():
            for block in blocks:
                for counter in counters:
                    counter.feed(block)
                if reader.unsized is not None:
                    watch = watch or SplitWatch(reader.file.path, counters)
                    watch.fed(len(block))
                if characters:
                    characters.feed(block)
                if self._progress:
                    self._progress(reader.size - seen)
                    seen = reader.size
                self._check_stopped()
            for number, counter in enumerate(counters):
                counts[number] += counter.finish()
            records += 1
        if characters:
            counts = _with_characters(counts, characters.counts())
        return DocumentCount(reader.file.path, reader.size, tuple(counts), records, reader.notes)

    def _count_characters(self, blocks: Iterable[str | bytes]) -> tuple[int, ...]:
        counter = _character_counter()
        for block in blocks:
            counter.feed(block)
            self._check_stopped()
        return counter.counts()

    def _check_stopped(self) -> None:
        if self.stopped.is_set():
            from concurrent.futures import CancelledError

            raise CancelledError


def _with_characters(counts: Iterable[int], characters: Sequence[int]) -> list[int]:
    from ctxtools.models.interval import TextCount  # few counts need it

    return [TextCount(count, characters) for count in counts]


def _character_counter() -> "CharacterCounter":
    from ctxtools.models.characters import CharacterCounter  # few counts need it

    return CharacterCounter()
