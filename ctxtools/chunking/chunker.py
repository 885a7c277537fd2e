"""Chunker: splits documents into chunks that keep a token limit. The steps, in order:

    cutting/       the text in look-ahead windows, each cut in one pass (window.py)
    formats/       blocks of the document, which structure.py answers questions about
    build.py       offsets in the document, headings and ids
    summary.py     statistics

counter.py counts, costs.py holds what a chunk costs.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal

from ctxtools.checks import check_list
from ctxtools.chunking.build import About, ChunkBuilder, Chunks, Origin
from ctxtools.chunking.chunk import Row
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.look_ahead import LookAhead, checked_blocks
from ctxtools.chunking.cutting.window import CutWindow, cut_window
from ctxtools.chunking.pages import PageNumbers
from ctxtools.chunking.parsing import prepare, resolve
from ctxtools.chunking.settings import (
    Embed,
    Format,
    Omission,
    OnOversize,
    OverlapWithin,
    Preference,
    Render,
    Settings,
    Strategy,
    WithSettings,
    sizes_without,
)
from ctxtools.chunking.structure import Structure
from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    import pyarrow

    from ctxtools.documents import Document
    from ctxtools.documents.readers.extraction.extracted import Heading
    from ctxtools.encodings.engines.backend import ArrowColumn

WINDOW = 1 << 22  # characters of a look-ahead window; more if the limit is large
_PER_TOKEN = 32  # characters of a look-ahead window per token of the limit
# The share of a look-ahead window's chunks, and at least two, that are cut again with the next.
_RECUT_SHARE = 1 / 32


class Chunker(WithSettings):
    """Splits documents into chunks of at most a number of tokens.

    For every chunk, ``encoding.count(chunk.text) == chunk.token_count <= chunk_size``, overlap and
    header included; and ``encoding.count(chunk.text, add_special_tokens=True) <= chunk_size``, so
    that an embedding model that puts ``[CLS]`` and ``[SEP]`` around a chunk sees all of it.
    ``chunk.text`` is ``chunk.header`` followed by one contiguous slice of the document. Without
    overlap the slices join to the document. A cut is never inside a character, nor inside a
    grapheme cluster unless the cluster alone exceeds the limit.

    All cuts are chosen together to minimise the total cost of the chunks. A chunk costs, where
    ``rest`` is the share that it leaves empty of the room beside overlap and header, and
    ``missing = 1 - (1 - rest) / target``::

        per_chunk + missing**2 + 8 * rest**16 + cost of the cut at its end
          + (100 if it has fewer tokens than min_size else 0)

    with half of ``missing**2`` above the target. A cut costs by what is there. The weights depend
    on what the chunker is to ``prefer``::

                            "boundaries"   "fill"
        per_chunk                 0           1
        target                   1/1.8        1
        before a heading          0           0
        at an empty line         .05         .05
        sentence and line        .2          .1
        end of a sentence        .6          .15
        line break                2          .6
        end of a clause          24          .7
        between words            32           1
        inside a word            64           2
        inside a block           +3          +2    and what the block would cost as a chunk
        before what closes it   +20          +2

    where a block is a table, a list, a row, a function or the like that fits into a chunk. It costs
    1,000 more between what belongs together: a heading and the first sentence, row or item under
    it, the header of a table and its first row, a bracket or key and its first value. So a block is
    cut only to save a chunk of a few tokens, or to keep a heading with its text. With ``cohesion``
    a cut at the end of a sentence, or a stronger boundary, also costs .2 for each standard
    deviation, three at most, that its two sides are more alike than those of other such cuts, and
    as much less where they are less alike. (That is optimal among the cut points considered, in
    look-ahead windows of four million characters, by the sums of the index.) With
    ``strategy="greedy"`` each chunk ends at the cheapest cut in the last quarter of what fits.

    The overlap is as many whole sentences as fit: rows in a table, lines in code. If not even one
    fits, it starts after a clause if most of it is left then, else with a word, or inside one that
    is long; but never inside the row of a table whose header is repeated.

    Time is linear in the text. Counters whose counts do not add up, functions among them, are asked
    for the sentences, for smaller spans if these are large, and for each chunk: two to five times
    the text in all, nine if it has no words.

    Args:
        encoding: an Encoding, the name of one, or a function from a text to its size.
        chunk_size: the maximum tokens of a chunk, header and overlap included, and what the
            tokenizer itself adds. Several sizes, the largest first, nest: each chunk is followed by
            the smaller ones it is split into.
        chunk_overlap: the maximum tokens repeated from the end of the previous chunk, see above.
            There is less where a header leaves no room; the summary says how often.
        min_size: a chunk with fewer tokens is created only if nothing else keeps the limit, or a
            heading with its text.
        strategy: "optimal" or "greedy".
        format: the structure of documents: "text", "markdown", "python", …; "auto" goes by the
            name of the source. Structure moves cuts, and gives chunks their headings. A document
            that is not valid in its format is cut as text, and the summary's notes say so.
        header: whether each chunk starts with the headings above it that it does not contain:
            ``"Title > Section\\n\\n"``. A header of more than half a chunk is left out.
        on_oversize: what to do with a character that alone exceeds the limit: "raise" an error, or
            "split-tokens": create several chunks whose text is U+FFFD, each for some bytes of the
            character, from ``start_byte`` to ``end_byte``.
        repeat_table_header: whether each chunk of a table that is cut starts with its header rows.
        render: "text" or "markdown" chunks HTML documents as a reader sees them: without tags,
            scripts, styles, drawings and what is hidden; in Markdown with links and emphasis.
            ``start_index`` and the like are then of that text, which is ``chunks.view.text``, and
            ``source_start`` and ``source_end`` of the document.
        leave_out: what HTML and Markdown documents are chunked without: "script", "style", "svg",
            "data-uri" (the content of such addresses). Offsets as above; the summary says how much.
        add_special_tokens: whether the size has room for what the encoding's tokenizer itself adds
            to a text, ``encoding.added_ids``; False for chunks that go to no model one by one.
        prefer: "boundaries" for strong boundaries, even if more chunks are needed: no sentence is
            cut that fits into a chunk, and few paragraphs are. "fill" for few, full chunks.
        overlap_within: "section" for an overlap from the same section, function or class only.
        break_at: what no chunk and no overlap reaches across: ``{"heading": 2}``, the headings of
            that level and those above; ``{"page": True}``, the start of a page.
        cohesion: True compares the 60 words before and after a cut: the cosine of their first five
            letters (of pairs of characters in Chinese and Japanese), each weighted by the logarithm
            of how rare it is; this takes half as long again. A function from a list of str to a
            vector for each, as an embedding model has, compares three sentences on either side.

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
        repeat_table_header: bool = True,
        render: Render = "source",
        leave_out: Collection[Omission] = (),
        add_special_tokens: bool = True,
        prefer: Preference = "boundaries",
        overlap_within: OverlapWithin = "document",
        break_at: Mapping[str, int] | Iterable[tuple[str, int]] = (),
        cohesion: Literal["words"] | bool | Embed = False,
    ) -> None:
        if isinstance(chunk_size, str | bytes | bytearray):
            raise UsageError(
                f"chunk_size must be an int or a list of int, got {chunk_size!r:.40}",
                hint="pass one int, or several, the largest first: (512, 128)",
            )
        check_list("leave_out", leave_out)
        sizes = tuple(chunk_size) if isinstance(chunk_size, Sequence) else (chunk_size,)
        self._counter = TextCounter(encoding)
        self._leaves_room = add_special_tokens
        self._added = self._counter.tokens_added if add_special_tokens else 0
        # From here on a size is that of a text, which ids are made from.
        sizes = sizes_without(self._added, sizes, self._counter.name)
        self._settings = Settings(
            sizes,
            chunk_overlap,
            min_size,
            strategy,
            format,
            header,
            on_oversize,
            bool(repeat_table_header),
            prefer,
            overlap_within,
            tuple(
                (name, value)
                for name, value in sorted(dict(break_at).items())
                if value is not False
            ),
            render,
            tuple(leave_out),
            "words" if cohesion is True else cohesion,
        )
        self._configuration = f"{self._counter.name} {self._settings}"

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
    def configuration(self) -> str:
        """All of the above on one line: part of each chunk's id."""
        return self._configuration

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of an equal chunker: ``Chunker(**chunker.options)``."""
        settings = {each.name: getattr(self._settings, each.name) for each in fields(Settings)}
        del settings["chunk_sizes"]
        return {
            "encoding": self._counter.counts_with,
            "chunk_size": self.chunk_sizes,
            **settings,
            "add_special_tokens": self._leaves_room,
        }

    def count(self, text: str) -> int:
        """The size of a text as this chunker counts it."""
        return self._counter.count_batch([text])[0]

    def chunk(
        self,
        text: str,
        *,
        source: str = "",
        format: Format | None = None,
        pages: Sequence[int] | None = None,
        headings: "Sequence[Heading]" = (),
        metadata: Mapping[str, Any] | None = None,
    ) -> Chunks:
        """The chunks of a text, one after the other.

        Args:
            text: any text; an empty one has no chunks.
            source: its path, name or URL.
            format: its structure; None for that of the chunker.
            pages: offsets in characters at which its pages start, of the first one too; () if it
                has none. None takes the form feeds of the text as ends of pages.
            headings: those of a text that is plain, as `read_documents` finds them in a PDF.
            metadata: goes along into each chunk, as it is.

        Raises:
            UsageError: unknown format, not a str, or no such offsets.
            MissingExtraError: the parser of the format asked for is not installed.
            OversizeError: (while iterating) a character has more tokens than a chunk may have.
        """
        if not isinstance(text, str):
            raise UsageError(
                f"text must be a str, got {type(text).__name__}", hint="decode bytes first"
            )
        settings = self._settings
        format = format or settings.format
        prepared = prepare(text, source, format, settings, self._counter.count_batch, headings)
        parsed, view = prepared.parsed, prepared.view
        if pages and view:
            pages = [view.position(page) for page in pages]
        numbers, left_out = PageNumbers(pages), prepared.left_out
        about = About(source, numbers, dict(metadata or {}), view, left_out, settings.is_mapped)
        if not settings.repeat_table_header:
            parsed = parsed.without_table_headers()
        text = prepared.text
        structure = Structure(parsed, text, with_titles=settings.header)
        return self._chunks([text], structure, about, parsed.notes)

    def chunk_stream(
        self,
        blocks: Iterable[str],
        source: str = "",
        *,
        format: Format | None = None,
        pages: Sequence[int] | None = None,
        headings: "Sequence[Heading]" = (),
        metadata: Mapping[str, Any] | None = None,
    ) -> Chunks:
        """The chunks of a text that arrives in blocks: the same as those of the joined text.

        If the format is "text" and no headings are given, memory is bounded by the look-ahead
        window (and some 100 bytes per chunk, for the ids). Any other format is parsed, which takes
        the complete text.

        Args:
            blocks: the text, split anywhere.
            source, format, pages, headings, metadata: as of `chunk`.

        Raises:
            UsageError: (possibly while iterating) a block is not a str; and as `Chunker.chunk`.
        """
        check_list("blocks", blocks, hint="use Chunker.chunk for one text")
        blocks = checked_blocks(blocks)
        format = format or self._settings.format
        if headings or self.is_parsed(source, format=format):
            return self.chunk(
                "".join(blocks),
                source=source,
                format=format,
                pages=pages,
                headings=headings,
                metadata=metadata,
            )
        is_mapped = self._settings.is_mapped
        about = About(source, PageNumbers(pages), dict(metadata or {}), is_mapped=is_mapped)
        return self._chunks(blocks, Structure(), about)

    def is_parsed(self, source: str, *, format: Format | None = None) -> bool:
        """Whether a document of that name has a structure: then `chunk_stream` holds all of it."""
        return resolve(format or self._settings.format, source) != "text"

    def chunk_document(self, document: "Document") -> Chunks:
        """The chunks of a document, with its pages, headings and metadata.

        The source of a record is ``"path#number"``, which is text to "auto", unless it has its own.
        """
        return self.chunk(
            document.text,
            source=document.name,
            format=document.format if self.format == "auto" else None,
            pages=document.pages,
            headings=document.headings,
            metadata=document.metadata,
        )

    def chunk_arrow(
        self, column: "ArrowColumn", *, sources: "ArrowColumn | None" = None
    ) -> "pyarrow.Table":
        """See `ctxtools.chunking.integrations.arrow.chunk_arrow`."""
        from ctxtools.chunking.integrations.arrow import chunk_arrow

        return chunk_arrow(column, self, sources=sources)

    def _chunks(
        self,
        blocks: Iterable[str],
        structure: Structure,
        about: About,
        notes: tuple[str, ...] = (),
    ) -> Chunks:
        builder = ChunkBuilder(
            self._counter,
            structure,
            self._settings,
            about,
            notes,
            configuration=self._configuration,
            tokens_added=self._added,
        )
        return Chunks(self._cut(LookAhead(blocks), structure, builder), builder)

    def _cut(
        self, text_ahead: LookAhead, structure: Structure, builder: ChunkBuilder
    ) -> Iterator[Row]:
        """The chunks of each look-ahead window; its last ones are cut again with the next."""
        origin, body_start = Origin(), 0  # of the look-ahead window; of its first chunk, within it
        usual = length = max(WINDOW, self.chunk_size * _PER_TOKEN)
        while True:
            text, is_last = text_ahead.window(origin.character, length)
            builder.look_at(text, origin)
            cut: CutWindow | None = None
            if body_start < len(text):
                breaks = builder.breaks(self.break_at, origin.character, len(text))
                at, settings = origin.character, self._settings
                cut = cut_window(text, at, body_start, self._counter, structure, settings, breaks)
            number = len(cut) if cut else 0
            if is_last:
                if cut:
                    yield from builder.rows(cut, 0, number, origin)
                return
            closed = number - max(2, int(number * _RECUT_SHARE))
            if closed <= 0 or not cut:
                length *= 2
                continue
            yield from builder.rows(cut, 0, closed, origin)
            *ahead, body_start = cut.start_before(closed)
            origin, length = origin.after(*ahead), usual
            del text, cut  # at most one look-ahead window is in memory
