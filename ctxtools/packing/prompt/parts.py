"""Packing all documents, whole, into parts that each keep a limit: as few as there can be.

A document that is larger than a part is cut into pieces, at the boundaries of chunks; the pieces
join to the document. They are small against a part, so that they fill what room there is, and
those of one document that follow each other in a part are joined again. Each part says which one
it is of how many, inside its limit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ctxtools.encodings import Encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.models import Budget
from ctxtools.packing.prompt.candidates import Candidate, Documents, gather
from ctxtools.packing.prompt.entry import Entry, Form, Layout, Part
from ctxtools.packing.prompt.forms import Costs
from ctxtools.packing.prompt.names import draw_tree, without_surrogates
from ctxtools.packing.prompt.partition import Parts, fewest_parts, parts_in_order
from ctxtools.packing.prompt.result import Pack, PackedDocument
from ctxtools.packing.prompt.template import TemplateLayout, layout_for
from ctxtools.units import format_count

_ROUNDS = 10
_PIECES = 16  # of a document that are as large as a part
_LEAST = 48  # tokens of a piece, where a part has room for them


def pack_parts(
    documents: Documents,
    encoding: Encoding,
    *,
    part_limit: int | Budget | None = None,
    parts: int | None = None,
    format: str = "xml",
    template: str | None = None,
    tree: bool = False,
    threads: int = 0,
) -> list[Pack]:
    """All documents, whole, in the fewest parts of even sizes that each keep a limit.

    Each part's text was counted as it is. Documents stay in the order of their paths where that
    takes no part more.

    Args:
        documents: as in `pack`.
        encoding: counts.
        part_limit: the most tokens of a part; None is no limit, and needs ``parts``.
        parts: how many there are to be; None is as few as possible.
        format, template, tree, threads: as in `pack`; the tree is in each part.

    Raises:
        ConflictError: there is no room in a part for anything, or not all fits into the parts.
        UsageError: an argument is not what it can be.
    """
    limit = part_limit.available if isinstance(part_limit, Budget) else part_limit
    if limit is None and parts is None:
        raise UsageError("parts have no limit", hint="give a part_limit, or how many parts")
    if parts is not None and parts < 1:
        raise UsageError(f"parts is {parts}", hint="it is 1 or more")
    if limit is not None and limit < 0:
        raise UsageError(f"the limit of a part is {limit}", hint="it is zero or more")
    candidates = gather(documents)
    layout = layout_for(format, template, [each.text for each in candidates])
    wants_tree = tree or (isinstance(layout, TemplateLayout) and layout.wants_tree)
    drawn = draw_tree(each.source for each in candidates) if wants_tree else ""
    return _Parter(candidates, layout, encoding, limit, parts, drawn, threads).parts()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A document, or one stretch of it: ``number`` of its stretches, from 0."""

    source: str
    body: str
    number: int = 0
    of: int = 1


