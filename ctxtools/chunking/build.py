"""From spans to chunks: document offsets, headings, ids, and characters too large for a chunk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from operator import length_hint
from typing import Any, NamedTuple

from ctxtools import _core
from ctxtools.chunking.chunk import Chunk, Row, new_chunk
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.spans import Span
from ctxtools.chunking.cutting.window import CutWindow
from ctxtools.chunking.pages import PageNumbers
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure
from ctxtools.chunking.summary import LeftOut, Summary, SummaryBuilder
from ctxtools.chunking.views import View
from ctxtools.errors import OversizeError

_REPLACEMENT = "\ufffd"  # the text of each chunk of a split character


class Origin(NamedTuple):
    """Where a look-ahead window starts in the document; lines count from 1."""

    character: int = 0
    byte: int = 0
    line: int = 1

    def at(self, span: Span) -> "Origin":
        """Where a span of the look-ahead window starts in the document."""
        return self.after(span.start, span.start_byte, span.start_line)

    def after(self, characters: int, bytes: int, lines: int) -> "Origin":
        """Where in the document that is so far into the look-ahead window."""
        return Origin(self.character + characters, self.byte + bytes, self.line + lines)


class About(NamedTuple):
    """What is known of a document beside its text.

    Attributes:
        source: its path or name.
        pages: where its pages start.
        metadata: goes along into each chunk.
        view: what is chunked in its place, if it was rendered, or something was left out.
        left_out: what was.
        is_mapped: whether chunks say which span of the document they were made of.
    """

    source: str
    pages: PageNumbers
    metadata: Mapping[str, Any]
    view: View | None = None
    left_out: Mapping[str, LeftOut] = {}
    is_mapped: bool = False


class ChunkBuilder:
    """Creates the chunks of one document, in order, and their statistics.

    Args:
        counter: counts tokens.
        structure: the document's blocks.
        settings: of the chunker.
        about: the document.
        notes: remarks for the summaries.
        configuration: of the chunker; part of the ids.
        tokens_added: what the tokenizer adds to each chunk, for the summaries.
    """

    def __init__(
        self,
        counter: TextCounter,
        structure: Structure,
        settings: Settings,
        about: About,
        notes: tuple[str, ...] = (),
        *,
        configuration: str,
        tokens_added: int = 0,
    ) -> None:
        self._counter, self._structure, self._about = counter, structure, about
        self._split_tokens = settings.on_oversize == "split-tokens"
        self._levels = [
            _Level(limit, SummaryBuilder(overlapping=settings.chunk_overlap > 0))
            for limit in settings.chunk_sizes
        ]
        self._ids = _core.ChunkIds(
            [utf8(f"{configuration} {limit} {about.source}") for limit in settings.chunk_sizes]
        )
        self._notes, self._tokens_added = notes, tokens_added
        self._made = _Made(iter(()), (), (), (), (), ())

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """Statistics of the chunks created so far, for each size."""
        self._take_statistics()
        added, notes = self._tokens_added, self._notes
        return tuple(
            level.summary.summary(level.limit + added, notes, added, self._about.left_out)
            for level in self._levels
        )

    @property
    def view(self) -> View | None:
        """What is chunked in place of the document."""
        return self._about.view

    def look_at(self, text: str, origin: Origin) -> None:
        """Take the text of the next look-ahead window, before its chunks."""
        self._about.pages.look_at(text, origin.character)

    def breaks(self, break_at: Mapping[str, int], start: int, length: int) -> list[int]:
        """Offsets in a look-ahead window that no chunk reaches across.

        Args:
            break_at: as of the chunker.
            start, length: of the window, in characters of what is chunked.
        """
        found = set[int]()
        if level := break_at.get("heading"):
            found.update(self._structure.sections_between(start + 1, start + length, level))
        if break_at.get("page"):
            found.update(self._about.pages.between(start, start + length))
        return [offset - start for offset in sorted(found)]

    def rows(self, cut: CutWindow, first: int, last: int, origin: Origin) -> Iterator[Row]:
        """The chunks of consecutive spans, each followed by the smaller ones inside it.

        Args:
            cut: a look-ahead window.
            first, last: the numbers in it of the next span of the document, and of that after the
                last one.
            origin: of the look-ahead window.

        Raises:
            OversizeError: a character exceeds the limit and must not be split.
        """
        self._take_statistics()
        columns = cut.columns(first, last, origin, self._ids)
        if columns is None:
            return self._rows_of_spans(cut.spans(first, last), origin)
        return self._rows_of_columns(columns)

    def _rows_of_columns(self, columns: tuple[list[Any], ...]) -> Iterator[Row]:
        """The chunks that the kernel made."""
        ids, *values, depths, strengths, shortened, dropped = columns
        texts, headers, starts, ends = values[0], values[1], values[3], values[4]
        about, nothing = self._about, repeat(None)
        pages: Iterable[Iterable[int | None]] = (nothing, nothing)
        spans: Iterable[Iterable[int | None]] = (nothing, nothing)
        if about.pages:
            slices = (text[len(header) :] for text, header in zip(texts, headers, strict=True))
            pages = zip(*map(about.pages.span, slices, starts), strict=True)
        if about.is_mapped:
            spans = starts, ends
            if about.view:
                spans = zip(*map(about.view.source_span, starts, ends), strict=True)
        self._made = _Made(iter(ids), values[2], depths, strengths, shortened, dropped)
        source, metadata = repeat(about.source), repeat(about.metadata)
        return zip(self._made.ids, *values, source, *pages, *spans, metadata, strict=False)

    def _take_statistics(self) -> None:
        """Adds the chunks of the last columns that were taken since, to the statistics."""
        made = self._made
        first, last = made.taken, len(made.tokens) - length_hint(made.ids)
        if first == last:
            return
        self._made = made._replace(taken=last)
        for depth, level in enumerate(self._levels):
            is_of_size = [each == depth for each in made.depths[first:last]]
            tokens, strengths, shortened, dropped = (
                [*compress(column[first:last], is_of_size)]
                for column in (made.tokens, made.strengths, made.shortened, made.dropped)
            )
            level.summary.add_spans(tokens, strengths, shortened, dropped)

    def _rows_of_spans(
        self, spans: Iterable[Span], origin: Origin, depth: int = 0, parent: str | None = None
    ) -> Iterator[Row]:
        level = self._levels[depth]
        for span in spans:
            level.summary.add_span(span.strength, span.shortened, span.dropped, span.oversize)
            if span.oversize:
                tokens = self._tokens(span, origin, level.limit)
                yield from self._split(tokens, span, origin, depth, parent)
                continue
            row = self._row(span, origin, depth, parent)
            yield row
            if span.children:
                yield from self._rows_of_spans(span.children, origin, depth + 1, row[0])

    def _row(self, span: Span, origin: Origin, depth: int, parent: str | None) -> Row:
        character, byte, line = origin
        headings: tuple[str, ...] = ()
        kind = "text"
        if not self._structure.is_empty:
            body_start = character + span.body_start
            headings = self._structure.headings(body_start)
            kind = self._structure.kind(body_start, max(body_start + 1, character + span.end))
        about, start, end = self._about, character + span.start, character + span.end
        source, pages, metadata = about[:3]
        page_start = page_end = source_start = source_end = None
        if pages:
            body = span.text[len(span.header) :]
            page_start, page_end = pages.span(body, start)
        if about.is_mapped:
            source_start, source_end = (
                about.view.source_span(start, end) if about.view else (start, end)
            )
        id, index = self._ids.next(depth, [utf8(title) for title in headings], utf8(span.text))
        self._levels[depth].summary.add(span.tokens)
        return (
            id,
            span.text,
            span.header,
            span.tokens,
            start,
            end,
            byte + span.start_byte,
            byte + span.end_byte,
            line + span.start_line,
            headings,
            kind,
            parent,
            index,
            source,
            page_start,
            page_end,
            source_start,
            source_end,
            metadata,
        )

    def _tokens(self, span: Span, origin: Origin, limit: int) -> list[bytes]:
        """The tokens of a character that exceeds the limit; its bytes if no tokens join to it."""
        if not self._split_tokens:
            raise self._too_large(span, origin, limit)
        tokens, data = self._counter.tokens(span.text), utf8(span.text)
        if tokens and b"".join(tokens) == data:
            return tokens
        return [bytes([byte]) for byte in data]

    def _too_large(self, span: Span, origin: Origin, limit: int) -> OversizeError:
        character = f"{span.text!r} (U+{ord(span.text):04X})"
        hint = "raise the chunk size"
        if not self._split_tokens:
            hint += ', or set on_oversize="split-tokens" (--on-oversize split-tokens)'
        source, line = self._about.source or "text", origin.at(span).line
        return OversizeError(
            f"{source}, line {line}: the character {character} has {span.tokens:,} tokens, "
            f"more than the limit of {limit:,}",
            hint=hint,
        )

    def _split(
        self,
        tokens: Sequence[bytes],
        span: Span,
        origin: Origin,
        depth: int,
        parent: str | None,
    ) -> Iterator[Row]:
        """The chunks of a character that exceeds the limit: each has some of its tokens.

        Their slices in bytes join to the character. In characters, which cannot be divided, the
        last slice is the character and the others are empty.
        """
        level = self._levels[depth]
        size = self._counter.count_batch([_REPLACEMENT])[0]
        for smaller in self._levels[depth:]:
            if size > smaller.limit:
                raise self._too_large(span, origin, smaller.limit)
        end, end_byte = span.body_start, span.start_byte
        for first in range(0, len(tokens), level.limit):
            group = tokens[first : first + level.limit]
            if first + level.limit >= len(tokens):
                end = span.end
            start_byte, end_byte = end_byte, end_byte + sum(map(len, group))
            part = span._replace(
                end=end,
                text=_REPLACEMENT,
                tokens=size,
                start_byte=start_byte,
                end_byte=end_byte,
            )
            row = self._row(part, origin, depth, parent)
            yield row
            if depth + 1 < len(self._levels):
                yield from self._split(group, part, origin, depth + 1, row[0])


class Chunks(Iterator[Chunk]):
    """An iterator over the chunks of one document, which are created as it advances."""

    def __init__(self, rows: Iterator[Row], builder: ChunkBuilder) -> None:
        self._rows, self._builder = rows, builder

    def __next__(self) -> Chunk:
        return new_chunk(*next(self._rows))

    def rows(self) -> Iterator[Row]:
        """The chunks to come as tuples, for a caller that needs no object for each."""
        return self._rows

    def __repr__(self) -> str:
        return f"<Chunks, {self.summary.chunks} so far>"

    @property
    def view(self) -> View | None:
        """What is chunked in place of the document, if that was rendered or something was left out:
        its ``text`` is what the offsets of chunks are of."""
        return self._builder.view

    @property
    def summary(self) -> Summary:
        """Statistics of the chunks so far; of the largest size, if sizes are nested."""
        return self._builder.summaries[0]

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """Statistics of the chunks so far for each size, the largest first."""
        return self._builder.summaries


class _Made(NamedTuple):
    """Columns of chunks that the kernel made, for the statistics of those that were taken.

    Attributes:
        ids: an iterator over their ids, which is as far as their chunks are taken.
        tokens: of each chunk.
        depths: the number of its size.
        strengths, shortened, dropped: of its span.
        taken: how many of them the statistics have.
    """

    ids: Iterator[str]
    tokens: Sequence[int]
    depths: Sequence[int]
    strengths: Sequence[int]
    shortened: Sequence[int]
    dropped: Sequence[int]
    taken: int = 0


class _Level(NamedTuple):
    """The chunks of one size so far."""

    limit: int
    summary: SummaryBuilder


def utf8(text: str) -> bytes:
    """The text in UTF-8, a lone surrogate as three bytes."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
