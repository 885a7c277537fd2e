"""Packing documents into a context window: what is worth most, in a text that keeps the limit.

Each document is rendered and counted by itself. Where the counts of entries add up to that of the
text, as they do in byte-level encodings, the knapsack's answer is the answer. Where they do not
quite, the text is counted as a whole, and what is over, or left, is taken off the room, or given
to it, a few times. In the end only a text that was counted as it is, and fits, is returned.
"""

from collections.abc import Iterable, Mapping, Sequence

from ctxtools.encodings import Encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.models import Budget
from ctxtools.packing.choices import Trim, check_choice
from ctxtools.packing.prompt.candidates import (
    FORMS,
    TRIMMED,
    Candidate,
    Documents,
    Wishes,
    apply_wishes,
    evaluate,
    explanations,
    gather,
)
from ctxtools.packing.prompt.entry import Entry, Form, Layout
from ctxtools.packing.prompt.forms import Costs, fill, make_items
from ctxtools.packing.prompt.names import draw_tree, without_surrogates
from ctxtools.packing.prompt.order import ORDERS, in_order
from ctxtools.packing.prompt.result import OmittedDocument, Pack, PackedDocument
from ctxtools.packing.prompt.select import Item, Option, select
from ctxtools.packing.prompt.template import TemplateLayout, layout_for
from ctxtools.units import format_count

_ROUNDS = 12  # of mending; nearly always one is enough
_REFILLS = 2  # of them for what is left over
_FEW = 300  # documents, of which each token of the limit is worth a second look


def pack(
    documents: Documents,
    encoding: Encoding,
    *,
    budget: int | Budget,
    format: str = "xml",
    template: str | None = None,
    order: str = "path",
    tree: bool = False,
    forms: Iterable[str] = FORMS,
    trim: Trim = "head",
    pins: Iterable[str] = (),
    priorities: Mapping[str, float] | None = None,
    tiers: Iterable[str] = (),
    requires: Mapping[str, str | Iterable[str]] | None = None,
    values: Mapping[str, float] | None = None,
    ages: Mapping[str, float] | None = None,
    roots: Iterable[str] = (),
    threads: int = 0,
) -> Pack:
    """Put into one text what is worth most of some documents, within a limit of tokens.

    What is returned was counted as it is, and keeps the limit. The same arguments give the same
    text, whatever the number of threads.

    Args:
        documents: documents, (path, text) pairs, or a mapping of paths to texts.
        encoding: counts.
        budget: the most tokens of the text, or a `Budget`, whose ``available`` is that.
        format: "xml", "markdown", "json" or "plain".
        template: a text of your own; see `ctxtools.packing.prompt.template`.
        order: "path"; "priority", the most valuable first; or "edges", the most valuable first
            and last, since models read the middle of a long text least well.
        tree: put the tree of all documents' paths behind them.
        forms: what a document may go in as: "whole", "trimmed", "outline", "path".
        trim: what is kept of a trimmed document: "head", "tail", or both but for the "middle".
        pins: paths or patterns (as in .gitignore) of documents that have to go in, whole.
        priorities: pattern -> factor of the value; of several patterns the last one counts.
        tiers: patterns; all that the first one means comes before anything that the next one does.
        requires: pattern -> patterns: what the first means goes in with content only where all
            that the others mean does.
        values: path -> what it is worth whole, in place of `ctxtools.packing.prompt.values`.
        ages: path -> days since its last change, for the default value.
        roots: folders that patterns may start from.
        threads: how many may count at once; 0 is one for each core.

    Raises:
        ConflictError: what has to go in does not fit; ``conflict`` is the smallest set of it that
            does not.
        UsageError: an argument is not what it can be.
    """
    check_choice("trim", trim, Trim)
    wishes = Wishes(
        frozenset(_read_form(each) for each in forms),
        trim,
        tuple(pins),
        dict(priorities or {}),
        tuple(tiers),
        {k: (v,) if isinstance(v, str) else tuple(v) for k, v in (requires or {}).items()},
        values,
        dict(ages or {}),
        tuple(roots),
    )
    if not wishes.forms:
        raise UsageError("documents have no form to go in as", hint=f"there are {', '.join(FORMS)}")
    limit = budget.available if isinstance(budget, Budget) else budget
    if limit < 0:
        raise UsageError(f"the budget is {limit} tokens", hint="it is zero or more")
    if order not in ORDERS:
        raise UsageError(f"there is no order {order!r}", hint=f"there are {', '.join(ORDERS)}")
    candidates = gather(documents)
    notes = apply_wishes(candidates, wishes)
    layout = layout_for(format, template, [each.text for each in candidates])
    wants_tree = tree or (isinstance(layout, TemplateLayout) and layout.wants_tree)
    drawn = draw_tree(each.source for each in candidates) if wants_tree else ""
    packer = _Packer(candidates, wishes, layout, encoding, limit, drawn, order, notes, threads)
    return packer.pack()


