"""The pages of ``ctx show``: a text or a conversation with its tokens."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ctxtools.checks import check_type
from ctxtools.encodings import AllowedSpecial, Encoding
from ctxtools.encodings.tokens import whole_characters
from ctxtools.escape import one_line
from ctxtools.messages import CountedMessages
from ctxtools.report.columns import CountColumn, column_data
from ctxtools.report.page import render_page, shown_notes, skipped_data
from ctxtools.units import format_count

MAX_TOKENS = 200_000
"""That a page shows; each is an element."""


class ShownToken(NamedTuple):
    """A token as it is shown, or several that share a character.

    Attributes:
        text: of it.
        ids: its ids; none if its tokenizer does not have it.
        special: it is a special token.
        stands_for: it is no token of the text but stands for others, such as those of an image.
    """

    text: str
    ids: Sequence[int]
    special: bool = False
    stands_for: bool = False


class TokenGroup(NamedTuple):
    """Tokens that belong together, such as those of a message.

    Attributes:
        name: a heading; "" for none.
        tokens: in order.
    """

    name: str
    tokens: Iterable[ShownToken]


def token_page(
    text: str, encoding: Encoding, *, allowed_special: AllowedSpecial = (), title: str = ""
) -> str:
    """A page that shows a text with its tokens: in colors, with their ids.

    Args:
        text: any text.
        encoding: makes the tokens.
        allowed_special: see `Encoding`.
        title: of the page.

    Returns:
        HTML, complete in itself; see `save_report`.

    Raises:
        UsageError: an argument is of the wrong type.
        SpecialTokenError: the encoding does not have a special token that is allowed.
    """
    check_type("text", text, str)
    check_type("encoding", encoding, Encoding)
    ids = encoding.encode(text, allowed_special=allowed_special)
    column = CountColumn(encoding.name or "tokens")
    return group_page([text_group(ids, encoding)], column, len(ids), title=title)


def text_group(ids: Sequence[int], encoding: Encoding) -> TokenGroup:
    """The tokens of a text, as one group without a heading."""
    special = frozenset(encoding.special_tokens.values())

    def tokens() -> Iterator[ShownToken]:
        for text, of in whole_characters(encoding, ids):
            yield ShownToken(text, of, of[0] in special)

    return TokenGroup("", tokens())


def group_page(
    groups: Iterable[TokenGroup],
    column: CountColumn,
    total: int,
    *,
    notes: Iterable[str] = (),
    title: str = "",
) -> str:
    """The page of groups of tokens.

    Args:
        groups: in order; of more than `MAX_TOKENS` the first are shown.
        column: what they were counted for.
        total: how many tokens there are.
        notes: remarks.
        title: of the page.
    """
    check_type("title", title, str)
    table: dict[tuple[str, tuple[int, ...]], int] = {}
    shown: list[dict[str, Any]] = []
    left = MAX_TOKENS
    is_cut = False
    for group in groups:
        numbers: list[int] = []
        special: dict[int, None] = {}
        stand_ins: dict[int, bool] = {}
        for token in group.tokens:
            if not left:
                is_cut = True
                break
            left -= 1
            number = table.setdefault((token.text, tuple(token.ids)), len(table))
            numbers.append(number)
            if token.special:
                special[number] = None
            if token.stands_for:
                stand_ins[number] = True
        if numbers:
            entry = {"name": one_line(group.name), "tokens": numbers, "special": [*special]}
            shown.append({**entry, "parts": stand_ins})
    cut = [f"the page shows the first {format_count(MAX_TOKENS)} tokens"] if is_cut else []
    return _page(column_data(column, total), title, [*cut, *notes], groups=shown, table=[*table])


def messages_page(counted: CountedMessages, *, title: str = "") -> str:
    """A page that shows the parts of a conversation, and how the count of each is known.

    Args:
        counted: from `count_messages`.
        title: of the page.

    Returns:
        HTML, complete in itself; see `save_report`.

    Raises:
        UsageError: an argument is of the wrong type.
    """
    check_type("counted", counted, CountedMessages)
    check_type("title", title, str)
    parts = [
        {
            "message": part.message,
            "role": None if part.role is None else one_line(part.role),
            "kind": one_line(f"{part.kind} {part.label}" if part.label else part.kind),
            "tokens": part.tokens,
            "exact": part.exact,
            "how": one_line(f"{part.basis}: {part.rule}"),
        }
        for part in counted.parts
    ]
    column = CountColumn(counted.model or counted.format, total=counted.interval)
    return _page(column_data(column, counted.total), title, counted.notes, parts=parts)


def _page(
    column: dict[str, Any],
    title: str,
    notes: Iterable[str],
    *,
    groups: Sequence[dict[str, Any]] = (),
    table: Sequence[tuple[str, tuple[int, ...]]] = (),
    parts: Sequence[dict[str, Any]] = (),
) -> str:
    data = {
        "title": one_line(title),
        "column": column,
        "groups": groups,
        "texts": [text for text, _ in table],
        "ids": [ids for _, ids in table],
        "parts": parts,
        "skipped": skipped_data(()),
        "notes": shown_notes(notes),
    }
    return render_page("tokens", "Tokens", data)
