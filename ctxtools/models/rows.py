"""Models as TOML: one reader and one writer for models.toml, for imports and for configurations."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.models.estimate import Estimate
from ctxtools.models.model import FACTS, MODALITIES, Model, Price, Source, Tier
from ctxtools.models.names import LONGEST_NAME
from ctxtools.toml_file import Table, read_toml

MAX_MODELS = 1 << 24
"""Bytes of a file of models; all that the public tables list take 1 MB."""


class ModelsFile(NamedTuple):
    """What a file in the form of models.toml holds; sources and estimates by their names."""

    models: tuple[Model, ...]
    sources: Mapping[str, Source]
    estimates: Mapping[str, Estimate]


def load_models(path: Path) -> tuple[Model, ...]:
    """The models of a file in the form of models.toml, or of one that ``write_models`` wrote.

    Raises:
        ConfigError: the file cannot be read, or something in it is wrong; the message says what.
    """
    return read_file(path).models


def read_file(path: Path) -> ModelsFile:
    """The models of such a file, and the sources and estimates that they refer to.

    Raises:
        ConfigError: see `load_models`.
    """
    file = Table(read_toml(path, limit=MAX_MODELS), str(path))
    sources = read_sources(file)
    estimates = {
        table.text("name") or "": _estimate(table, sources) for table in file.tables("estimates")
    }
    rows = file.tables("models")
    file.done()
    models = tuple(read_model(row, sources=sources, estimates=estimates) for row in rows)
    return ModelsFile(models, sources, estimates)


def read_sources(file: Table) -> dict[str, Source]:
    """The sources that a file lists, by the names that its rows refer to."""
    return {table.text("name") or "": _source(table) for table in file.tables("sources")}


def read_model(
    row: Table,
    *,
    find: Callable[[str], Model | None] = lambda name: None,
    sources: Mapping[str, Source] | None = None,
    estimates: Mapping[str, Estimate] | None = None,
    project: Path | None = None,
) -> Model:
    """The model that one table describes.

    A model that extends another, or that has the name of one, starts from that one and changes
    only what the table states.

    Args:
        row: the table.
        find: the model of a name that ``extends`` may refer to, or None.
        sources: the sources that the table may refer to by name; another name is a title itself.
        estimates: the estimates that the table may refer to by name.
        project: the folder of the project whose configuration has the table; None if the user's
            or ctxtools itself does.

    Raises:
        ConfigError: a key is unknown, or a value cannot be used.
    """
    name = row.text("name")
    if name is None:
        raise row.error("name", "is missing", 'write name = "my-model"')
    aliases = row.texts("aliases")
    if max(map(len, (name, *(aliases or ())))) > LONGEST_NAME:
        raise row.error("name", f"or an alias is longer than {LONGEST_NAME} characters")
    stated: dict[str, Any] = {
        "vendor": row.text("vendor"),
        "context": row.size("context", minimum=1),
        "max_input": row.size("max_input", minimum=1),
        "max_output": row.size("max_output", minimum=1),
        **_tokenizer(row, estimates or {}, project),
        "modalities": _modalities(row),
        "price": _price(row),
        "aliases": aliases,
        **_provenance(row, sources or {}),
        "notes": row.text("notes"),
    }
    base = _base(row, name, find)
    row.done()
    changes = {fact: value for fact, value in stated.items() if value is not None}
    if "source" not in changes:
        changes |= _from_here(row, changes, base)
    if project is not None:
        changes["project"] = str(project)
    if base is None:
        return Model(name, **changes)
    if base.name != name and "aliases" not in changes:
        changes["aliases"] = ()  # they are names of the model that is extended, not of this one
    return replace(base, name=name, **changes)


def _source(table: Table) -> Source:
    table.text("name")
    source = Source(table.text("title") or "", table.text("date"))
    table.done()
    return source


def _base(row: Table, name: str, find: Callable[[str], Model | None]) -> Model | None:
    extends = row.text("extends")
    base = find(extends or name)
    if extends and base is None:
        raise row.error("extends", f"names the unknown model {extends!r}")
    # A name that only resembles a packaged one ("gpt-4o-0613" for "gpt-4o") is another model.
    return base if extends or (base and base.name == name) else None


def _tokenizer(
    row: Table, estimates: Mapping[str, Estimate], project: Path | None
) -> dict[str, Any]:
    encoding, file, load = row.text("encoding"), row.text("tokenizer"), row.text("load")
    stated: dict[str, Any] = {"encoding": encoding, "load": load, "closed": row.flag("closed")}
    if file is not None:
        if encoding is not None:
            raise row.error("tokenizer", "and encoding are both given", "keep one of them")
        file = file if project else os.path.expanduser(file)
        stated["encoding"] = str(Path(row.file).parent.absolute() / file)
    if estimates and isinstance(row.values.get("estimate"), str):
        stated["estimate"] = estimates[row.choice("estimate", tuple(estimates)) or ""]
    elif "estimate" in row:
        stated["estimate"] = _estimate(row.table("estimate"), {})
    if stated["encoding"] is not None and stated["closed"] is None:
        stated["closed"] = False  # even where the model that this one extends is closed
    return stated


def _estimate(table: Table, sources: Mapping[str, Source]) -> Estimate:
    table.text("name")
    encoding, basis, source = table.text("encoding"), table.text("basis"), table.text("source")
    characters = table.text("characters")
    factors = [table.number(key) for key in ("low", "typical", "high")]
    table.done()
    if encoding is None or basis is None or None in factors:
        raise table.error("estimate", "needs encoding, low, typical, high and basis")
    if source is not None and source in sources:
        basis = f"{basis} {sources[source].title}, {sources[source].date}."
    low, typical, high = (float(factor or 0) for factor in factors)
    try:
        return Estimate(encoding, low, typical, high, basis, characters)
    except UsageError as error:
        raise table.error("estimate", f"is wrong: {error.message}") from error


def _modalities(row: Table) -> tuple[str, ...] | None:
    modalities = row.texts("modalities")
    for each in modalities or ():
        if each not in MODALITIES:
            raise row.error(
                "modalities",
                f"has the unknown modality {each!r}",
                f"the modalities are {', '.join(MODALITIES)}",
            )
    return modalities


def _price(row: Table) -> Price | None:
    price, note = row.numbers("price", 2), row.text("price_note")
    tiers = row.rows_of_numbers("tiers", 3, 4) or []
    cached = row.number("cached_input")
    if price is None:
        if tiers or note or cached is not None:
            raise row.error(
                "price", "is missing, but tiers, a note or the cached price of it are there"
            )
        return None
    steps = tuple(Tier(int(above), *prices) for above, *prices in sorted(tiers))
    return Price(price[0], price[1], steps, note, cached)


def _provenance(row: Table, known: Mapping[str, Source]) -> dict[str, Any]:
    title = row.text("source")
    main = known.get(title or "", Source(title or "", row.text("date")))
    stated: dict[str, Any] = {"source": main.title or None, "date": main.date}
    if "sources" in row:
        others = row.table("sources")
        named = {fact: others.text(fact) for fact in FACTS}
        others.done()
        stated["sources"] = tuple(
            (fact, known.get(title, Source(title))) for fact, title in named.items() if title
        )
    return stated


def _from_here(row: Table, changes: dict[str, Any], base: Model | None) -> dict[str, Any]:
    """The source of a row that names none: its file, or the model it extends."""
    if base is None:
        return {"source": row.file}
    here = Source(row.file)
    changed = dict(base.sources) | {fact: here for fact in FACTS if fact in changes}
    return {"sources": tuple(changed.items())}


def to_document(models: Iterable[Model]) -> dict[str, Any]:
    """Models as the content of a TOML file that ``load_models`` reads; each source stands once."""
    identifiers: dict[Source, str] = {}
    rows = [_to_row(model, identifiers) for model in models]
    sources = {
        identifier: {"title": source.title} | ({"date": source.date} if source.date else {})
        for source, identifier in identifiers.items()
    }
    return {"sources": sources, "models": rows}


def _to_row(model: Model, identifiers: dict[Source, str]) -> dict[str, Any]:
    def identify(source: Source) -> str:
        return identifiers.setdefault(source, f"source-{len(identifiers) + 1}")

    row: dict[str, Any] = {
        key: getattr(model, key)
        for key in (
            "name", "vendor", "context", "max_input", "max_output", "encoding", "load", "closed",
            "notes",
        )
    }  # fmt: skip
    row["aliases"] = list(model.aliases)
    if model.modalities != ("text",):
        row["modalities"] = list(model.modalities)
    if model.price is not None:
        row["price"] = [model.price.input, model.price.output]
        row["cached_input"] = model.price.cached_input
        row["tiers"] = [
            [tier.above, tier.input, tier.output]
            + ([] if tier.cached_input is None else [tier.cached_input])
            for tier in model.price.tiers
        ]
        row["price_note"] = model.price.note
    if model.estimate is not None:
        keys = ("encoding", "low", "typical", "high", "basis")
        row["estimate"] = {key: getattr(model.estimate, key) for key in keys}
        if model.estimate.characters:
            row["estimate"]["characters"] = model.estimate.characters
    if model.source:
        row["source"] = identify(Source(model.source, model.date))
    row["sources"] = {fact: identify(source) for fact, source in model.sources}
    return {key: value for key, value in row.items() if value not in (None, "", False, [], {})}
