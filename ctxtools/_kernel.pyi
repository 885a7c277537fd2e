"""The compiled core: byte-level BPE and other tokenizers, counted without making the tokens.

Everything here takes any ``str``; a lone surrogate counts as U+FFFD. A special token's spelling is
text. Work on more than a few kilobytes releases the GIL. Counts never depend on ``threads``, of
which 0 means one for each processor.
"""

from collections.abc import Sequence
from os import PathLike
from typing import Any, Protocol, final

from typing_extensions import Buffer as _Buffer
from typing_extensions import disjoint_base

from ctxtools._core.cut_types import Costs, CutOptions, CutRules, Numbers, WindowOptions

__all__ = [
    "INTERFACE",
    "Blocks",
    "Buffer",
    "ChunkIds",
    "EditedIndex",
    "FileCounter",
    "FileReader",
    "IdLists",
    "Placement",
    "Session",
    "StreamCounter",
    "Structure",
    "TextMap",
    "TokenIndex",
    "Tokenizer",
    "TokenizerJson",
    "Vocabulary",
    "Walk",
    "WindowSpans",
    "__version__",
    "chunk_column",
    "code_blocks",
    "count_terms",
    "find_literals",
    "greedy_cuts",
    "html_blocks",
    "json_blocks",
    "markdown_blocks",
    "markdown_html",
    "markdown_inline",
    "optimal_cuts",
    "pack_sequences",
    "rank",
    "texts_with",
]

__version__: str
INTERFACE: int

class _ArrowArray(Protocol):
    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Blocks:
    """The blocks of a document in pre-order: each is before those inside it.

    Args:
        blocks: the outermost ones: tuples with the values of a `Block`.
        inline: see `ctxtools.chunking.block.Parsed`.

    Raises:
        UsageError: a kind that is not in ``ctxtools._core.block_kinds``.
        OverflowError: an offset has more than 32 bits.
        RecursionError: blocks are nested more than 500 deep.
    """

    def __new__(
        cls, blocks: Sequence[Any], inline: Sequence[tuple[int, int]] | None = None
    ) -> Blocks: ...
    @staticmethod
    def from_post_order(
        columns: Sequence[Sequence[int] | memoryview],
        titles: str,
        kinds: Sequence[str],
        inline: Numbers | None = None,
    ) -> Blocks:
        """Blocks that are each after those inside it. All are atomic but paragraphs.

        Args:
            columns: of each block the start, the end, the number of its kind, the strength before
                it, and the number of its children.
            titles: a line for each.
            kinds: the names of kinds by these numbers.
            inline: starts and ends.

        Raises:
            UsageError: the columns are of no blocks.
        """

    def __len__(self) -> int: ...
    @property
    def columns(self) -> tuple[memoryview, ...]:
        """Of each block the start, the end, the number of the first block that is after it and not
        inside it, the number of its kind, the strength, the level, whether it is atomic, the
        numbers among ``texts`` of its title and of what it repeats, and ``repeat_from`` (format
        ``I``)."""

    @property
    def texts(self) -> list[str]: ...
    @property
    def inline(self) -> list[tuple[int, int]]: ...

@final
class ChunkIds:
    """The ids of the chunks of one document, in order; see ``ctxtools._core.fallback.chunk_ids``.

    Args:
        configurations: what the ids of each size are made of.
    """

    def __new__(cls, configurations: Sequence[bytes]) -> ChunkIds: ...
    def next(self, depth: int, headings: Sequence[bytes], text: bytes) -> tuple[str, int]:
        """The id of the next chunk of a size, and its number among those of that size."""

