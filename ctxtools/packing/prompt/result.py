"""What packing returns."""

from dataclasses import asdict, dataclass
from typing import Any
from warnings import warn

from ctxtools.packing.arguments import Form
from ctxtools.packing.secrets.report import FoundSecret


@dataclass(frozen=True, slots=True)
class PackedDocument:
    """A document that went in.

    Attributes:
        path: its path; of a record, with its number.
        form: how much of it went in.
        token_count: tokens of its entry. They add up to those of the text, but for the tokens that
            entry numbers of several digits add; with an encoding whose counts do not add up, they
            are those of the entry alone.
        value: of the document in this form.
        pinned: it had to go in.
        of_tokens: tokens of the entry if it were whole.
        spans: of an excerpt, its lines: (number of the first one, that of the last one), from 1.
    """

    path: str
    form: Form
    token_count: int
    value: float
    pinned: bool = False
    of_tokens: int = 0
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OmittedDocument:
    """A document that was left out.

    Attributes:
        path: its path.
        reason: why.
        token_count: tokens of its entry if it were whole; None where it was not counted.
        folder: the folder for whose sake it was left out, "" if that is not the reason.
    """

    path: str
    reason: str
    token_count: int | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the value of a document comes from; see `ctxtools.packing.prompt.values`.

    Attributes:
        path: its path.
        value: of the whole document.
        factors: of the value; as text they say it in words, one after the other.
        late: it comes after everything that is not.
    """

    path: str
    value: float
    factors: tuple[object, ...]
    late: bool = False

    @property
    def formula(self) -> str:
        """The factors of the value, in words."""
        return "".join(map(str, self.factors))


@dataclass(frozen=True, slots=True)
class Stable:
    """What a pack has in common with an earlier one.

    Attributes:
        documents: how many of the earlier text it starts with, as they were.
        tokens: that both texts start with; a provider's prompt cache can have no more of them.
        end: why it is not more, in words; "" if the earlier text has no other documents.
    """

    documents: int
    tokens: int
    end: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Pack:
    """A text made of documents, whose tokens were counted as a whole.

    Attributes:
        text: what goes to the model.
        token_count: its tokens.
        limit: the tokens that it could have had at most.
        encoding: the name of the encoding that they were counted with.
        documents: what went in, in the order of the text.
        omitted: what did not.
        value: of all that went in.
        upper_bound: of the value of any choice among the forms that documents can take; it equals
            ``value`` where that was proved to be the best.
        notes: anything else that the user should know.
        explanations: where each document's value comes from, all documents by path.
        secrets: what looks like one in what went in, where that was asked for.
        stable: what it has in common with an earlier pack, where one was given.
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
    secrets: tuple[FoundSecret, ...] = ()
    stable: Stable | None = None

    def __repr__(self) -> str:
        n = len(self.documents)
        return (
            f"<Pack of {n} document{'' if n == 1 else 's'}, {len(self.omitted)} omitted: "
            f"{self.token_count} of {self.limit} tokens ({self.encoding})>"
        )

    def _repr_html_(self) -> str:
        """The documents as Jupyter shows them, those with most tokens first."""
        from ctxtools.jupyter import html_table

        rows: list[tuple[str, str, int, int | None]] = [
            (each.path, each.form.value, each.token_count, each.of_tokens)
            for each in sorted(self.documents, key=lambda each: -each.token_count)
        ]
        rows += [
            (each.path, f"omitted: {each.reason}", 0, each.token_count) for each in self.omitted
        ]
        caption = f"{self.token_count:,} of {self.limit:,} tokens ({self.encoding})"
        headings = ("Document", "Form", "Tokens", "If whole")
        return html_table(caption, headings, rows, numbers=(2, 3))

    @property
    def optimality_gap(self) -> float:
        """By how much a better choice could exceed ``value`` at most, as a share of the bound."""
        return 1 - self.value / self.upper_bound if self.upper_bound else 0.0

    @property
    def gap(self) -> float:
        """Deprecated: use ``optimality_gap``."""
        warn("Pack.gap is now Pack.optimality_gap", DeprecationWarning, stacklevel=2)
        return self.optimality_gap

    def as_dict(self) -> dict[str, Any]:
        """The figures, for JSON; without the text."""
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
                    **({"lines": [list(span) for span in each.spans]} if each.spans else {}),
                }
                for each in self.documents
            ],
            "omitted": [
                {"path": each.path, "reason": each.reason, "tokens": each.token_count}
                for each in self.omitted
            ],
            "value": self.value,
            "upper_bound": self.upper_bound,
            "gap": self.optimality_gap,
            "secrets": [each.as_dict() for each in self.secrets],
            "notes": list(self.notes),
            **({"stable": asdict(self.stable)} if self.stable else {}),
        }
