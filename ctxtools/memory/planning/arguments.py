"""The arguments of `plan_memory`, checked and completed."""

import os
import re
from fractions import Fraction
from typing import NamedTuple, SupportsIndex

from ctxtools.checks import check_integer, check_type, shown
from ctxtools.errors import UsageError
from ctxtools.memory.architecture import Architecture
from ctxtools.memory.architectures import find_architecture, format_in_name, get_architecture
from ctxtools.memory.checkpoint import parse_bytes
from ctxtools.memory.configs.read import architecture_of
from ctxtools.memory.devices import MAX_DEVICES, Device, parse_device
from ctxtools.memory.formats import weight_format
from ctxtools.memory.layers import Attention
from ctxtools.memory.planning.engines import Defaults
from ctxtools.memory.planning.request import MAX_CONTEXT
from ctxtools.units import parse_size


class Found(NamedTuple):
    """A model, and what it is called.

    Attributes:
        name: as it was asked for, or of its files.
        architecture: its layers and weights.
        is_named: whether the packaged table has it by this name, which may say a format.
    """

    name: str
    architecture: Architecture
    is_named: bool = False


def find_model(model: str | os.PathLike[str] | Architecture) -> Found:
    """A model: by its files, or by its name."""
    if isinstance(model, Architecture):
        return Found(model.name, model)
    if not isinstance(model, os.PathLike):
        check_type("model", model, str)
        if not _is_path(model):
            if known := find_architecture(model):
                return Found(model, known, is_named=True)
            if not _exists(model):
                return Found(model, get_architecture(model))
    found = architecture_of(model)
    return Found(found.name, found)


def _is_path(model: str) -> bool:
    """Whether this is a path; names may have slashes, too, and folders the names of models."""
    if model in (".", "..") or model.endswith((".json", ".gguf", ".safetensors")):
        return True
    if os.sep in model or "/" in model:
        return _exists(model)
    return bool(model) and _exists(os.path.join(model, "config.json"))


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)
    except ValueError:  # a NUL in the name
        return False


def dtype_of(dtype: str | None, model: Found, notes: list[str]) -> str | None:
    """The format of all weights that was asked for; None for that of the checkpoint."""
    if dtype is not None and dtype != "auto":
        return weight_format(dtype)
    if not model.is_named:
        return None
    said, published = format_in_name(model.name), model.architecture.routed_format
    if said == published:
        return None
    if said:
        notes.append(f"The weights are taken to be in {said}, as the model's name says.")
    elif re.search(r"[-_/]gguf\b", model.name, re.IGNORECASE):
        notes.append(
            "Which quantization the GGUF file has is not said: the weights are taken to be in "
            f"{published}. A dtype such as q4_k says which it is."
        )
    return said


def context_of(context: SupportsIndex | str | None, architecture: Architecture) -> int:
    """Tokens of a sequence: a number, or a size such as ``"1M"``; None is the model's own limit."""
    if context is None:
        if architecture.context is None:
            raise UsageError(
                f"the longest context of {architecture.name} is unknown", hint="give a context"
            )
        return architecture.context
    if isinstance(context, str):
        context = parse_size(context, "context")
    return check_integer("context", context, 1, MAX_CONTEXT)


