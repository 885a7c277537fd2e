"""The targets of a count: the models and encodings that the user asked for, and their limits."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ctxtools.cli.option_names import spelled_as_options
from ctxtools.cli.output.console import warn
from ctxtools.config import Config, load_config
from ctxtools.encodings import Encoding, find_encoding, list_encodings
from ctxtools.encodings.deferred import DEFAULT_ENCODING, deferred_encoding, is_packaged
from ctxtools.errors import BudgetError, UnknownEncodingError, UnknownModelError, UsageError
from ctxtools.units import format_count, format_percent, parse_size

if TYPE_CHECKING:
    from decimal import Decimal

    from ctxtools.models import Estimate, Interval, Model, TextCount


class Target(NamedTuple):
    """One model or encoding, and the limit that its counts are compared with.

    Attributes:
        name: as the user wrote it.
        encoding: counts the tokens.
        model: None if an encoding was asked for.
        context_window: the tokens that input and reserve share; None if there is no limit.
        limit: the maximum of an input: the context window, or less if the vendor limits the input.
        available: the limit, or less if the reserve leaves less of the context window.
        estimate: converts the encoding's tokens to the model's; None if they are the same.
        reserve: the tokens that were asked to be kept free of the context window.
        allowed_special: the special tokens whose spelling is that token, as `Encoding` takes it.
        added_tokens: how many the tokenizer itself adds to a text, where these are counted.
        is_stated: the user stated the limit; otherwise it is the model's.
    """

    name: str
    encoding: Encoding
    model: "Model | None" = None
    context_window: int | None = None
    limit: int | None = None
    available: int | None = None
    estimate: "Estimate | None" = None
    reserve: int = 0
    allowed_special: Literal["all"] | tuple[()] = ()
    added_tokens: int | None = None
    is_stated: bool = False

    def reading(self, *, special: bool = False, added_tokens: bool = False) -> "Target":
        """The same target with another meaning of a text.

        Args:
            special: the spellings of special tokens in it are those tokens.
            added_tokens: what the tokenizer itself adds is counted too.

        Raises:
            UsageError: the model's tokenizer is estimated, or has no special tokens.
        """
        for asked, option in ((special, "--special"), (added_tokens, "--added-tokens")):
            if asked and self.estimate:
                raise UsageError(
                    f"{option} needs the tokenizer of {self.name}, which can only be estimated",
                    hint=f"count it without {option}, or name an encoding with -e",
                )
        return self._replace(
            allowed_special=allowed_special(self.encoding, special=special),
            added_tokens=self.encoding.tokens_added if added_tokens else None,
        )

    @property
    def needs_characters(self) -> bool:
        """Whether counts should be of type `TextCount`, for a narrower estimate."""
        return self.estimate is not None and self.estimate.characters is not None

    def measure(self, count: int, text: str) -> "TextCount":
        """The count of a text as ``interval`` takes it, from its count in ``encoding``."""
        from ctxtools.models import TextCount

        if not self.needs_characters:
            return TextCount(count)
        from ctxtools.models.characters import count_characters

        return TextCount(count, count_characters(text))

    def is_exact(self, count: int) -> bool:
        """Whether a count in ``encoding`` is the number of tokens, and needs no interval."""
        return self.estimate is None and type(count) is int

    def interval(self, count: int) -> "Interval":
        """The tokens of an input whose count in ``encoding`` is ``count``."""
        from ctxtools.models.interval import NO_TOKENS, TextCount, exactly

        others = count.others if isinstance(count, TextCount) else NO_TOKENS
        if not count:
            return others
        text = self.estimate.of(count) if self.estimate else exactly(int(count))
        return text if others is NO_TOKENS else text + others

    def tokens(self, count: int) -> int:
        """The same as one number: exact, or the middle of an estimate."""
        return count if self.is_exact(count) else self.interval(count).typical

    def format_tokens(self, count: int) -> str:
        """The same for people, with what is not exact marked: ``1,234`` or ``~1,234``."""
        if self.is_exact(count):
            return format_count(count)
        interval = self.interval(count)
        return f"{'' if interval.exact else '~'}{format_count(interval.typical)}"

    def format_interval(self, count: int) -> str:
        """The interval of an estimate in words; empty for an exact count."""
        if self.is_exact(count):
            return ""
        interval = self.interval(count)
        both = f"between {format_count(interval.low)} and {format_count(interval.high)}"
        return "" if interval.exact else both

    def is_over(self, count: int) -> bool:
        """Whether an input is, or by the estimate may be, larger than what is available."""
        return self.available is not None and self.interval(count).high > self.available

    def require_limit(self) -> int:
        """What is available.

        Raises:
            UsageError: there is no limit, or the model's is unknown.
        """
        if self.available is not None:
            return self.available
        if self.model:
            raise UsageError(f"the context window of {self.name} is unknown", hint="give a --limit")
        raise UsageError(f"{self.name} has no limit", hint="give a --limit or a --model")

    def format_share(self, count: int) -> str:
        """The share of what is available that an input takes; empty if there is no limit."""
        return format_percent(self.tokens(count), self.available or 0)

    def format_available(self) -> str:
        """What is available and why: ``968,000 (1,000,000 minus 32,000 reserved)``."""
        if self.available is None or self.context_window is None:
            return "no limit"
        available, whole = format_count(self.available), format_count(self.context_window)
        if self.available < self.context_window - self.reserve:
            # The vendor limits the input to less than the reserve leaves of the context window.
            rest = "; the reserve fits in the rest" if self.reserve else ""
            return f"{available} (input limit{rest})"
        if not self.reserve:
            return available
        return f"{available} ({whole} minus {format_count(self.reserve)} reserved)"

    def cost(self, count: int) -> "Decimal | None":
        """The price of an input in dollars; None if it is unknown."""
        return self.model.cost(self.tokens(count)) if self.model else None

    def as_json(self) -> dict[str, Any]:
        """The target as ``--json`` describes it."""
        facts: dict[str, Any] = {
            "name": self.name,
            "encoding": self.encoding.name or None,
            "model": self.model.name if self.model else None,
            "limit": self.limit,
            "exact": self.estimate is None,
        }
        if self.available != self.limit:
            facts["available"] = self.available
        if self.model and self.model.project:
            facts["project"] = self.model.project
        if self.allowed_special:
            facts["special"] = True
        if self.added_tokens is not None:
            facts["added_tokens"] = self.added_tokens
        if self.estimate:
            names = ("low", "typical", "high", "basis", "characters")
            facts["estimate"] = {
                name: value for name in names if (value := getattr(self.estimate, name)) is not None
            }
        return facts


@spelled_as_options(**{"encoding_for_model(name)": "-m NAME", "load_encoding(path)": "-e PATH"})
def resolve_targets(
    config: Config,
    models: Sequence[str],
    encodings: Sequence[str],
    limit: str | None,
    reserve: str | None,
    folder: Path | None = None,
    *,
    quiet: bool = False,
) -> list[Target]:
    """The targets that the options name; otherwise those of the configuration, or o200k_base.

    A target's limit is the one given on the command line, else that of a model named there, else
    the configured one, else that of the configured model.

    Args:
        config: applies where nothing is given.
        models: names of models.
        encodings: names of encodings or tokenizer files.
        limit: a size.
        reserve: a size.
        folder: that of the project whose configuration has ``encodings``, as `find_encoding` takes
            it; None if the user gave them.
        quiet: do not print the notes on what a project's files say.

    Raises:
        CtxtoolsError: an unknown model or encoding, an invalid size, or a reserve above the limit.
    """
    asked = bool(models or encodings)
    if not asked:
        models, encodings, folder = config.model, config.encoding, config.encoding_folder
    if not models and not encodings:
        encodings = (DEFAULT_ENCODING,)
    stated = parse_size(limit, "--limit") if limit is not None else None
    kept = parse_size(reserve, "--reserve") if reserve is not None else config.reserve
    targets = []
    for name in dict.fromkeys(models):
        model = _find_model(name, config)
        maximum = config.limit if stated is None and not asked else stated
        if maximum is None and model.context is None:
            maximum = config.limit
        from ctxtools.models.tokenizer import tokenizer_of  # an encoding needs none of it

        encoding, estimate = tokenizer_of(model)
        targets.append(
            Target(
                name,
                encoding,
                model,
                *_limits(maximum, kept, model),
                estimate,
                kept,
                is_stated=maximum is not None,
            )
        )
    for name in dict.fromkeys(encodings):
        maximum = config.limit if stated is None else stated
        limits = _limits(maximum, kept)
        encoding = _find_encoding(name, config, folder)
        targets.append(Target(name, encoding, None, *limits, reserve=kept))
    if not quiet:
        for note in (*config.notes, *_redefined(targets, config)):
            warn(f"note: {note}")
    return targets


def _redefined(targets: Sequence[Target], config: Config) -> Iterator[str]:
    """Notes on models that are known, and that a project's configuration changes."""
    for each in targets:
        if each.model is None or each.model.project is None:
            continue
        if config.registry(project=False).find(each.name):
            yield f"{each.name} is as the configuration in {each.model.project} defines it"


