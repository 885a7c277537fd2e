"""``models``: limits, tokenizers and prices of models."""

from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from ctxtools.models import Model, Registry
from ctxtools.services.mcp.pages import MAX_TOKENS, Answer
from ctxtools.services.mcp.results import ModelsResult
from ctxtools.services.mcp.server import Job, server_of
from ctxtools.services.mcp.tools import arguments as arg


async def models(
    context: Context[Any, Any],
    find: Annotated[
        list[str] | None,
        Field(description="Names, or words that names have; default: common models", max_length=50),
    ] = None,
    max_tokens: arg.MaxTokens = MAX_TOKENS,
    cursor: arg.Cursor = "",
) -> Annotated[CallToolResult, ModelsResult]:
    """Context windows, limits, tokenizers and prices of models."""

    def work(job: Job) -> Answer:
        found = _find(find or [], job.registry)
        lists = {"models": [_entry(each) for each in found]}
        return Answer(job.target().size, {"total_models": len(found)}, lists=lists)

    return await server_of(context).answer(context, work, max_tokens, cursor)


def _find(names: list[str], registry: Registry) -> list[Model]:
    """Models of these names or, if some are none, those that have all of these words."""
    if not names:
        return [*registry]
    exact = [registry.find_exact(name) for name in names]
    if all(exact):
        return [model for model in exact if model]
    return [*registry.search(names)] or [registry.get(name) for name in names]


def _entry(model: Model) -> dict[str, Any]:
    price = model.price
    facts = {
        "vendor": model.vendor or None,
        "context": model.context,
        "max_input": model.max_input,
        "max_output": model.max_output,
        "tokenizer": model.encoding or model.load,
        "price_in": price.input if price else None,
        "price_cached": price.cached_input if price else None,
        "price_out": price.output if price else None,
    }
    return {
        "name": model.name,
        "exact": model.encoding is not None,
        "input": list(model.modalities),
        **{name: value for name, value in facts.items() if value is not None},
    }
