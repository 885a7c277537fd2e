"""``plan_memory``: whether a model, and sequences of a length, fit some accelerators.

All arithmetic is of integers, so "the longest context that fits" is exactly that, by these figures.
"""

import os
from typing import SupportsIndex

from ctxtools.checks import check_choice, check_integer, check_type
from ctxtools.memory.architecture import Architecture
from ctxtools.memory.checkpoint import size_of_weights
from ctxtools.memory.devices import MAX_DEVICES, Device
from ctxtools.memory.planning.alternatives import alternatives
from ctxtools.memory.planning.arguments import (
    bytes_of,
    cache_formats,
    check_split,
    context_of,
    dtype_of,
    find_device,
    find_model,
    overridden,
    split_devices,
)
from ctxtools.memory.planning.engines import Engine, engine_defaults
from ctxtools.memory.planning.explain import lacking_formats, notes, terms
from ctxtools.memory.planning.plan import MemoryPlan
from ctxtools.memory.planning.request import MAX_CONTEXT, Setting
from ctxtools.memory.planning.solve import solve


def plan_memory(
    model: str | os.PathLike[str] | Architecture,
    device: str | Device,
    devices: SupportsIndex | None = None,
    context: SupportsIndex | str | None = None,
    *,
    sequences: SupportsIndex = 1,
    dtype: str | None = None,
    kv_dtype: str | None = None,
    indexer_dtype: str | None = None,
    weights: int | str | os.PathLike[str] | None = None,
    tensor_parallel: SupportsIndex | None = None,
    data_parallel: SupportsIndex | None = None,
    expert_parallel: bool = False,
    decode_context_parallel: SupportsIndex = 1,
    engine: Engine = "vllm",
    utilization: float | None = None,
    block_size: SupportsIndex | None = None,
    in_flight_tokens: SupportsIndex | None = None,
    overhead: int | str | None = None,
    cache_memory: int | str | None = None,
) -> MemoryPlan:
    """Plan the memory of a model on some accelerators.

    Args:
        model: a model by name, one that `list_architectures` has; or a ``config.json`` or the
            folder of a model, whose weights are measured; or what `architecture_of` returned.
        device: an accelerator by name, one that `list_devices` has, or its memory: ``"96GB"``;
            ``"h100:8"`` and ``"8xH100"`` are eight.
        devices: how many there are. By default what ``device`` says, or as many as the parallelism
            needs, or one.
        context: tokens of each sequence, input and output; an int or a size such as ``"1M"``. By
            default as many as the model takes by its configuration.
        sequences: how many there are at once.
        dtype: the format of weights: ``"fp8"``, ``"int4"`` and others. By default that of the
            published checkpoint, or what the model's name says.
        kv_dtype: the format of keys and values. By default bf16; fp8 where the engine stores
            sparse or compressed caches so, and the device has it.
        indexer_dtype: the format of indexers' keys. By default fp8, or bf16 beside bf16 entries.
        weights: bytes of all weights, or a path of their files, instead of what is computed.
        tensor_parallel: devices that share each layer. By default all of a group, and of all
            devices as many as split the heads evenly, since engines refuse others.
        data_parallel: groups of devices, each with sequences of its own.
        expert_parallel: experts are distributed over all devices, not split.
        decode_context_parallel: devices of a group that share the tokens of a cache.
        engine: ``"vllm"`` or ``"sglang"``, whose defaults and pages are taken.
        utilization: the share of the memory that the engine may use: gpu_memory_utilization or
            mem_fraction_static.
        block_size: tokens of a page.
        in_flight_tokens: tokens that are scheduled and not settled, for which windows reserve:
            twice max_num_batched_tokens in vLLM.
        overhead: bytes of activations and others on a device, instead of an interval.
        cache_memory: bytes for caches on a device, as an engine prints them, instead of what
            weights and overhead leave.

    Returns:
        The plan. Its terms are bytes on each device.

    Raises:
        UsageError: an argument cannot be used.
        UnknownModelError: no model of that name is known.
        ReadError: a file of the model cannot be read.
        FormatError: it is not what it should be; the message names the field.
    """
    check_choice("engine", engine, Engine)
    check_type("expert_parallel", expert_parallel, bool)
    found = find_model(model)
    architecture = found.architecture
    accelerator, count = find_device(device, devices)
    tensor, groups = split_devices(
        count, tensor_parallel, data_parallel, accelerator.devices, architecture.heads
    )
    split = check_integer("decode_context_parallel", decode_context_parallel, 1, MAX_DEVICES)
    check_split(architecture, tensor, split)
    remarks: list[str] = []
    if groups > 1 and tensor_parallel is None and data_parallel is None:
        remarks.append(
            f"Engines split {architecture.heads} heads evenly: the {tensor * groups} devices are "
            f"taken to be {groups} groups of {tensor}, each with sequences of its own."
        )
    kv, index = cache_formats(architecture, accelerator, kv_dtype, indexer_dtype, remarks)
    weight_dtype = dtype_of(dtype, found, remarks)
    memory = accelerator.memory[0]
    setting = Setting(
        architecture=architecture,
        engine=engine,
        context=context_of(context, architecture),
        sequences=check_integer("sequences", sequences, 1, MAX_CONTEXT),
        kv_dtype=kv,
        indexer_dtype=index,
        dtype=weight_dtype,
        measured=None if weights is None else size_of_weights(weights),
        overhead=None if overhead is None else bytes_of(overhead, "overhead"),
        split=split,
        expert_parallel=expert_parallel,
        converts=weight_dtype is None and bool(lacking_formats(architecture, accelerator)),
        defaults=overridden(
            engine_defaults(engine, architecture, accelerator.name, memory.size),
            utilization,
            block_size,
            in_flight_tokens,
        ),
    )
    pool = None if cache_memory is None else bytes_of(cache_memory, "cache_memory")
    asked = setting.request(tensor, groups)
    solved = solve(asked, memory.size, pool)
    others = () if pool is not None else alternatives(setting, accelerator, tensor, groups)
    return MemoryPlan(
        model=found.name,
        architecture=architecture,
        device=accelerator,
        devices=tensor * groups,
        engine=engine,
        context=setting.context,
        sequences=setting.sequences,
        tensor_parallel=tensor,
        data_parallel=groups,
        decode_context_parallel=split,
        kv_dtype=kv,
        indexer_dtype=index,
        block_size=setting.defaults.block_size,
        in_flight_tokens=setting.defaults.in_flight_tokens,
        caches=asked.caches,
        terms=tuple(terms(asked, memory, solved, pool)),
        fits=solved.fits,
        max_context=solved.max_context,
        max_sequences=solved.max_sequences,
        alternatives=tuple(others),
        notes=(*remarks, *notes(asked, accelerator, tensor, engine, weight_dtype)),
    )