def resolve_exact(
    model: str | None,
    encoding: str | None,
    limit: str | None = None,
    reserve: str | None = None,
    *,
    quiet: bool = False,
) -> Target:
    """The one target that the options name, whose tokenizer is available; see `resolve_targets`.

    Raises:
        UnknownEncodingError: the model's tokenizer can only be estimated.
        CtxtoolsError: see `resolve_targets`.
    """
    check_one_target(model, encoding)
    config = load_config()
    folder = None
    if not model and not encoding:  # the first that is configured
        model = next(iter(config.model), None)
        encoding = None if model else next(iter(config.encoding), None)
        folder = config.encoding_folder
    models, encodings = ([model] if model else []), ([encoding] if encoding else [])
    target = resolve_targets(config, models, encodings, limit, reserve, folder, quiet=quiet)[0]
    if target.model and (target.estimate or not target.encoding.name):
        target.model.load_encoding()  # raises, and says what would help
    return target


def allowed_special(encoding: Encoding, *, special: bool) -> Literal["all"] | tuple[()]:
    """The special tokens that --special allows in a text: all, or none without it.

    Raises:
        UsageError: the encoding has none.
    """
    if special and not encoding.special_tokens:
        raise UsageError(
            f"--special needs special tokens, and {encoding.name} has none",
            hint="its file lists none; a tokenizer.json lists those of its model",
        )
    return "all" if special else ()


