"""What a document is worth when the user says nothing, and why.

    value = weight x kind x depth x recency x tokens ** 0.8

- *weight* is the user's (``--priority``), 1 without.
- *kind*: what a reader new to a project opens first is worth most, what a machine wrote least.
- *depth*: a tenth less for each folder below the top one.
- *recency*: up to twice as much for what changed last, halved with every 30 days before the
  newest change; from the history of git where there is one.
- the tokens of its content to a power below 1: a long document says more than a short one, but not
  in proportion, so that of two alike the short one goes in first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ctxtools.documents.filetypes import Kind, document_kind

_HALF_LIFE = 30.0  # days
_A_LEVEL = 0.9
_SIZE = 0.8  # with 0.5, the first to go in were files of a line or two

KINDS: Mapping[Kind, float] = {
    "readme": 3.0,
    "manifest": 1.5,
    "code": 1.0,
    "prose": 0.8,
    "configuration": 0.7,
    "test": 0.4,
    "data": 0.3,
    "legal": 0.2,
    "generated": 0.05,
}


@dataclass(frozen=True, slots=True)
class Worth:
    """The factors of a document's value; the value itself is their product."""

    kind: Kind
    weight: float
    kind_factor: float
    depth_factor: float
    recency_factor: float
    size_factor: float

    @property
    def unit(self) -> float:
        """The value without the part of its size."""
        return self.weight * self.kind_factor * self.depth_factor * self.recency_factor

    @property
    def value(self) -> float:
        return self.unit * self.size_factor


def worth(
    path: str, tokens: int, *, weight: float = 1.0, depth: int = 0, days: float | None = None
) -> Worth:
    """What a document is worth.

    Args:
        path: its path.
        tokens: of its content.
        weight: the user's.
        depth: folders between the top one and the document.
        days: between its last change and the newest change of all; None where that is not known.
    """
    kind = document_kind(path)
    recency = 1.0 + (0.5 ** (max(days, 0.0) / _HALF_LIFE) if days is not None else 0.0)
    return Worth(kind, weight, KINDS[kind], _A_LEVEL**depth, recency, size_factor(tokens))


def size_factor(tokens: int) -> float:
    """What so many tokens of content are worth."""
    return float(max(tokens, 1) ** _SIZE)
