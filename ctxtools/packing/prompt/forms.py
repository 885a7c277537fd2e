"""The forms that documents can take where not all go in whole, with what each costs."""

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from ctxtools.documents.filetypes import file_type
from ctxtools.errors import FormatError, MissingExtraError
from ctxtools.packing.arguments import Form
from ctxtools.packing.prompt.candidates import OUTLINE, TRIMMED, Candidate
from ctxtools.packing.prompt.choice.select import OMITTED, Item, Option
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.pages import on_pages, page_lines
from ctxtools.packing.prompt.render import Entry, Renderer
from ctxtools.packing.prompt.rules import NamedText
from ctxtools.packing.prompt.trim import trim
from ctxtools.packing.unwritten import NAMED_ALONE

if TYPE_CHECKING:
    from ctxtools.packing.relevance.excerpts import Excerpt

_MAX_OUTLINED = 500_000  # characters of all documents that are outlined: about half a second
_MAX_OUTLINED_EACH = 200_000  # characters of one of them
_MAX_OUTLINE_SHARE = 0.6  # of the document's tokens; a longer outline is not offered
_MAX_OUTLINE_RATE = 8.0  # the value of a token of an outline against one of the document, trimmed
_MAX_EXCERPTED = 4_000_000  # characters of all documents that are offered as excerpts
_MAX_TRIMMED = 8  # documents larger than the capacity that are offered trimmed
_MAX_FILLERS = 3  # documents that are tried for what remains


def whole(candidate: Candidate) -> Option:
    """The whole document."""
    return Option(Form.WHOLE, candidate.cost, candidate.value, candidate.body)


def fullest(candidates: Sequence[Candidate], path_costs: Sequence[int]) -> list[Option]:
    """The most that may go in of each document: the whole, its path alone, or nothing."""
    return [
        whole(each)
        if each.may_have_content
        else Option(Form.PATH, cost, each.path_value)
        if cost
        else OMITTED
        for each, cost in zip(candidates, path_costs, strict=True)
    ]


def path_costs(
    candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer
) -> list[int]:
    """The tokens of each document's path alone; 0 where that may not go in."""
    named = [
        i
        for i, each in enumerate(candidates)
        if options.allows(Form.PATH)
        and (each.may_have_content or (each.rule.origin and each.rule.origin.kind in NAMED_ALONE))
    ]
    costs = [0] * len(candidates)
    counted = renderer.costs(Entry(candidates[i].name, Form.PATH) for i in named)
    for i, cost in zip(named, counted, strict=True):
        costs[i] = cost
    return costs


def make_items(
    candidates: Sequence[Candidate],
    options: PackOptions,
    renderer: Renderer,
    path_costs: Sequence[int],
    capacity: int,
) -> tuple[list[Item], list[str]]:
    """Every document with its forms: whole, outlined, trimmed, its path, omitted; and notes.

    Only documents larger than the capacity are offered trimmed here; of the others one is trimmed
    in the end, to fill exactly what remains (see `fill`).
    """
    forms: list[list[Option]] = []
    for each, path_cost in zip(candidates, path_costs, strict=True):
        forms.append([])
        if not each.is_mandatory:
            forms[-1].append(OMITTED)
            if 0 < path_cost < each.cost:
                forms[-1].append(Option(Form.PATH, path_cost, each.path_value))
        if each.is_mandatory or (options.allows(Form.WHOLE) and each.may_be_long):
            forms[-1].append(whole(each))
    notes = []
    if options.allows(Form.OUTLINE):
        outlines, missing = _outlines(candidates, options, renderer, capacity)
        for i, option in outlines:
            forms[i].append(option)
        for remedy in dict.fromkeys(missing.values()):
            formats = sorted(format for format, its in missing.items() if its == remedy)
            notes.append(
                f"no outlines of code in {', '.join(formats)}: the grammar is not installed "
                f"({remedy})"
            )
    if options.allows(Form.EXCERPT):
        for i, option in _excerpts(candidates, options, renderer):
            forms[i].append(option)
    if options.allows(Form.TRIMMED):
        for i, option in _trimmed_to_shares(candidates, options, renderer, capacity):
            forms[i].append(option)
    items = [
        Item(options, each.rule.tier, each.rule.requires)
        for options, each in zip(forms, candidates, strict=True)
    ]
    return items, notes