def check_one_target(model: str | None, encoding: str | None) -> None:
    """Raise UsageError if both were given to a command that takes one."""
    if model and encoding:
        raise UsageError("--model and --encoding cannot be used together here")


def _find_model(name: str, config: Config) -> "Model":
    try:
        return config.registry().get(name)
    except UnknownModelError as error:
        if name in list_encodings():
            raise UnknownModelError(error.message, hint=f"it is an encoding: -e {name}") from None
        raise


def _find_encoding(name: str, config: Config, folder: Path | None) -> Encoding:
    if is_packaged(name):
        return deferred_encoding(name)
    try:
        return find_encoding(name, within=folder)
    except UnknownEncodingError as error:
        if config.registry().find(name):
            raise UnknownEncodingError(error.message, hint=f"it is a model: -m {name}") from None
        raise


def _limits(
    limit: int | None, reserve: int, model: "Model | None" = None
) -> tuple[int | None, int | None, int | None]:
    """A target's (context window, limit, available)."""
    if limit is None and model and model.context is not None:
        budget = model.budget(reserve_output=reserve)
        maximum = min(model.context, model.max_input or model.context)
        return model.context, maximum, budget.available
    if limit is None:
        return None, None, None
    if reserve and reserve >= limit:
        raise BudgetError(
            f"a reserve of {format_count(reserve)} tokens leaves nothing of the limit of "
            f"{format_count(limit)}",
            hint="reserve less, or raise --limit",
        )
    return limit, limit, limit - reserve
