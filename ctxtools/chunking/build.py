"""Chunks of spans: where they are in the document in bytes and lines, and their ids."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ctxtools.chunking.chunk import Chunk, new_chunk
from ctxtools.chunking.counting import Counting
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure
from ctxtools.chunking.summary import Summary, Tally
from ctxtools.chunking.window import Span
from ctxtools.errors import OversizeError

_REPLACEMENT = "\ufffd"  # the text of a part of a character


class Origin(NamedTuple):
    """Where a window starts in the document: character, byte and line (the first is 1)."""

    character: int = 0
    byte: int = 0
    line: int = 1

    def at(self, span: Span) -> "Origin":
        """Where a span of the window starts."""
        return Origin(
            self.character + span.start, self.byte + span.start_byte, self.line + span.start_line
        )


class Builder:
    """Makes the chunks of one document, in order.

    Args:
        counting: the counter.
        structure: the document's blocks.
        settings: what was asked for.
        source: the document's name.
        notes: what the summaries are to tell.
    """

    def __init__(
        self,
        counting: Counting,
        structure: Structure,
        settings: Settings,
        source: str,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._counting, self._structure, self._source = counting, structure, source
        self._split_tokens = settings.on_oversize == "split-tokens"
        self._levels = [
            _Level(
                limit,
                f"{counting.name} {settings} {limit} {source}",
                Tally(overlapping=settings.overlap > 0),
            )
            for limit in settings.sizes
        ]
        self._notes = notes

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """Figures of the chunks made so far, for each size."""
        return tuple(level.tally.summary(level.limit, self._notes) for level in self._levels)

    def chunks(
        self, spans: Iterable[Span], origin: Origin, depth: int = 0, parent: str | None = None
    ) -> Iterator[Chunk]:
        """The chunks of consecutive spans, each followed by the smaller ones inside it.

        Args:
            spans: the next ones of the document.
            origin: where the window that they are in starts.

        Raises:
            OversizeError: a character is above the limit, and not to be split.
        """
        level = self._levels[depth]
        for span in spans:
            level.tally.join(span.strength, span.shortened, span.dropped, span.oversize)
            if span.oversize:
                tokens = self._tokens(span, origin, level.limit)
                yield from self._parts(tokens, span, origin, depth, parent)
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
            own = character + span.own
            headings = self._structure.headings(own)
            kind = self._structure.kind(own, max(own + 1, character + span.end))
        index = level.tally.chunks
        level.tally.add(span.tokens)
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

    # A character above the limit

    def _tokens(self, span: Span, origin: Origin, limit: int) -> list[bytes]:
        """The tokens of a character that is to be split; its bytes, where it has no tokens that
        join to it."""
        if not self._split_tokens:
            raise self._too_large(span, origin, limit)
        tokens, whole = self._counting.tokens(span.text), utf8(span.text)
        if tokens and b"".join(tokens) == whole:
            return tokens
        return [bytes([byte]) for byte in whole]

    def _too_large(self, span: Span, origin: Origin, limit: int) -> OversizeError:
        what = f"the character {span.text!r} (U+{ord(span.text):04X})"
        return OversizeError(
            f"{self._source or 'text'}, line {origin.at(span).line}: {what} has "
            f"{span.tokens:,} tokens, and a chunk at most {limit:,}",
            hint="raise the size"
            if self._split_tokens
            else 'raise the size, or set on_oversize="split-tokens" (--on-oversize split-tokens)',
        )

    def _parts(
        self,
        tokens: Sequence[bytes],
        span: Span,
        origin: Origin,
        depth: int,
        parent: str | None,
    ) -> Iterator[Chunk]:
        """The chunks of a character above the limit: each has some of its tokens.

        Their slices in bytes join to the character. In characters, where there is nothing
        smaller, the last one has it and the others are empty.
        """
        level = self._levels[depth]
        size = self._counting.count_batch([_REPLACEMENT])[0]
        for smaller in self._levels[depth:]:
            if size > smaller.limit:
                raise self._too_large(span, origin, smaller.limit)
        end, end_byte = span.own, span.start_byte
        for first in range(0, len(tokens), level.limit):
            some = tokens[first : first + level.limit]
            if first + level.limit >= len(tokens):
                end = span.end
            start_byte, end_byte = end_byte, end_byte + sum(map(len, some))
            part = replace(
                span,
                end=end,
                text=_REPLACEMENT,
                tokens=size,
                start_byte=start_byte,
                end_byte=end_byte,
            )
            chunk = self._chunk(part, origin, level, parent)
            yield chunk
            if depth + 1 < len(self._levels):
                yield from self._parts(some, part, origin, depth + 1, chunk.id)


class _Level:
    """How far the chunks of one size have come."""

    def __init__(self, limit: int, configuration: str, tally: Tally) -> None:
        self.limit, self.tally = limit, tally
        self._configuration = utf8(configuration)
        self._headings: tuple[str, ...] | None = None  # of the last chunk
        # The chunks there were, 8 bytes of their hash each, and how often which were repeated.
        self._seen: set[bytes] = set()
        self._repeated: dict[bytes, int] = {}

    def id(self, text: str, headings: tuple[str, ...]) -> str:
        """The id of the next chunk: only of those that are alike does it depend on the others."""
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
        # Not of the text and the number, which together may be the text of another chunk.
        return hashlib.sha256(b"%s %d" % (alone, number)).hexdigest()[:32]


def utf8(text: str) -> bytes:
    """The text in UTF-8, with three bytes for a lone surrogate."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def as_counted(text: str) -> str:
    """The text without lone surrogates, which some places cannot store: each is U+FFFD, which has
    as many tokens."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
