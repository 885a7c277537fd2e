"""What may go in: the documents with all that the user said of each, by pattern or by default."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ctxtools.documents import Document
from ctxtools.errors import UsageError
from ctxtools.packing.choices import Trim
from ctxtools.packing.prompt.entry import Form
from ctxtools.packing.prompt.match import Matcher
from ctxtools.packing.prompt.result import Explanation
from ctxtools.packing.prompt.values import size_factor, worth

Documents = Iterable[Document | tuple[str, str]] | Mapping[str, str]

FORMS = (Form.WHOLE, Form.TRIMMED, Form.OUTLINE, Form.PATH)  # of a document in one text

# What each form is worth against the whole. A trimmed document is worth its share of the tokens,
# and less, since nobody knows what is in the rest: so it fills what room is left, or stands for a
# document that is too large, and otherwise the whole ones come first. An outline says a good deal
# for few tokens. A path alone is worth two tokens of its document, and a
# twentieth of it at the most.
TRIMMED = 0.7
OUTLINE = 0.35
PATH_TOKENS, PATH = 2, 0.05


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says of documents; see `pack`."""

    forms: frozenset[Form] = frozenset(FORMS)
    trim: Trim = "head"
    pins: tuple[str, ...] = ()
    priorities: Mapping[str, float] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()
    requires: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, float] | None = None
    ages: Mapping[str, float] = field(default_factory=dict)
    roots: tuple[str, ...] = ()


@dataclass(slots=True)
class Candidate:
    """A document that may go in.

    Attributes:
        source: its path; a record's with its number.
        path: as the document has it; ``below`` is that from the folder that was named.
        text: its content.
        record: the number of the record, 0 for a whole file.
        pinned: it has to go in whole.
        needed: something pinned requires it, so that it has to go in with content.
        weight: the user's priority.
        tier: 0 is the first.
        requires: the numbers of the documents that it requires.
        whole_cost: tokens of its entry, whole.
        value: what it is worth whole.
        path_value: what its path alone is worth.
        formula: where the value comes from.
    """

    source: str
    path: str
    text: str
    record: int = 0
    below: str = ""
    pinned: bool = False
    needed: bool = False
    weight: float = 1.0
    tier: int = 0
    requires: set[int] = field(default_factory=set)
    whole_cost: int = 0
    value: float = 0.0
    path_value: float = 0.0
    formula: str = ""

    @property
    def sort_key(self) -> tuple[list[str], int]:
        return self.path.split("/"), self.record


def gather(documents: Documents) -> list[Candidate]:
    """Candidates from documents, by path.

    Raises:
        UsageError: something is neither a document nor a pair.
    """
    pairs = documents.items() if isinstance(documents, Mapping) else documents
    found = []
    for each in pairs:
        if isinstance(each, Document):
            record = each.record or 0
            source = f"{each.path}:{record}" if record else each.path
            found.append(Candidate(source, each.path, each.text, record))
        elif isinstance(each, tuple) and len(each) == 2 and all(isinstance(x, str) for x in each):
            found.append(Candidate(each[0], each[0], each[1]))
        else:
            raise UsageError(
                f"{each!r:.60} is no document",
                hint="pass Documents, (path, text) pairs, or a mapping of paths to texts",
            )
    found.sort(key=lambda each: each.sort_key)
    return found


def apply_wishes(candidates: list[Candidate], wishes: Wishes) -> list[str]:
    """Write what the user said of documents into each; returns what is to be known.

    Raises:
        UsageError: a pattern is wrong, or means no document where it should mean one; a weight is
            not a number of zero or more.
    """
    matcher = Matcher([each.path for each in candidates], wishes.roots)
    for each, below in zip(candidates, matcher.below, strict=True):
        each.below = below
    for pattern, weight in wishes.priorities.items():
        if not 0 <= weight < math.inf:
            raise UsageError(f"the priority of {pattern!r} is {weight}", hint="it is 0 or more")
    notes = []
    for pattern, weight in wishes.priorities.items():
        found = matcher.find(pattern)
        if not found:
            notes.append(f"priority: no document matches {pattern!r}")
        for i in found:
            candidates[i].weight = weight
    for pattern in wishes.pins:
        for i in matcher.find_some("pin", pattern):
            candidates[i].pinned = True
    for each in candidates:
        each.tier = len(wishes.tiers)
    for tier, pattern in reversed(list(enumerate(wishes.tiers))):
        for i in matcher.find_some("tier", pattern):
            candidates[i].tier = tier
    for pattern, targets in wishes.requires.items():
        required = {i for target in targets for i in matcher.find_some("requires", target)}
        for i in matcher.find_some("requires", pattern):
            candidates[i].requires |= required - {i}
    _need(candidates)
    return notes


def _need(candidates: list[Candidate]) -> None:
    """Mark what pinned documents require, directly or not."""
    waiting = [i for i, each in enumerate(candidates) if each.pinned]
    seen = set(waiting)
    while waiting:
        for j in candidates[waiting.pop()].requires - seen:
            seen.add(j)
            candidates[j].needed = not candidates[j].pinned
            waiting.append(j)


def evaluate(candidates: list[Candidate], wishes: Wishes, tokens: Sequence[int]) -> None:
    """Give each document its value.

    Args:
        candidates: the documents.
        wishes: ``values`` are taken as they are, where there are some, and 0 for the others.
        tokens: of each document's content.
    """
    for each, n in zip(candidates, tokens, strict=True):
        if wishes.values is not None:
            given = wishes.values.get(each.source, wishes.values.get(each.path, 0.0))
            each.value = given * each.weight
            each.path_value = PATH * each.value
            each.formula = f"given {given:g} x weight {each.weight:g}"
            continue
        found = worth(
            each.below, n, weight=each.weight, depth=each.below.count("/"),
            days=wishes.ages.get(each.path),
        )  # fmt: skip
        each.value = found.value
        each.path_value = min(size_factor(PATH_TOKENS) * found.unit, PATH * found.value)
        each.formula = (
            f"weight {found.weight:g} x {found.kind} {found.kind_factor:g} "
            f"x depth {found.depth_factor:.2f} x recency {found.recency_factor:.2f} "
            f"x size {found.size_factor:.1f}"
        )


def explanations(candidates: Iterable[Candidate]) -> tuple[Explanation, ...]:
    return tuple(Explanation(each.source, each.value, each.formula) for each in candidates)