def fill(
    picks: Sequence[Option],
    candidates: Sequence[Candidate],
    options: PackOptions,
    renderer: Renderer,
    remaining: int,
    *,
    late: bool,
    fixed: Container[int] = (),
) -> tuple[int, Option] | None:
    """The document to put in trimmed, or less trimmed, where tokens remain; None if there is none.

    It is the one that gains most, among those of the highest value per token in the first tier
    that has any.

    Args:
        picks: what was chosen for each document.
        candidates, options, renderer: as in `make_items`.
        remaining: tokens.
        late: whether it may be a late document.
        fixed: documents that stay as they were picked.
    """
    if not options.allows(Form.TRIMMED) or remaining <= 0:
        return None
    eligible = [
        i
        for i, (pick, each) in enumerate(zip(picks, candidates, strict=True))
        if pick.form is not Form.WHOLE
        and i not in fixed
        and each.value > 0
        and each.may_be_long
        and (late or not each.rule.late)
        and all(picks[j].has_content for j in each.rule.requires)
        and TRIMMED * each.prior * (remaining + pick.cost) / max(each.cost, 1) > pick.value
    ]
    best: tuple[float, int, Option] | None = None
    for i in _ranked(eligible, candidates)[:_MAX_FILLERS]:
        option = _trimmed(candidates[i], options, renderer, remaining + picks[i].cost)
        gain = option.value - picks[i].value if option else 0.0
        if option and gain > 0 and (best is None or gain > best[0]):
            best = gain, i, option
    return best[1:] if best else None


def _trimmed(
    each: Candidate, options: PackOptions, renderer: Renderer, limit: int
) -> Option | None:
    """A document trimmed to at most ``limit`` tokens; None if too little of it would be left.

    Its value is in proportion to the tokens that are left, times `TRIMMED`.
    """

    def cost(body: str) -> int:
        return renderer.cost(Entry(each.name, Form.TRIMMED, body))

    side = options.trim
    if side == "head" and file_type(each.document.path).newest_last:
        side = "tail"
    found = trim(
        each.text,
        renderer.encoding,
        limit,
        side,
        cost,
        line_numbers=options.line_numbers,
        pages=each.document.pages,
    )
    if found is None or not renderer.layout.is_safe(found[0]):
        return None
    body, tokens = found
    overhead = cost("")
    share = (tokens - overhead) / max(each.cost - overhead, 1)
    return Option(Form.TRIMMED, tokens, TRIMMED * each.prior * min(share, 1.0), body)


def _ranked(numbers: Iterable[int], candidates: Sequence[Candidate]) -> list[int]:
    """Numbers of documents by tier, then by value per token."""
    return sorted(numbers, key=lambda i: (candidates[i].rank, i))


