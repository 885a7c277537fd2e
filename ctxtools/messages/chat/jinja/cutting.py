"""What a template rendered, as pieces: control tokens, texts and media, each with its owner.

Control tokens are as in transformers 5.24.0 with ``sanitize_control_tokens``: those that the
template writes are tokens; those whose spelling stands in a user's text are text, which is
tokenized apart from what is around it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.jinja.job import Outcome
from ctxtools.messages.chat.jinja.values import Values
from ctxtools.messages.chat.pieces import Break, Owner, Piece, Placed, Plain, Special
from ctxtools.messages.media.items import Media, media_kind


class Token(NamedTuple):
    """An added token of a tokenizer.

    Attributes:
        spelling: in a text.
        special: it is a special one.
        lstrip: it takes white space before it.
        rstrip: it takes white space after it.
    """

    spelling: str
    special: bool = True
    lstrip: bool = False
    rstrip: bool = False


class _Span(NamedTuple):
    start: int
    stop: int
    owner: Owner
    is_users: bool


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    stop: int
    piece: Piece


def pieces_of(
    outcome: Outcome,
    values: Values,
    tokens: Iterable[Token],
    placeholders: Mapping[str, Sequence[str]],
) -> list[Piece]:
    """The pieces of a rendering.

    Args:
        outcome: of the rendering.
        values: that it was made from.
        tokens: that the tokenizer adds to its vocabulary.
        placeholders: kind of media -> spellings, one of which stands where an item comes.

    Raises:
        UsageError: the template has no place for a medium.
    """
    by_spelling = {token.spelling: token for token in tokens if token.spelling}
    spans = [*_spans(outcome, values)]
    literal = {token for token in outcome.literal if not token.isspace()}
    control = [t for t in by_spelling.values() if t.special or t.spelling in literal]
    apart = [*_in_users_texts(outcome.text, spans, control)]
    places = {spelling for each in placeholders.values() for spelling in each}
    written = {**{spelling: Token(spelling) for spelling in places}, **by_spelling}
    found = [*_written(outcome.text, spans, written.values(), apart)]
    found = _placed(found, values.media, placeholders, by_spelling)
    pieces = _cut(outcome.text, spans, sorted([*apart, *found], key=lambda each: each.start))
    return _with_frame_of_tools([*pieces])


def _spans(outcome: Outcome, values: Values) -> Iterator[_Span]:
    position = 0
    for i, (length, origin, message) in enumerate(outcome.spans):
        stop = position + length
        if origin >= 0:
            yield _Span(position, stop, values.owners[origin], is_users=True)
            position = stop
            continue
        frame = values.frames[message] if message >= 0 else _frame_after(i + 1, outcome, values)
        if (end := min(stop, outcome.body)) > position:
            yield _Span(position, end, frame, is_users=False)
        if stop > (start := max(position, outcome.body)):
            yield _Span(start, stop, _WHOLE, is_users=False)
        position = stop


def _frame_after(number: int, outcome: Outcome, values: Values) -> Owner:
    """Who owns what is written before any message was read: the one whose text comes then."""
    origin = outcome.spans[number][1] if number < len(outcome.spans) else -1
    if origin < 0 or values.owners[origin].kind == "tools":
        return _WHOLE
    owner = values.owners[origin]
    return Owner(owner.message, owner.role, "framing")


_WHOLE = Owner(None, None, "framing")


def _pattern(tokens: Iterable[Token], *, strips: bool) -> re.Pattern[str]:
    """Matches the first of them, and of several there the longest.

    It has no groups: `re` searches for the first characters of alternatives only without.
    """
    longest_first = sorted(tokens, key=lambda token: len(token.spelling), reverse=True)
    alternatives = (
        (r"\s*" if strips and token.lstrip else "")
        + re.escape(token.spelling)
        + (r"\s*" if strips and token.rstrip else "")
        for token in longest_first
    )
    return re.compile("|".join(alternatives) or "(?!)")


def _in_users_texts(
    text: str, spans: Iterable[_Span], control: Iterable[Token]
) -> Iterator[_Found]:
    pattern = _pattern(control, strips=False)
    for start, stop, owner in _of_users(spans):
        for match in pattern.finditer(text, start, stop):
            yield _Found(*match.span(), Plain(match[0], owner, bare=True))


def _of_users(spans: Iterable[_Span]) -> Iterator[tuple[int, int, Owner]]:
    """The spans of users, joined where one owner has several in a row."""
    last: tuple[int, int, Owner] | None = None
    for span in spans:
        if not span.is_users:
            continue
        if last and last[1] == span.start and last[2] is span.owner:
            last = (last[0], span.stop, span.owner)
            continue
        if last:
            yield last
        last = (span.start, span.stop, span.owner)
    if last:
        yield last


def _written(
    text: str, spans: Sequence[_Span], tokens: Iterable[Token], apart: Sequence[_Found]
) -> Iterator[_Found]:
    """The tokens that are not in users' texts."""
    tokens = [*tokens]
    pattern = _pattern(tokens, strips=True)
    spellings = {token.spelling for token in tokens}
    edges = [0, *(edge for each in apart for edge in (each.start, each.stop)), len(text)]
    number = 0
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        for match in pattern.finditer(text, start, stop):
            spelling = match[0] if match[0] in spellings else match[0].strip()
            first = match.start() + match[0].index(spelling)
            last = first + len(spelling)
            while spans[number].stop <= first:
                number += 1
            owner = _owner_of_token(spans, number, last)
            if owner is not None:
                yield _Found(*match.span(), Special(spelling, owner))


