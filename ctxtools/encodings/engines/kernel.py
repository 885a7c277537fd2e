"""The kernel backend: byte-level BPE by the compiled core, ``ctxtools._kernel``.

It serves what the tiktoken backend serves, many times faster. Import this only where
there is a kernel (``_core.kernel``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, cast

from ctxtools.checks import check_type, checked_texts
from ctxtools.encodings.engines.arrow import validate
from ctxtools.encodings.files.patterns import SplitPattern
from ctxtools.errors import FormatError, PositionError, UsageError, VocabularyError

if TYPE_CHECKING:
    from ctxtools import _kernel
    from ctxtools._core import TokenizerJson, Vocabulary
    from ctxtools._core.cut_types import WindowOptions
    from ctxtools._core.edits import EditedIndex
    from ctxtools._core.types import NextSplit, TokenIndex
    from ctxtools._kernel import Tokenizer as Tokenizer
    from ctxtools.encodings.engines.backend import (
        ArrowColumn,
        Backend,
        Counter,
        FileCounter,
        Side,
        Tail,
    )
    from ctxtools.encodings.engines.id_lists import IdLists, Shape

    _Editable = _kernel.TokenIndex | _kernel.EditedIndex

# Of texts that are not in a list, so many are in memory at the same time, or so many characters.
_TEXTS = 1 << 16
_CHARACTERS = 1 << 26
_STEP = 1 << 8  # texts between two looks at their length


class KernelBackend:
    """See Backend.

    Args:
        vocabulary: a packaged vocabulary file's content, token bytes -> rank, or what the kernel
            read of a file. A token's rank is its id.
        pattern: the split pattern, or the pre-tokenizer of a ``tokenizer.json``.
        nfc: whether a text is normalised to NFC first.

    Raises:
        VocabularyError: the vocabulary is corrupt, or the pre-tokenizer not known exactly.
    """

    name = "kernel"
    shares_files = True

    def __init__(
        self,
        vocabulary: bytes | dict[bytes, int] | Vocabulary,
        pattern: SplitPattern | str,
        *,
        nfc: bool,
    ) -> None:
        from ctxtools._kernel import Tokenizer

        family = pattern if isinstance(pattern, SplitPattern) else None
        name = pattern.name if isinstance(pattern, SplitPattern) else pattern
        try:
            tokenizer = Tokenizer(vocabulary, name, nfc=nfc)
        except (OverflowError, ValueError) as error:
            raise VocabularyError(str(error)) from None
        self._use(tokenizer, family.next_split if family else None)

    def _use(self, tokenizer: Tokenizer, next_split: NextSplit | None) -> None:
        self.tokenizer = tokenizer
        self.next_split = next_split
        self.vocabulary_size = tokenizer.vocabulary_size
        # Bound to the kernel's methods, which saves a call.
        self.count = self.tokenizer.count
        self.count_list = self.tokenizer.count_batch
        self.count_till_limit = self.tokenizer.count_till_limit

    def counter(self) -> Counter:
        return _Counter(self.tokenizer.counter())

    def tail(self) -> Tail:
        return self.tokenizer.session()

    def count_batch(self, texts: Iterable[str], threads: int = 1) -> list[int]:
        counts: list[int] = []
        for batch in _batches(texts):
            try:
                counts += self.count_list(batch, threads)
            except TypeError:
                deque(checked_texts(batch, len(counts)), maxlen=0)
                raise
        return counts

    def count_arrow(self, column: ArrowColumn, threads: int = 1) -> memoryview:
        with _column_errors():
            validate(column)
            return memoryview(self.tokenizer.count_arrow(column, threads))

    def chunk_column(
        self,
        column: ArrowColumn,
        sources: ArrowColumn | None,
        options: WindowOptions,
        configurations: Sequence[bytes],
        threads: int = 1,
    ) -> tuple[list[tuple[memoryview, ...]], list[int]]:
        """The chunks of plain texts; see ``ctxtools._kernel.chunk_column``."""
        from ctxtools._kernel import chunk_column

        with _column_errors():
            validate(column)
            if sources is not None:
                validate(sources)
            batches, others = chunk_column(
                self.tokenizer, column, sources, options, configurations, threads
            )
        return [tuple(map(memoryview, batch)) for batch in batches], others

    def count_files(self, paths: Iterable[str], threads: int = 1) -> list[int | Exception]:
        return [*self.tokenizer.count_files(list(paths), threads)]

    def encode(self, text: str) -> list[int]:
        return memoryview(self.tokenizer.encode(text)).tolist()

    def encode_to_buffer(self, text: str, limit: int | None = None) -> memoryview:
        return memoryview(self.tokenizer.encode(text, limit))

    def encode_batch(self, texts: Iterable[str], threads: int = 1) -> list[list[int]]:
        texts = [*checked_texts(texts)]
        return self.tokenizer.encode_batch(texts, threads)

    def encode_batch_to_arrow(
        self, texts: Iterable[str], shape: Shape, threads: int = 1
    ) -> IdLists:
        texts = [*checked_texts(texts)]
        return self.tokenizer.encode_batch_to_arrow(texts, *shape, threads)

    def encode_arrow(self, column: ArrowColumn, shape: Shape, threads: int = 1) -> IdLists:
        with _column_errors():
            validate(column)
            return self.tokenizer.encode_arrow(column, *shape, threads)

    def encode_bytes(self, data: bytes) -> list[int]:
        return memoryview(self.tokenizer.encode_bytes(data)).tolist()

    def decode(self, ids: Sequence[int]) -> bytes:
        return self.tokenizer.decode(ids)

    def estimate_length(self, text: str, limit: int, side: Side) -> int | None:
        tokenizer = self.tokenizer
        try:
            if side == "right":
                return tokenizer.prefix_end(text, limit)
            return tokenizer.suffix_length(text, limit)
        except (OverflowError, ValueError):
            return None  # it changes when it is normalised, or is too long

    def index(self, text: str) -> TokenIndex | None:
        try:
            return self.tokenizer.index(text)
        except (ValueError, OverflowError):  # not in NFC; longer than 4 GiB
            return None

    def edited(
        self, index: TokenIndex | EditedIndex, start: int, end: int, text: str
    ) -> tuple[EditedIndex, tuple[int, int, int, int, int]] | None:
        try:
            return cast("_Editable", index).replaced(start, end, text)
        except PositionError:
            raise
        except (ValueError, OverflowError):  # as above, or a lone surrogate
            return None


@contextmanager
def _column_errors() -> Iterator[None]:
    """Has the kernel's errors about a column as this package's."""
    try:
        yield
    except UsageError:
        raise
    except TypeError as error:
        raise UsageError(str(error), hint="cast it to strings, or name another column") from None
    except ValueError as error:
        raise FormatError(f"the column cannot be read: {error}") from None


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lists, of which only one is in memory at the same time."""
    if type(texts) is list:
        yield texts
        return
    remaining = iter(texts)
    while batch := list(islice(remaining, _STEP)):
        characters = _length(batch)
        while len(batch) < _TEXTS and characters < _CHARACTERS:
            if not (step := list(islice(remaining, _STEP))):
                break
            batch += step
            characters += _length(step)
        yield batch