@final
class Placement:
    """A packing of a corpus by the histogram of its pieces; see ``ctxtools.corpus.plan``.

    Args:
        sizes: the tokens of pieces, EOS included: ascending, from 1 to the window (format ``Q``).
        counts: the number of pieces of each, 1 or more (format ``Q``).
        window: tokens of a window.
        separator: tokens between two pieces.
        max_documents: the maximum number of pieces in a window.

    Attributes:
        bins: the number of windows.
        lower_bound: no packing has fewer.

    Raises:
        ValueError: it is no such histogram.
        TypeError: a column has another format.
    """

    bins: int
    lower_bound: int
    def __new__(
        cls,
        sizes: _Buffer,
        counts: _Buffer,
        window: int,
        *,
        separator: int,
        max_documents: int,
    ) -> Placement: ...
    @staticmethod
    def from_columns(
        columns: tuple[_Buffer, _Buffer, _Buffer, _Buffer, _Buffer, _Buffer, _Buffer],
        window: int,
        *,
        separator: int,
        max_documents: int,
        lower_bound: int,
    ) -> Placement:
        """A packing that was made before, all of it checked.

        Raises:
            ValueError: it is not one of these pieces, or has windows above their limits.
            TypeError: a column has another format.
        """

    def columns(self) -> tuple[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]:
        """Sizes and counts (format ``Q``); of the nodes, which put pieces of one size into windows
        that held those of a parent: parents (or 2**32 - 1), numbers of sizes, pieces (``I``); and
        of the windows that are alike: their last nodes (``I``), and how many (``Q``)."""

    def place(
        self,
        lengths: _Buffer,
        first: _Buffer,
        ends: _Buffer,
        *,
        eos: int,
        overlong: str,
        seed: int | None,
        first_window: int,
    ) -> tuple[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]:
        """Where the pieces of a part go, in the order of its documents.

        Args:
            lengths: the tokens of the part's documents: a contiguous row of integers.
            first: for each size, how many pieces of it are in the parts before (format ``Q``).
            ends: the same, with those of the part.
            eos: tokens after each document.
            overlong: "split", "truncate", "drop" or "raise"; with the last no documents are counted
                that are longer than a window.
            seed: permutes the windows, and the places for each size.
            first_window: the number of the first window.

        Returns:
            (documents, starts in them, lengths, windows, offsets in them) of each piece, in format
            ``I``, or ``Q`` where one of them, or the window, needs it; and the documents that were
            truncated or dropped (``Q``).

        Raises:
            ValueError: (``"negative"`` or ``"uncounted"``, the document's number), the second where
                the part should have no more pieces of a size than before that document; or
                (``"missing"``, the size) where it should have more of one. Or ``first`` or
                ``ends`` are not of this packing.
            OverflowError: (pieces,) as of `pack_sequences`.
            MemoryError: there is no memory for so many.
            TypeError: a column has another format.
        """

@final
class Structure:
    """The blocks of a document, by which the kernel cuts it; see ``ctxtools._core.windows``."""

    @staticmethod
    def of(blocks: Blocks | None, text: str, with_titles: bool) -> Structure | None:
        """None where titles or the text are not UTF-8."""

    def window(
        self,
        index: TokenIndex,
        offset: int,
        body_start: int,
        breaks: Sequence[int],
        extra: Costs,
        options: WindowOptions,
    ) -> WindowSpans | None: ...

@final
class WindowSpans:
    """The spans of a look-ahead window, of each size."""

    def __len__(self) -> int:
        """How many there are of the first size."""

    def spans(self) -> list[tuple[Any, ...]]:
        """All of them, each followed by the smaller ones inside it: the number of its size, and the
        values of ``ctxtools.chunking.cutting.spans.Span`` but for its children."""

    def has_oversize(self, first: int, last: int) -> bool:
        """Whether one of the spans from the first to before the last, or one inside these, is a
        character above the limit."""

    def start_before(self, number: int) -> tuple[int, int, int, int]:
        """Where the next look-ahead window may start that continues with a span: in characters,
        bytes and line feeds of this one. And where that span starts after its overlap, in
        characters from there."""

    def columns(
        self, first: int, last: int, origin: tuple[int, int, int], ids: ChunkIds
    ) -> tuple[list[Any], ...]:
        """The chunks of the spans of the first size from one to before another, each followed by
        the smaller ones inside it.

        Args:
            first, last: the numbers of these spans.
            origin: where the window starts in the document: characters, bytes, and the line from 1.
            ids: makes the ids.

        Returns:
            The fields of `Chunk` from ``id`` to ``index``; the number of the size; the strength of
            the cut at its end; whether it has less overlap than was asked for; and whether its
            header, or a part of it, was left out.
        """

@final
class Buffer:
    """Numbers for ``memoryview`` and numpy, which see them without a copy. Read-only."""

    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...