class _Parter:
    """One call of `pack_parts`."""

    def __init__(
        self,
        candidates: list[Candidate],
        layout: Layout,
        encoding: Encoding,
        limit: int | None,
        number: int | None,
        tree: str,
        threads: int,
    ) -> None:
        self._candidates = candidates
        self._layout = layout
        self._encoding = encoding
        self._limit = limit
        self._number = number
        self._tree = tree
        self._threads = threads
        self._costs = Costs(encoding, layout, threads)

    def parts(self) -> list[Pack]:
        whole = self._costs.of_all(
            Entry(each.source, Form.WHOLE, each.text) for each in self._candidates
        )
        for each, cost in zip(self._candidates, whole, strict=True):
            each.whole_cost = cost
        # What a part's own number takes depends on how many there are, which depends on that; and
        # where counts do not quite add up, a part is over by what is taken off the room then.
        guess, less = self._number or 1, 0
        for _ in range(_ROUNDS):
            room = self._room(guess) - less
            pieces, placed = self._place(room)
            if len(str(len(placed))) > len(str(guess)):
                guess = len(placed)
                continue
            packs = self._packs(pieces, placed)
            over = max((pack.token_count - pack.limit for pack in packs), default=0)
            if over <= 0:
                return packs
            less += over
        raise self._conflict("no part keeps the limit")

    def _room(self, of: int) -> int:
        """What a part has for entries."""
        if self._limit is None:
            total = sum(each.whole_cost for each in self._candidates)
            return max(total, 1)
        before, after = self._layout.frame(self._tree, Part(of, of))
        return self._limit - self._encoding.count(before) - self._encoding.count(after)

    def _place(self, room: int) -> tuple[list[_Piece], Parts]:
        """The pieces, and those of each part by number.

        Raises:
            ConflictError: they do not fit.
        """
        total = sum(each.whole_cost for each in self._candidates)
        most = room if self._number is None else min(room, max(-(-total // self._number), 1))
        pieces = [piece for each in self._candidates for piece in self._cut(each, most, room)]
        costs = self._costs.of_all(map(_entry, pieces))
        around = self._costs.of_all(_entry(replace(piece, body="")) for piece in pieces)
        saved = [n if piece.number else 0 for n, piece in zip(around, pieces, strict=True)]
        if any(cost > room for cost in costs):
            raise self._conflict("a part has no room for a piece of a document")
        ordered = parts_in_order(costs, saved, room, self._number)
        least = max(-(-(sum(costs) - sum(saved)) // max(room, 1)), self._number or 1)
        if ordered is None or len(ordered) > least:
            placed = fewest_parts(costs, saved, room, self._number)
            if placed and (ordered is None or len(placed) < len(ordered)):
                ordered = placed
        if ordered is None:
            parts = "one part" if self._number == 1 else f"{self._number} parts"
            raise self._conflict(f"not all fits into {parts}")
        return pieces, ordered or [[]]

    def _cut(self, each: Candidate, most: int, room: int) -> list[_Piece]:
        """A document as one piece, or where it is above ``most`` tokens as several."""
        if each.whole_cost <= most:
            return [_Piece(each.source, each.text)]
        around = self._costs.of(_entry(_Piece(each.source, "", 98, 99)))
        size = max(min(most, room) // _PIECES, _LEAST)
        size = min(size, room - around)
        for _ in range(_ROUNDS):
            if size <= 0:
                break
            bodies = _split(each, self._encoding, size)
            pieces = [_Piece(each.source, b, n, len(bodies)) for n, b in enumerate(bodies)]
            worst = max(self._costs.of_all(map(_entry, pieces)))
            if worst <= room:
                return pieces
            size = size * room * 9 // (worst * 10)  # escapes may take as much as the text
        raise self._conflict(f"a part has no room for a piece of {each.source}")

    def _packs(self, pieces: list[_Piece], placed: Parts) -> list[Pack]:
        joined = _renumber([_join(pieces, part) for part in placed])
        return [
            self._pack(part, Part(number, len(joined)) if len(joined) > 1 else None)
            for number, part in enumerate(joined, 1)
        ]

    def _pack(self, pieces: Sequence[_Piece], part: Part | None) -> Pack:
        if not pieces and self._layout.is_empty_allowed and not self._tree:
            return Pack("", 0, self._limit or 0, self._encoding.name)
        entries = [_entry(piece) for piece in pieces]
        before, after = self._layout.frame(self._tree, part)
        texts = (self._layout.entry(index, entry) for index, entry in enumerate(entries, 1))
        text = without_surrogates(f"{before}{self._layout.separator.join(texts)}{after}")
        count = self._encoding.count(text, threads=self._threads)
        costs = self._costs.of_all(entries)
        documents = tuple(
            PackedDocument(entry.source, entry.form, cost, 0.0, of_tokens=cost)
            for entry, cost in zip(entries, costs, strict=True)
        )
        limit = count if self._limit is None else self._limit
        return Pack(text, count, limit, self._encoding.name, documents)

    def _conflict(self, what: str) -> ConflictError:
        limit = self._limit or 0
        before, after = self._layout.frame(self._tree, Part(1, 1))
        frame = self._encoding.count(before + after)
        return ConflictError(
            f"{what}: a limit of {format_count(limit)} tokens",
            conflict=(("the frame of a part", frame),),
            available=limit,
            hint="raise the limit of a part, or allow more parts",
        )


def _entry(piece: _Piece) -> Entry:
    if piece.of == 1:
        return Entry(piece.source, Form.WHOLE, piece.body)
    which = f"{piece.number + 1} of {piece.of}"
    # A layout ends each body with a line break; where there was none, that has to be told.
    if piece.number + 1 < piece.of and not piece.body.endswith("\n"):
        which += ", cut within a line"
    return Entry(piece.source, Form.PIECE, piece.body, which)


def _join(pieces: list[_Piece], part: Iterable[int]) -> list[_Piece]:
    """The pieces of one part, those of a document that follow each other as one."""
    joined: list[_Piece] = []
    behind: tuple[str, int] | None = None  # the piece that would go on where the last one ends
    for piece in (pieces[i] for i in part):
        if joined and piece.of > 1 and behind == (piece.source, piece.number):
            joined[-1] = replace(joined[-1], body=joined[-1].body + piece.body)
        else:
            joined.append(piece)
        behind = piece.source, piece.number + 1
    return joined


def _renumber(parts: list[list[_Piece]]) -> list[list[_Piece]]:
    """Pieces with the numbers that they have once some were joined."""
    order = sorted({(p.source, p.number) for part in parts for p in part if p.of > 1})
    of: dict[str, int] = {}
    number: dict[tuple[str, int], int] = {}
    for source, old in order:
        number[source, old] = of.get(source, 0)
        of[source] = number[source, old] + 1
    return [
        [
            replace(p, number=number[p.source, p.number], of=of[p.source]) if p.of > 1 else p
            for p in part
        ]
        for part in parts
    ]


def _split(each: Candidate, encoding: Encoding, size: int) -> list[str]:
    """A document in pieces of at most ``size`` tokens that join to it."""
    from ctxtools.chunking import Chunker

    chunks = Chunker(encoding, chunk_size=size, format="auto", on_oversize="split-tokens")
    ends = [chunk.end_index for chunk in chunks.chunk(each.text, source=each.path)]
    ends = list(dict.fromkeys(end for end in ends if end < len(each.text)))
    starts = [0, *ends]
    return [each.text[a:b] for a, b in zip(starts, [*ends, len(each.text)], strict=True)]
