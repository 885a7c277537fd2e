"""Counting a rendered conversation: each text between special tokens is tokenized as a whole."""

from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby

from ctxtools.messages.chat.pieces import Break, Piece, Placed, Plain, Special
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import Part, merged
from ctxtools.models.interval import exactly


def tally(pieces: Iterable[Piece], meter: Meter) -> tuple[Part, ...]:
    """The parts of a rendered conversation; their tokens add up to those of the whole.

    Where a token reaches over the end of a piece, the piece has what the text up to its end takes,
    and the next one the difference.
    """
    parts: list[Part] = []
    position: int | None = 0  # None after what is not exact
    lead, following = "", text_before(meter)
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, Plain)):
        run = list(group)
        for part in _of_text(run, meter, lead) if is_text else _of_others(run, meter, position):
            position = _after(position, part)
            parts.append(part)
        lead = following
    return merged(parts)


_WORD = "Hello"


def text_before(meter: Meter) -> str:
    """What to put before a text that is not the first, and to take off again from its tokens.

    Tokenizers of SentencePiece's kind may put a space before the beginning of the first text alone.
    Counted by itself, every text is the first.
    """
    encoding = meter.encoding
    special = next(iter(encoding.special_tokens), "")
    is_known = meter.estimate is None and encoding.backend.name == "tokenizers"
    if not is_known or not special:
        return ""
    inside = encoding.encode(special + _WORD, allowed_special=[special])[1:]
    if inside == encoding.encode(_WORD):
        return ""
    after_newline = encoding.encode("\n" + _WORD)
    return "\n" if after_newline == [*encoding.encode("\n"), *inside] else ""


def _of_text(pieces: Iterable[Piece], meter: Meter, lead: str) -> Iterator[Part]:
    texts = [piece for piece in pieces if isinstance(piece, Plain) and piece.text]
    if len(texts) < 2 or meter.estimate is not None:
        for piece in texts:
            tokens = meter.text(lead + piece.text, bare=piece.bare)
            if lead:
                taken = meter.text(lead, bare=piece.bare)
                tokens = exactly(max(0, tokens.typical - taken.typical))
            yield piece.owner.part(tokens, meter.text_basis, _name(meter))
        return
    index = meter.encoding.index(lead + "".join(piece.text for piece in texts))
    first = meter.encoding.count(lead) if lead else 0
    ends = [*accumulate((len(piece.text) for piece in texts), initial=len(lead))][1:]
    # A beginning may have more tokens than what it begins; the sums may then not fall.
    sums = [min(tokens, index.total) for tokens in index.measure(ends)[1][:-1]]
    sums = [*accumulate(sums, max, initial=first), index.total]
    for piece, before, total in zip(texts, sums[:-1], sums[1:], strict=True):
        yield piece.owner.part(exactly(total - before), "counted", _name(meter))


def _after(position: int | None, part: Part) -> int | None:
    return position + part.tokens if position is not None and part.exact else None


def _of_others(pieces: Iterable[Piece], meter: Meter, position: int | None) -> Iterator[Part]:
    for piece in pieces:
        if isinstance(piece, Break):
            continue
        if isinstance(piece, Placed):
            found = meter.media(piece.item, position)
            part = piece.owner.part(found.expanded, found.basis, found.rule, found.source)
        else:
            assert isinstance(piece, Special)
            part = piece.owner.part(exactly(1), "counted", _name(meter))
        position = _after(position, part)
        yield part


def _name(meter: Meter) -> str:
    return meter.encoding.name