@final
class IdLists:
    """See ``ctxtools.encodings.engines.id_lists.IdLists``, which this is one of."""

    def __len__(self) -> int: ...
    @property
    def ids(self) -> memoryview: ...
    @property
    def offsets(self) -> memoryview: ...
    @property
    def lengths(self) -> memoryview: ...
    @property
    def texts(self) -> memoryview: ...
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

def chunk_column(
    tokenizer: Tokenizer,
    column: _ArrowArray | _ArrowStream,
    sources: _ArrowArray | _ArrowStream | None,
    options: WindowOptions,
    configurations: Sequence[bytes],
    threads: int,
) -> tuple[list[tuple[Buffer, ...]], list[int]]:
    """The chunks of each text of an Arrow column of strings that are plain text.

    Args:
        tokenizer: counts.
        column: a null has no chunks.
        sources: the names of the texts.
        options: how to cut.
        configurations: what the ids of each size are made of, before the source.
        threads: see above.

    Returns:
        In batches, the memory of Arrow arrays: the number of the text (format ``q``); the ids and
        their offsets, the texts and their offsets, the sources and their offsets (``B`` and ``I``);
        tokens, start and end in characters, in bytes, the line, the number in the text (``q``); the
        bitmap of those with a parent, the parents' ids and their offsets; and a zero for each, and
        one more. And the numbers of texts that have to be chunked alone: those that are long, have
        pages, a character above the limit, or are not in the tokenizer's normal form. Ids are
        distinct if there are none.

    Raises:
        TypeError: it is no column of strings.
        ValueError: a text is not UTF-8.
        UsageError: there are not as many sources.
    """

def code_blocks(
    grammar: object,
    data: bytes,
    roles: bytes,
    words: Sequence[Sequence[str]],
    depth: int,
) -> tuple[Buffer, Buffer, Buffer, Buffer, Buffer, str]:
    """The blocks of source code, each after those inside it.

    Args:
        grammar: what the module of a tree-sitter grammar returns as its language.
        data: the code in UTF-8; a lone surrogate is three bytes.
        roles: of each kind of node the sum of its roles (format ``I``), by the kind's number.
        words: those with which a call is a function, a class or an import.
        depth: blocks nested in that many others or more are left out.

    Returns:
        For each block, where it starts, where it ends (in characters), its kind, the strength of a
        cut before it, and the number of its children (format ``I``; kinds as in
        ``ctxtools._core.roles.KINDS``). And their titles, a line for each.

    Raises:
        OverflowError: the text has more than 4 GiB.
        ValueError: the parser failed, or takes too many steps or too long.
    """

def count_terms(
    texts: list[str],
    words: list[str],
    terms: list[int],
    lines: int,
    threads: int = 1,
) -> tuple[memoryview, memoryview, memoryview, memoryview, memoryview, memoryview]:
    """How often each of some terms occurs in each segment of some texts.

    A word of a text is a run of letters, marks and digits in lower case; of an identifier, each of
    its words: ``issueRefund`` has two. Two words with nothing or underscores between them are
    looked for as one, too. In Chinese and Japanese, each character with the one after it is a word.
    Takes time linear in the texts.

    Args:
        texts: any texts.
        words: what is looked for, in lower case.
        terms: the number of the term that each word stands for.
        lines: of a segment; the last one of a text may have fewer.
        threads: how many may work.

    Returns:
        Columns of format ``I``: for each text, the number of segments up to its end; for each
        segment, its words; and for each term in a segment, in this order, the number of the text,
        that of the segment in the text, the term, and how often it occurs.

    Raises:
        ValueError: ``lines`` is below 1, or there are not as many terms as words.
    """

def html_blocks(text: str) -> Blocks:
    """The blocks of an HTML document.

    A heading rules what follows up to the next one of its level or higher, whatever elements are
    around the two. Where there is no ``h1``, all is in a section under the document's title. Tags
    are inline, with the words that they belong to.

    Raises:
        OverflowError: the text has more than 4 GiB of UTF-8.
    """

