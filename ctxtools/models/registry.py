"""Models by name: the packaged ones of models.toml, and any that a configuration adds.

Behind them are a longer list of models, which has limits, and families, which have tokenizers; see
catalog.py. How names are read is in names.py.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools.checks import check_type
from ctxtools.errors import ConfigError, UnknownModelError, UsageError
from ctxtools.models.model import Fact, Model
from ctxtools.models.names import LONGEST_NAME, Reading, bare_name, lookup_key, readings
from ctxtools.suggestions import closest_match

if TYPE_CHECKING:
    from ctxtools.encodings import Encoding
    from ctxtools.models.catalog import Catalog

_PACKAGED = Path(__file__).with_name("models.toml")


class Registry:
    """Models, found by name.

    Names are compared ignoring case, with ``.``, ``_``, ``:`` and ``-`` as equal. A name that is
    unknown as it stands is read without the provider (``openai/gpt-4o``), then without what leaves
    the model's limits as they are: dates (``gpt-4o-2024-08-06``), quantization (``-FP8``), hosts'
    suffixes (``:free``); names.py has the rules. For each reading the models are asked
    first, then the list of the catalog: an edition that is listed has limits of its own.

    If none has the name, its family gives the tokenizer: the limits are then unknown (None), as
    they are of a preview or another variant of a known model. They are never guessed.

    Args:
        models: the models, in the order in which they are listed.
        catalog: what is known beyond them, if anything.

    Raises:
        UsageError: two models claim one name.
    """

    __slots__ = ("_by_key", "_catalog", "_models")

    def __init__(self, models: Iterable[Model], catalog: "Catalog | None" = None) -> None:
        self._models = tuple(models)
        self._catalog = catalog
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
            raise UnknownModelError(f"unknown model {name!r:.200}", hint=self._suggestion(name))
        return model

    def _suggestion(self, name: str) -> str:
        typed = bare_name(name[:LONGEST_NAME])
        beginning = len(self.search([typed])) if re.fullmatch(r"[\w.-]+", typed) else 0
        if beginning > 3:  # as "claude"
            return f"{beginning:,} models have that in their name: `ctx models {typed}` lists them"
        listed = self._catalog.names().values() if self._catalog else ()
        meant = closest_match(typed, [*self.names(aliases=True), *listed])
        return meant or "`ctx models` lists them; a configuration can add one"

    def find(self, name: str) -> Model | None:
        """The model of that name, or None."""
        check_type("name", name, str)
        if len(name) > LONGEST_NAME:
            return None
        if model := self._by_key.get(lookup_key(name)):
            return model  # as most are, without reading further
        ways = [*readings(name)]
        return self._known(ways) or self._of_family(name, ways)

    def find_exact(self, name: str) -> Model | None:
        """The model of that name if it has a row of its own, whose limits are known, or None."""
        check_type("name", name, str)
        return self._known([*readings(name[:LONGEST_NAME])])

    def family(self, name: str) -> Model | None:
        """The tokenizer of the family that a model of that name is of; its limits are unknown."""
        ways = readings(name) if self._catalog else ()
        for way in ways:
            if self._catalog and "/" not in way.key and (found := self._catalog.family(way.key)):
                return replace(found, name=bare_name(name))
        return None

    def counted(self, model: Model) -> Model:
        """The model itself or, if nothing is said of its tokenizer, counted as its name implies."""
        if model.encoding or model.load or model.closed or model.estimate:
            return model
        relative = self.find(model.name)
        return with_tokenizer_of(relative, model) if relative else model

    def listed(self) -> tuple[Model, ...]:
        """The models that the catalog lists beside these, by name."""
        return self._search_list(())

    def listed_names(self) -> tuple[str, ...]:
        """The names of the models that the catalog lists beside these."""
        listed = self._catalog.names() if self._catalog else {}
        return tuple(name for key, name in listed.items() if key not in self._by_key)

    def search(self, words: Iterable[str]) -> tuple[Model, ...]:
        """The models that have each of these words somewhere in a name or in the vendor's."""
        wanted = [lookup_key(word) for word in words]
        found = (
            model
            for model in self._models
            if _has_all(wanted, model.name, model.vendor, *model.aliases)
        )
        return (*found, *self._search_list(wanted))

    def _search_list(self, wanted: Iterable[str]) -> tuple[Model, ...]:
        listed = self._catalog.names() if self._catalog else {}
        found = (
            self._listed([*readings(key)])
            for key, name in listed.items()
            if key not in self._by_key and _has_all(wanted, key, name)
        )
        return tuple(model for model in found if model)

    def _known(self, ways: list[Reading]) -> Model | None:
        for number, way in enumerate(ways):
            if not way.exact:
                continue
            if model := self._by_key.get(way.key) or self._listed(ways[number:]):
                return model
        return None

    def _listed(self, ways: list[Reading]) -> Model | None:
        """The model that is listed under the first of these keys, with its tokenizer."""
        if self._catalog is None or not ways[0].bare:
            return None
        listed = self._catalog.listed(ways[0].key)
        if listed is None:
            return None
        for way in ways[1:]:
            if way.exact and (base := self._by_key.get(way.key)):
                return edition_of(base, listed)
        family = self._catalog.family(ways[0].key)
        return with_tokenizer_of(family, listed) if family else listed

    def _of_family(self, name: str, ways: list[Reading]) -> Model | None:
        if family := self.family(name):
            return family
        variant = next((way for way in ways if not way.exact and way.key in self._by_key), None)
        if variant is None:
            return None
        base = self._by_key[variant.key]
        return with_tokenizer_of(base, Model(bare_name(name), modalities=base.modalities))

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
        if not others._models:
            return self
        kept = (
            replace(
                model,
                aliases=tuple(each for each in model.aliases if lookup_key(each) not in others),
            )
            for model in self._models
            if lookup_key(model.name) not in others._by_key
        )
        return Registry((*kept, *others), self._catalog)

    def __contains__(self, name: str) -> bool:
        """Whether a model has exactly this name or alias, editions and providers aside."""
        return lookup_key(name) in self._by_key

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


