"""What a model can hold: its limits, its tokenizer and its price, and the arithmetic on them."""

from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING, Literal, get_args

from ctxtools.checks import check_choice, check_integer
from ctxtools.errors import BudgetError, UnknownEncodingError
from ctxtools.models.estimate import Estimate
from ctxtools.models.interval import Interval
from ctxtools.units import format_count

if TYPE_CHECKING:
    from ctxtools.encodings import Encoding

Modality = Literal["text", "image", "video", "audio", "pdf"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
Fact = Literal[
    "context", "max_input", "max_output", "encoding", "modalities", "price", "cached_input"
]
FACTS: tuple[Fact, ...] = get_args(Fact)


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a fact: what was read, and the date of that edition or of access."""

    title: str
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """The prices of a request whose input has more than ``above`` tokens, in $ per 1M tokens."""

    above: int
    input: float
    output: float
    cached_input: float | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """List prices in $ per 1M tokens, without discounts for batches.

    Attributes:
        input: for input tokens.
        output: for output tokens, reasoning included.
        tiers: other prices for longer inputs, by rising length.
        note: what the numbers leave out, such as an off-peak price.
        cached_input: for input tokens that the provider's prompt cache holds; None if unknown.
            What writing or keeping them costs more is not in it.
    """

    input: float
    output: float
    tiers: tuple[Tier, ...] = ()
    note: str | None = None
    cached_input: float | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a context window the input may use. All figures are tokens.

    Attributes:
        limit: the maximum of the whole input, ``overhead`` included.
        context: the context window, which input and output share.
        max_input: the vendor's limit on the input, if any.
        reserve_output: what is kept free for the answer.
        overhead: what the input has besides the text: a system prompt, the chat's framing, tools.
    """

    limit: int
    context: int
    max_input: int | None = None
    reserve_output: int = 0
    overhead: int = 0

    @classmethod
    def within(
        cls,
        context: int,
        *,
        max_input: int | None = None,
        reserve_output: int = 0,
        overhead: int = 0,
        name: str = "the context window",
    ) -> "Budget":
        """The budget of a context window of ``context`` tokens; ``name`` is for messages.

        Raises:
            UsageError: a figure is negative, or not an integer.
            BudgetError: nothing is left for the text.
        """
        context = check_integer("context", context, 0, inf)
        if max_input is not None:
            max_input = check_integer("max_input", max_input, 0, inf)
        reserve_output = check_integer("reserve_output", reserve_output, 0, inf)
        overhead = check_integer("overhead", overhead, 0, inf)
        limit = context - reserve_output
        if max_input is not None:
            limit = min(limit, max_input)
        if limit <= overhead:
            raise BudgetError(
                f"nothing is left of {name} ({format_count(context)} tokens) after reserving "
                f"{format_count(reserve_output)} for the output and {format_count(overhead)} "
                "for overhead",
                hint="reserve less, or choose a model with a larger context window",
            )
        return cls(limit, context, max_input, reserve_output, overhead)

    @property
    def available(self) -> int:
        """The tokens that the text itself may have: 1 or more."""
        return self.limit - self.overhead


@dataclass(frozen=True, slots=True)
class Model:
    """A language model as far as counting is concerned. Limits are in tokens, None if unknown.

    Attributes:
        name: the name that its vendor's API uses, or near it.
        vendor: who makes it.
        context: the context window, shared by input and output.
        max_input: the maximum input, where the vendor limits it below the context window.
        max_output: the maximum output of one answer.
        encoding: the name of a packaged encoding, or the path of a tokenizer file that a user's
            configuration names; None if neither exists.
        load: a public tokenizer that is not packaged, such as ``hf:google/gemma-3-27b-it``.
        closed: the tokenizer is not public, so counts are estimates.
        estimate: how to estimate a count without the tokenizer.
        modalities: what the input may hold, of ``text, image, video, audio, pdf``.
        price: list prices, None if unknown (which is not zero).
        aliases: other names of it.
        source: where the facts are from, and ``date`` when; ``source_of`` tells one fact's.
        sources: the facts that are from elsewhere, as (fact, source) pairs.
        notes: what else one should know, such as where two sources disagree.
        project: the folder of the project whose configuration describes the model, where that may
            name a tokenizer file; None if the user's or ctxtools itself does.
    """

    name: str
    vendor: str = ""
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    encoding: str | None = None
    load: str | None = None
    closed: bool = False
    estimate: Estimate | None = None
    modalities: tuple[str, ...] = ("text",)
    price: Price | None = None
    aliases: tuple[str, ...] = ()
    source: str = ""
    date: str | None = None
    sources: tuple[tuple[str, Source], ...] = ()
    notes: str | None = None
    project: str | None = None

    @property
    def is_embedding(self) -> bool:
        """Whether it has no answer, by what is known: no output, or one that is free."""
        is_free = self.price is not None and not self.price.output
        return self.max_output is None and (is_free or "embed" in self.name.lower())

    def source_of(self, fact: Fact) -> Source:
        """Where one fact is from; facts are named in `FACTS`."""
        check_choice("fact", fact, FACTS)
        return dict(self.sources).get(fact, Source(self.source, self.date))

    def budget(self, reserve_output: int = 0, overhead: int = 0) -> Budget:
        """What the input may use of this model's context window.

        A reserve above ``max_output`` is allowed. It cannot overflow anything, one reserve in a
        configuration serves many models, and sources disagree on maximum outputs more than on
        context windows (a hosted model's is often a default of the host).

        Args:
            reserve_output: tokens to keep free for the answer.
            overhead: tokens of the input that are not the text: system prompt, framing, tools.

        Raises:
            UsageError: a figure is negative, or not an integer.
            BudgetError: nothing is left for the text, or the size of the context window is unknown.
        """
        if self.context is None:
            raise BudgetError(
                f"the context window of {self.name} is unknown",
                hint="state a limit, or give the model a context in the configuration",
            )
        return Budget.within(
            self.context,
            max_input=self.max_input,
            reserve_output=reserve_output,
            overhead=overhead,
            name=f"{self.name}'s context window",
        )

    def cost(
        self, input_tokens: int, output_tokens: int = 0, *, cached_tokens: int = 0
    ) -> Decimal | None:
        """The list price of one request in $, or None if the price is unknown.

        Args:
            input_tokens: of the whole input.
            output_tokens: of the answer.
            cached_tokens: of the input, that the provider's prompt cache holds; they cost what
                others do where their price is unknown.
        """
        if self.price is None:
            return None
        rates: Price | Tier = self.price
        for tier in self.price.tiers:
            if input_tokens > tier.above:
                rates = tier
        cached = rates.input if rates.cached_input is None else rates.cached_input
        dollars = (
            (input_tokens - cached_tokens) * Decimal(str(rates.input))
            + cached_tokens * Decimal(str(cached))
            + output_tokens * Decimal(str(rates.output))
        )
        return dollars / 1_000_000

    def estimate_tokens(self, text: str) -> Interval:
        """The tokens that a text has for this model: exact, as low = high, where its tokenizer is
        available, and otherwise an estimate.

        Raises:
            UnknownEncodingError: there is neither a tokenizer nor an estimate.
            VocabularyError: a tokenizer file that the configuration names cannot be used.
        """
        if self.encoding is None and self.estimate is not None:
            basis = self._find_encoding(self.estimate.encoding)
            return self.estimate.of(self.estimate.measure(text, basis))
        count = self.load_encoding().count(text)
        return Interval(count, count, count)

    def load_encoding(self) -> "Encoding":
        """This model's tokenizer.

        Raises:
            UnknownEncodingError: none is packaged, or none is public.
            VocabularyError: a tokenizer file that the configuration names cannot be used.
            ConfigError: a project's configuration names it, and it is on the hub or elsewhere.
        """
        if self.encoding is None:
            raise self._no_encoding()
        return self._find_encoding(self.encoding)

    def _find_encoding(self, name: str) -> "Encoding":
        from ctxtools import encodings

        if self.project is None:
            return encodings.find_encoding(name)
        return encodings.find_encoding(name, within=self.project)

    def _no_encoding(self) -> UnknownEncodingError:
        if self.closed:
            return UnknownEncodingError(
                f"the tokenizer of {self.name} is not public",
                hint="only an estimate exists: `ctx count` shows it with ~ and an interval",
            )
        if self.load is None:
            return UnknownEncodingError(
                f"the tokenizer of {self.name} is unknown",
                hint="name one: `ctx count -e o200k_base`, or tokenizer = "
                '"path/to/tokenizer.json" for this model in the configuration',
            )
        import shlex  # what a stranger's configuration says is no command to type

        return UnknownEncodingError(
            f"the tokenizer of {self.name} is public but not part of ctxtools",
            hint=f"load it from the hub with `ctx count -e {shlex.quote(self.load)}`, or set "
            'tokenizer = "path/to/tokenizer.json" for this model in the configuration',
        )