def _owner_of_token(spans: Sequence[_Span], number: int, stop: int) -> Owner | None:
    """Whose token begins in a span; None if it is wholly in users' texts."""
    first = spans[number]
    while spans[number].is_users:
        if spans[number].stop >= stop:
            return None
        number += 1
    if not first.is_users:
        return first.owner
    return Owner(first.owner.message, first.owner.role, "framing")


def _placed(
    found: Sequence[_Found],
    media: Sequence[tuple[Media, Owner]],
    placeholders: Mapping[str, Sequence[str]],
    tokens: Mapping[str, Token],
) -> list[_Found]:
    """The tokens, with media at their placeholders."""
    waiting: dict[str, list[tuple[Media, Owner]]] = {}
    for item, owner in media:
        waiting.setdefault(media_kind(item), []).append((item, owner))
    spellings = [each.piece.spelling for each in found if isinstance(each.piece, Special)]
    kinds = {}
    for kind, items in waiting.items():
        names = placeholders.get(kind, ())
        spelling = next((s for s in names if spellings.count(s) == len(items)), None)
        if spelling is None:
            raise _no_place(items[0][0], kind, sum(map(spellings.count, names)), len(items))
        kinds[spelling] = iter(items)
    result = []
    for each in found:
        assert isinstance(each.piece, Special)
        if items_here := kinds.get(each.piece.spelling):
            result.append(_Found(each.start, each.stop, Placed(*next(items_here))))
        elif each.piece.spelling in tokens:  # other placeholders are mere text
            result.append(each)
    return result


_PLURALS = {"image": "images", "video": "videos", "audio": "audio", "document": "documents"}


def _no_place(item: Media, kind: str, places: int, items: int) -> UsageError:
    name = item.name or f"the first {kind}"
    if places:
        return UsageError(
            f"the chat template has {places} places for {_PLURALS[kind]}, the request has {items}",
            hint="the model may take only some of them, or only those of a user",
        )
    article = "an" if kind[0] in "ai" else "a"
    return UsageError(
        f"{name}: the chat template has no place for {article} {kind}",
        hint=f"choose a model that takes {_PLURALS[kind]}, or leave it out",
    )


def _cut(text: str, spans: Iterable[_Span], found: Sequence[_Found]) -> Iterator[Piece]:
    """The pieces in order: what was found, and between that the text by its owners."""
    edges = iter(spans)
    span = next(edges, None)
    position = 0
    after_break = True
    ends = [*found, _Found(len(text), len(text), Break())]
    for each in ends:
        while position < each.start and span is not None:
            stop = min(span.stop, each.start)
            if stop > position:
                yield Plain(text[position:stop], span.owner)
                position, after_break = stop, False
            if span.stop <= position:
                span = next(edges, None)
        position = each.stop
        while span is not None and span.stop <= position:
            span = next(edges, None)
        if isinstance(each.piece, Plain):  # in a user's text
            yield from () if after_break else (Break(),)
            yield each.piece
            yield Break()
            after_break = True
        elif not isinstance(each.piece, Break):
            yield each.piece
            after_break = True


_TOOLS = Owner(None, None, "tools")


def _with_frame_of_tools(pieces: list[Piece]) -> list[Piece]:
    """The pieces, in which what a template writes around tools belongs to them.

    It begins after another text, and ends where the next message begins: at the last token before
    that message's text.
    """
    tools = [i for i, piece in enumerate(pieces) if _kind(piece) == "tools"]
    if not tools:
        return pieces
    first, last = tools[0], tools[-1] + 1
    while first and _kind(pieces[first - 1]) == "framing":
        first -= 1
    end = next((i for i in range(last, len(pieces)) if _kind(pieces[i]) != "framing"), len(pieces))
    starts = [i for i in range(last, end) if isinstance(pieces[i], Special)]
    for i in (*range(first, last), *range(last, starts[-1] if starts else last)):
        piece = pieces[i]
        if isinstance(piece, Plain | Special) and piece.owner.kind == "framing":
            pieces[i] = replace(piece, owner=_TOOLS)
    return pieces


def _kind(piece: Piece) -> str:
    return "framing" if isinstance(piece, Break) else piece.owner.kind