class _Packer:
    """One call of `pack`."""

    def __init__(
        self,
        candidates: list[Candidate],
        wishes: Wishes,
        layout: Layout,
        encoding: Encoding,
        limit: int,
        tree: str,
        order: str,
        notes: list[str],
        threads: int,
    ) -> None:
        self._candidates = candidates
        self._wishes = wishes
        self._layout = layout
        self._encoding = encoding
        self._limit = limit
        self._order = order
        self._threads = threads
        self._costs = Costs(encoding, layout, threads)
        self._known = notes
        self._has_tree = bool(tree)
        self._before, self._after = layout.frame(tree, None)
        self._frame = encoding.count(self._before) + encoding.count(self._after)

    def pack(self) -> Pack:
        sources = [each.source for each in self._candidates]
        entries = (Entry(each.source, Form.WHOLE, each.text) for each in self._candidates)
        costs = self._costs.of_all(entries)
        empty = self._costs.of_all(Entry(source, Form.WHOLE) for source in sources)
        for each, cost in zip(self._candidates, costs, strict=True):
            each.whole_cost = cost
        evaluate(self._candidates, self._wishes, [a - b for a, b in zip(costs, empty, strict=True)])
        if Form.WHOLE in self._wishes.forms and self._frame + sum(costs) <= self._limit:
            everything = [_whole(each) for each in self._candidates]
            value = sum(each.value for each in everything)
            text, count = self._render(everything)
            if count <= self._limit:
                return self._result(text, count, everything, value)
        return self._choose()

    def _choose(self) -> Pack:
        """The mending: see the module."""
        must, must_count = self._mandatory()
        room = self._limit - self._frame
        if self._layout.is_empty_allowed and not self._has_tree and room < 0:
            return self._result("", 0, [_NOTHING] * len(self._candidates), 0.0)
        items, notes = make_items(self._candidates, self._wishes, self._costs, room)
        self._known += notes
        allowance = self._frame + sum(each.cost for each in must) - must_count if must_count else 0
        allowance = max(allowance, 0)
        best: Pack | None = None
        refills, bound = _REFILLS, 0.0
        for _ in range(_ROUNDS):
            picks, bounded = self._select(items, room + allowance)
            if not picks:
                break
            bound = max(bound, bounded)
            text, count = self._render(picks)
            over = count - self._limit
            if over > 0:
                if best is not None:
                    break  # a refill that did not fit
                allowance -= over
                continue
            found = self._result(text, count, picks, bound)
            best = found if best is None or found.value > best.value else best
            more = self._frame + sum(each.cost for each in picks) - count if text else 0
            spare = 0 if len(items) <= _FEW else self._limit // 2000
            if more <= allowance + spare or refills == 0:
                break
            allowance, refills = more, refills - 1
        if best is None:
            text, count = self._render(must)
            best = self._result(text, count, must, sum(each.value for each in self._candidates))
        return best

    def _select(self, items: list[Item], room: int) -> tuple[list[Option], float]:
        """An option of each document and an upper bound of the value; none where nothing fits."""
        best: tuple[float, list[Option], float] | None = None
        trims = Form.TRIMMED in self._wishes.forms
        # What fills the rest is worth something in the choice of it, too, where it is not little.
        few = len(items) <= _FEW
        for share in (0.0, TRIMMED) if trims and few else (0.0,):
            selection = select(items, room, fill=share)
            if selection is None:
                return [], 0.0
            picks = list(selection.picks)
            rest = room - selection.cost
            if filled := fill(items, picks, self._candidates, self._wishes, self._costs, rest):
                picks[filled[0]] = filled[1]
            # A document may be trimmed to any size. None of these beats a mix of nothing and the
            # whole, so the relaxation bounds them, and the proof over other forms does not.
            bound = selection.relaxed_bound if trims else selection.upper_bound
            value = sum(each.value for each in picks)
            if best is None or value > best[0]:
                best = value, picks, bound
        return (best[1], best[2]) if best else ([], 0.0)

    def _mandatory(self) -> tuple[list[Option], int]:
        """What has to go in, and its tokens with all that is around it.

        Raises:
            ConflictError: it does not fit.
        """
        must = [
            _whole(each) if each.pinned or each.needed else _NOTHING for each in self._candidates
        ]
        if not any(each.form for each in must) and self._may_be_empty():
            return must, 0
        _, count = self._render(must)
        if count > self._limit:
            raise self._conflict(must, count)
        return must, count

    def _may_be_empty(self) -> bool:
        return self._layout.is_empty_allowed and not self._has_tree

    def _conflict(self, must: list[Option], count: int) -> ConflictError:
        """The fewest pins that do not fit: the largest ones."""
        frame = "the template" if isinstance(self._layout, TemplateLayout) else "the frame"
        frame = f"{frame} with the tree" if self._has_tree else frame
        pinned = sorted(
            (i for i, each in enumerate(must) if each.form),
            key=lambda i: (-must[i].cost, self._candidates[i].sort_key),
        )
        total = self._encoding.count(self._before + self._after)
        names = [(frame, total)]
        for i in pinned:
            if total > self._limit:
                break
            total += must[i].cost
            each = self._candidates[i]
            names.append(
                (each.source if each.pinned else f"{each.source} (required)", must[i].cost)
            )
        needed = f"{format_count(count)} tokens, and there are {format_count(self._limit)}"
        listed = ", ".join(f"{name} ({format_count(tokens)})" for name, tokens in names)
        message = f"what has to go in takes {needed}; this alone is too much: {listed}"
        return ConflictError(
            message,
            conflict=tuple(names),
            available=self._limit,
            hint="pin less, reserve less, or raise the limit",
        )

    def _render(self, picks: Sequence[Option]) -> tuple[str, int]:
        """The text of a choice and its tokens, counted as a whole."""
        chosen = in_order(self._order, self._candidates, picks)
        if not chosen and self._may_be_empty():
            return "", 0
        entries = (
            self._layout.entry(index, Entry(self._candidates[i].source, form, picks[i].body))
            for index, i in enumerate(chosen, 1)
            if (form := picks[i].form) is not None
        )
        body = self._layout.separator.join(entries)
        text = without_surrogates(f"{self._before}{body}{self._after}")
        return text, self._encoding.count(text, threads=self._threads)

    def _result(self, text: str, count: int, picks: Sequence[Option], bound: float) -> Pack:
        value = sum(each.value for each in picks)
        documents = tuple(
            PackedDocument(each.source, form, pick.cost, pick.value, each.pinned, each.whole_cost)
            for i in in_order(self._order, self._candidates, picks)
            if (pick := picks[i]) and (form := pick.form) and (each := self._candidates[i])
        )
        omitted = tuple(
            OmittedDocument(each.source, self._reason(each, picks), each.whole_cost)
            for each, pick in zip(self._candidates, picks, strict=True)
            if pick.form is None
        )
        return Pack(
            text,
            count,
            self._limit,
            self._encoding.name,
            documents,
            omitted,
            value,
            max(bound, value),
            tuple(self._notes(picks)),
            explanations(self._candidates),
        )

    def _reason(self, each: Candidate, picks: Sequence[Option]) -> str:
        for i in sorted(each.requires):
            if not picks[i].has_content:
                return f"requires {self._candidates[i].source}, which is not in"
        if each.whole_cost > self._limit - self._frame:
            return "larger than the limit"
        return "worth nothing" if each.value <= 0 else "no room: the others are worth more"

    def _notes(self, picks: Sequence[Option]) -> list[str]:
        return self._known + [
            f"{each.source} has the delimiter that the template puts behind a document; "
            "{{mark}} or {{fence}} keep them apart"
            for each, pick in zip(self._candidates, picks, strict=True)
            if isinstance(self._layout, TemplateLayout)
            and pick.has_content
            and not self._layout.is_safe(pick.body)
        ]


_NOTHING = Option(None, 0, 0.0)


def _whole(each: Candidate) -> Option:
    return Option(Form.WHOLE, each.whole_cost, each.value, each.text)


def _read_form(name: str) -> Form:
    if name not in FORMS:
        raise UsageError(f"there is no form {name!r}", hint=f"the forms are {', '.join(FORMS)}")
    return Form(name)
