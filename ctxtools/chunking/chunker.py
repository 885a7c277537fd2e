"""Chunker: splits documents into chunks that keep a token limit, along their structure.

See `Chunker` for what is guaranteed and what is optimised. The steps, in order:

    cutting/       the text in look-ahead windows, each cut in one pass (window.py)
    formats/       blocks of the document, which structure.py answers questions about
    build.py       offsets in the document, headings and ids
    summary.py     statistics

counter.py counts, costs.py holds what a chunk costs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ctxtools.checks import check_choice, check_list
from ctxtools.chunking.block import Block
from ctxtools.chunking.build import ChunkBuilder, Origin
from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.look_ahead import LookAhead
from ctxtools.chunking.cutting.spans import Span
from ctxtools.chunking.cutting.window import LookAheadWindow
from ctxtools.chunking.formats import parse_blocks
from ctxtools.chunking.settings import Format, OnOversize, Settings, Strategy
from ctxtools.chunking.structure import Structure
from ctxtools.chunking.summary import Summary
from ctxtools.documents.filetypes import ChunkFormat, file_type
from ctxtools.encodings import Encoding
from ctxtools.errors import FormatError, MissingExtraError, UsageError

if TYPE_CHECKING:
    from ctxtools.documents import Document

WINDOW = 1 << 22  # characters of a look-ahead window; more if the limit is large
_PER_TOKEN = 32  # characters of a look-ahead window per token of the limit
# The share of a look-ahead window's chunks, and at least two, that are cut again with the next.
_RECUT_SHARE = 1 / 32


class Chunker:
    """Splits documents into chunks of at most a number of tokens.

    For every chunk, ``encoding.count(chunk.text) == chunk.token_count <= chunk_size``, overlap and
    header included; and ``encoding.count(chunk.text, add_special_tokens=True) <= chunk_size``, so
    that an embedding model that puts ``[CLS]`` and ``[SEP]`` around a chunk sees all of it.
    ``chunk.text`` is ``chunk.header`` followed by one contiguous slice of the document. Without
    overlap the slices join to the document. A cut is never inside a character, nor inside a
    grapheme cluster unless the cluster alone exceeds the limit.

    All cuts are chosen together to minimise the total cost of the chunks. A chunk costs::

        1 + penalty(strength of the cut at its end) + ((size - tokens) / size)**2
          + (1 if tokens < min_size else 0)

    where the penalty is 0 for a cut before a heading, .05 at an empty line, .15 at the end of a
    sentence, .6 at a line break, 1 between words and 2 inside a word. So there are few chunks, cut
    at strong boundaries, of even sizes. (The choice is optimal among the cut points considered,
    within look-ahead windows of four million characters, by the sums of the token index.) With
    ``strategy="greedy"`` each chunk ends at the strongest cut in the last quarter of what fits.

    Time is linear in the text. Counters whose counts do not add up, functions among them, are asked
    for the sentences, for smaller spans if these are large, and for each chunk: two to five times
    the text in all, nine if it has no words.

    Args:
        encoding: an Encoding, the name of one, or a function from a text to its size.
        chunk_size: the maximum tokens of a chunk, header and overlap included, and what the
            tokenizer itself adds. Several sizes, the largest first, nest: each chunk is followed by
            the smaller ones it is split into.
        chunk_overlap: the maximum tokens repeated from the end of the previous chunk: as many
            words as fit (at times one fewer if counts do not add up). If words are long, such as
            addresses or Chinese clauses, the overlap may start inside one. There is less only next
            to an atomic span; the summary says how often.
        min_size: a chunk with fewer tokens is created only if it saves another chunk or a bad cut.
        strategy: "optimal" or "greedy".
        format: the structure of documents: "text", "markdown", "python", …; "auto" goes by the
            name of the source. Structure moves cuts, and gives chunks their headings. A document
            that is not valid in its format is cut as text, and the summary's notes say so.
        header: whether each chunk starts with the headings above it that it does not contain:
            ``"Title > Section\\n\\n"``. The header rows of a table are repeated in any case. A
            header of more than half a chunk is left out.
        on_oversize: what to do with a character that alone exceeds the limit: "raise" an error, or
            "split-tokens": create several chunks whose text is U+FFFD, each for some bytes of the
            character, from ``start_byte`` to ``end_byte``.
        add_special_tokens: whether the size has room for what the encoding's tokenizer itself adds
            to a text, ``encoding.added_ids``; False for chunks that go to no model one by one.

    Raises:
        UsageError: an invalid argument.
        UnknownEncodingError: unknown name of an encoding.
    """

    def __init__(
        self,
        encoding: Encoding | str | Callable[[str], int],
        chunk_size: int | Sequence[int] = 512,
        chunk_overlap: int = 0,
        *,
        min_size: int = 0,
        strategy: Strategy = "optimal",
        format: Format = "text",
        header: bool = False,
        on_oversize: OnOversize = "raise",
        add_special_tokens: bool = True,
    ) -> None:
        if isinstance(chunk_size, str | bytes | bytearray):
            raise UsageError(
                f"chunk_size must be an int or a list of int, got {chunk_size!r:.40}",
                hint="pass one int, or several, the largest first: (512, 128)",
            )
        sizes = tuple(chunk_size) if isinstance(chunk_size, Sequence) else (chunk_size,)
        self._counter = TextCounter(encoding)
        self._added = self._counter.tokens_added if add_special_tokens else 0
        # From here on a size is that of a text, which ids are made from.
        sizes = _without(self._added, sizes, self._counter.name)
        self._settings = Settings(
            sizes, chunk_overlap, min_size, strategy, format, header, on_oversize
        )

    def __repr__(self) -> str:
        return f"<Chunker {self._counter.name!r}, {self.chunk_sizes}>"

    @property
    def encoding(self) -> Encoding | None:
        """The encoding; None if a function counts."""
        return self._counter.encoding

    @property
    def chunk_size(self) -> int:
        """The maximum tokens of a chunk; of the largest, if sizes are nested."""
        return self.chunk_sizes[0]

    @property
    def chunk_sizes(self) -> tuple[int, ...]:
        """All sizes, the largest first."""
        return tuple(size + self._added for size in self._settings.chunk_sizes)

    @property
    def tokens_added(self) -> int:
        """Tokens of each size that are not for the text: the encoding's tokenizer adds them."""
        return self._added

    @property
    def chunk_overlap(self) -> int:
        """The maximum tokens of overlap."""
        return self._settings.chunk_overlap

    @property
    def min_size(self) -> int:
        """Chunks with fewer tokens are avoided."""
        return self._settings.min_size

    @property
    def strategy(self) -> Strategy:
        """How cuts are chosen."""
        return self._settings.strategy

    @property
    def format(self) -> Format:
        """The format of documents, or "auto"."""
        return self._settings.format

    @property
    def header(self) -> bool:
        """Whether chunks start with the headings above them."""
        return self._settings.header

    @property
    def on_oversize(self) -> OnOversize:
        """What happens to a character that alone exceeds the limit."""
        return self._settings.on_oversize

    @property
    def configuration(self) -> str:
        """All of the above on one line: part of each chunk's id."""
        return f"{self._counter.name} {self._settings}"

    def count(self, text: str) -> int:
        """The size of a text as this chunker counts it."""
        return self._counter.count_batch([text])[0]

    def chunk(self, text: str, *, source: str = "", format: Format | None = None) -> "Chunks":
        """The chunks of a text, one after the other.

        Args:
            text: any text; an empty one has no chunks.
            source: its path or name.
            format: its structure; None for that of the chunker.

        Raises:
            UsageError: unknown format, or not a str.
            MissingExtraError: the parser of the format asked for is not installed.
            OversizeError: (while iterating) a character has more tokens than a chunk may have.
        """
        if not isinstance(text, str):
            raise UsageError(
                f"text must be a str, got {type(text).__name__}", hint="decode bytes first"
            )
        blocks, notes = _blocks(text, source, format or self._settings.format)
        structure = Structure(blocks, with_titles=self._settings.header)
        return self._chunks([text], structure, source, notes)

    def chunk_stream(
        self, blocks: Iterable[str], source: str = "", *, format: Format | None = None
    ) -> "Chunks":
        """The chunks of a text that arrives in blocks: the same as those of the joined text.

        If the format is "text", memory is bounded by the look-ahead window (and some 100 bytes per
        chunk, for the ids). Any other format is parsed, which takes the complete text.

        Args:
            blocks: the text, split anywhere.
            source: its path or name.
            format: its structure; None for that of the chunker.

        Raises:
            UsageError: (possibly while iterating) a block is not a str; and as `Chunker.chunk`.
        """
        check_list("blocks", blocks, hint="use Chunker.chunk for one text")
        blocks = _checked(blocks)
        format = format or self._settings.format
        if self.is_parsed(source, format=format):
            return self.chunk("".join(blocks), source=source, format=format)
        return self._chunks(blocks, Structure(), source)

    def is_parsed(self, source: str, *, format: Format | None = None) -> bool:
        """Whether a document of that name has a structure: then `chunk_stream` holds all of it."""
        return _resolve(format or self._settings.format, source) != "text"

    def chunk_document(self, document: "Document") -> "Chunks":
        """The chunks of a document. The source of a record is ``"path#number"``: text to "auto"."""
        return self.chunk(document.text, source=document.name)

    def _chunks(
        self,
        blocks: Iterable[str],
        structure: Structure,
        source: str,
        notes: tuple[str, ...] = (),
    ) -> "Chunks":
        builder = ChunkBuilder(
            self._counter, structure, self._settings, source, notes, tokens_added=self._added
        )
        return Chunks(self._cut(LookAhead(blocks), structure, builder), builder)

    def _cut(
        self, text_ahead: LookAhead, structure: Structure, builder: ChunkBuilder
    ) -> Iterator[Chunk]:
        """The chunks of each look-ahead window; its last ones are cut again with the next."""
        origin, body_start = Origin(), 0  # of the look-ahead window; of its first chunk, within it
        usual = length = max(WINDOW, self.chunk_size * _PER_TOKEN)
        while True:
            text, is_last = text_ahead.window(origin.character, length)
            spans: Sequence[Span] = ()
            if body_start < len(text):
                window = LookAheadWindow(
                    text, origin.character, self._counter, structure, self._settings
                )
                spans = window.spans(body_start)
            if is_last:
                yield from builder.chunks(spans, origin)
                return
            closed = len(spans) - max(2, int(len(spans) * _RECUT_SHARE))
            if closed <= 0:
                length *= 2
                continue
            yield from builder.chunks(spans[:closed], origin)
            first, length = window.start_before(spans, closed), usual
            origin, body_start = origin.at(first), spans[closed].body_start - first.start
            del text, window, spans, first  # at most one look-ahead window is in memory