def bytes_of(value: int | str, name: str) -> int:
    """A number of bytes, or a size such as ``"6GB"``."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise UsageError(f"{name} must be bytes or a size such as '6GB', got {shown(value, 40)}")
    return parse_bytes(value, name)


def find_device(device: str | Device, devices: SupportsIndex | None) -> tuple[Device, int | None]:
    """An accelerator, and how many of it; None if nothing says so."""
    count = None if devices is None else check_integer("devices", devices, 1, MAX_DEVICES)
    if isinstance(device, Device):
        return device, count
    found, stated = parse_device(device, "device")
    if count and stated and count != stated:
        raise UsageError(f"devices is {count}, and device {device!r:.60} says {stated}")
    return found, count or stated


def split_devices(
    count: int | None,
    tensor_parallel: SupportsIndex | None,
    data_parallel: SupportsIndex | None,
    each: int = 1,
    heads: int = 0,
) -> tuple[int, int]:
    """Devices of a group, and groups.

    Args:
        count: packages or nodes; None if only the parallelism says how many there are.
        tensor_parallel: devices of a group; None for all, or as many as split the heads evenly.
        data_parallel: groups; None for as many as there are.
        each: devices of a package or a node.
        heads: of the model; 0 if unknown.
    """
    tensor = groups = None
    if tensor_parallel is not None:
        tensor = check_integer("tensor_parallel", tensor_parallel, 1, MAX_DEVICES)
    if data_parallel is not None:
        groups = check_integer("data_parallel", data_parallel, 1, MAX_DEVICES)
    given = (tensor or 1) * (groups or 1)
    all_of_them = each * (count or -(-given // each))
    if all_of_them % given or (tensor and groups and all_of_them != given):
        asked = [f"tensor_parallel {tensor}"] if tensor else []
        asked += [f"data_parallel {groups}"] if groups else []
        raise UsageError(
            f"{' and '.join(asked)} cannot be had of {all_of_them} "
            f"{'device' if all_of_them == 1 else 'devices'}",
            hint="tensor_parallel times data_parallel is the number of devices",
        )
    tensor = tensor or all_of_them // (groups or 1)
    if tensor_parallel is None and groups is None and heads:
        divisors = (n for n in range(min(all_of_them, heads), 0, -1) if not all_of_them % n)
        tensor = next(n for n in divisors if not heads % n)
    return tensor, all_of_them // tensor


def check_split(architecture: Architecture, tensor: int, split: int) -> None:
    """Devices that share the tokens of a cache are those that would hold copies of it."""
    heads = [each.kv_heads for each in architecture.layers if isinstance(each, Attention)]
    copies = tensor // max(heads) if heads else tensor
    if split > 1 and (tensor % split or copies < split):
        raise UsageError(
            f"decode_context_parallel is {split}, and {max(copies, 1)} of {tensor} devices hold "
            "the same cache",
            hint="it divides tensor_parallel, and replaces copies of a cache",
        )


def overridden(
    defaults: Defaults,
    utilization: float | None,
    block_size: SupportsIndex | None,
    in_flight_tokens: SupportsIndex | None,
) -> Defaults:
    if utilization is not None:
        if isinstance(utilization, bool) or not isinstance(utilization, int | float):
            raise UsageError(f"utilization must be a number, got {shown(utilization, 40)}")
        if not 0 < utilization <= 1:
            raise UsageError(
                f"utilization must be above 0 and at most 1, got {shown(utilization, 40)}",
                hint="0.9 is nine tenths of the memory",
            )
        defaults = defaults._replace(
            utilization=Fraction(utilization).limit_denominator(10**6), source="as given"
        )
    if block_size is not None:
        defaults = defaults._replace(block_size=check_integer("block_size", block_size, 1, 1 << 20))
    if in_flight_tokens is not None:
        tokens = check_integer("in_flight_tokens", in_flight_tokens, 0, MAX_CONTEXT)
        defaults = defaults._replace(in_flight_tokens=tokens)
    return defaults


def cache_formats(
    architecture: Architecture,
    device: Device,
    kv_dtype: str | None,
    indexer_dtype: str | None,
    remarks: list[str],
) -> tuple[str, str]:
    """The formats of keys and values, and of indexers' keys."""
    has_fp8 = not device.lacks("fp8")
    if kv_dtype in (None, "auto") and architecture.is_packed and not has_fp8:
        remarks.append(
            f"Engines do not keep FP8 on {device.name} (from memory): the caches are taken to "
            "be in bf16. In fp8 they would take little more than half."
        )
    return architecture.cache_formats(kv_dtype, indexer_dtype, has_fp8=has_fp8)
