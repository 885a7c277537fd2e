"""What an Encoding does with Arrow columns: counts, and lists of ids, without Python's objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import TYPE_CHECKING

from ctxtools.checks import check_integer, check_list, check_threads
from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.ids import Array
from ctxtools.encodings.special import AllowedSpecial
from ctxtools.errors import UsageError
from ctxtools.parallel import map_ordered

if TYPE_CHECKING:
    from ctxtools._core.cut_types import WindowOptions
    from ctxtools.encodings.engines.backend import ArrowArray, ArrowColumn, Backend
    from ctxtools.encodings.engines.id_lists import IdLists, Shape

_ROWS_PER_TASK = 16  # since many are short


class Columns:
    """The part of Encoding that is about Arrow columns; see there."""

    _engine: Callable[[AllowedSpecial], Backend]

    @property
    def added_ids(self) -> AddedIds:
        """See Encoding."""
        raise NotImplementedError

    def decode(self, ids: Sequence[int] | Array, *, errors: str = "replace") -> str:
        """See Encoding."""
        raise NotImplementedError

    def count_arrow(
        self, column: ArrowColumn, *, allowed_special: AllowedSpecial = (), threads: int = 0
    ) -> memoryview:
        """The number of tokens of each row of an Arrow column, without a Python object per row.

        Args:
            column: an array, chunked array or series of strings of pyarrow, Polars, DuckDB,
                pandas or any other library with Arrow's PyCapsule interface, or a table of one
                column.
            allowed_special, threads: see Encoding. With special tokens there is a Python object
                for each row.

        Returns:
            The counts (format ``Q``), which numpy and Arrow see without a copy; 0 for null.

        Raises:
            UsageError: it is not a column of strings.
            FormatError: a row is not UTF-8.
            MissingExtraError: the kernel was not compiled or special tokens are allowed, and
                pyarrow is not installed.
        """
        return self._engine(allowed_special).count_arrow(column, check_threads(threads))

    def chunk_column(
        self,
        column: ArrowColumn,
        sources: ArrowColumn | None,
        options: WindowOptions,
        configurations: Sequence[bytes],
    ) -> tuple[list[tuple[memoryview, ...]], list[int]] | None:
        """The chunks of plain texts, for `ctxtools.chunking`: see the engine of the kernel. None
        from another engine."""
        chunk = getattr(self._engine(()), "chunk_column", None)
        found: tuple[list[tuple[memoryview, ...]], list[int]] | None = None
        if chunk:
            found = chunk(column, sources, options, configurations, check_threads(0))
        return found

    def encode_arrow(
        self,
        column: ArrowColumn,
        *,
        allowed_special: AllowedSpecial = (),
        threads: int = 0,
        add_special_tokens: bool = False,
        max_length: int | None = None,
        overlap: int | None = None,
    ) -> IdLists:
        """The token ids of each row of an Arrow column, as an Arrow column of lists of ``uint32``.

        A training or embedding pipeline that takes windows of a fixed length sets ``max_length``
        and ``overlap``; ``texts`` of what is returned then says which row each window is from.

        Args:
            column, allowed_special, threads: as of ``count_arrow``.
            add_special_tokens: put ``added_ids`` around the ids of each list.
            max_length: the maximum length of a list in tokens, with those added. What is above it
                is cut off; ``lengths`` of what is returned has the lengths before.
            overlap: instead, what is above it goes on in further lists, each of which repeats this
                many tokens of the one before: the ``stride`` of a fast tokenizer that returns
                overflowing tokens.

        Returns:
            The lists; a null for null.

        Raises:
            UsageError: it is not a column of strings, or ``max_length`` is too small for the tokens
                that are added or repeated.
            FormatError, MissingExtraError: as ``count_arrow``.
        """
        shape = self._shape(add_special_tokens, max_length, overlap)
        return self._engine(allowed_special).encode_arrow(column, shape, check_threads(threads))

    def encode_batch_to_arrow(
        self,
        texts: Iterable[str],
        *,
        allowed_special: AllowedSpecial = (),
        threads: int = 0,
        add_special_tokens: bool = False,
        max_length: int | None = None,
        overlap: int | None = None,
    ) -> IdLists:
        """The token ids of each text, as an Arrow column of lists of ``uint32``.

        Args:
            texts: any number of texts.
            allowed_special, threads, add_special_tokens, max_length, overlap: as of
                ``encode_arrow``.

        Returns:
            The lists.

        Raises:
            UsageError: a text is no ``str``, or as ``encode_arrow``.
            MissingExtraError: as ``encode_arrow``.
        """
        check_list("texts", texts)
        shape = self._shape(add_special_tokens, max_length, overlap)
        engine = self._engine(allowed_special)
        return engine.encode_batch_to_arrow(texts, shape, check_threads(threads))

    def decode_arrow(
        self, column: ArrowColumn, *, errors: str = "replace", threads: int = 0
    ) -> ArrowArray:
        """The text of each row of an Arrow column of lists of token ids.

        Args:
            column: as of ``count_arrow``, but of lists of integers, as ``encode_arrow`` returns.
            errors: as of ``decode``.
            threads: see Encoding.

        Returns:
            A pyarrow array of strings; a null for null.

        Raises:
            UsageError: it is not a column of such lists, or ``errors`` is unknown.
            UnknownTokenError: an id is not in the vocabulary.
            MissingExtraError: pyarrow is not installed.
        """
        from ctxtools.encodings.engines.arrow import as_strings, read_ids

        def decode(ids: memoryview | None) -> str | None:
            return None if ids is None else self.decode(ids, errors=errors)

        texts = map_ordered(decode, read_ids(column), threads, share=_ROWS_PER_TASK)
        return as_strings(texts)

    def _shape(self, add: bool, max_length: int | None, overlap: int | None) -> Shape:
        from ctxtools.encodings.engines.id_lists import Shape

        before, after = self.added_ids if add else AddedIds()
        added = len(before) + len(after)
        if max_length is not None:
            max_length = min(check_integer("max_length", max_length, added, inf), 2**62)
        if overlap is not None:
            if max_length is None:
                raise UsageError("overlap without max_length", hint="give max_length as well")
            if max_length == added:
                raise UsageError(
                    f"max_length must be > {added} to go on in further lists, got {max_length}"
                )
            overlap = check_integer("overlap", overlap, 0, max_length - added - 1)
        return Shape(before, after, max_length, overlap)
