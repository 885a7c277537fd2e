"""``memory``: whether a model, and sequences of a length, fit some accelerators."""

import os
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp_types import CallToolResult
from pydantic import Field

from ctxtools.errors import UnknownModelError
from ctxtools.memory import (
    Architecture,
    MemoryPlan,
    get_architecture,
    list_architectures,
    plan_memory,
)
from ctxtools.memory.architectures import lookup_name
from ctxtools.memory.planning.engines import Engine
from ctxtools.models import Interval
from ctxtools.models.names import LONGEST_NAME, bare_name
from ctxtools.services.mcp.pages import MAX_TOKENS, Answer, Lists
from ctxtools.services.mcp.results import MemoryResult
from ctxtools.services.mcp.server import Job, server_of
from ctxtools.services.mcp.tools import arguments as arg
from ctxtools.suggestions import closest_match


async def memory(
    context: Context[Any, Any],
    model: Annotated[str, Field(description="An open model")],
    device: Annotated[str, Field(description="h100:8, ascend-910c:16 or 96GB:8")],
    tokens: Annotated[
        int | str | None, Field(description="Of each sequence: 32k, 1M; default: the model's")
    ] = None,
    sequences: Annotated[int, Field(description="At once", ge=1)] = 1,
    dtype: Annotated[str | None, Field(description="Of weights: fp8, int4, …")] = None,
    kv_dtype: Annotated[str | None, Field(description="Of the KV cache")] = None,
    engine: Engine = "vllm",
    max_tokens: arg.MaxTokens = MAX_TOKENS,
    cursor: arg.Cursor = "",
) -> Annotated[CallToolResult, MemoryResult]:
    """Whether an open model's weights and KV cache fit accelerators, term by term."""

    def work(job: Job) -> Answer:
        try:
            plan = plan_memory(
                _named(model),
                device,
                context=tokens,
                sequences=sequences,
                dtype=dtype,
                kv_dtype=kv_dtype,
                engine=engine,
            )
        except UnknownModelError as error:  # its hint may ask for files
            raise UnknownModelError(error.message, hint=_meant(bare_name(model))) from None
        return _answer(plan, job)

    return await server_of(context).answer(context, work, max_tokens, cursor)


def _named(name: str) -> str | Architecture:
    """A model by its name alone; the files of one are not read for a client.

    Raises:
        UnknownModelError: the layers of no such model are known.
    """
    bare = bare_name(name)
    found = get_architecture(bare)
    is_path = "\0" in bare or os.path.lexists(bare) or bare.endswith((".json", ".gguf"))
    return found if is_path else bare


def _meant(name: str) -> str:
    known = [lookup_name(each.name) for each in list_architectures()]
    return closest_match(name[:LONGEST_NAME], known) or f"there are {', '.join(known)}"


def _answer(plan: MemoryPlan, job: Job) -> Answer:
    limits = {"max_context": plan.max_context, "max_sequences": plan.max_sequences}
    facts = {
        "fits": plan.fits,
        "model": plan.model,
        "device": plan.device.name,
        "devices": plan.devices,
        "engine": plan.engine,
        "context": plan.context,
        "sequences": plan.sequences,
        **{name: _ends(each) for name, each in limits.items() if each is not None},
    }
    lists: Lists = {
        "terms": [
            {
                "use": each.use,
                **_ends(each.interval),
                "formula": each.formula,
                "basis": each.basis,
            }
            for each in plan.terms
        ],
        "alternatives": [
            {
                "condition": each.condition,
                "fits": each.fits,
                **({} if each.max_context is None else {"max_context": _ends(each.max_context)}),
            }
            for each in plan.alternatives
        ],
        "notes": list(plan.notes),
    }
    return Answer(job.target().size, facts, lists=lists)


def _ends(interval: Interval) -> dict[str, int]:
    return {"low": interval.low, "high": interval.high}
