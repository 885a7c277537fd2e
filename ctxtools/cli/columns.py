"""What is counted for: each model or encoding that was asked for is a column of the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ctxtools.config import Config, load_config
from ctxtools.encodings import Encoding, find_encoding
from ctxtools.errors import BudgetError, UsageError
from ctxtools.models import Estimate, Interval, Model
from ctxtools.units import format_count, parse_size

DEFAULT_ENCODING = "o200k_base"


@dataclass(frozen=True, slots=True)
class Column:
    """One model or encoding, with what its counts are compared to.

    Attributes:
        name: as the user asked for it.
        encoding: what is counted with.
        model: None where an encoding was asked for.
        limit: the most tokens of an input, None if there is no limit.
        available: ``limit`` less the reserve.
        estimate: how the model's tokens follow from the encoding's; None where they are the same.
    """

    name: str
    encoding: Encoding
    model: Model | None = None
    limit: int | None = None
    available: int | None = None
    estimate: Estimate | None = None

    def interval(self, count: int) -> Interval:
        """The tokens of an input whose count in ``encoding`` is ``count``."""
        return self.estimate.of(count) if self.estimate else Interval(count, count, count)

    def tokens(self, count: int) -> int:
        """The same as one figure: exact, or the middle of an estimate."""
        return self.interval(count).typical

    def text(self, count: int) -> str:
        """The same for people, an estimate marked as one: ``1,234`` or ``~1,234``."""
        return f"{'~' if self.estimate else ''}{format_count(self.tokens(count))}"

    def is_over(self, count: int) -> bool:
        """Whether an input is, or by the estimate may be, above what is available."""
        return self.available is not None and self.interval(count).high > self.available

    def share(self, count: int) -> str:
        """The part of the limit that an input takes, for people; empty without a limit."""
        return f"{self.tokens(count) / self.limit:.1%}" if self.limit else ""

    def cost(self, count: int) -> Decimal | None:
        """The price of an input in $, None if it is not known."""
        return self.model.cost(self.tokens(count)) if self.model else None

    def as_json(self) -> dict[str, Any]:
        """The column as ``--json`` describes it."""
        facts: dict[str, Any] = {
            "name": self.name,
            "encoding": self.encoding.name,
            "model": self.model.name if self.model else None,
            "limit": self.limit,
            "exact": self.estimate is None,
        }
        if self.available != self.limit:
            facts["available"] = self.available
        if self.estimate:
            names = ("low", "typical", "high", "basis")
            facts["estimate"] = {name: getattr(self.estimate, name) for name in names}
        return facts


def resolve_columns(
    config: Config,
    models: Sequence[str],
    encodings: Sequence[str],
    limit: str | None,
    reserve: str | None,
) -> list[Column]:
    """The columns that the options ask for, else the configuration, else o200k_base.

    The limit of a column is the one stated on the command line, else that of a model named there,
    else the configured one, else that of the configured model.

    Raises:
        CtxtoolsError: an unknown model or encoding, a bad size, or a reserve above the limit.
    """
    asked = bool(models or encodings)
    if not asked:
        models, encodings = config.model, config.encoding
    if not models and not encodings:
        encodings = (DEFAULT_ENCODING,)
    stated = parse_size(limit) if limit is not None else None
    kept = parse_size(reserve) if reserve is not None else config.reserve
    registry = config.registry() if models else None
    columns = []
    for name in dict.fromkeys(models):
        assert registry
        model = registry.get(name)
        own = config.limit if stated is None and not asked else stated
        if own is None and model.context is None:
            own = config.limit
        encoding, estimate = _tokenizer(model)
        columns.append(Column(name, encoding, model, *_limits(own, kept, model), estimate))
    for name in dict.fromkeys(encodings):
        own = config.limit if stated is None else stated
        columns.append(Column(name, find_encoding(name), None, *_limits(own, kept)))
    return columns


def resolve_exact(
    model: str | None, encoding: str | None, limit: str | None = None, reserve: str | None = None
) -> Column:
    """The one column that the options ask for, of a tokenizer that is here.

    Raises:
        UnknownEncodingError: only an estimate exists.
        CtxtoolsError: as ``resolve_columns``.
    """
    if model and encoding:
        raise UsageError("--model and --encoding exclude one another here")
    column, *_ = resolve_columns(
        load_config(), [model] if model else [], [encoding] if encoding else [], limit, reserve
    )
    if column.model and column.estimate:
        column.model.load_encoding()  # raises, and says what would help
    return column


def _tokenizer(model: Model) -> tuple[Encoding, Estimate | None]:
    """A model's encoding; or, where it is not here, the one to estimate from."""
    if model.encoding is None and model.estimate:
        return find_encoding(model.estimate.encoding), model.estimate
    return model.load_encoding(), None


def _limits(
    limit: int | None, reserve: int, model: Model | None = None
) -> tuple[int | None, int | None]:
    """(the limit, what of it is available)."""
    if limit is None and model and model.context is not None:
        budget = model.budget(reserve_output=reserve)
        return min(model.context, model.max_input or model.context), budget.available
    if limit is None:
        return None, None
    if reserve > limit:
        raise BudgetError(
            f"a reserve of {format_count(reserve)} tokens is more than the limit of "
            f"{format_count(limit)}",
            hint="reserve less, or raise --limit",
        )
    return limit, limit - reserve
