"""Encoding: everything that a user asks of a tokenizer, written once over a Backend.

What it adds to a backend: special tokens, truncation, and errors that say what and where. It knows
no models and no limits of theirs.
"""

import os
import sys
from codecs import lookup_error
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from math import inf
from operator import index
from typing import TYPE_CHECKING

from ctxtools.checks import (
    check_choice,
    check_integer,
    check_list,
    check_threads,
    check_type,
    checked_paths,
    shown_integer,
)
from ctxtools.encodings.added_ids import AddedIds
from ctxtools.encodings.columns import Columns
from ctxtools.encodings.engines.backend import Backend, Counter, Side, counts_of_files
from ctxtools.encodings.ids import Array, as_buffer, as_sequence, framed
from ctxtools.encodings.special import AllowedSpecial, SpecialTokenEngines
from ctxtools.encodings.tokens import Tokens
from ctxtools.errors import UnknownTokenError, UsageError
from ctxtools.parallel import map_ordered

if TYPE_CHECKING:
    from ctxtools.encodings.editable import EditableIndex, Session

_LONG = 1 << 20  # characters from which several threads are faster than one
_CONVERTED = 1 << 24  # characters of a text that are in memory as UTF-8 at the same time
_TEXTS_PER_TASK = 16  # of a batch, since many are short


