"""The options of `pack`, validated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ctxtools.checks import check_choice, check_list, check_type
from ctxtools.errors import UsageError
from ctxtools.packing.arguments import FORMS, Form, Format, Order, PathStyle, Secrets, Trim
from ctxtools.packing.cache import UNKNOWN, Known
from ctxtools.packing.relevance.query import Query


@dataclass(frozen=True, slots=True)
class PackOptions:
    """See `pack` for what each means; ``known`` is what its cache knows of texts.

    Raises:
        UsageError: a form, a trim, an order, a style of paths or what to do about secrets is
            unknown, there is no form, or a priority is not a number of zero or more.
    """

    format: Format = "xml"
    template: str | None = None
    order: Order = "path"
    tree: bool = False
    line_numbers: bool = False
    keep_data_uris: bool = False
    forms: frozenset[str] = frozenset(FORMS)
    trim: Trim = "head"
    pins: Sequence[str] = ()
    priorities: Mapping[str, float] = field(default_factory=dict)
    tiers: Sequence[str] = ()
    requires: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, float] | None = None
    query: Query | None = None
    changes: Mapping[str, Sequence[tuple[int, int]] | None] = field(default_factory=dict)
    ages: Mapping[str, float] = field(default_factory=dict)
    roots: Sequence[str] | None = None
    paths: PathStyle = "relative"
    secrets: Secrets = "off"
    threads: int = 0
    known: Known = UNKNOWN
    stable_from: str | None = None

    def __post_init__(self) -> None:
        for form in sorted(self.forms):
            check_choice("form", form, FORMS)
        check_choice("trim", self.trim, Trim)
        check_choice("order", self.order, Order)
        check_choice("paths", self.paths, PathStyle)
        check_choice("secrets", self.secrets, Secrets)
        if self.stable_from is not None:
            check_type("stable_from", self.stable_from, str)
        if not self.forms:
            raise UsageError("forms is empty", hint=f"name some of {', '.join(FORMS)}")
        required = [each for pair in self.requires.items() for each in (pair[0], *pair[1])]
        for name, patterns in (
            ("pins", self.pins),
            ("tiers", self.tiers),
            ("priorities", self.priorities),
            ("requires", required),
        ):
            for pattern in patterns:
                check_type(f"each pattern of {name}", pattern, str)
        for path, spans in self.changes.items():
            check_type("each path of changes", path, str)
            if spans is not None and not _are_lines(spans):
                raise UsageError(
                    f"changes: lines of {path!r} must be pairs of a first and a last, from 1",
                    hint="None is the whole document",
                )
        for pattern, weight in self.priorities.items():
            if not 0 <= weight < float("inf"):
                raise UsageError(
                    f"priority must be >= 0, got {weight} for {pattern!r}",
                    hint="it is a factor of the document's value",
                )

    def allows(self, form: Form) -> bool:
        """Whether documents may go in in this form."""
        return form in self.forms


def check_lists(**given: object) -> None:
    """Refuse arguments that are neither None nor iterable.

    Raises:
        UsageError: one is not.
    """
    for name, value in given.items():
        if value is not None:
            check_list(name, value)


def check_mappings(**given: object) -> None:
    """Refuse arguments that are neither None nor mappings.

    Raises:
        UsageError: one is not.
    """
    for name, value in given.items():
        if value is not None:
            check_type(name, value, Mapping)


def _are_lines(spans: object) -> bool:
    """Whether they are pairs of the first and the last line of a span, from 1."""
    if not isinstance(spans, Sequence) or isinstance(spans, str | bytes):
        return False
    return all(
        isinstance(span, Sequence)
        and len(span) == 2
        and all(isinstance(line, int) for line in span)
        and 0 < span[0] <= span[1]
        for span in spans
    )
