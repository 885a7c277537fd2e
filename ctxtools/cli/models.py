"""``ctx models``: what is known of models, and importing more."""

from decimal import Decimal
from typing import Annotated, Any

import typer

from ctxtools.cli import options as opt
from ctxtools.models import Model


def models(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]... | import FILE",
            help="Models to describe; or 'import' and a file: litellm's JSON or models.dev's "
            "api.json, whose models are added to your configuration.",
            show_default=False,
        ),
    ] = None,
    as_json: opt.Json = False,
    color: opt.Colors = None,
) -> None:
    """List models with their limits, tokenizers and prices, or describe some."""
    from ctxtools.cli import output
    from ctxtools.config import load_config

    if names and names[0] == "import":
        _import(names[1:])
        return
    config = load_config()
    registry = config.registry()
    chosen = [registry.get(name) for name in names] if names else list(registry)
    if as_json:
        output.print_json([_as_json(model) for model in chosen])
    elif names:
        for model in chosen:
            _describe(model)
    else:
        output.console(color or config.color).print(_table(chosen))


def _import(files: list[str]) -> None:
    from ctxtools.config import imported_models_file
    from ctxtools.errors import UsageError
    from ctxtools.models.importers import import_models, write_models

    if len(files) != 1:
        raise UsageError("import takes one file", hint="ctx models import api.json")
    found = import_models(files[0])
    target = imported_models_file()
    write_models(found, target)
    print(f"{len(found):,} models from {files[0]} are now in {target}")


def _table(models: list[Model]) -> Any:
    from ctxtools.cli import output

    left = ["Model", "Tokenizer", "Input"]
    grid = output.table(
        "Model", "Context", "Max output", "Tokenizer", "Input", "$/1M in", "out", left=left
    )
    for model in models:
        price = model.price
        grid.add_row(
            model.name,
            f"{model.context:,}" if model.context is not None else "?",
            f"{model.max_output:,}" if model.max_output is not None else "?",
            _tokenizer(model),
            ", ".join(model.modalities),
            f"{Decimal(str(price.input)):f}" if price else "",
            f"{Decimal(str(price.output)):f}" if price else "",
        )
    return grid


def _tokenizer(model: Model) -> str:
    if model.encoding:
        return model.encoding
    return "closed (~)" if model.closed else (model.load or "unknown")


def _describe(model: Model) -> None:
    """Every fact of a model on its own line, with its source."""
    facts: dict[str, tuple[str, str]] = {
        "context": (_tokens(model.context), "context"),
        "max input": (_tokens(model.max_input) if model.max_input else "", "max_input"),
        "max output": (_tokens(model.max_output), "max_output"),
        "tokenizer": (_tokenizer(model), "encoding"),
        "input": (", ".join(model.modalities), "modalities"),
        "price": (_price(model), "price"),
    }
    print(f"{model.name}{f'  ({model.vendor})' if model.vendor else ''}")
    for name, (value, fact) in facts.items():
        if value:
            source = model.source_of(fact)
            when = f", {source.date}" if source.date else ""
            where = f"[{source.title}{when}]" if source.title else ""
            print(f"  {name:11} {value:32} {where}".rstrip())
    if model.estimate:
        estimate = model.estimate
        factors = f"{estimate.typical} ({estimate.low}–{estimate.high})"
        print(f"  {'estimate':11} ~{factors} × {estimate.encoding}: {estimate.basis}")
    if model.aliases:
        print(f"  {'aliases':11} {', '.join(model.aliases)}")
    if model.notes:
        print(f"  {'notes':11} {model.notes}")


def _tokens(limit: int | None) -> str:
    return "unknown" if limit is None else f"{limit:,} tokens"


def _price(model: Model) -> str:
    if not model.price:
        return ""
    price = f"${model.price.input:g} in, ${model.price.output:g} out per 1M"
    for tier in model.price.tiers:
        price += f"; above {tier.above:,} ${tier.input:g} and ${tier.output:g}"
    return f"{price} ({model.price.note})" if model.price.note else price


def _as_json(model: Model) -> dict[str, Any]:
    from dataclasses import asdict

    facts = asdict(model)
    facts["sources"] = {fact: asdict(source) for fact, source in model.sources}
    return facts
