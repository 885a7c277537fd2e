"""``plan_memory``: whether a model, and sequences of a length, fit some accelerators.

All arithmetic is of integers, so "the longest context that fits" is exactly that, by these figures.
"""

import os
from collections.abc import Callable, Iterator
from typing import SupportsIndex

from ctxtools.checks import check_choice, check_integer, check_type
from ctxtools.memory.architecture import Architecture
from ctxtools.memory.arguments import (
    bytes_of,
    cache_formats,
    check_split,
    context_of,
    dtype_of,
    find_model,
    overridden,
    split_devices,
)
from ctxtools.memory.caches import caches_of
from ctxtools.memory.checkpoint import size_of_weights
from ctxtools.memory.devices import MAX_DEVICES, Device, get_device
from ctxtools.memory.engines import Engine, engine_defaults, storage_of
from ctxtools.memory.explain import lacking_formats, notes, terms
from ctxtools.memory.plan import Alternative, MemoryPlan
from ctxtools.memory.solve import MAX_CONTEXT, Request, solve
from ctxtools.memory.weights import weights_of_device

_FACTORS = (2, 4, 8, 16)  # by how many times more devices may be suggested


def plan_memory(
    model: str | os.PathLike[str] | Architecture,
    device: str | Device,
    devices: SupportsIndex = 1,
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
        device: an accelerator by name, one that `list_devices` has, or its memory: ``"96GB"``.
        devices: how many there are.
        context: tokens of each sequence, input and output; an int or a size such as ``"1M"``. By
            default as many as the model takes by its configuration.
        sequences: how many there are at once.
        dtype: the format of weights: ``"fp8"``, ``"int4"`` and others. By default that of the
            published checkpoint, or what the model's name says.
        kv_dtype: the format of keys and values. By default bf16; fp8 where the engine stores
            sparse or compressed caches so, and the device has it.
        indexer_dtype: the format of indexers' keys. By default fp8, or bf16 beside bf16 entries.
        weights: bytes of all weights, or a path of their files, instead of what is computed.
        tensor_parallel: devices that share each layer. By default all of a group.
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
    name, architecture = find_model(model)
    accelerator = device if isinstance(device, Device) else get_device(device)
    count = check_integer("devices", devices, 1, MAX_DEVICES)
    tensor, groups = split_devices(count, tensor_parallel, data_parallel)
    split = check_integer("decode_context_parallel", decode_context_parallel, 1, MAX_DEVICES)
    check_split(architecture, tensor, split)
    memory = accelerator.memory[0].size
    defaults = overridden(
        engine_defaults(engine, architecture, memory), utilization, block_size, in_flight_tokens
    )
    remarks: list[str] = []
    kv, index = cache_formats(architecture, accelerator, kv_dtype, indexer_dtype, remarks)
    tokens = context_of(context, architecture)
    of_all = check_integer("sequences", sequences, 1, MAX_CONTEXT)
    weight_dtype = dtype_of(dtype, model, remarks)
    measured = None if weights is None else size_of_weights(weights)
    reserved = None if overhead is None else bytes_of(overhead, "overhead")
    converts = weight_dtype is None and bool(lacking_formats(architecture, accelerator))

    def request(tensor: int, groups: int, format: str | None = weight_dtype) -> Request:
        storage = storage_of(engine, kv, index, tensor, defaults.block_size)
        held = weights_of_device(
            architecture,
            dtype=format,
            measured=measured,
            tensor_parallel=tensor,
            data_parallel=groups,
            expert_parallel=expert_parallel,
            converts=converts and format is None,
        )
        caches = caches_of(architecture.layers, storage)
        return Request(
            architecture, tokens, of_all, caches, held, reserved, split, groups, defaults
        )

    pool = None if cache_memory is None else bytes_of(cache_memory, "cache_memory")
    asked = request(tensor, groups)
    solved = solve(asked, memory, pool)
    others = [] if pool is not None else [*_alternatives(request, accelerator, tensor, groups)]
    if not solved.fits and pool is None and weight_dtype is None and measured is None:
        smaller = _smaller_format(architecture, accelerator)
        others += _with_format(request(tensor, groups, smaller), memory, smaller)
    return MemoryPlan(
        name,
        architecture,
        accelerator,
        count,
        engine,
        tokens,
        of_all,
        tensor,
        groups,
        split,
        kv,
        index,
        defaults.block_size,
        defaults.in_flight_tokens,
        asked.caches,
        tuple(terms(asked, accelerator.memory[0], solved, pool)),
        solved.fits,
        solved.max_context,
        solved.max_sequences,
        tuple(others),
        (*remarks, *notes(asked, accelerator, tensor, engine, weight_dtype)),
    )


def _alternatives(
    request: Callable[[int, int], Request], device: Device, tensor: int, groups: int
) -> Iterator[Alternative]:
    """The plan by what other sources say of the device, and with the sequences distributed."""
    first, *others = device.memory
    asked = request(tensor, groups)
    packaged = 0

    def alternative(condition: str, what: Request, memory: int) -> Alternative:
        solved = solve(what, memory)
        return Alternative(condition, solved.fits, solved.max_context, solved.max_sequences)

    for each in others:
        ratio = each.size // first.size
        if each.kind == "package":
            packaged = ratio
            more = request(tensor * ratio, groups)
            condition = (
                f"if the {tensor * groups} are packages, of {ratio} devices and "
                f"{each.size / 10**9:g} GB each"
            )
            yield alternative(condition, more, first.size)
        elif each.size != first.size:
            condition = f"with {each.size / 10**9:.4g} GB a device ({each.source})"
            yield alternative(condition, asked, each.size)
    if asked.architecture.has_latents and tensor > 1 and asked.split == 1:
        condition = f"with data parallel {tensor * groups}, each device with sequences of its own"
        found = alternative(condition, request(1, tensor * groups), first.size)
        if found.fits is not False:
            yield found
    for factor, found in _more_devices(request, alternative, first.size, tensor, groups):
        if factor != packaged:
            yield found


def _smaller_format(architecture: Architecture, device: Device) -> str | None:
    """A format of 8 bits that the device has, for weights that were published in 16."""
    if (architecture.routed_format, architecture.dense_format) != ("bf16", "bf16"):
        return None
    return "int8" if device.lacks("fp8") else "fp8"


def _with_format(request: Request, memory: int, format: str | None) -> Iterator[Alternative]:
    if format is None:
        return
    solved = solve(request, memory)
    if solved.fits is not False:
        condition = f"with the weights in {format}"
        yield Alternative(condition, solved.fits, solved.max_context, solved.max_sequences)


def _more_devices(
    request: Callable[[int, int], Request],
    alternative: Callable[[str, Request, int], Alternative],
    memory: int,
    tensor: int,
    groups: int,
) -> Iterator[tuple[int, Alternative]]:
    """The smallest multiples of the devices with which it may fit, and with which it does."""
    heads = request(tensor, groups).architecture.heads
    fits: bool | None = solve(request(tensor, groups), memory).fits
    for factor in _FACTORS:
        more = tensor * factor
        if fits or more * groups > MAX_DEVICES or (heads and heads % more):
            return
        found = alternative(f"with {more * groups:,} devices", request(more, groups), memory)
        if found.fits is not fits:
            yield factor, found
        fits = found.fits
