"""In which order documents stand in the text."""

from collections.abc import Sequence

from ctxtools.packing.prompt.candidates import Candidate
from ctxtools.packing.prompt.select import Option

ORDERS = ("path", "priority", "edges")


def in_order(order: str, candidates: Sequence[Candidate], picks: Sequence[Option]) -> list[int]:
    """The numbers of the documents that go in, as they follow one another.

    Args:
        order: "path", the order of the candidates; "priority": pinned ones, then by tier, then by
            value; "edges": the first of that order at the start, the second at the end, and so on
            to the middle (Liu and others 2023, "Lost in the Middle", arXiv 2307.03172).
        candidates: all documents, by path.
        picks: an option of each.
    """
    chosen = [i for i, pick in enumerate(picks) if pick.form is not None]
    if order == "path":
        return chosen
    chosen.sort(key=lambda i: _rank(candidates[i], i))
    return chosen if order == "priority" else chosen[::2] + chosen[1::2][::-1]


def _rank(each: Candidate, number: int) -> tuple[bool, int, float, int]:
    return not each.pinned, each.tier, -each.value, number
