"""Packing all documents, whole, into parts that each keep a limit: as few as possible.

A document that is larger than a part is split into pieces, at the boundaries of chunks; the pieces
join to the document. They are small compared with a part, so that they fill what remains of it, and
those of one document that follow one another in a part are joined again. Each part says which one
it is of how many, inside its limit.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from os import PathLike
from typing import TYPE_CHECKING

from ctxtools.checks import check_integer, check_list, check_threads
from ctxtools.encodings import Encoding, as_encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.packing.arguments import Form, Format, PathStyle, Secrets, token_limit
from ctxtools.packing.cache import Known
from ctxtools.packing.line_numbers import number_lines
from ctxtools.packing.prompt.candidates import Documents, collect
from ctxtools.packing.prompt.choice.partition import Parts, fewest_parts, parts_in_order
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.render import Entry, Part, Renderer
from ctxtools.packing.prompt.result import OmittedDocument, Pack, PackedDocument
from ctxtools.packing.prompt.rules import NamedText, screened_rules
from ctxtools.packing.prompt.template import make_renderer
from ctxtools.packing.secrets.screen import Screen
from ctxtools.units import format_count

if TYPE_CHECKING:
    from ctxtools.models import Budget

_ATTEMPTS = 10
_PIECES = 16  # that a document as large as a part is split into
_MIN_PIECE = 48  # tokens, where a part has the capacity


def pack_parts(
    documents: Documents,
    encoding: Encoding | str,
    *,
    part_limit: "int | Budget | None" = None,
    parts: int | None = None,
    format: Format = "xml",
    template: str | None = None,
    tree: bool = False,
    line_numbers: bool = False,
    keep_data_uris: bool = False,
    roots: Iterable[str] | None = None,
    paths: PathStyle = "relative",
    secrets: Secrets = "off",
    threads: int = 0,
    cache: str | PathLike[str] | Known | None = None,
) -> list[Pack]:
    """All documents, whole, in the fewest parts of even sizes that each keep a limit.

    Lock files, dependencies, build outputs and earlier packs stay out, as in `pack`; the first part
    lists them in ``omitted``.

    Each part's text was counted as a whole. Documents stay in the order of their paths where that
    takes no more parts.

    Args:
        documents: as in `pack`.
        encoding: counts; an Encoding, or the name of one.
        part_limit: the limit of each part in tokens; None is no limit, and needs ``parts``.
        parts: how many parts; None is as few as possible.
        format, template, tree, line_numbers, keep_data_uris, roots, paths, secrets, threads, cache:
            as in `pack`; the tree is in each part.

    Raises:
        ConflictError: a part has no capacity for anything, or not everything fits into the parts.
        MissingExtraError, SecretsError: as in `pack`.
        UsageError: an argument cannot be used.
    """
    if part_limit is None and parts is None:
        raise UsageError("part_limit or parts is required", hint="give at least one of them")
    if parts is not None:
        parts = check_integer("parts", parts, 1, hint="leave it out for as few as possible")
    encoding = as_encoding(encoding)
    limit = None if part_limit is None else token_limit(part_limit, "part_limit")
    if roots is not None:
        check_list("roots", roots)
        roots = tuple(roots)
    options = PackOptions(
        format,
        template,
        tree=tree,
        line_numbers=line_numbers,
        keep_data_uris=keep_data_uris,
        roots=roots,
        paths=paths,
        secrets=secrets,
        threads=check_threads(threads),
        known=Known.open(cache),
    )
    screen = Screen(options.secrets, keep_lines=options.line_numbers, known=options.known)
    texts, folders = collect(documents, options)
    texts, rules, notes, left_out = screened_rules(texts, folders, options, screen)
    renderer = make_renderer(texts, encoding, options, rules)
    bodies = (number_lines(each.text) if line_numbers else each.text for each in texts)
    entries = zip(texts, bodies, strict=True)
    costs = renderer.costs(Entry(each.name, Form.WHOLE, body) for each, body in entries)
    omitted = tuple(
        OmittedDocument(text.name, reason, cost, rule.folder_of(text.name))
        for text, rule, cost in zip(texts, rules, costs, strict=True)
        if (reason := rule.why_withheld)
    )
    kept = [i for i, rule in enumerate(rules) if not rule.withheld]
    texts, costs = [texts[i] for i in kept], [costs[i] for i in kept]
    packs = _Packer(texts, costs, renderer, limit, parts, line_numbers).pack()
    found = screen.after((each.name, each.text, each.text) for each in texts)
    options.known.save()
    # What is said of all parts is said of the first, since a document may be in several.
    first = replace(
        packs[0],
        omitted=(*omitted, *left_out),
        notes=(*screen.notes(found), *notes),
        secrets=found,
    )
    return [first, *packs[1:]]


_MAX_CAPACITY = 2**62  # tokens; more are as many


@dataclass(frozen=True, slots=True)
class _Piece:
    """A document, or one span of it.

    Attributes:
        document: its number.
        body: the text.
        number: which span it is, from 0.
        of: how many spans there are.
        first_line: the number of the line that it starts in, from 1.
    """

    document: int
    body: str
    number: int = 0
    of: int = 1
    first_line: int = 1


@dataclass(frozen=True, slots=True)
class _Packer:
    """What the steps of packing share; ``costs`` are those of the whole documents."""

    texts: Sequence[NamedText]
    costs: Sequence[int]
    renderer: Renderer
    limit: int | None
    number: int | None
    line_numbers: bool

    def pack(self) -> list[Pack]:
        # What a part's number takes depends on how many parts there are, which depends on that; and
        # where counts do not quite add up, the excess of a part is taken off the capacity.
        expected, reserve = self.number or 1, 0
        for _ in range(_ATTEMPTS):
            capacity = self._capacity(expected) - reserve
            pieces, parts = self._place(capacity)
            if len(str(len(parts))) > len(str(expected)):
                expected = len(parts)
                continue
            packs = self._packs(pieces, parts)
            excess = max((pack.token_count - pack.limit for pack in packs), default=0)
            if excess <= 0:
                return packs
            reserve += reserve + excess  # a little less may give the same parts
        raise self._conflict("no part keeps the limit")

    def _capacity(self, parts: int) -> int:
        """The tokens that each of ``parts`` parts has for entries."""
        if self.limit is None:
            return max(sum(self.costs), 1)
        return min(self.limit - self.renderer.frame_cost(Part(parts, parts)), _MAX_CAPACITY)

    def _place(self, capacity: int) -> tuple[list[_Piece], Parts]:
        """The pieces, and the numbers of those of each part.

        Raises:
            ConflictError: they do not fit.
        """
        max_size = capacity
        if self.number is not None:
            max_size = min(capacity, max(-(-sum(self.costs) // self.number), 1))
        pieces = [
            piece for i in range(len(self.texts)) for piece in self._split(i, max_size, capacity)
        ]
        costs = self.renderer.costs(map(self._entry, pieces))
        later = (self._entry(piece, body="") for piece in pieces if piece.number)
        overheads = iter(self.renderer.costs(later))
        savings = [next(overheads) if piece.number else 0 for piece in pieces]
        if any(cost > capacity for cost in costs):
            raise self._conflict("a part has no capacity for a piece of a document")
        parts = parts_in_order(costs, savings, capacity, self.number)
        fewest = max(-(-(sum(costs) - sum(savings)) // max(capacity, 1)), self.number or 1)
        if parts is None or len(parts) > fewest:
            unordered = fewest_parts(costs, savings, capacity, self.number)
            if unordered and (parts is None or len(unordered) < len(parts)):
                parts = unordered
        if parts is None:
            number = "one part" if self.number == 1 else f"{self.number} parts"
            raise self._conflict(f"not everything fits into {number}")
        return pieces, parts or [[]]

    def _split(self, document: int, max_size: int, capacity: int) -> list[_Piece]:
        """A document as one piece, or where it is above ``max_size`` tokens as several."""
        text = self.texts[document]
        if self.costs[document] <= max_size:
            return [_Piece(document, text.text)]
        overhead = self.renderer.cost(self._entry(_Piece(document, "", 98, 99)))
        size = min(max(max_size // _PIECES, _MIN_PIECE), capacity - overhead)
        for _ in range(_ATTEMPTS):
            if size <= 0:
                break
            bodies = _chunks(text, self.renderer.encoding, size)
            firsts = accumulate((body.count("\n") for body in bodies), initial=1)
            pieces = [
                _Piece(document, body, n, len(bodies), first)
                for n, (body, first) in enumerate(zip(bodies, firsts, strict=False))
            ]
            largest = max(self.renderer.costs(map(self._entry, pieces)))
            if largest <= capacity:
                return pieces
            size = size * capacity * 9 // (largest * 10)  # escapes may take as much as the text
        raise self._conflict(f"a part has no capacity for a piece of {text.name}")

    def _entry(self, piece: _Piece, body: str | None = None) -> Entry:
        source, body = self.texts[piece.document].name, piece.body if body is None else body
        numbered = number_lines(body, piece.first_line) if self.line_numbers else body
        if piece.of == 1:
            return Entry(source, Form.WHOLE, numbered)
        which = f"{piece.number + 1} of {piece.of}"
        # A layout ends each body with a line break; where there was none, the reader is told.
        if piece.number + 1 < piece.of and not body.endswith("\n"):
            which += ", cut within a line"
        return Entry(source, Form.PIECE, numbered, which)

    def _packs(self, pieces: Sequence[_Piece], parts: Parts) -> list[Pack]:
        joined = _join(pieces, parts)
        return [
            self._pack(part, Part(number, len(joined)) if len(joined) > 1 else None)
            for number, part in enumerate(joined, 1)
        ]

    def _pack(self, pieces: Sequence[_Piece], part: Part | None) -> Pack:
        entries = [self._entry(piece) for piece in pieces]
        text, count = self.renderer.render(entries, part)
        documents = tuple(
            PackedDocument(entry.source, entry.form, cost, 0.0, of_tokens=cost)
            for entry, cost in zip(entries, self.renderer.costs(entries), strict=True)
        )
        limit = count if self.limit is None else self.limit
        return Pack(text, count, limit, self.renderer.encoding.name, documents)

    def _conflict(self, problem: str) -> ConflictError:
        limit = self.limit or 0
        return ConflictError(
            f"{problem}: a limit of {format_count(limit)} tokens",
            conflict=(("the frame of a part", self.renderer.empty_cost(Part(1, 1))),),
            available=limit,
            hint="raise the limit of a part, or allow more parts",
        )


def _join(pieces: Sequence[_Piece], parts: Parts) -> list[list[_Piece]]:
    """The pieces of each part, those of a document that follow one another joined, and numbered."""
    spans = [list(_consecutive(pieces, part)) for part in parts]
    firsts = sorted(span.start for each in spans for span in each)
    documents = [pieces[first].document for first in firsts]
    totals, seen = Counter(documents), Counter[int]()
    numbers: dict[int, int] = {}
    for first, document in zip(firsts, documents, strict=True):
        numbers[first] = seen[document]
        seen[document] += 1
    return [
        [
            _Piece(
                document := pieces[span.start].document,
                "".join(pieces[i].body for i in span),
                numbers[span.start],
                totals[document],
                pieces[span.start].first_line,
            )
            for span in each
        ]
        for each in spans
    ]


def _consecutive(pieces: Sequence[_Piece], part: Sequence[int]) -> Iterator[range]:
    """The longest spans of numbers of pieces that follow one another in one document."""
    span = range(0)
    for i in part:
        if span and i == span.stop and pieces[i].number:
            span = range(span.start, i + 1)
            continue
        if span:
            yield span
        span = range(i, i + 1)
    if span:
        yield span


def _chunks(document: NamedText, encoding: Encoding, size: int) -> list[str]:
    """A document as texts of at most ``size`` tokens that join to it."""
    from ctxtools.chunking import Chunker

    chunker = Chunker(
        encoding,
        size,
        format="auto",
        on_oversize="split-tokens",
        add_special_tokens=False,
        prefer="fill",
    )
    text = document.text
    ends = [chunk.end_index for chunk in chunker.chunk(text, source=document.path)]
    ends = list(dict.fromkeys(end for end in ends if end < len(text)))
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
