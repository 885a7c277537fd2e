"""What counts: a model or an encoding, by its name.

Names of files and of the hub are none here: a client that is told what to do by a stranger's text
could read files or use the network by them.
"""

from typing import NamedTuple

from ctxtools.encodings import Encoding, find_encoding, get_encoding, list_encodings
from ctxtools.errors import (
    ConfigError,
    NetworkError,
    ReadError,
    UnknownEncodingError,
    UnknownModelError,
    UsageError,
    VocabularyError,
)
from ctxtools.models import Estimate, Interval, Model, Registry, TextCount
from ctxtools.models.characters import count_characters
from ctxtools.models.interval import exactly

DEFAULT = "o200k_base"


class Target(NamedTuple):
    """A model or an encoding.

    Attributes:
        name: as the client wrote it.
        encoding: counts.
        model: None if an encoding was named.
        estimate: from tokens of the encoding to those of the model; None if these are the same.
    """

    name: str
    encoding: Encoding
    model: Model | None = None
    estimate: Estimate | None = None

    @property
    def needs_characters(self) -> bool:
        """Whether a count is to know the characters of its text."""
        return self.estimate is not None and self.estimate.characters is not None

    def count(self, text: str) -> int:
        """The count of a text as ``interval`` takes it."""
        count = self.encoding.count(text)
        return TextCount(count, count_characters(text)) if self.needs_characters else count

    def interval(self, count: int) -> Interval:
        """The tokens of what has a count in the encoding."""
        return self.estimate.of(count) if self.estimate and count else exactly(int(count))

    def size(self, text: str) -> int:
        """The tokens of a text; of an estimate the most that there may be."""
        return self.interval(self.count(text)).high

    def tokens(self, count: int) -> dict[str, object]:
        """The same for an answer; an exact number has no interval."""
        found = self.interval(count)
        facts: dict[str, object] = {"model": self.name, "tokens": found.typical}
        return facts if self.estimate is None else {**facts, "low": found.low, "high": found.high}


def find_target(name: str, registry: Registry) -> Target:
    """The model or encoding of a name.

    Raises:
        UnknownModelError: there is none of that name.
        UnknownEncodingError: the model's tokenizer is not here.
    """
    if name in list_encodings():
        return Target(name, get_encoding(name))
    model = find_model(name, registry)
    estimate = model.estimate if model.encoding is None else None
    try:
        if estimate is None:
            return Target(name, model.load_encoding(), model)
        return Target(name, find_encoding(estimate.encoding), model, estimate)
    except (ConfigError, NetworkError, ReadError, VocabularyError) as error:
        # Of a file that the user's configuration names; where it is, is nothing for a client.
        raise UnknownEncodingError(
            f"the tokenizer of {model.name} cannot be loaded",
            hint=f"on this machine, `ctx count README.md -m {model.name}` says why",
        ) from error


def find_model(name: str, registry: Registry) -> Model:
    """The model of a name.

    Raises:
        UnknownModelError: there is none.
    """
    try:
        return registry.get(name)
    except UnknownModelError as error:
        raise UnknownModelError(
            error.message, hint=f"{error.hint}; encodings are {', '.join(list_encodings())}"
        ) from None


def limit_of(target: Target, limit: int | None, reserve: int) -> int:
    """The tokens that an input may have: a limit, or the model's context window, less a reserve.

    Raises:
        UsageError: there is neither.
        BudgetError: the reserve leaves nothing.
    """
    from ctxtools.models import Budget

    if limit is not None:
        return Budget.within(limit, reserve_output=reserve, name="the limit").available
    if target.model is None:
        raise UsageError(f"{target.name} has no limit", hint="pass a limit, or name a model")
    return target.model.budget(reserve_output=reserve).available
