"""The forms that documents can take where not all go in whole, with what each costs."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from ctxtools.encodings import Encoding
from ctxtools.errors import FormatError, MissingExtraError
from ctxtools.packing.choices import Trim
from ctxtools.packing.prompt.candidates import OUTLINE, TRIMMED, Candidate, Wishes
from ctxtools.packing.prompt.entry import Entry, Form, Layout
from ctxtools.packing.prompt.select import Item, Option
from ctxtools.packing.prompt.trim import trim

_BATCH = 32_000_000  # characters of entries that are held at once
_OUTLINED = 500_000  # characters of documents that are outlined: about half a second
_LONG = 200_000  # characters of one document above which it is not outlined
_WORTH_IT = 0.6  # an outline with more of the document's tokens is not offered
_TOO_LARGE = 8  # documents larger than all the room, of which trimmed forms are made at once
_FILLERS = 3  # documents that are tried for what room is left


@dataclass(frozen=True, slots=True)
class Costs:
    """Counts entries as they would be in the text, each as if it were the first.

    The numbers of later ones may take a token more. What that is in all shows when the text is
    counted; the costs here are no more than the true ones, so that no choice is missed.

    Attributes:
        encoding: what counts.
        layout: what makes entries.
        threads: how many may count.
    """

    encoding: Encoding
    layout: Layout
    threads: int = 0

    def of(self, entry: Entry) -> int:
        """The tokens of one entry with the separator behind it."""
        return self.encoding.count(self._piece(entry))

    def of_all(self, entries: Iterable[Entry]) -> list[int]:
        """The same for many, in bounded memory."""
        counts: list[int] = []
        for batch in _batches(map(self._piece, entries)):
            counts += self.encoding.count_batch(batch, threads=self.threads)
        return counts

    def _piece(self, entry: Entry) -> str:
        return self.layout.entry(1, entry) + self.layout.separator


def _batches(pieces: Iterable[str]) -> Iterator[list[str]]:
    batch, size = [], 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece)
        if size > _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def make_items(
    candidates: Sequence[Candidate], wishes: Wishes, costs: Costs, room: int
) -> tuple[list[Item], list[str]]:
    """Every document with its forms: whole, outlined, its path, nothing; and what is to be known.

    A trimmed form is offered at once only of documents that are larger than all the room; of the
    others one is made where room is left in the end, to fill exactly that.
    """
    paths = [0] * len(candidates)
    if Form.PATH in wishes.forms:
        paths = costs.of_all(Entry(each.source, Form.PATH) for each in candidates)
    items = []
    for each, path_cost in zip(candidates, paths, strict=True):
        options = []
        if not each.pinned and not each.needed:
            options.append(Option(None, 0, 0.0))
            if path_cost and path_cost < each.whole_cost:
                options.append(Option(Form.PATH, path_cost, each.path_value))
        if each.pinned or each.needed or Form.WHOLE in wishes.forms:
            options.append(Option(Form.WHOLE, each.whole_cost, each.value, each.text))
        items.append(Item(options, each.tier, each.requires))
    missing: set[str] = set()
    if Form.OUTLINE in wishes.forms:
        missing = _add_outlines(items, candidates, costs, room)
    if Form.TRIMMED in wishes.forms:
        _add_trimmed(items, candidates, wishes, costs, room)
    notes = [
        f"no outlines of code in {', '.join(sorted(missing))}: the grammar is not installed "
        '(pip install "ctxtools[code]")'
    ]
    return items, notes if missing else []


def fill(
    items: Sequence[Item],
    picks: Sequence[Option],
    candidates: Sequence[Candidate],
    wishes: Wishes,
    costs: Costs,
    room: int,
) -> tuple[int, Option] | None:
    """The document to put in trimmed, or less trimmed, for the room that is left; None if none is.

    Of the first tier in which there is one, and of the documents of most value a token there.
    """
    if Form.TRIMMED not in wishes.forms or room <= 0:
        return None
    waiting = [
        i
        for i, (pick, each) in enumerate(zip(picks, candidates, strict=True))
        if pick.form is not Form.WHOLE
        and each.value > 0
        and all(picks[j].has_content for j in each.requires)
        and TRIMMED * each.value * (room + pick.cost) / max(each.whole_cost, 1) > pick.value
    ]
    waiting.sort(key=lambda i: (candidates[i].tier, -_density(candidates[i]), i))
    best: tuple[float, int, Option] | None = None
    for i in waiting[:_FILLERS]:
        option = trimmed(candidates[i], wishes.trim, costs, room + picks[i].cost)
        gain = option.value - picks[i].value if option else 0.0
        if option and gain > 0 and (best is None or gain > best[0]):
            best = gain, i, option
    return best[1:] if best else None


def trimmed(each: Candidate, side: Trim, costs: Costs, room: int) -> Option | None:
    """The trimmed form of a document that costs at most ``room`` tokens; None where there is none.

    It is worth its share of the document's tokens, times `TRIMMED`.
    """

    def cost(body: str) -> int:
        return costs.of(Entry(each.source, Form.TRIMMED, body))

    if each.path.endswith(".log") and side == "head":
        side = "tail"  # what happened last
    fitted = trim(each.text, costs.encoding, room, side, cost)
    if fitted is None or not costs.layout.is_safe(fitted[0]):
        return None
    empty = cost("")
    share = (fitted[1] - empty) / max(each.whole_cost - empty, 1)
    return Option(Form.TRIMMED, fitted[1], TRIMMED * each.value * min(share, 1.0), fitted[0])


def _density(each: Candidate) -> float:
    return each.value / max(each.whole_cost, 1)


def _add_trimmed(
    items: Sequence[Item],
    candidates: Sequence[Candidate],
    wishes: Wishes,
    costs: Costs,
    room: int,
) -> None:
    large = [
        i
        for i, each in enumerate(candidates)
        if not each.pinned
        and each.value > 0
        and (each.whole_cost > room or Form.WHOLE not in wishes.forms)
    ]
    large.sort(key=lambda i: (candidates[i].tier, -_density(candidates[i]), i))
    for i in large[:_TOO_LARGE]:
        for part in (1, 2, 4, 8):
            if option := trimmed(candidates[i], wishes.trim, costs, room // part):
                items[i].options.append(option)


def _add_outlines(
    items: Sequence[Item], candidates: Sequence[Candidate], costs: Costs, room: int
) -> set[str]:
    """Outline the documents that just do not go in whole, as many as take little time.

    Returns:
        The languages whose grammars are not installed.
    """
    from ctxtools.chunking.formats.outline import outline

    best = [i for i, each in enumerate(candidates) if not each.pinned and each.value > 0]
    best.sort(key=lambda i: (candidates[i].tier, -_density(candidates[i]), i))
    sums = list(accumulate((candidates[i].whole_cost for i in best), initial=0))
    first = max(bisect_right(sums, room) - 1, 0)  # the first that does not go in whole
    missing: set[str] = set()
    before = _within(reversed(best[:first]), candidates, _OUTLINED // 4, missing)
    behind = _within(best[first:], candidates, _OUTLINED, missing)
    found: list[tuple[int, str]] = []
    for i, format in chain(before, behind):
        text = candidates[i].text
        try:
            body = outline(text, format)
        except FormatError:  # it is not what its name says
            continue
        except MissingExtraError:
            missing.add(format)
            continue
        if body and len(body) < _WORTH_IT * len(text) and costs.layout.is_safe(body):
            found.append((i, body))
    entries = (Entry(candidates[i].source, Form.OUTLINE, body) for i, body in found)
    for (i, body), cost in zip(found, costs.of_all(entries), strict=True):
        each = candidates[i]
        if cost < _WORTH_IT * each.whole_cost:
            items[i].options.append(Option(Form.OUTLINE, cost, OUTLINE * each.value, body))
    return missing


def _within(
    numbers: Iterable[int], candidates: Sequence[Candidate], characters: int, missing: set[str]
) -> Iterator[tuple[int, str]]:
    """The first documents, of so many characters together, that can have an outline.

    Args:
        numbers: of documents.
        candidates: all of them.
        characters: of the documents that are outlined.
        missing: formats to pass over; it may grow on the way.
    """
    from ctxtools.documents.filetypes import file_type

    for i in numbers:
        if characters <= 0:
            return
        size = len(candidates[i].text)
        format = file_type(candidates[i].path).format
        if size <= _LONG and format != "text" and format not in missing:
            yield i, format
            characters -= size if format not in missing else 0