class Chunks(Iterator[Chunk]):
    """An iterator over the chunks of one document, which are created as it advances."""

    def __init__(self, chunks: Iterator[Chunk], builder: ChunkBuilder) -> None:
        self._chunks, self._builder = chunks, builder

    def __next__(self) -> Chunk:
        return next(self._chunks)

    def __repr__(self) -> str:
        return f"<Chunks, {self.summary.chunks} so far>"

    @property
    def summary(self) -> Summary:
        """Statistics of the chunks so far; of the largest size, if sizes are nested."""
        return self._builder.summaries[0]

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """Statistics of the chunks so far for each size, the largest first."""
        return self._builder.summaries


def _without(added: int, sizes: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Sizes less the tokens that the tokenizer adds; as they are if they are no numbers."""
    if not added or not all(type(size) is int for size in sizes):
        return sizes
    if any(size <= added for size in sizes):
        raise UsageError(
            f"chunk_size must be > {added}, got {min(sizes)}: {name} itself adds {added} tokens to "
            "each text",
            hint="raise it, or leave these out with add_special_tokens=False",
        )
    return tuple(size - added for size in sizes)


def _checked(blocks: Iterable[str]) -> Iterator[str]:
    for block in blocks:
        if not isinstance(block, str):
            raise UsageError(
                f"each block must be a str, got {type(block).__name__}", hint="decode bytes first"
            )
        yield block


def _resolve(format: Format, source: str) -> ChunkFormat:
    """The format of a document; "auto" is resolved by its name."""
    check_choice("format", format, Format)
    return file_type(source).format if format == "auto" else format


def _blocks(text: str, source: str, format: Format) -> tuple[Sequence[Block], tuple[str, ...]]:
    """(the blocks of a text, none if it is not of its format; remarks for the summary)."""
    resolved = _resolve(format, source)
    try:
        return parse_blocks(text, resolved), ()
    except FormatError as error:
        note = f"{source or 'text'}: cut as plain text: {error.message}"
    except MissingExtraError as error:
        if format != "auto":  # asked for by name
            raise
        # Without the source, so that it is reported once for many documents.
        note = f"{resolved} is cut as plain text: {error.message} ({error.hint})"
    return (), (note,)
