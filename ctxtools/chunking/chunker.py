"""Chunker: a document in chunks that keep a limit, cut along its structure.

See `Chunker` for what is promised and what is optimised. The work is parted so:

    feed.py        the text, in windows
    window.py      a window's chunks: their overlap and headers, and that each keeps the limit
    candidates.py  the places to cut at       counting.py  what counts, index or estimate
    optimal.py, greedy.py                     the choice among the places
    structure.py   headings, headers and kinds, from the blocks that formats/ finds
    build.py       the chunks' offsets and ids          summary.py  their figures
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ctxtools.chunking.block import Block
from ctxtools.chunking.build import Builder, Origin
from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.counting import Counting
from ctxtools.chunking.feed import Feed
from ctxtools.chunking.settings import OnOversize, Settings, Strategy
from ctxtools.chunking.structure import Structure
from ctxtools.chunking.summary import Summary
from ctxtools.chunking.window import Span, Window
from ctxtools.encodings import Encoding
from ctxtools.errors import FormatError, MissingExtraError, UsageError

if TYPE_CHECKING:
    from ctxtools.documents import Document

WINDOW = 1 << 22  # characters that are cut at once; more where the limit is large
_PER_TOKEN = 32  # characters of a window for each token of the limit
_OPEN = 32  # the last chunk of so many, and at least two, is cut again with what follows


class Chunker:
    """Cuts documents into chunks of at most a number of tokens.

    For every chunk: ``encoding.count(chunk.text) == chunk.token_count <= chunk_size``, overlap and
    header included. ``chunk.text`` is ``chunk.header``, then one contiguous slice of the document.
    With no overlap the slices join to the document. A cut is never inside a grapheme cluster unless
    that alone is above the limit, and never inside a character.

    All cuts are chosen together so that the sum of the chunks' costs is least. A chunk costs::

        1 + penalty(strength of the cut at its end) + ((size - tokens) / size)**2
          + (1 if tokens < min_size else 0)

    and a cut's penalty is 0 before a heading, .05 at an empty line, .15 at the end of a sentence,
    .6 at a line break, 1 between words and 2 within one. So there are few chunks, cut at good
    places, of even sizes. (That is so among the places that are considered, within each window of
    four million characters, by the sums of the token index.) With ``strategy="greedy"`` each
    chunk ends at the strongest cut in the last quarter of what fits.

    Time is linear in the text. Counters whose counts do not add up, functions among them, are asked
    for the sentences, for smaller parts where these are large, and for each chunk: two to five
    times the text in all, nine where it has no words.

    Args:
        encoding: an Encoding, the name of one, or a function from a text to its size.
        chunk_size: the most tokens of a chunk, header and overlap included. Several, the largest
            first, nest: each chunk is followed by the smaller ones that it is cut into.
        chunk_overlap: tokens from the end of the chunk before that each chunk begins with: as many
            words as fit into that (at times one fewer, where counts do not add up); where these
            are long, as addresses and Chinese clauses are, as many parts of them. It is less only
            beside what cannot be cut otherwise, and the summary says how often.
        min_size: a chunk with fewer tokens is made only where it spares another chunk or a bad cut.
        strategy: "optimal" or "greedy".
        format: how documents are structured: "text", "markdown", "python", …; "auto" goes by the
            name of the source. Structure moves cuts, and gives chunks their headings. A document
            that is not of its format is cut as text, and the summary's notes say so.
        header: whether each chunk begins with the headings that it lies under and does not itself
            contain: ``"Title > Section\\n\\n"``. A table's header rows are repeated in any case. A
            header of more than half a chunk is left out.
        on_oversize: what becomes of a character that alone has more tokens than a chunk: "raise"
            an error, or "split-tokens": several chunks, the text of each of which is U+FFFD, for
            some of its bytes. ``start_byte`` and ``end_byte`` say which.

    Raises:
        UsageError: an argument cannot be used.
        UnknownEncodingError: there is no encoding of that name.
    """

    def __init__(
        self,
        encoding: Encoding | str | Callable[[str], int],
        chunk_size: int | Sequence[int] = 512,
        chunk_overlap: int = 0,
        *,
        min_size: int = 0,
        strategy: Strategy = "optimal",
        format: str = "text",
        header: bool = False,
        on_oversize: OnOversize = "raise",
    ) -> None:
        sizes = tuple(chunk_size) if isinstance(chunk_size, Sequence) else (chunk_size,)
        self._counting = Counting(encoding)
        self._settings = Settings(
            sizes, chunk_overlap, min_size, strategy, format, header, on_oversize
        )
        _format_of("", format)

    def __repr__(self) -> str:
        return f"<Chunker {self._counting.name!r}, {self._settings.sizes}>"

    def chunk(self, text: str, *, source: str = "", format: str | None = None) -> "Chunks":
        """The chunks of a text, one after the other.

        Args:
            text: any text; one without characters has no chunks.
            source: its path or name.
            format: how it is structured; None as the chunker was told.

        Raises:
            UsageError: there is no such format.
            MissingExtraError: the parser of a format that was named is not installed.
            OversizeError: (on the way) a character has more tokens than a chunk may have.
        """
        if not isinstance(text, str):
            raise UsageError(f"text is of type {type(text).__name__}", hint="pass a str")
        blocks, notes = _blocks(text, source, format or self._settings.format)
        return self._chunks([text], Structure(blocks, titled=self._settings.header), source, notes)

    def chunk_stream(self, blocks: Iterable[str], source: str = "") -> "Chunks":
        """The chunks of a text that comes in blocks: the same as those of the joined text.

        Memory is bounded by the window where the format is "text" (beside some 100 bytes a chunk,
        for the ids). Any other is parsed, and needs the whole text.

        Raises:
            UsageError: (on the way, too) a block is no str; and as `Chunker.chunk` does.
        """
        if isinstance(blocks, str):
            raise UsageError("blocks is a str, not several of them", hint="use Chunker.chunk")
        blocks = _checked(blocks)
        if _format_of(source, self._settings.format) != "text":
            return self.chunk("".join(blocks), source=source)
        return self._chunks(blocks, Structure(), source)

    def chunk_document(self, document: "Document") -> "Chunks":
        """The chunks of a document. A record's source is ``"path#number"``: to "auto", a text."""
        record = "" if document.record is None else f"#{document.record}"
        return self.chunk(document.text, source=document.path + record)

    def _chunks(
        self,
        blocks: Iterable[str],
        structure: Structure,
        source: str,
        notes: tuple[str, ...] = (),
    ) -> "Chunks":
        builder = Builder(self._counting, structure, self._settings, source, notes)
        return Chunks(self._cut(Feed(blocks), structure, builder), builder)

    def _cut(self, feed: Feed, structure: Structure, builder: Builder) -> Iterator[Chunk]:
        """The windows' chunks. The last ones of a window are cut again with the next window."""
        origin, own = Origin(), 0  # of the window; where its first chunk's own text starts in it
        usual = length = max(WINDOW, self._settings.sizes[0] * _PER_TOKEN)
        while True:
            text, last = feed.window(origin.character, length)
            spans: Sequence[Span] = ()
            if own < len(text):
                window = Window(text, origin.character, self._counting, structure, self._settings)
                spans = window.spans(own)
            if last:
                yield from builder.chunks(spans, origin)
                return
            closed = len(spans) - max(2, len(spans) // _OPEN)
            if closed <= 0:
                length *= 2
                continue
            yield from builder.chunks(spans[:closed], origin)
            first, length = window.start_before(spans, closed), usual
            origin, own = origin.at(first), spans[closed].own - first.start
            del text, window, spans, first  # there is never more than one window in memory


class Chunks(Iterator[Chunk]):
    """The chunks of one document, made as they are asked for.

    Attributes:
        summary: figures of those made so far, of the largest size.
        summaries: the same for each size, the largest first.
    """

    def __init__(self, chunks: Iterator[Chunk], builder: Builder) -> None:
        self._chunks, self._builder = chunks, builder

    def __next__(self) -> Chunk:
        return next(self._chunks)

    @property
    def summary(self) -> Summary:
        return self._builder.summaries[0]

    @property
    def summaries(self) -> tuple[Summary, ...]:
        return self._builder.summaries


def _checked(blocks: Iterable[str]) -> Iterator[str]:
    for block in blocks:
        if not isinstance(block, str):
            raise UsageError(
                f"a block is of type {type(block).__name__}", hint="pass str: decode bytes before"
            )
        yield block


def _format_of(source: str, format: str) -> str:
    """The format of a document, "auto" being that of its name."""
    from ctxtools.documents.filetypes import FORMATS, file_type

    if format == "auto":
        return file_type(source).format
    if format not in FORMATS:
        raise UsageError(
            f"there is no format {format!r}", hint=f"choose auto or one of {', '.join(FORMATS)}"
        )
    return format


def _blocks(text: str, source: str, format: str) -> tuple[Sequence[Block], tuple[str, ...]]:
    """The blocks of a text, none where it is not of its format; and what there is to tell."""
    known = _format_of(source, format)
    if known == "text":
        return (), ()
    from ctxtools.chunking.formats import parse_blocks

    try:
        return parse_blocks(text, known), ()
    except FormatError as error:
        note = f"{source or 'text'}: cut as plain text: {error.message}"
    except MissingExtraError as error:
        if format != "auto":  # asked for by name
            raise
        # Not of this source alone, so that many documents are told of it once.
        note = f"{known} is cut as plain text: {error.message} ({error.hint})"
    return (), (note,)
