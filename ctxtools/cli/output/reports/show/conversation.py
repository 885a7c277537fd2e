"""A conversation as a model sees it: messages with their tokens, or parts with their counts."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ctxtools.cli.output import console as output
from ctxtools.cli.output.reports.show.tokens import TokenWriter
from ctxtools.config import Color
from ctxtools.encodings import Encoding
from ctxtools.encodings.tokens import whole_characters
from ctxtools.escape import one_line
from ctxtools.messages.chat.pieces import Owner, Piece, Placed, Plain, Special
from ctxtools.messages.parts import MEDIA, CountedMessages, Part
from ctxtools.report.tokens import ShownToken, TokenGroup
from ctxtools.units import format_count, format_items


class _Token(NamedTuple):
    owner: Owner
    text: str
    ids: Sequence[int]
    special: bool = False


def show_pieces(
    pieces: Iterable[Piece], counted: CountedMessages, encoding: Encoding, writer: TokenWriter
) -> None:
    """Write the rendered conversation, message by message, each under its role and its tokens."""
    after_line = True
    for heading, tokens in grouped_tokens(pieces, counted, encoding):
        if not after_line:
            writer.line()
        writer.line(f"── {heading}")
        for token in tokens:
            writer.token(token.text, "".join(f"‹{i}›" for i in token.ids) if writer.ids else "")
            after_line = token.text.endswith("\n")
    if not after_line:
        writer.line()


def grouped_tokens(
    pieces: Iterable[Piece], counted: CountedMessages, encoding: Encoding
) -> Iterator[TokenGroup]:
    """The tokens of a rendered conversation, message by message, each under its role and tokens."""
    media = iter([part for part in counted.parts if part.kind in MEDIA])
    for of, group in groupby(_tokens(pieces, encoding), lambda t: (t.owner.message, t.owner.role)):
        tokens = [(token, None if token.text else next(media)) for token in group]
        shown = [
            ShownToken(_measure(medium), (), stands_for=True)
            if medium
            else ShownToken(token.text, token.ids, token.special)
            for token, medium in tokens
        ]
        yield TokenGroup(_heading(of, tokens), shown)


def show_parts(counted: CountedMessages, color: Color) -> None:
    """Write the parts of a conversation of whose form only the number of tokens is known."""
    rows = [_row(part) for part in counted.parts]
    total = [
        *_figure(counted.interval.exact, counted.total),
        "",
        "",
        "",
        f"total, {counted.format}",
    ]
    headings = ["Tokens", "Message", "Role", "Kind", "How it is known"]
    left = [*headings[2:]]
    output.draw_rows(output.row_console(color), headings, rows, total, left=left)


def _heading(
    of: tuple[int | None, str | None], tokens: Sequence[tuple[_Token, Part | None]]
) -> str:
    message, role = of
    # A special token that the tokenizer does not have is one all the same.
    number = sum(medium.tokens if medium else max(len(t.ids), 1) for t, medium in tokens)
    about = "" if all(medium is None or medium.exact for _, medium in tokens) else "~"
    name = "around the messages" if message is None else f"message {message}, {role}"
    return one_line(f"{name}: {about}{format_items(number, 'token')}")


def _measure(part: Part) -> str:
    about = "" if part.exact else "~"
    label = f" {part.label}" if part.label else ""
    return f"[{part.kind}{label}: {about}{format_count(part.tokens)} tokens, {part.rule}]"


def _row(part: Part) -> list[str]:
    where = "" if part.message is None else str(part.message)
    kind = f"{part.kind} {part.label}" if part.label else part.kind
    basis = f"{part.basis}: {part.rule}"
    return [*_figure(part.exact, part.tokens), where, part.role or "", kind, basis]


def _figure(exact: bool, tokens: int) -> list[str]:
    return [f"{'' if exact else '~'}{format_count(tokens)}"]


def _tokens(pieces: Iterable[Piece], encoding: Encoding) -> Iterator[_Token]:
    """The tokens in order, each with the owner of its beginning; a medium has no text."""
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, Plain)):
        if is_text:
            yield from _of_run([piece for piece in group if isinstance(piece, Plain)], encoding)
            continue
        for piece in group:
            if isinstance(piece, Special):
                known = encoding.special_tokens.get(piece.spelling)
                yield _Token(piece.owner, piece.spelling, () if known is None else (known,), True)
            elif isinstance(piece, Placed):
                yield _Token(piece.owner, "", ())


def _of_run(run: Sequence[Plain], encoding: Encoding) -> Iterator[_Token]:
    text = "".join(piece.text for piece in run)
    left = iter(run)
    piece = next(left)
    end, position = len(piece.text), 0
    for token, ids in whole_characters(encoding, encoding.encode(text)):
        while position >= end and (following := next(left, None)):
            piece, end = following, end + len(following.text)
        yield _Token(piece.owner, token, ids)
        position += len(token)
