"""``ctx models``: facts about models, and importing more models."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import argument, option
from ctxtools.documents.file import display_name
from ctxtools.models import Fact, Model

if TYPE_CHECKING:
    from ctxtools.models.tables import LeftOut

_SHOWN = 5  # names of what was left out for one reason


def models(
    names: Annotated[
        list[str] | None,
        argument(
            metavar="[NAME]... | [WORD]... | import FILE",
            help="Models to describe; or words that the names of the models to list have; or "
            "'import' and a file: litellm's JSON or models.dev's api.json, whose models are "
            "added to your configuration.",
        ),
    ] = None,
    every: Annotated[
        bool, option("--all", help="List every known model, not only the common ones.")
    ] = False,
    as_json: opt.Json = False,
    color: opt.Colors = None,
) -> None:
    """List models with their limits, tokenizers and prices, or describe some."""
    from ctxtools.cli.output import console as output
    from ctxtools.config import load_config

    if names and names[0] == "import":
        _import(names[1:], as_json=as_json)
        return
    config = load_config()
    registry = config.registry()
    exact = [registry.find_exact(name) for name in names or ()]
    described = [model for model in exact if model]
    if names and len(described) == len(names):
        found = described
    elif names:
        found = [*registry.search(names)]
        if not found:
            found = described = [registry.get(name) for name in names]
    else:
        found = [*registry, *(registry.listed() if every else ())]
    if as_json:
        output.print_json([_as_json(model) for model in found])
    elif found is described:
        for model in found:
            _describe(model)
    else:
        _draw_table(found, color or config.color)
        if not names and not every:
            more = len(registry.listed_names())
            output.warn(
                f"note: {more:,} more are known: `ctx models WORD` finds those with a word in "
                "their name, --all lists them"
            )


def _import(files: list[str], *, as_json: bool) -> None:
    from ctxtools.cli.output import console as output
    from ctxtools.config import imported_models_file
    from ctxtools.errors import FormatError, UsageError
    from ctxtools.models import Registry
    from ctxtools.models.importers import read_table, write_models
    from ctxtools.models.rows import load_models

    if len(files) != 1:
        raise UsageError("import takes one file", hint="ctx models import api.json")
    found, left_out = read_table(files[0])
    if not found:
        for line in _left_out(left_out):
            output.warn(line)
        raise FormatError(f"{files[0]} has no model that can be used")
    target = imported_models_file()
    kept = [*load_models(target)] if target.exists() else []
    write_models(Registry(kept).merged(found), target)
    if as_json:
        facts = {
            "file": str(target),
            "models": [model.name for model in found],
            "left_out": [each._asdict() for each in left_out],
        }
        output.print_json(facts)
        return
    output.say(f"{len(found):,} models from {files[0]} are now in {target}")
    for line in _left_out(left_out):
        output.warn(line)


def _left_out(entries: "Sequence[LeftOut]") -> Iterator[str]:
    """What was left out: a line for each reason, with the first names."""
    reasons: dict[str, list[str]] = {}
    for each in entries:
        reasons.setdefault(each.reason, []).append(each.entry)
    if reasons:
        entry = "entry" if len(entries) == 1 else "entries"
        yield f"note: left out {len(entries):,} {entry}"
    for reason, names in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        shown = ", ".join(map(display_name, names[:_SHOWN]))
        more = f" and {len(names) - _SHOWN:,} more, which --json lists" if names[_SHOWN:] else ""
        yield f"  {len(names):,}: {reason}: {shown}{more}"


def _draw_table(models: list[Model], color: str) -> None:
    from ctxtools.cli.output import console as output

    def price(dollars: float) -> str:
        return f"{Decimal(str(dollars)).normalize():f}"

    rows = [
        [
            model.name,
            f"{model.context:,}" if model.context is not None else "?",
            f"{model.max_output:,}" if model.max_output is not None else "?",
            price(model.price.input) if model.price else "",
            price(model.price.cached_input)
            if model.price and model.price.cached_input is not None
            else "",
            price(model.price.output) if model.price else "",
            ", ".join(model.modalities),
            _tokenizer(model),
        ]
        for model in models
    ]
    output.draw_rows(
        output.row_console(color),
        ["Model", "Context", "Max output", "$/1M in", "cached", "out", "Input", "Tokenizer"],
        rows,
        left=["Model", "Input", "Tokenizer"],
        optional=["Input", "Max output", "cached"],
    )


def _tokenizer(model: Model) -> str:
    if model.encoding:
        return model.encoding
    return "closed (~)" if model.closed else (model.load or "unknown")


def _describe(model: Model) -> None:
    """Each fact about a model on one line, with its source."""
    from ctxtools.cli.output import console as output

    facts: dict[str, tuple[str, Fact]] = {
        "context": (_tokens(model.context), "context"),
        "max input": (_tokens(model.max_input) if model.max_input else "", "max_input"),
        "max output": (_tokens(model.max_output), "max_output"),
        "tokenizer": (_tokenizer(model), "encoding"),
        "input": (", ".join(model.modalities), "modalities"),
        "price": (_price(model), "price"),
        "cached": (_cached_price(model), "cached_input"),
    }
    output.say(f"{model.name}{f'  ({model.vendor})' if model.vendor else ''}")
    if model.project:
        output.say(f"  {'defined by':11} the configuration in {model.project}")
    for name, (value, fact) in facts.items():
        if value:
            source = model.source_of(fact)
            when = f", {source.date}" if source.date else ""
            where = f"[{source.title}{when}]" if source.title else ""
            output.say(f"  {name:11} {value:32} {where}".rstrip())
    if model.estimate:
        estimate = model.estimate
        factors = f"{estimate.typical} ({estimate.low}–{estimate.high})"
        by = ", by the characters of a text" if estimate.characters else ""
        output.say(f"  {'estimate':11} ~{factors} × {estimate.encoding}{by}: {estimate.basis}")
    if model.aliases:
        output.say(f"  {'aliases':11} {', '.join(model.aliases)}")
    if model.notes:
        output.say(f"  {'notes':11} {model.notes}")


def _tokens(limit: int | None) -> str:
    return "unknown" if limit is None else f"{limit:,} tokens"


def _price(model: Model) -> str:
    if not model.price:
        return ""
    price = f"${model.price.input:g} in, ${model.price.output:g} out per 1M"
    for tier in model.price.tiers:
        price += f"; above {tier.above:,} ${tier.input:g} and ${tier.output:g}"
    return f"{price} ({model.price.note})" if model.price.note else price


def _cached_price(model: Model) -> str:
    if not model.price or model.price.cached_input is None:
        return ""
    price = f"${model.price.cached_input:g} in per 1M"
    for tier in model.price.tiers:
        if tier.cached_input is not None:
            price += f"; above {tier.above:,} ${tier.cached_input:g}"
    return price


def _as_json(model: Model) -> dict[str, Any]:
    from dataclasses import asdict

    facts = asdict(model)
    facts["sources"] = {fact: asdict(source) for fact, source in model.sources}
    return facts