def _trimmed_to_shares(
    candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer, capacity: int
) -> Iterator[tuple[int, Option]]:
    """Documents larger than the capacity, trimmed to all, a half, a quarter and an eighth of it."""
    large = [
        i
        for i, each in enumerate(candidates)
        if not each.rule.is_shown
        and each.value > 0
        and each.may_be_long
        and (each.cost > capacity or not options.allows(Form.WHOLE))
    ]
    for i in _ranked(large, candidates)[:_MAX_TRIMMED]:
        for divisor in (1, 2, 4, 8):
            option = _trimmed(candidates[i], options, renderer, capacity // divisor)
            if option:
                yield i, option


def smallest_shown(
    candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer
) -> list[Option]:
    """What has to go in of each document, as short as it may be; of others nothing."""
    found = [whole(each) if each.is_mandatory else OMITTED for each in candidates]
    if options.allows(Form.EXCERPT) and any(each.rule.is_changed for each in candidates):
        for i, option in _excerpts(candidates, options, renderer):
            if candidates[i].rule.is_changed and option.cost < found[i].cost:
                found[i] = option
    return found


def _excerpts(
    candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer
) -> list[tuple[int, Option]]:
    """(number of a document, an excerpt of it) pairs, for the most relevant documents."""
    eligible = [
        i
        for i, each in enumerate(candidates)
        if each.may_have_content
        and not each.rule.pinned
        and not all(span.is_rough for span in each.relevance.spans)
    ]
    if not eligible:
        return []
    from ctxtools.packing.relevance.excerpts import excerpts_of  # and with it all parsers

    eligible.sort(key=lambda i: (candidates[i].rule.late, -_density(candidates[i]), i))
    made: list[tuple[int, Excerpt]] = []
    characters = _MAX_EXCERPTED
    for i in eligible:
        if characters <= 0:
            break
        characters -= len(candidates[i].text)
        starts = page_lines(candidates[i].text, candidates[i].document.pages)
        for excerpt in excerpts_of(
            candidates[i].text, candidates[i].relevance, line_numbers=options.line_numbers
        ):
            excerpt = on_pages(excerpt, starts)
            if renderer.layout.is_safe(excerpt.body):
                made.append((i, excerpt))
    costs = renderer.costs(
        Entry(candidates[i].name, Form.EXCERPT, excerpt.body, excerpt.label) for i, excerpt in made
    )
    return [
        (i, excerpt_option(candidates[i], excerpt, cost))
        for (i, excerpt), cost in zip(made, costs, strict=True)
        if cost < candidates[i].cost
    ]


def _density(candidate: Candidate) -> float:
    best = candidate.relevance.best
    return best.score if best else 0.0


def excerpt_option(candidate: Candidate, excerpt: "Excerpt", cost: int) -> Option:
    """A document as an excerpt of ``cost`` tokens."""
    value = TRIMMED * candidate.prior * excerpt.share + candidate.scale * excerpt.score
    return Option(Form.EXCERPT, cost, value, excerpt.body, excerpt.label, excerpt.spans)


def _outlines(
    candidates: Sequence[Candidate], options: PackOptions, renderer: Renderer, capacity: int
) -> tuple[list[tuple[int, Option]], dict[str, str]]:
    """Outlines of the documents around the first that does not go in whole, as time allows.

    Returns:
        (document, outline) pairs; the languages whose grammars are not installed, with the command
        that does it.
    """
    eligible = (
        i
        for i, each in enumerate(candidates)
        if not each.rule.is_shown
        and each.value > 0
        and each.may_have_content
        # What these hold, an outline does not say.
        and not (each.rule.origin and each.rule.origin.kind in NAMED_ALONE)
    )
    ranked = _ranked(eligible, candidates)
    sums = list(accumulate((candidates[i].cost for i in ranked), initial=0))
    first = max(bisect_right(sums, capacity) - 1, 0)  # the first that does not go in whole
    missing: dict[str, str] = {}  # format: how its grammar is installed
    before = _outlinable(reversed(ranked[:first]), candidates, _MAX_OUTLINED // 4, missing)
    after = _outlinable(ranked[first:], candidates, _MAX_OUTLINED, missing)
    found: list[tuple[int, str]] = []
    for i, format in chain(before, after):
        try:
            body = _outline(candidates[i].document, options)
        except MissingExtraError as error:
            missing[format] = (error.hint or "").partition(", or ")[0]
            continue
        if body and renderer.layout.is_safe(body):
            found.append((i, body))
    costs = renderer.costs(Entry(candidates[i].name, Form.OUTLINE, body) for i, body in found)
    overheads = renderer.costs(Entry(candidates[i].name, Form.OUTLINE) for i, _ in found)
    outlines = [
        (i, Option(Form.OUTLINE, cost, outline_value(candidates[i], cost - overhead), body))
        for (i, body), cost, overhead in zip(found, costs, overheads, strict=True)
        if cost < _MAX_OUTLINE_SHARE * candidates[i].cost
    ]
    return outlines, missing


def outline_value(each: Candidate, tokens: int) -> float:
    """The value of an outline of so many tokens, without what is around it: a few headings do not
    stand for a long text."""
    rate = _MAX_OUTLINE_RATE * TRIMMED * tokens / max(each.cost, 1)
    return min(OUTLINE, rate) * each.prior


def outline_of(candidate: Candidate, options: PackOptions) -> str:
    """The outline of a document; see `_outline`."""
    return _outline(candidate.document, options) if candidate.document.has_structure else ""


def _outline(document: NamedText, options: PackOptions) -> str:
    """The outline of a document; "" if that is too long, or it is not what its name says.

    Raises:
        MissingExtraError: its grammar is not installed.
    """
    text, format, headings = document.text, document.structure, document.headings
    kind = f"outline of {format}{' with line numbers' if options.line_numbers else ''}"
    if headings:
        from hashlib import sha256

        kind += f" by {sha256(repr(headings).encode()).hexdigest()}"
    found = options.known.get(kind, text)
    if isinstance(found, str):
        return found
    from ctxtools.chunking.formats.outline import outline

    try:
        body = outline(text, format, headings, line_numbers=options.line_numbers)
    except FormatError:
        body = ""
    if len(body) >= _MAX_OUTLINE_SHARE * len(text):
        body = ""
    options.known.put(kind, text, body)
    return body


def _outlinable(
    numbers: Iterable[int],
    candidates: Sequence[Candidate],
    characters: int,
    missing: Container[str],
) -> Iterator[tuple[int, str]]:
    """The first documents that can have an outline, of ``characters`` together, and their formats.

    Args:
        numbers: of documents.
        candidates: all of them.
        characters: of the documents that are outlined.
        missing: formats to skip; it may grow meanwhile.
    """
    for i in numbers:
        if characters <= 0:
            return
        document = candidates[i].document
        size, format = len(document.text), document.structure
        if size <= _MAX_OUTLINED_EACH and document.has_structure and format not in missing:
            yield i, format
            characters -= size if format not in missing else 0


def why_omitted(
    omitted: Candidate, picks: Sequence[Option], candidates: Sequence[Candidate], capacity: int
) -> str:
    """Why a document is left out.

    Args:
        omitted: the document.
        picks: what was chosen for each.
        candidates: all documents.
        capacity: tokens that there were for all.
    """
    for i in sorted(omitted.rule.requires):
        if not picks[i].has_content:
            return f"requires {candidates[i].name}, which is not in"
    if reason := omitted.rule.why_withheld:
        return reason
    if omitted.rule.late:
        return f"{omitted.rule.origin}, which comes last"
    if omitted.cost > capacity:
        return "larger than the limit"
    if omitted.value <= 0:
        return "its value is 0"
    return "does not fit next to higher-valued documents"
