"""Encoding: everything that a user asks of a tokenizer, written once over a Backend.

What it adds to a backend: special tokens, truncation, and errors that say what and where. It knows
no models and no limits of theirs.
"""

import os
import re
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Literal, Protocol, cast

from ctxtools._core.types import TokenIndex
from ctxtools.encodings.engines.backend import ArrowColumn, Backend, Counter, Side, decode_beside
from ctxtools.encodings.truncate import longest_part
from ctxtools.errors import (
    FormatError,
    ReadError,
    SpecialTokenError,
    UnknownTokenError,
    UsageError,
    os_reason,
)
from ctxtools.parallel import map_ordered, thread_count

AllowedSpecial = Literal["all"] | Collection[str]


class Array(Protocol):
    """Numbers in a buffer: numpy's, torch's, ``array.array``, ``memoryview``."""

    def tolist(self) -> list[int]:
        """The numbers as a list."""
        ...


_SHARE = 16  # texts of a batch that are one task, since many are short


class Encoding:
    """A tokenizer: text to token ids and back, and everything that can be asked about counts.

    Instances come from ``get_encoding``, ``encoding_for_model`` and ``load_encoding``. They hold
    no state that a call changes, and may be used from many threads at once.

    The spelling of a special token in a text is text, unless ``allowed_special`` names it.

    Args:
        name: the name that it was asked for by.
        backend: the engine.
        special_tokens: spelling -> id.
    """

    def __init__(
        self, name: str, backend: Backend, special_tokens: Mapping[str, int] | None = None
    ) -> None:
        self.name = name
        self.backend = backend
        self._count = backend.count
        self.special_tokens: Mapping[str, int] = dict(special_tokens or {})
        self._again: Callable[[], Encoding] | None = None

    def made_by(self, again: "Callable[[], Encoding]") -> "Encoding":
        """Itself; another process, to which it is sent, is to make it by this call."""
        self._again = again
        return self

    def __reduce__(self) -> "tuple[Callable[[], Encoding], tuple[()]]":
        if self._again is None:
            raise TypeError(f"{self!r} cannot be pickled: it has no name to find it by")
        return self._again, ()

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r} ({self.backend.name})>"

    @property
    def vocabulary_size(self) -> int:
        """One more than the highest token id, special tokens included."""
        special = max(self.special_tokens.values(), default=-1) + 1
        return max(self.backend.vocabulary_size, special)

    # Counting

    # With short texts each step would be felt: Python looks up the default of an argument that may
    # only be named in a dictionary, so these may be given by place.
    def count(self, text: str, allowed_special: AllowedSpecial = (), threads: int = 1) -> int:
        """The number of tokens of a text.

        Args:
            text: any ``str``; a lone surrogate counts as U+FFFD.
            allowed_special: special tokens whose spelling in the text is the token, or "all".
            threads: how many may count at once, where the text is long; 0 is one for each core.

        Raises:
            SpecialTokenError: ``allowed_special`` names one that the encoding does not have.
        """
        if threads != 1:
            threads = thread_count(threads)
        elif not allowed_special:
            count = self._count
            return count(text)
        parts = self._parts(text, allowed_special)
        return sum(map(partial(self._count_part, threads), parts))

    def _count_part(self, threads: int, part: str | int) -> int:
        return 1 if isinstance(part, int) else self._count(part, threads)

    def count_batch(self, texts: Iterable[str], *, threads: int = 0) -> list[int]:
        """The number of tokens of each text, in order.

        Args:
            texts: any number of texts.
            threads: how many may count at once; 0 is one for each core.
        """
        _refuse_one("texts", texts)
        return self.backend.count_batch(texts, thread_count(threads))

    def count_arrow(self, column: ArrowColumn, *, threads: int = 0) -> memoryview:
        """The number of tokens of each row of an Arrow column, with no Python object for a row.

        Args:
            column: an array, chunked array or series of strings of pyarrow, Polars, DuckDB,
                pandas or any other library with Arrow's PyCapsule interface, or a table of one
                column.
            threads: how many may count at once; 0 is one for each core.

        Returns:
            The counts (format ``Q``), which numpy and Arrow see without a copy; 0 for null.

        Raises:
            UsageError: it is not a column of strings.
            FormatError: a row is not UTF-8.
            MissingExtraError: the kernel was not compiled, and pyarrow is not installed.
        """
        return self.backend.count_arrow(column, thread_count(threads))

    def count_files(
        self, paths: Iterable[str | os.PathLike[str]], *, threads: int = 0
    ) -> list[int]:
        """The number of tokens of each file, in order; files are read in blocks.

        Args:
            paths: files in UTF-8. A byte order mark at the start is not counted.
            threads: how many files may be counted at once; 0 is one for each core.

        Raises:
            ReadError: a file cannot be read.
            FormatError: a file is not UTF-8; ``read_documents`` detects what it is.
        """
        _refuse_one("paths", paths)
        named = [os.fsdecode(path) for path in paths]
        counts, counted = [], self.backend.count_files(named, thread_count(threads))
        for path, count in zip(named, counted, strict=True):
            if isinstance(count, OSError):
                raise ReadError(f"{path}: {os_reason(count)}") from count
            if isinstance(count, Exception):
                raise FormatError(
                    f"{path} is not UTF-8", hint="ctxtools.read_documents detects other encodings"
                ) from count
            counts.append(count)
        return counts

    def count_till_limit(self, text: str, limit: int) -> int | None:
        """The number of tokens of a text, or None as soon as it is above ``limit`` tokens."""
        return self.backend.count_till_limit(text, limit) if limit >= 0 else None

    def fits(self, text: str, limit: int) -> bool:
        """Whether a text has at most ``limit`` tokens; it is not counted beyond the limit."""
        return self.count_till_limit(text, limit) is not None

    def counter(self) -> Counter:
        """A counter that is fed a text block by block."""
        return self.backend.counter()

    def index(self, text: str) -> TokenIndex:
        """The token index of a text, which counts any part of it, and finds where to cut it.

        Where counts do not add up (a tokenizer of another kind than byte-level BPE, or a text
        that is not in the form that the tokenizer normalises to), the index counts each part
        that it is asked for again; its ``additive`` is then false.

        Args:
            text: any ``str``; the index holds it.
        """
        index = self.backend.index(text)
        if index is not None:
            return index
        from ctxtools.encodings.recounted import RecountedIndex

        return RecountedIndex(text, self.count)

    # Tokens

    def encode(self, text: str, *, allowed_special: AllowedSpecial = ()) -> list[int]:
        """The token ids of a text. Arguments and errors are those of ``count``."""
        ids: list[int] = []
        for part in self._parts(text, allowed_special):
            if isinstance(part, int):
                ids.append(part)
            else:
                ids += self.backend.encode(part)
        return ids

    def encode_to_buffer(self, text: str, *, allowed_special: AllowedSpecial = ()) -> memoryview:
        """The token ids of a text (format ``I``), which numpy sees without a copy.

        A list of a million ids takes 36 MB and time; this takes 4 MB. Arguments and errors are
        those of ``count``.
        """
        if not allowed_special:
            return self.backend.encode_to_buffer(text)
        ids = array("I")
        for part in self._parts(text, allowed_special):
            if isinstance(part, int):
                ids.append(part)
            else:
                ids.frombytes(self.backend.encode_to_buffer(part).cast("B"))
        return memoryview(ids).toreadonly()

    def encode_batch(
        self, texts: Iterable[str], *, allowed_special: AllowedSpecial = (), threads: int = 0
    ) -> list[list[int]]:
        """The token ids of each text, in order. Arguments and errors are those of ``count``."""
        _refuse_one("texts", texts)
        encode = partial(self.encode, allowed_special=allowed_special)
        return list(map_ordered(encode, texts, threads, share=_SHARE))

    def decode(self, ids: Sequence[int] | Array, *, errors: str = "replace") -> str:
        """The text of token ids.

        Args:
            ids: any token ids, special ones included, as a list or in a buffer.
            errors: what becomes of bytes that are not UTF-8, as ``bytes.decode`` takes it. A
                token may end inside a character.

        Raises:
            UnknownTokenError: an id is not in the vocabulary.
        """
        return self.decode_bytes(ids).decode("utf-8", errors)

    def decode_bytes(self, ids: Sequence[int] | Array) -> bytes:
        """The bytes of token ids; errors are those of ``decode``."""
        try:
            return decode_beside(self.backend.decode, self._special_bytes, _listed(ids))
        except LookupError as error:
            raise UnknownTokenError(
                f"{self.name} has no token with the id {error.args[0]}",
                hint=f"its ids are below {self.vocabulary_size:,}",
            ) from None

    def decode_batch(
        self,
        batch: Iterable[Sequence[int] | Array],
        *,
        errors: str = "replace",
        threads: int = 0,
    ) -> list[str]:
        """The text of each of some sequences of ids, in order; see ``decode``."""
        return list(map_ordered(partial(self.decode, errors=errors), batch, threads, share=_SHARE))

    def truncate(self, text: str, limit: int, *, side: Side = "right") -> str:
        """The longest part of a text that has at most ``limit`` tokens.

        The part is exact: its own count is at most ``limit``, and no longer one that begins (or
        ends) where it does fits, unless the cut falls into a stretch of over 1,000 characters
        that has no boundary; there, one character more does not fit. No character is cut.

        Args:
            text: any text.
            limit: the most tokens that the result has.
            side: what is cut off: "right" keeps the start of the text, "left" its end.
        """
        if side not in ("left", "right"):
            raise UsageError(f"side is {side!r}", hint='it is "left" or "right"')
        if limit < 0:
            raise UsageError(f"limit is {limit} tokens", hint="it is zero or more")
        return longest_part(text, limit, self.backend, side=side)

    @cached_property
    def _special_bytes(self) -> Mapping[int, bytes]:
        return {i: token.encode() for token, i in self.special_tokens.items()}

    # Parts of a text

    def _parts(self, text: str, allowed_special: AllowedSpecial) -> Iterator[str | int]:
        """The text between allowed special tokens, and the ids of those tokens."""
        if allowed_special != "all":
            _refuse_one("allowed_special", allowed_special)
        allowed = set(self.special_tokens if allowed_special == "all" else allowed_special)
        if unknown := sorted(allowed - self.special_tokens.keys()):
            raise SpecialTokenError(
                f"{self.name} has no special token {unknown[0]!r}",
                hint="Encoding.special_tokens lists those that it has",
            )
        if not allowed:
            yield text
            return
        longest_first = sorted(allowed, key=len, reverse=True)
        for part in re.split(f"({'|'.join(map(re.escape, longest_first))})", text):
            if part:
                yield self.special_tokens[part] if part in allowed else part


def _listed(ids: Sequence[int] | Array) -> Sequence[int]:
    """Ids as Python's own numbers, which a buffer makes of all of its at once."""
    return cast("Sequence[int]", ids.tolist() if hasattr(ids, "tolist") else ids)


def _refuse_one(argument: str, value: object) -> None:
    """A ``str`` is an iterable of its characters, which nobody means; nor is a number several."""
    if isinstance(value, str):
        raise UsageError(
            f"{argument} is a str, not several of them", hint=f"pass a list: [{value!r:.40}]"
        )
    if isinstance(value, int):
        raise UsageError(
            f"{argument} is {value}, not several str", hint=f"of threads, say threads={value}"
        )
