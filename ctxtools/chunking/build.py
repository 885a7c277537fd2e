"""From spans to chunks: document offsets, headings, ids, and characters too large for a chunk."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ctxtools.chunking.chunk import Chunk, new_chunk
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.spans import Span
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure
from ctxtools.chunking.summary import Summary, SummaryBuilder
from ctxtools.errors import OversizeError

_REPLACEMENT = "\ufffd"  # the text of each chunk of a split character


class Origin(NamedTuple):
    """Where a look-ahead window starts in the document; lines count from 1."""

    character: int = 0
    byte: int = 0
    line: int = 1

    def at(self, span: Span) -> "Origin":
        """Where a span of the look-ahead window starts in the document."""
        return Origin(
            self.character + span.start, self.byte + span.start_byte, self.line + span.start_line
        )


class ChunkBuilder:
    """Creates the chunks of one document, in order, and their statistics.

    Args:
        counter: counts tokens.
        structure: the document's blocks.
        settings: of the chunker.
        source: the document's path or name.
        notes: remarks for the summaries.
        tokens_added: what the tokenizer adds to each chunk, for the summaries.
    """

    def __init__(
        self,
        counter: TextCounter,
        structure: Structure,
        settings: Settings,
        source: str,
        notes: tuple[str, ...] = (),
        *,
        tokens_added: int = 0,
    ) -> None:
        self._counter, self._structure, self._source = counter, structure, source
        self._split_tokens = settings.on_oversize == "split-tokens"
        self._levels = [
            _Level(
                limit,
                f"{counter.name} {settings} {limit} {source}",
                SummaryBuilder(overlapping=settings.chunk_overlap > 0),
            )
            for limit in settings.chunk_sizes
        ]
        self._notes, self._tokens_added = notes, tokens_added

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """Statistics of the chunks created so far, for each size."""
        added, notes = self._tokens_added, self._notes
        return tuple(
            level.summary.summary(level.limit + added, notes, added) for level in self._levels
        )

    def chunks(
        self, spans: Iterable[Span], origin: Origin, depth: int = 0, parent: str | None = None
    ) -> Iterator[Chunk]:
        """The chunks of consecutive spans, each followed by the smaller ones inside it.

        Args:
            spans: the next spans of the document.
            origin: of their look-ahead window.

        Raises:
            OversizeError: a character exceeds the limit and must not be split.
        """
        level = self._levels[depth]
        for span in spans:
            level.summary.add_span(span.strength, span.shortened, span.dropped, span.oversize)
            if span.oversize:
                tokens = self._tokens(span, origin, level.limit)
                yield from self._split(tokens, span, origin, depth, parent)
                continue
            chunk = self._chunk(span, origin, level, parent)
            yield chunk
            if span.children:
                yield from self.chunks(span.children, origin, depth + 1, chunk.id)

    def _chunk(self, span: Span, origin: Origin, level: "_Level", parent: str | None) -> Chunk:
        character, byte, line = origin
        headings: tuple[str, ...] = ()
        kind = "text"
        if self._structure.blocks:
            body_start = character + span.body_start
            headings = self._structure.headings(body_start)
            kind = self._structure.kind(body_start, max(body_start + 1, character + span.end))
        index = level.summary.chunks
        level.summary.add(span.tokens)
        return new_chunk(
            level.id(span.text, headings),
            span.text,
            span.header,
            span.tokens,
            character + span.start,
            character + span.end,
            byte + span.start_byte,
            byte + span.end_byte,
            line + span.start_line,
            headings,
            kind,
            parent,
            index,
            self._source,
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
        return OversizeError(
            f"{self._source or 'text'}, line {origin.at(span).line}: the character {character} has "
            f"{span.tokens:,} tokens, more than the limit of {limit:,}",
            hint=hint,
        )

    def _split(
        self,
        tokens: Sequence[bytes],
        span: Span,
        origin: Origin,
        depth: int,
        parent: str | None,
    ) -> Iterator[Chunk]:
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
            chunk = self._chunk(part, origin, level, parent)
            yield chunk
            if depth + 1 < len(self._levels):
                yield from self._split(group, part, origin, depth + 1, chunk.id)


class _Level:
    """The chunks of one size so far."""

    def __init__(self, limit: int, configuration: str, summary: SummaryBuilder) -> None:
        self.limit, self.summary = limit, summary
        self._configuration = utf8(configuration)
        self._headings: tuple[str, ...] | None = None  # of the last chunk
        # Of the chunks so far, 8 bytes of each hash, and how often each was repeated.
        self._seen: set[bytes] = set()
        self._repeated: dict[bytes, int] = {}

    def id(self, text: str, headings: tuple[str, ...]) -> str:
        """The id of the next chunk. It depends on earlier chunks only if one of them is equal."""
        if headings != self._headings:
            self._headings = headings
            self._hash = hashlib.sha256(self._configuration + utf8(repr(headings)))
        digest = self._hash.copy()
        digest.update(utf8(text))
        alone = digest.digest()
        key = alone[:8]
        if key not in self._seen:
            self._seen.add(key)
            return alone[:16].hex()
        number = self._repeated[key] = self._repeated.get(key, 0) + 1
        # Not a hash of text and number: joined, they may be the text of another chunk.
        return hashlib.sha256(b"%s %d" % (alone, number)).hexdigest()[:32]


def utf8(text: str) -> bytes:
    """The text in UTF-8, a lone surrogate as three bytes."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