def json_blocks(text: str, records: bool, depth: int) -> Blocks:
    """The blocks of a JSON text or, if it has records, of the value on each line.

    Blocks nested in ``depth`` others or more are left out. The title of a block is its key or
    number, and spans in which a long string starts are inline.

    Raises:
        OverflowError: the text has more than 4 GiB of UTF-8.
        ValueError: the text is not JSON; with the offset of the fault, its number in
            ``json_types``, and how many brackets are open.
    """

def markdown_blocks(text: str, start: int, front: int, title: str, depth: int) -> Blocks:
    """The blocks of a Markdown document; a section ends at the next heading of its level.

    Args:
        text: the document, without lone surrogates.
        start: where it starts, after a byte order mark.
        front: where its front matter ends; ``start`` if it has none.
        title: in the front matter; it is that of the outermost section if no heading is of level 1.
        depth: blocks nested in so many others or more are left out.

    Raises:
        OverflowError: the text has more than 4 GiB of UTF-8.
        ValueError: the parser failed.
    """

def markdown_html(text: str, front: int, depth: int) -> list[tuple[int, int]]:
    """The spans of a Markdown document that are blocks of HTML, in order.

    Args:
        text, front, depth: as for `markdown_blocks`.

    Raises:
        OverflowError: the text has more than 4 GiB of UTF-8.
        ValueError: the parser failed.
    """

