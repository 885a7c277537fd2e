"""The value of a document where the user does not give one, and why it is that.

    value = weight x kind x depth x recency x used x near x tokens ** 0.8

- *weight* is the user's (``--priority``), 1 without.
- *kind*: highest for what a newcomer to a project opens first, lowest for what a machine wrote,
  which also comes after everything else, or not in at all (`candidates.make_rules`).
  With a question that documents answer, a README counts as other prose (*asked*).
- *depth*: a tenth less for each folder below the top one.
- *recency*: doubles the value of what changed last; the bonus halves with every 30 days before the
  newest change. Known from the git history, where there is one.
- *used*: of code, by how much other files use it against others of its size, and *near*, by in how
  few steps what is pinned uses it (`ctxtools.packing.relevance.graph.importance`); 1 of anything
  else. What a file uses that a question finds has up to 1.3 times the value, by how well that file
  is found (*asked*).
- the tokens of its content to a power below 1: a long document says more than a short one, but not
  in proportion, so that of two alike the short one goes in first.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ctxtools.documents.filetypes import Kind
from ctxtools.documents.origins import Origin
from ctxtools.packing.relevance.graph.importance import AVERAGE, SIZE_POWER, Importance
from ctxtools.packing.relevance.spans import Relevance

_HALF_LIFE = 30.0  # days
_PER_LEVEL = 0.9

KINDS: Mapping[Kind, float] = {
    "readme": 3.0,
    "manifest": 1.5,
    "code": 1.0,
    "configuration": 0.7,
    "prose": 0.5,
    "test": 0.4,
    "data": 0.3,
    "legal": 0.2,
    "generated": 0.05,
    "vendored": 0.05,
    "build output": 0.05,
    "virtual environment": 0.05,
    "lock file": 0.05,
    "minified": 0.05,
    "earlier pack": 0.05,
}

# The same for what a question finds: where that is, says less than what it says. Tests and
# documentation have more of a question's words than the code that answers it.
QUERY_KINDS: Mapping[Kind, float] = {
    **dict.fromkeys(KINDS, 1.0),
    "readme": 0.6,
    "prose": 0.6,
    "test": 0.3,
    "data": 0.2,
    "legal": 0.1,
}
# Who asks something is no newcomer: a README then has the value that other prose has.
ASKED_README = KINDS["prose"] / KINDS["readme"]


class Score(NamedTuple):
    """The factors of a document's value; the value is their product."""

    kind: Kind
    weight: float
    kind_factor: float
    depth_factor: float
    recency_factor: float
    size_factor: float
    origin: Origin | None = None
    importance: Importance = AVERAGE

    @property
    def unit(self) -> float:
        """The value without the factor of its size."""
        graph = self.importance.used * self.importance.near
        return self.weight * self.kind_factor * self.depth_factor * self.recency_factor * graph

    @property
    def value(self) -> float:
        return self.unit * self.size_factor

    def __str__(self) -> str:
        return (
            f"weight {self.weight:g} x {self.origin or self.kind} {self.kind_factor:g} "
            f"x depth {self.depth_factor:.2f} x recency {self.recency_factor:.2f} "
            f"{self.importance.formula}x size {self.size_factor:.1f}"
        )


class Prior(NamedTuple):
    """The value of a document without a question.

    Attributes:
        value: of the whole document.
        path_value: of its path alone.
        factors: where the value comes from.
    """

    value: float
    path_value: float
    factors: tuple[object, ...]

    def times(self, factor: float, why: str) -> "Prior":
        """The same of another value."""
        return Prior(factor * self.value, factor * self.path_value, (*self.factors, why))


class Asked(NamedTuple):
    """What a question or changes add to a value.

    Attributes:
        what: asks for it: "query", "changes".
        prior: the value without that.
        relevance: of the document.
        scale: the value of a span of the highest relevance.
    """

    what: str
    prior: float
    relevance: Relevance
    scale: float

    def __str__(self) -> str:
        best = self.relevance.best
        if best is None:
            return f"; {self.what} 0"
        return (
            f" = {self.prior:,.1f}; {self.what} {self.relevance.total:.3f} "
            f"(lines {best.first + 1}-{best.last} {best.score:.3f}) x {self.scale:,.1f}"
        )


def score(
    kind: Kind,
    tokens: int,
    *,
    weight: float = 1.0,
    depth: int = 0,
    days: float | None = None,
    origin: Origin | None = None,
    importance: Importance = AVERAGE,
) -> Score:
    """The value of a document, by its factors.

    Args:
        kind: what it is for.
        tokens: of its content.
        weight: the user's.
        depth: folders between the top one and the document.
        days: between its last change and the newest change of all; None where that is not known.
        origin: how it came about, if nobody of the project wrote it.
        importance: what the graph of the code says of it.
    """
    kind = origin.kind if origin else kind
    recency = 1.0 + (0.5 ** (max(days, 0.0) / _HALF_LIFE) if days is not None else 0.0)
    size = size_factor(tokens)
    return Score(kind, weight, KINDS[kind], _PER_LEVEL**depth, recency, size, origin, importance)


def size_factor(tokens: int) -> float:
    """The factor of a document's size."""
    return float(max(tokens, 1) ** SIZE_POWER)
