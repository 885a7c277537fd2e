"""A choice of documents, and what is said of it."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from ctxtools.packing.prompt.candidates import Candidate
from ctxtools.packing.prompt.choice.select import Option
from ctxtools.packing.prompt.forms import why_omitted
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.render import Renderer
from ctxtools.packing.prompt.result import OmittedDocument, Pack, PackedDocument
from ctxtools.packing.prompt.template import unsafe_notes


class Draft(NamedTuple):
    """A choice, and the text that it makes: an option of each document, in the text's order."""

    text: str
    token_count: int
    picks: Sequence[Option]
    order: list[int]
    bound: float = 0.0

    @property
    def value(self) -> float:
        return sum(pick.value for pick in self.picks)


def in_order(
    options: PackOptions, candidates: Sequence[Candidate], picks: Sequence[Option]
) -> list[int]:
    """The numbers of the documents that go in, in the order of the text.

    By priority, pinned documents come first, then they go by tier and by value. With the edges in
    mind, the first of that order is at the start, the second at the end, and so on to the middle.
    The stable order has what changed last at the end, and first what has no known age.
    """
    chosen = [i for i, pick in enumerate(picks) if pick.form]
    order, ages = options.order, options.ages
    if order == "path":
        return chosen
    if order == "stable":
        return sorted(chosen, key=lambda i: -ages.get(candidates[i].document.path, inf))
    rules, values = [each.rule for each in candidates], [each.value for each in candidates]
    chosen.sort(key=lambda i: (not rules[i].is_shown, rules[i].late, rules[i].tier, -values[i], i))
    return chosen if order == "priority" else chosen[::2] + chosen[1::2][::-1]


def pack_of(
    draft: Draft,
    candidates: Sequence[Candidate],
    renderer: Renderer,
    limit: int,
    notes: Sequence[str],
) -> Pack:
    """What a choice returns.

    Args:
        draft: the choice.
        candidates: all documents.
        renderer: of the text.
        limit: of the text in tokens.
        notes: for the user.
    """
    capacity = limit - renderer.frame_cost()
    chosen = zip(candidates, draft.picks, strict=True)
    bodies = ((each.name, pick.body) for each, pick in chosen if pick.has_content)
    documents = tuple(
        PackedDocument(
            each.name, form, pick.cost, pick.value, each.rule.is_shown, each.cost, pick.spans
        )
        for i in draft.order
        if (pick := draft.picks[i]) and (form := pick.form) and (each := candidates[i])
    )
    omitted = tuple(
        OmittedDocument(
            each.name,
            why_omitted(each, draft.picks, candidates, capacity),
            each.cost,
            each.rule.folder_of(each.name),
        )
        for each, pick in zip(candidates, draft.picks, strict=True)
        if not pick.form
    )
    return Pack(
        draft.text,
        draft.token_count,
        limit,
        renderer.encoding.name,
        documents,
        omitted,
        draft.value,
        max(draft.bound, draft.value),
        (*notes, *unsafe_notes(renderer.layout, bodies)),
        tuple(each.explanation for each in candidates),
    )
