"""Models by name: the packaged ones of models.toml, and any that a configuration adds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools.checks import check_type
from ctxtools.errors import ConfigError, UnknownModelError, UsageError
from ctxtools.models.model import Model
from ctxtools.suggestions import closest_match

if TYPE_CHECKING:
    from ctxtools.encodings import Encoding

_PACKAGED = Path(__file__).with_name("models.toml")

# -2024-08-06, -20241022, -0613 (month and day), -2507 (year and month) and -latest: editions of a
# model, which share its tokenizer.
_EDITION = re.compile(
    r"-(?:20\d\d-\d\d-\d\d|20\d{6}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|2[3-9](?:0[1-9]|1[0-2])|latest)$"
)


class Registry:
    """Models, found by name.

    A name is looked up ignoring case and with ``.``, ``_`` and ``-`` as equal; then
    without a provider's prefix (``openai/gpt-4o``); then without a date (``gpt-4o-2024-08-06``).
    The first that finds a name or an alias wins.

    Args:
        models: the models, in the order in which they are listed.

    Raises:
        UsageError: two models claim one name.
    """

    __slots__ = ("_by_key", "_models")

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = tuple(models)
        self._by_key: dict[str, Model] = {}
        for model in self._models:
            for name in (model.name, *model.aliases):
                other = self._by_key.setdefault(lookup_key(name), model)
                if other is not model:
                    raise UsageError(f"both {other.name} and {model.name} claim the name {name}")

    @classmethod
    def packaged(cls) -> "Registry":
        """The models that come with ctxtools."""
        return _packaged()

    def get(self, name: str) -> Model:
        """The model of that name.

        Raises:
            UnknownModelError: the name is unknown; the hint has the closest matches.
        """
        model = self.find(name)
        if model is None:
            hint = closest_match(name.strip().lower(), self.names(aliases=True))
            raise UnknownModelError(
                f"unknown model {name!r}",
                hint=hint or "`ctx models` lists them; a configuration can add one",
            )
        return model

    def find(self, name: str) -> Model | None:
        """The model of that name, or None."""
        check_type("name", name, str)
        for candidate in _candidates(name):
            if candidate in self._by_key:
                return self._by_key[candidate]
        return None

    def names(self, *, aliases: bool = False) -> tuple[str, ...]:
        """The models' names in order, each followed by its aliases if they are asked for."""
        return tuple(
            name
            for model in self._models
            for name in ((model.name, *model.aliases) if aliases else (model.name,))
        )

    def merged(self, others: Iterable[Model]) -> "Registry":
        """A registry with these models too; where names meet, the others win.

        Raises:
            UsageError: two of the others claim one name.
        """
        others = Registry(others)
        kept = (
            replace(
                model,
                aliases=tuple(each for each in model.aliases if lookup_key(each) not in others),
            )
            for model in self._models
            if lookup_key(model.name) not in others._by_key
        )
        return Registry((*kept, *others))

    def __contains__(self, name: str) -> bool:
        """Whether a model has exactly this name or alias, editions and providers aside."""
        return lookup_key(name) in self._by_key

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


def get_model(name: str) -> Model:
    """The packaged model of that name, for example ``get_model("deepseek-v4-pro")``.

    Raises:
        UnknownModelError: the name is unknown; the hint has the closest matches.
    """
    return _packaged().get(name)


def list_models() -> tuple[Model, ...]:
    """All packaged models, by vendor."""
    return tuple(_packaged())


def encoding_for_model(name: str) -> "Encoding":
    """The tokenizer of a packaged model. The network is never used.

    Raises:
        UnknownModelError: the name is unknown.
        UnknownEncodingError: its tokenizer is not packaged; the hint says how to load it, or
            that it is closed and only an estimate exists.
    """
    return _packaged().get(name).load_encoding()


@cache
def _packaged() -> Registry:
    from ctxtools.models.rows import load_models

    try:
        return Registry(load_models(_PACKAGED))
    except (ConfigError, UsageError) as error:
        raise ConfigError(
            error.message, hint="reinstall ctxtools, which brings this file"
        ) from None


def lookup_key(name: str) -> str:
    """A name as the registry compares it: two models whose names have one key are one model."""
    return re.sub(r"[._\s]", "-", name.strip().lower())


def _candidates(name: str) -> Iterator[str]:
    key = lookup_key(name)
    segments = key.split("/")
    unprefixed = ["/".join(segments[start:]) for start in range(len(segments))]
    yield from unprefixed
    for each in unprefixed:
        edition = _EDITION.search(each)
        if edition:
            yield each[: edition.start()]