class Encoding(Columns, Tokens):
    """A tokenizer: text to token ids and back, and everything that can be asked about counts.

    Instances come from ``get_encoding``, ``encoding_for_model`` and ``load_encoding``. They hold
    no state that changes an answer, and may be used from many threads at once.

    Some arguments mean the same in every method that takes them:

    - ``allowed_special``: the special tokens whose spelling in a text is that token, or "all". Any
      other spelling of a special token is ordinary text. One that the encoding does not have is a
      SpecialTokenError.
    - ``add_special_tokens``: include what the tokenizer itself puts around a text: ``added_ids``.
    - ``threads``: how many threads may work at once; 0, the default, is one for each core. No
      result depends on it.

    Args:
        name: the name that it was asked for by.
        backend: the engine.
        special_tokens: spelling -> id.
        finding: makes the engine that finds some of the special tokens in a text, and that decodes
            them; without it they are found by their bare spelling.
        find_added_ids: returns what the tokenizer adds to a text.
        find_bare: returns the engine that finds no added token at all in a text, not even one that
            is not special; without it that is ``backend``.

    Attributes:
        factory: makes the same encoding in another process, so that it can be pickled; None if
            it cannot.
    """

    def __init__(
        self,
        name: str,
        backend: Backend,
        special_tokens: Mapping[str, int] | None = None,
        finding: Callable[[frozenset[str]], Backend] | None = None,
        find_added_ids: Callable[[], AddedIds] = AddedIds,
        find_bare: Callable[[], Backend] | None = None,
    ) -> None:
        self.name = name
        self.backend = backend
        self._count = backend.count
        self._count_list = backend.count_list
        self.special_tokens: Mapping[str, int] = dict(special_tokens or {})
        self._engine = SpecialTokenEngines(name, backend, self.special_tokens, finding).engine
        self._find_added_ids = find_added_ids
        self._find_bare = find_bare
        self.factory: Callable[[], Encoding] | None = None

    def __reduce__(self) -> "tuple[Callable[[], Encoding], tuple[()]]":
        if self.factory is None:
            raise TypeError(f"{self!r} cannot be pickled: it has no factory")
        return self.factory, ()

    def __repr__(self) -> str:
        return f"<Encoding {self.name!r} ({self.backend.name})>"

    @property
    def vocabulary_size(self) -> int:
        """One more than the highest token id, special tokens included."""
        special = max(self.special_tokens.values(), default=-1) + 1
        return max(self.backend.vocabulary_size, special)

    @cached_property
    def added_ids(self) -> AddedIds:
        """The ids that a ``tokenizer.json`` puts around those of a text: ``[CLS]``, or a BOS."""
        return self._find_added_ids()

    @cached_property
    def bare(self) -> Backend:
        """The engine that finds no added token in a text, not even one that is not special."""
        return self._find_bare() if self._find_bare is not None else self.backend

    @property
    def tokens_added(self) -> int:
        """The number of ``added_ids``."""
        return sum(map(len, self.added_ids))

    # Counting

    # Here and in `count_batch` positional, because Python looks up the default of a keyword-only
    # argument in a dictionary, which shows with short texts.
    def count(
        self,
        text: str,
        allowed_special: AllowedSpecial = (),
        threads: int = 0,
        add_special_tokens: bool = False,
    ) -> int:
        """The number of tokens of a text.

        Args:
            text: any ``str``; a lone surrogate counts as U+FFFD.
            allowed_special, threads, add_special_tokens: see the class.
        """
        try:
            if not (threads or allowed_special or add_special_tokens) and len(text) < _LONG:
                count = self._count  # faster than a call of the attribute, which is not a method
                return count(text)
        except TypeError:
            check_type("text", text, str)
            raise
        added = self.tokens_added if add_special_tokens else 0
        return self._count_long(text, allowed_special, threads) + added

    # Apart from `count`, where a closure over an argument would slow down every call.
    def _count_long(self, text: str, allowed_special: AllowedSpecial, threads: int) -> int:
        check_type("text", text, str)
        engine = self._engine(allowed_special)
        if (not threads and len(text) < _LONG) or check_threads(threads) == 1:
            return engine.count(text)
        from ctxtools.encodings.engines.pieces import pieces_of

        # For several threads, the kernel converts what it is given to UTF-8 at once.
        pieces = pieces_of(text, engine.next_split, _CONVERTED)
        return sum(engine.count(piece, check_threads(threads)) for piece in pieces)

    def count_batch(
        self,
        texts: Iterable[str],
        allowed_special: AllowedSpecial = (),
        threads: int = 0,
        add_special_tokens: bool = False,
    ) -> list[int]:
        """The number of tokens of each text, in order.

        Args:
            texts: any number of texts.
            allowed_special, threads, add_special_tokens: see the class.
        """
        if type(texts) is list and not (threads or allowed_special or add_special_tokens):
            try:
                return self._count_list(texts, 0)
            except TypeError:
                pass  # said below, with the text's number
        check_list("texts", texts)
        counts = self._engine(allowed_special).count_batch(texts, check_threads(threads))
        added = self.tokens_added if add_special_tokens else 0
        return [count + added for count in counts] if added else counts

    def count_files(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        allowed_special: AllowedSpecial = (),
        threads: int = 0,
    ) -> list[int]:
        """The number of tokens of each file, in order; files are read in blocks.

        Args:
            paths: files in UTF-8. A byte order mark at the start is not counted.
            allowed_special, threads: see the class.

        Raises:
            ReadError: a file cannot be read.
            FormatError: a file is not UTF-8; ``read_documents`` detects other charsets.
        """
        named = checked_paths(paths)
        counted = self._engine(allowed_special).count_files(named, check_threads(threads))
        return counts_of_files(named, counted)

    def count_till_limit(
        self,
        text: str,
        limit: int,
        *,
        allowed_special: AllowedSpecial = (),
        add_special_tokens: bool = False,
    ) -> int | None:
        """The number of tokens of a text, or None as soon as it is above ``limit`` tokens.

        Raises:
            UsageError: the limit is negative or not an integer.
        """
        if add_special_tokens and (added := self.tokens_added):
            rest = check_integer("limit", limit, 0, inf) - added
            count = self.count_till_limit(text, max(rest, 0), allowed_special=allowed_special)
            return None if count is None or rest < 0 else count + added
        # Checked where something is wrong, which is faster with short texts.
        try:
            if index(limit) >= 0:
                return self._engine(allowed_special).count_till_limit(text, limit)
        except OverflowError:  # no text has so many tokens
            return self._engine(allowed_special).count_till_limit(text, sys.maxsize)
        except TypeError:
            check_type("text", text, str)
            check_integer("limit", limit, 0)
            raise
        raise UsageError(f"limit must be >= 0, got {limit}")

    def fits(
        self,
        text: str,
        limit: int,
        *,
        allowed_special: AllowedSpecial = (),
        add_special_tokens: bool = False,
    ) -> bool:
        """Whether a text has at most ``limit`` tokens; it is not counted beyond the limit."""
        count = self.count_till_limit(
            text, limit, allowed_special=allowed_special, add_special_tokens=add_special_tokens
        )
        return count is not None

    def counter(self, *, allowed_special: AllowedSpecial = ()) -> Counter:
        """A counter that is fed a text block by block."""
        return self._engine(allowed_special).counter()

    def session(self, text: str = "", *, allowed_special: AllowedSpecial = ()) -> "Session":
        """A running total of a text that grows, as a conversation does; see ``index``."""
        from ctxtools.encodings.editable import Session

        return Session(text, self._engine(allowed_special))

    def index(self, text: str, *, allowed_special: AllowedSpecial = ()) -> "EditableIndex":
        """The token index of a text, which counts any span of it, and finds where to cut it.

        The text may then be edited: ``index.append(more)`` and ``index.replace(start, end, text)``
        take time for what they change, and return that; the index stays exact.

        Where counts do not add up (a tokenizer of another kind than byte-level BPE, or a text
        that has allowed special tokens or is not in the form that the tokenizer normalises to),
        the index counts each span anew; its ``additive`` is then false.

        Args:
            text: any ``str``; the index holds it.
            allowed_special: see the class.
        """
        from ctxtools.encodings.editable import EditableIndex

        check_type("text", text, str)
        return EditableIndex(text, self._engine(allowed_special))

    # Tokens

    def encode(
        self, text: str, *, allowed_special: AllowedSpecial = (), add_special_tokens: bool = False
    ) -> list[int]:
        """The token ids of a text.

        Args:
            text: any ``str``; a lone surrogate is encoded as U+FFFD.
            allowed_special, add_special_tokens: see the class.
        """
        check_type("text", text, str)
        ids = self._engine(allowed_special).encode(text)
        if not add_special_tokens:
            return ids
        before, after = self.added_ids
        return [*before, *ids, *after]

    def encode_to_buffer(
        self,
        text: str,
        *,
        allowed_special: AllowedSpecial = (),
        add_special_tokens: bool = False,
        max_length: int | None = None,
    ) -> memoryview:
        """The token ids of a text (format ``I``), which numpy sees without a copy.

        A million ids take 36 MB as a list, and 4 MB here.

        Args:
            text, allowed_special, add_special_tokens: as of ``encode``.
            max_length: the maximum number of ids, with those added; no more of the text are made.
                ``encode_batch_to_arrow`` has the others too, in further lists.

        Raises:
            UsageError: ``max_length`` is below the number of ids that are added.
        """
        check_type("text", text, str)
        before, after = self.added_ids if add_special_tokens else AddedIds()
        limit = None
        if max_length is not None:
            added = len(before) + len(after)
            limit = min(check_integer("max_length", max_length, added, inf), 2**62) - added
        ids = self._engine(allowed_special).encode_to_buffer(text, limit)
        return framed(before, ids, after)

    def encode_batch(
        self,
        texts: Iterable[str],
        *,
        allowed_special: AllowedSpecial = (),
        threads: int = 0,
        add_special_tokens: bool = False,
    ) -> list[list[int]]:
        """The token ids of each text, in order. Arguments are those of ``count_batch``."""
        check_list("texts", texts)
        lists = self._engine(allowed_special).encode_batch(texts, check_threads(threads))
        before, after = self.added_ids if add_special_tokens else ((), ())
        return [[*before, *ids, *after] for ids in lists] if before or after else lists

    def decode(self, ids: Sequence[int] | Array, *, errors: str = "replace") -> str:
        """The text of token ids.

        Args:
            ids: any token ids, special ones included, as a list or in a buffer.
            errors: what becomes of bytes that are not UTF-8, as ``bytes.decode`` takes it. A
                token may end inside a character.

        Raises:
            UnknownTokenError: an id is not in the vocabulary.
            UsageError: something is not an id, or ``errors`` is unknown.
        """
        try:
            lookup_error(errors)
        except (LookupError, TypeError):
            raise UsageError(
                f"unknown errors {errors!r}", hint='such as "replace", "strict", "ignore"'
            ) from None
        return self.decode_bytes(ids).decode("utf-8", errors)

    def decode_bytes(self, ids: Sequence[int] | Array) -> bytes:
        """The bytes of token ids; errors are those of ``decode``."""
        try:
            return self._engine("all").decode(
                as_buffer(ids) if self.backend.name == "kernel" else as_sequence(ids)
            )
        except LookupError as error:
            raise UnknownTokenError(
                f"{self.name} has no token with the id {shown_integer(error.args[0])}",
                hint=f"its ids are below {self.vocabulary_size:,}",
            ) from None
        except TypeError:
            check_list("ids", ids, "int")
            for i in as_sequence(ids):
                check_integer("each id", i, -(2**63), 2**64)
            raise

    def decode_batch(
        self, batch: Iterable[Sequence[int] | Array], *, errors: str = "replace", threads: int = 0
    ) -> list[str]:
        """The text of each of several sequences of ids, in order; see ``decode``."""
        decode = partial(self.decode, errors=errors)
        return list(map_ordered(decode, batch, threads, share=_TEXTS_PER_TASK))

    def truncate(
        self, text: str, limit: int, *, side: Side = "right", allowed_special: AllowedSpecial = ()
    ) -> str:
        """The longest prefix (or suffix) of a text that has at most ``limit`` tokens.

        It is exact: what is returned has at most ``limit`` tokens, and no longer prefix (suffix)
        does, unless the limit falls into more than 1,000 characters without a boundary; there,
        one character more exceeds it. No character is cut.

        Args:
            text: any text.
            limit: the maximum number of tokens of the result.
            side: what is cut off: "right" keeps the start of the text, "left" its end.
            allowed_special: see the class.
        """
        from ctxtools.encodings.truncate import truncate

        check_type("text", text, str)
        check_choice("side", side, Side)
        limit = check_integer("limit", limit, 0, inf)
        return truncate(text, limit, self._engine(allowed_special), side=side)