def _length(texts: list[str]) -> int:
    """The characters of some texts, of which one may be none."""
    return sum(len(text) for text in texts if isinstance(text, str))


def file_counter(
    backends: Sequence[Backend],
    threads: int,
    *,
    starts: Sequence[bytes],
    controls: bytes,
    head: int,
    limit: int,
) -> FileCounter | None:
    """What counts files with several backends on several threads; None if one is no kernel's.

    Args:
        backends: what to count with.
        threads: 0 is one for each core.
        starts: what files start with that are not plainly text.
        controls: bytes that are not in the head of such a text.
        head: how many bytes tell, 8192 say.
        limit: a size in bytes; files of it, and larger ones, are left alone.
    """
    from ctxtools._kernel import FileCounter

    tokenizers = [each.tokenizer for each in backends if isinstance(each, KernelBackend)]
    if len(tokenizers) < len(backends):
        return None
    return FileCounter(
        tokenizers, threads, starts=list(starts), controls=controls, head=head, limit=limit
    )


def knows_splits(pre_tokenizer: str) -> bool:
    """Whether the JSON of a ``pre_tokenizer`` is a pattern that `KernelBackend` takes."""
    from ctxtools._kernel import Tokenizer

    return Tokenizer.knows_splits(pre_tokenizer)


def tokenizer_by_words(
    model: str, tokens: TokenizerJson | list[tuple[str, int]], settings: str
) -> Tokenizer:
    """The kernel's tokenizer of a file that is not byte-level BPE.

    Args:
        model: the type of its model.
        tokens: its vocabulary.
        settings: the rest of the file.

    Raises:
        ValueError: something in it is not known exactly.
    """
    from ctxtools._kernel import Tokenizer

    return Tokenizer.of_words(model, tokens, settings)


class SentencePieceKernel(KernelBackend):
    """See Backend. A SentencePiece model, whose ids become text by the library.

    Args:
        data: the content of a ``.model``.
        library: opens it in the library.

    Attributes:
        special_tokens: the control pieces, spelling -> id.
        bos: the id of the piece that starts a text; -1 if there is none.
        eos: the same of its end.

    Raises:
        ValueError: something in it is not known exactly: the library has to count.
    """

    def __init__(self, data: bytes, library: Callable[[], Backend]) -> None:
        from ctxtools._kernel import Tokenizer

        tokenizer, self.special_tokens, self.bos, self.eos = Tokenizer.of_sentencepiece(data)
        self._use(tokenizer, None)
        self._open = library

    @cached_property
    def _library(self) -> Backend:
        return self._open()

    def decode(self, ids: Sequence[int]) -> bytes:
        return self._library.decode(ids)


class _Counter:
    """The kernel's counter, with an error for what is not a block. Halves of a surrogate pair that
    two blocks have are joined."""

    __slots__ = ("_feed", "_half", "_kernel")

    def __init__(self, counter: Counter) -> None:
        self._kernel = counter
        self._feed = counter.feed
        self._half = ""

    @property
    def count_so_far(self) -> int:
        return self._kernel.count_so_far

    def feed(self, data: str | bytes, /) -> None:
        try:
            if isinstance(data, str):
                data = self._half + data
                self._half = data[-1:] if "\ud800" <= data[-1:] <= "\udbff" else ""
                data = data[: len(data) - len(self._half)]
            else:
                self._feed_half()
            self._feed(data)
        except TypeError:
            check_type("block", data, str, bytes)
            raise

    def finish(self) -> int:
        self._feed_half()
        return self._kernel.finish()

    def _feed_half(self) -> None:
        half, self._half = self._half, ""
        self._feed(half)