def markdown_inline(text: str, segments: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans of Markdown that are not to be cut, the outer ones first: code, links, images and
    tags. One may contain others.

    Args:
        text: a document, without lone surrogates.
        segments: where it is neither code nor HTML: starts and ends, in order.

    Raises:
        OverflowError: the text has more than 4 GiB of UTF-8.
    """

def pack_sequences(
    lengths: _Buffer,
    window: int,
    *,
    eos: int,
    separator: int,
    max_documents: int,
    overlong: str,
    seed: int | None,
) -> tuple[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, int]:
    """Documents into training windows; see ``ctxtools.packing.training.sequences``.

    Args:
        lengths: a contiguous row of integers, at least one.
        window: tokens of a window.
        eos, separator: tokens after each document, and between two of a window.
        max_documents: the maximum in a window.
        overlong: "split", "truncate", "drop" or "raise".
        seed: shuffles.

    Returns:
        (offsets, documents, starts, lengths, overlong, empty, lower bound). Documents, starts and
        lengths have format ``I``, or ``Q`` where one of them needs it; the others ``Q``.

    Raises:
        ValueError: (``"negative"`` or ``"overlong"``, the document's number).
        OverflowError: (pieces,) that documents are split into, of which there are more than
            ``ctxtools._core.bins.max_pieces``.
        MemoryError: there is no memory for so many.
        TypeError: they are something else.
    """

def find_literals(texts: list[str], literals: list[str], threads: int = 1) -> list[list[int]]:
    """The offsets, in characters, at which any of some literals occurs in each text, in order.

    Those that overlap one before do not count, nor do longer ones that start where one does that
    comes first in ``literals``. Takes time linear in the texts.

    Args:
        texts: any texts.
        literals: some characters of ASCII each.
        threads: how many may work; 0 is one per core.

    Raises:
        ValueError: a literal is empty, or has other characters.
    """

def rank(
    uses: list[dict[int, float]], starts: list[float], steps: int, damping: float
) -> list[float]:
    """The share of each file in the attention of a reader who starts anywhere and follows uses.

    Takes time linear in the uses. The same bits everywhere.

    Args:
        uses: of each file: file that it uses -> weight, which is positive.
        starts: how often the reader starts at each file; not negative, some positive.
        steps: how often the reader goes on.
        damping: of what a file passes on at each step; the rest starts anew.

    Returns:
        Shares, which sum to 1.

    Raises:
        ValueError: a file or a weight is none, or there are not as many starts.
    """

def texts_with(
    texts: list[str], literals: list[str], ignore_case: bool = False, threads: int = 1
) -> list[int]:
    """The numbers of the texts in which any of some literals occurs. Takes time linear in them.

    Args:
        texts: any texts.
        literals: some characters of ASCII each.
        ignore_case: whether letters of ASCII are looked for in both cases.
        threads: how many may work; 0 is one per core.

    Raises:
        ValueError: a literal is empty, or has other characters.
    """

@final
class Vocabulary:
    """A vocabulary on its way to the one `Tokenizer` that is made of it."""

@final
class TokenizerJson:
    """What is large in a ``tokenizer.json``: the vocabulary, and the merges of BPE.

    A vocabulary is an object with an id for each token, or a list of tokens with scores, whose ids
    are their positions in it.

    Args:
        data: the file's content.

    Raises:
        ValueError: it is not a plain one: it is malformed, has a name twice or spelled with
            escapes, half a character in a token, a token twice in a list, or its merges before its
            vocabulary.
    """

    def __new__(cls, data: bytes) -> TokenizerJson: ...
    @property
    def rest(self) -> str:
        """The file, in which ``model.vocab`` and ``model.merges`` are empty."""
    @property
    def token_count(self) -> int:
        """Of the vocabulary."""
    @property
    def max_id(self) -> int | None:
        """The highest id of the vocabulary; None if that is empty."""
    def id_of(self, token: str) -> int | None:
        """The id of a token of the vocabulary."""
    def byte_level(self, ignore_merges: bool) -> tuple[Vocabulary, dict[int, bytes]] | None:
        """The vocabulary of byte-level BPE, with ranks that do the same as the merges.

        Args:
            ignore_merges: whether a pretoken that is a token becomes that token, whether merges
                make it or not.

        Returns:
            The vocabulary, and id -> bytes of the tokens that no text has. None where there are no
            such ranks, two tokens have the same id, or a byte has no token.
        """

@final
class Tokenizer:
    """A vocabulary and a split pattern.

    Args:
        vocabulary: a packaged vocabulary file's content (see ``ctxtools/encodings/vocabulary.py``);
            or token bytes -> rank, which is the id too; or (token bytes, id, rank) of each token;
            or one of a `TokenizerJson`.
            All single bytes that are in UTF-8 are tokens. Ranks may have gaps.
        pattern: a family's name (r50k, cl100k, llama3, qwen2, qwen35, o200k, tekken, kimi,
            deepseek), or the source of another regular expression in the dialect of Rust's
            fancy-regex; what that does not match has no tokens, as in tiktoken; or the JSON of the
            ``pre_tokenizer`` of a tokenizer.json, whose last step is ``ByteLevel``.
        nfc: whether a text is normalised to NFC first, by the Unicode version of ``tokenizers``.

    Raises:
        ValueError: the vocabulary or the pattern is corrupt, or a step of it is not known exactly.

    A pretoken that is in the vocabulary is that token, as in tiktoken, whatever its merges.

    What has no docstring here is as in ``ctxtools.encodings.engines.backend.Backend``.
    """

    def __new__(
        cls,
        vocabulary: bytes | dict[bytes, int] | list[tuple[bytes, int, int]] | Vocabulary,
        pattern: str,
        *,
        nfc: bool = False,
    ) -> Tokenizer: ...
    @staticmethod
    def knows_splits(pre_tokenizer: str) -> bool:
        """Whether the JSON of a ``pre_tokenizer`` is a pattern here: each step is known exactly."""
    @staticmethod
    def of_words(
        model: str, tokens: TokenizerJson | list[tuple[str, int]], settings: str
    ) -> Tokenizer:
        """A tokenizer of another family than byte-level BPE, as a ``tokenizer.json`` describes it.

        Args:
            model: the type of the model: WordPiece, BPE or Unigram.
            tokens: its vocabulary, the file's or, for WordPiece, spellings and ids.
            settings: JSON with the file's ``normalizer`` and ``pre_tokenizer``, and its ``model``
                without the vocabulary, such as the ``rest`` of a ``TokenizerJson``.

        Raises:
            ValueError: something in it is not known exactly.
        """

    @staticmethod
    def of_sentencepiece(data: bytes) -> tuple[Tokenizer, dict[str, int], int, int]:
        """The tokenizer of a SentencePiece ``.model``.

        Returns:
            The tokenizer, its control pieces (spelling -> id), and the ids of those that start and
            end a text, each -1 if there is none.

        Raises:
            ValueError: it is malformed, or something in it is not known exactly.
        """

    @property
    def vocabulary_size(self) -> int: ...
    def count(self, text: str, threads: int = 1) -> int: ...
    def count_till_limit(self, text: str, limit: int) -> int | None: ...
    def count_batch(self, texts: list[str], threads: int = 1) -> list[int]: ...
    def count_arrow(self, column: _ArrowArray | _ArrowStream, threads: int = 1) -> Buffer:
        """The number of tokens of each row (format ``Q``) of a column of strings; 0 for null.

        Args:
            column: anything with Arrow's PyCapsule interface: an array, chunked array or series of
                strings, or a table with no other column.

        Raises:
            TypeError: it is something else.
        """

    def count_files(
        self, paths: Sequence[str | PathLike[str]], threads: int = 1
    ) -> list[int | OSError | UnicodeDecodeError]:
        """The number of tokens of each file of UTF-8, or why there is none.

        A byte order mark at the start is not counted.

        Files are read in pieces of about 1 MiB, large ones by all threads together. A
        UnicodeDecodeError has the offset of the first fault in ``start``, but not the bytes.
        A signal (Ctrl-C) stops it.
        """

    def encode_batch(self, texts: list[str], threads: int = 1) -> list[list[int]]: ...
    def encode_batch_to_arrow(
        self,
        texts: list[str],
        before: Sequence[int],
        after: Sequence[int],
        max_length: int | None,
        overlap: int | None,
        threads: int = 1,
    ) -> IdLists:
        """Arguments are those of ``ctxtools.encodings.engines.id_lists.Shape``."""

    def encode_arrow(
        self,
        column: _ArrowArray | _ArrowStream,
        before: Sequence[int],
        after: Sequence[int],
        max_length: int | None,
        overlap: int | None,
        threads: int = 1,
    ) -> IdLists:
        """As ``encode_batch_to_arrow``, of the rows of a column; see ``count_arrow``."""

    def encode(self, text: str, limit: int | None = None) -> Buffer:
        """The ids of the tokens of a text (format ``I``), at most the first ``limit``.

        Raises: OverflowError: ``limit`` is negative, or above 64 bits.
        """

    def encode_bytes(self, data: bytes) -> Buffer:
        """The ids (format ``I``) of bytes as one pretoken, whether or not they are UTF-8.

        Raises:
            ValueError: the tokenizer is not byte-level BPE.
        """

    def decode(self, ids: Sequence[int] | _Buffer) -> bytes:
        """The bytes of tokens.

        Raises:
            KeyError: an id that no token has.
        """

    def index(self, text: str) -> TokenIndex:
        """The token index of a text.

        Raises:
            ValueError: the text is normalised before it is split, and is not in NFC already; or
                the split pattern is not one of the families; or the text has a pair of surrogates;
                or a word in it has more than 64 tokens, or more tokens than bytes.
            OverflowError: the text has more than 4 GiB of UTF-8.
        """

    def prefix_end(self, text: str, limit: int) -> int:
        """The last boundary between pretokens, in characters, to which a text has at most
        ``limit`` tokens. Reads little more of the text than that.

        Raises:
            ValueError: as ``index``.
        """

    def suffix_length(self, text: str, limit: int) -> int:
        """The length, in characters, of the longest end of a text that starts between pretokens
        and has at most ``limit`` tokens. Reads little more of the text than that.

        Raises:
            ValueError: as ``index``.
        """

    def counter(self) -> StreamCounter: ...
    def session(self) -> Session: ...

@final
class FileCounter:
    """Counts files on several threads, a batch after the other, while Python does its part.

    A file is counted if it is regular, no symbolic link, plainly text by its start, and UTF-8
    without escape sequences (``ESC $``, ``~{``) throughout.

    Args:
        tokenizers: what to count with.
        threads: 0 is one for each core. They start with the first batch.
        starts: what files start with, white space apart, that are not plainly text.
        controls: bytes that are not in the head of such a text.
        head: the size of the head in bytes.
        limit: files of this size in bytes, and larger ones, are not counted.
    """

    def __new__(
        cls,
        tokenizers: Sequence[Tokenizer],
        threads: int,
        *,
        starts: Sequence[bytes],
        controls: bytes,
        head: int,
        limit: int,
    ) -> FileCounter: ...
    def add(self, paths: Sequence[str]) -> None:
        """Have a batch of files counted, after those that were added before."""

    def next_counts(self) -> tuple[memoryview, list[memoryview], dict[int, bytes]]:
        """What became of the oldest batch; waits for it. A signal (Ctrl-C) ends the wait.

        Returns:
            The sizes in bytes (format ``q``), -1 for a file that was not counted; for each
            tokenizer the numbers of tokens (format ``Q``); and, by the number of the file in its
            batch, the head of each that is not plainly text.

        Raises:
            RuntimeError: there is no batch.
        """

@final
class FileReader:
    """Reads files on several threads, a batch after the other, while Python does its part. Of the
    texts that were not taken yet it holds 64 MiB at most; a file that is more is not read.

    Args:
        threads, starts, controls, head, limit: which files are read, and how; see `FileCounter`.
    """

    def __new__(
        cls, threads: int, *, starts: Sequence[bytes], controls: bytes, head: int, limit: int
    ) -> FileReader: ...
    def add(self, paths: Sequence[str]) -> None:
        """Have a batch of files read, after those that were added before."""

    def next_texts(self) -> tuple[memoryview, list[str | None], dict[int, bytes]]:
        """What became of the oldest batch; waits for it. A signal (Ctrl-C) ends the wait.

        Returns:
            The sizes in bytes (format ``q``), -1 for a file that was not read; the texts, None for
            such a one; and, by the number of the file in its batch, the head of each that is not
            plainly text.

        Raises:
            RuntimeError: there is no batch.
        """

@final
class Walk:
    """The files below a folder, in the order of their names; not on Windows.

    Args:
        prefix: the folder with a slash at its end, or "" for the current one.
        hidden: list what starts with a dot.
        patterns: a folder with a ``.git``, a ``.gitignore`` or a ``.ignore`` has rules of its own,
            and is not entered. Those of ``prefix`` are not looked at.
        ignored: what git ignores; a ``.gitignore`` then means nothing more.
        start: the offset in a path, in bytes, of what is compared with ``ignored``.
    """

    def __new__(
        cls,
        prefix: str,
        *,
        hidden: bool,
        patterns: bool,
        ignored: Sequence[str] | None = None,
        start: int = 0,
    ) -> Walk: ...
    def next_entries(self, max: int) -> tuple[list[str], bytes]:
        """The next entries, none at the end: their paths, and what each is.

        0 is a file; 1 a folder that was not entered: it is empty, cannot be listed, starts with a
        dot or has rules of its own; 2 anything else, and what starts with a dot.
        """

    @property
    def left_out(self) -> tuple[int, int]:
        """How many files and folders were left out so far: hidden, and ignored."""

@disjoint_base
class TextMap:
    """See ``ctxtools._core.types.TextMap``, which this is one of.

    Offsets are any sequence of ``int``, fastest a buffer of format ``I`` or ``q``. Work on many of
    them releases the GIL.

    Args:
        text: any text. Its segments are its words and punctuation.

    Raises:
        OverflowError: the text has more than 4 GiB of UTF-8.
    """

    def __new__(cls, text: str) -> TextMap: ...
    @property
    def ends(self) -> memoryview: ...
    @property
    def strengths(self) -> memoryview: ...
    @property
    def text(self) -> str: ...
    @property
    def length(self) -> int: ...
    def __len__(self) -> int: ...
    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]: ...
    def positions(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]: ...
    def boundaries(
        self, strength: int, start: int = ..., end: int | None = None
    ) -> tuple[memoryview, memoryview]: ...
    def cluster_ends(self, start: int, end: int) -> memoryview: ...
    def is_inside_cluster(self, offset: int) -> bool: ...
    def cohesion(
        self, offsets: Sequence[int], reach: int, weight: float = ...
    ) -> memoryview[float]: ...

@final
class TokenIndex(TextMap):
    """See ``ctxtools._core.types.TokenIndex``, which this is one of. Its segments are pretokens."""

    @property
    def additive(self) -> bool: ...
    @property
    def sums(self) -> memoryview: ...
    @property
    def total(self) -> int: ...
    def count(self, start: int, end: int) -> int: ...
    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview: ...
    def end(self, start: int, limit: int) -> int: ...
    def end_anywhere(self, start: int, limit: int) -> int: ...
    def start_anywhere(self, end: int, limit: int) -> int: ...
    def token_ends(self, start: int, end: int) -> tuple[memoryview, memoryview]: ...
    def measure(self, offsets: Sequence[int]) -> tuple[memoryview, memoryview]: ...
    def overlap_starts(
        self, offsets: Sequence[int], overlap: int, rules: CutRules | None = None
    ) -> memoryview: ...
    def cut_points(
        self, start: int, forced: Sequence[int], rules: CutRules, options: CutOptions
    ) -> tuple[memoryview, memoryview, memoryview[float], memoryview, memoryview, memoryview]: ...
    def cut(
        self, start: int, parents: Numbers, rules: CutRules, options: CutOptions
    ) -> tuple[
        memoryview,
        memoryview,
        memoryview,
        memoryview,
        list[str],
        memoryview,
        memoryview,
        memoryview[bool],
        memoryview[bool],
        memoryview,
        memoryview,
        memoryview,
    ]: ...
    def replaced(
        self, start: int, end: int, text: str
    ) -> tuple[EditedIndex, tuple[int, int, int, int, int]]:
        """The index of the text with ``text[start:end]`` replaced, and the fields of an `Edit`.

        This index stays as it is, and is held by the new one until little of it is left.

        Raises:
            ValueError: a lone surrogate is in one of the texts, or as of ``Tokenizer.index``.
            OverflowError: the text would have more than 4 GiB of UTF-8.
        """

@final
class EditedIndex:
    """See ``ctxtools._core.edits.EditedIndex``, which this is one of. It never changes."""

    @property
    def additive(self) -> bool: ...
    @property
    def text(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def total(self) -> int: ...
    def count(self, start: int, end: int) -> int: ...
    def counts(self, starts: Sequence[int], ends: Sequence[int]) -> memoryview: ...
    def end(self, start: int, limit: int) -> int: ...
    def slices(self, starts: Sequence[int], ends: Sequence[int]) -> list[str]: ...
    def replaced(
        self, start: int, end: int, text: str
    ) -> tuple[EditedIndex, tuple[int, int, int, int, int]]:
        """See ``TokenIndex.replaced``."""

    def whole(self) -> TokenIndex: ...

@final
class Session:
    """See ``ctxtools.encodings.engines.backend.Tail``, which this is one of.

    It holds the last pretokens, or words, alone, in which lone surrogates are U+FFFD.
    """

    @property
    def total(self) -> int: ...
    def append(self, text: str) -> int:
        """Takes time for the text, and for what is held. After an error it is as before."""

@final
class StreamCounter:
    """Counts a text that arrives in blocks, as if it arrived at once, in about 1 MiB of memory.

    A single pretoken that is longer is held as a whole.
    """

    def feed(self, data: str | bytes) -> None:
        """Takes the next block; one in bytes may end inside a character.

        Raises:
            UnicodeDecodeError: bytes that are not UTF-8, now or when they are counted.
        """

    @property
    def count_so_far(self) -> int: ...
    def finish(self) -> int:
        """See ``ctxtools.encodings.engines.backend.Counter``.

        Raises:
            UnicodeDecodeError: bytes that are not UTF-8.
        """

def optimal_cuts(
    sums_from: _Buffer,
    sums_to: _Buffer,
    costs: _Buffer,
    shares: _Buffer,
    limit: int,
    min_size: int,
    below_min: float,
    evenness: float,
    smallness: float,
    per_span: float,
    target: float,
) -> memoryview:
    """See ``ctxtools._core.fallback.chunk.optimal_cuts``.

    Args:
        sums_from, sums_to: buffers of format ``q``.
        costs, shares: buffers of format ``d``.

    Raises:
        ValueError: the text cannot be cut, or the buffers differ in length.
        BufferError, TypeError: they are not of their formats.
    """

def greedy_cuts(
    sums_from: _Buffer,
    sums_to: _Buffer,
    costs: _Buffer,
    limit: int,
    below_min: float,
) -> memoryview:
    """See ``ctxtools._core.fallback.chunk.greedy_cuts``; errors as of ``optimal_cuts``."""
