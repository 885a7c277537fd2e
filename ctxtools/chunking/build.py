"""Chunks of spans: where they are in the document in bytes and lines, and their ids."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.counting import Counting
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure
from ctxtools.chunking.summary import Summary, Tally
from ctxtools.chunking.window import Span
from ctxtools.errors import OversizeError

_REPLACEMENT = "\ufffd"  # the text of a part of a character


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
        self,
        spans: Iterable[Span],
        text: str,
        offset: int,
        depth: int = 0,
        parent: str | None = None,
    ) -> Iterator[Chunk]:
        """The chunks of consecutive spans, each followed by the smaller ones inside it.

        Args:
            spans: the next ones of the document.
            text: the window that they are in.
            offset: where it starts in the document.

        Raises:
            OversizeError: a character is above the limit, and not to be split.
        """
        level = self._levels[depth]
        for span in spans:
            level.tally.join(
                span.strength,
                shortened=span.shortened,
                dropped=span.dropped,
                split=span.oversize,
            )
            if span.oversize:
                character = text[span.own : span.end]
                tokens = self._tokens(character, level)
                yield from self._parts(character, tokens, span, offset, depth, parent)
                continue
            own, line = level.byte, level.line
            if span.start < span.own:
                before = text[span.start : span.own]
                own, line = own - size_of(before), line - before.count("\n")
            alone = len(span.text) == span.end - span.own
            new = span.text if alone else text[span.own : span.end]
            level.byte += size_of(new)
            level.line += new.count("\n")
            chunk = self._chunk(
                level,
                span,
                offset,
                text=span.text,
                tokens=span.tokens,
                slices=(offset + span.start, offset + span.end, own, level.byte),
                line=line,
                parent=parent,
            )
            yield chunk
            if span.children:
                yield from self.chunks(span.children, text, offset, depth + 1, chunk.id)

    def _chunk(
        self,
        level: "_Level",
        span: Span,
        offset: int,
        *,
        text: str,
        tokens: int,
        slices: tuple[int, int, int, int],
        line: int,
        parent: str | None,
    ) -> Chunk:
        headings: tuple[str, ...] = ()
        kind = "text"
        if self._structure.blocks:
            headings = self._structure.headings(offset + span.own)
            kind = self._structure.kind(offset + span.own, offset + span.end)
        index = level.tally.chunks
        level.tally.add(tokens)
        return Chunk(
            level.id(text, headings),
            text,
            span.header,
            tokens,
            *slices,
            line,
            headings,
            kind,
            parent,
            index,
            self._source,
        )

    # A character above the limit

    def _tokens(self, character: str, level: "_Level") -> list[bytes]:
        """The tokens of a character that is to be split."""
        tokens = self._counting.tokens(character) if self._split_tokens else None
        if tokens and b"".join(tokens) == utf8(character):
            return tokens
        raise self._too_large(character, level)

    def _too_large(self, character: str, level: "_Level") -> OversizeError:
        tokens = self._counting.count_batch([character])[0]
        what = f"the character {character!r} (U+{ord(character):04X})"
        return OversizeError(
            f"{self._source or 'text'}, line {level.line}: {what} has {tokens:,} tokens, "
            f"and a chunk at most {level.limit:,}",
            hint="raise chunk_size"
            if self._split_tokens
            else 'raise chunk_size, or set on_oversize="split-tokens"',
        )

    def _parts(
        self,
        character: str,
        tokens: Sequence[bytes],
        span: Span,
        offset: int,
        depth: int,
        parent: str | None,
    ) -> Iterator[Chunk]:
        """The chunks of a character above the limit: each has some of its tokens.

        Their slices in bytes join to the character. In characters, where there is nothing
        smaller, the last one has it and the others are empty.
        """
        level = self._levels[depth]
        place = offset + span.own
        for first in range(0, len(tokens), level.limit):
            part = tokens[first : first + level.limit]
            data = b"".join(part)
            count = self._counting.count_batch([_REPLACEMENT])[0]
            if count > level.limit:
                raise self._too_large(character, level)
            last = first + level.limit >= len(tokens)
            start, level.byte = level.byte, level.byte + len(data)
            chunk = self._chunk(
                level,
                span,
                offset,
                text=_REPLACEMENT,
                tokens=count,
                slices=(place, place + last, start, level.byte),
                line=level.line,
                parent=parent,
            )
            yield chunk
            if depth + 1 < len(self._levels):
                yield from self._parts(character, part, span, offset, depth + 1, chunk.id)


class _Level:
    """How far the chunks of one size have come."""

    def __init__(self, limit: int, configuration: str, tally: Tally) -> None:
        self.limit, self.tally = limit, tally
        self.byte, self.line = 0, 1  # where the last chunk ends
        self._hash = hashlib.sha256(utf8(configuration))
        # The chunks there were, 8 bytes of their hash each, and how often which were repeated.
        self._seen: set[int] = set()
        self._repeated: dict[int, int] = {}

    def id(self, text: str, headings: tuple[str, ...]) -> str:
        """The id of the next chunk: only of those that are alike does it depend on the others."""
        digest = self._hash.copy()
        digest.update(utf8(repr(headings)))
        digest.update(utf8(text))
        alone = digest.hexdigest()[:32]
        key = int(alone[:16], 16)
        if key not in self._seen:
            self._seen.add(key)
            return alone
        number = self._repeated[key] = self._repeated.get(key, 0) + 1
        # Not of the text and the number, which together may be the text of another chunk.
        return hashlib.sha256(b"%s %d" % (digest.digest(), number)).hexdigest()[:32]


def utf8(text: str) -> bytes:
    """The text in UTF-8, with three bytes for a lone surrogate."""
    return text.encode("utf-8", "surrogatepass")


def as_counted(text: str) -> str:
    """The text without lone surrogates, which some places cannot store: each is U+FFFD, which has
    as many tokens."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def size_of(text: str) -> int:
    """The number of bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(utf8(text))
