"""What packing gives back."""

from dataclasses import dataclass
from typing import Any

from ctxtools.packing.prompt.entry import Form


@dataclass(frozen=True, slots=True)
class PackedDocument:
    """A document that went in.

    Attributes:
        path: its path; a record's with its number behind a colon.
        form: how much of it went in.
        token_count: what it takes of the text, with all that is around it, but for what a number
            of several digits adds; in an encoding whose counts do not add up, what it takes alone.
        value: what it is worth in this form.
        pinned: it had to go in.
        of_tokens: what it would take whole.
    """

    path: str
    form: Form
    token_count: int
    value: float
    pinned: bool = False
    of_tokens: int = 0


@dataclass(frozen=True, slots=True)
class OmittedDocument:
    """A document that was left out.

    Attributes:
        path: its path.
        reason: why.
        token_count: what it would take whole; None where it was not counted.
    """

    path: str
    reason: str
    token_count: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the value of a document comes from; see `ctxtools.packing.prompt.values`."""

    path: str
    value: float
    formula: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A text made of documents, whose tokens were counted as it is.

    Attributes:
        text: what goes to the model.
        token_count: its tokens, counted once more as a whole.
        limit: the most that there could be.
        encoding: the name of what they were counted with.
        documents: what went in, in its order.
        omitted: what did not.
        value: of all that went in.
        upper_bound: no choice among the forms that documents can have is worth more; it equals
            ``value`` where that was proved to be the best.
        notes: what else is to be known.
        explanations: where each document's value comes from, all documents by path.
    """

    text: str
    token_count: int
    limit: int
    encoding: str
    documents: tuple[PackedDocument, ...] = ()
    omitted: tuple[OmittedDocument, ...] = ()
    value: float = 0.0
    upper_bound: float = 0.0
    notes: tuple[str, ...] = ()
    explanations: tuple[Explanation, ...] = ()

    @property
    def gap(self) -> float:
        """What a better choice could be worth more at the most, as a share of the bound."""
        return 1 - self.value / self.upper_bound if self.upper_bound else 0.0

    def as_dict(self) -> dict[str, Any]:
        """The figures, for JSON; the text is not among them."""
        return {
            "token_count": self.token_count,
            "limit": self.limit,
            "encoding": self.encoding,
            "documents": [
                {
                    "path": each.path,
                    "form": each.form.value,
                    "tokens": each.token_count,
                    "of_tokens": each.of_tokens,
                    "value": round(each.value, 6),
                    **({"pinned": True} if each.pinned else {}),
                }
                for each in self.documents
            ],
            "omitted": [
                {"path": each.path, "reason": each.reason, "tokens": each.token_count}
                for each in self.omitted
            ],
            "value": self.value,
            "upper_bound": self.upper_bound,
            "gap": self.gap,
            "notes": list(self.notes),
        }