def get_model(name: str) -> Model:
    """The model of that name, for example ``get_model("deepseek-v4-pro")``.

    Names are understood as `Registry` says: with providers, dates, tags and quantization. Of a
    model that is known by its family only, the limits are None.

    Raises:
        UnknownModelError: the name is unknown; the hint has the closest matches.
    """
    return _packaged().get(name)


def list_models() -> tuple[Model, ...]:
    """The models of models.toml, by vendor. ``get_model`` knows more."""
    return tuple(_packaged())


def encoding_for_model(name: str) -> "Encoding":
    """The tokenizer of a model, by any name that ``get_model`` or tiktoken understands.

    The network is never used.

    Raises:
        UnknownModelError: the name is unknown.
        UnknownEncodingError: its tokenizer is not packaged; the hint says how to load it, or
            that it is closed and only an estimate exists.
    """
    return _packaged().get(name).load_encoding()


def _has_all(words: Iterable[str], *names: str) -> bool:
    text = " ".join(f"{name.lower()} {lookup_key(name)}" for name in names)
    return all(word in text for word in words)


def edition_of(base: Model, new: Model) -> Model:
    """A model with the facts that ``new`` states and, otherwise, those of the one it is of."""
    # litellm's one figure for the input may be the known limit on it; then the context stays.
    is_input = new.context == base.max_input
    of_base: list[Fact] = ["encoding", "modalities"]
    of_base += ["context", "max_input"] if is_input else [] if new.context else ["context"]
    of_base += [] if new.max_output else ["max_output"]
    of_base += [] if new.price else ["price", "cached_input"]
    return replace(
        base,
        name=new.name,
        aliases=(),
        context=base.context if is_input else new.context or base.context,
        max_input=base.max_input if is_input else new.max_input,
        max_output=new.max_output or base.max_output,
        price=new.price or base.price,
        source=new.source,
        date=new.date,
        sources=tuple((fact, base.source_of(fact)) for fact in of_base),
        notes=None,
    )


def with_tokenizer_of(other: Model, model: Model) -> Model:
    """The model, counted as ``other`` is."""
    sources = {**dict(model.sources), "encoding": other.source_of("encoding")}
    return replace(
        model,
        vendor=other.vendor or model.vendor,
        encoding=other.encoding,
        load=other.load,
        closed=other.closed,
        estimate=other.estimate,
        sources=tuple(sources.items()),
        project=other.project or model.project,
    )


@cache
def _packaged() -> Registry:
    from ctxtools.models.catalog import Catalog
    from ctxtools.models.rows import read_file

    try:
        file = read_file(_PACKAGED)
        return Registry(file.models, Catalog(file))
    except (ConfigError, UsageError) as error:
        raise ConfigError(
            error.message, hint="reinstall ctxtools, which brings this file"
        ) from None
