"""The arguments of `plan_memory`, checked and completed."""

import os
from fractions import Fraction
from typing import SupportsIndex

from ctxtools.checks import check_integer, check_type, shown
from ctxtools.errors import UsageError
from ctxtools.memory.architecture import Architecture
from ctxtools.memory.architectures import find_architecture, format_in_name, get_architecture
from ctxtools.memory.configs.read import architecture_of
from ctxtools.memory.devices import MAX_DEVICES, Device
from ctxtools.memory.engines import Defaults
from ctxtools.memory.formats import indexer_format, kv_format, weight_format
from ctxtools.memory.layers import Attention
from ctxtools.memory.solve import MAX_CONTEXT
from ctxtools.units import parse_size


def find_model(model: str | os.PathLike[str] | Architecture) -> tuple[str, Architecture]:
    """A model and what it is called: by its files, or by its name."""
    if isinstance(model, Architecture):
        return model.name, model
    if not isinstance(model, os.PathLike):
        check_type("model", model, str)
        if not _is_path(model):
            if known := find_architecture(model):
                return model, known
            if not _exists(model):
                return model, get_architecture(model)
    found = architecture_of(model)
    return found.name, found


def _is_path(model: str) -> bool:
    """Whether this can only be a path; names may have slashes, too."""
    if model in (".", "..") or model.endswith((".json", ".gguf", ".safetensors")):
        return True
    return (os.sep in model or "/" in model) and _exists(model)


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)
    except ValueError:  # a NUL in the name
        return False


def dtype_of(
    dtype: str | None, model: str | os.PathLike[str] | Architecture, notes: list[str]
) -> str | None:
    if dtype is not None:
        return weight_format(dtype)
    said = format_in_name(model) if isinstance(model, str) and not _exists(model) else None
    if said:
        notes.append(f"The weights are taken to be in {said}, as the model's name says.")
    return weight_format(said) if said else None


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
    return parse_size(value, name, whole=False)


def split_devices(
    count: int, tensor_parallel: SupportsIndex | None, data_parallel: SupportsIndex | None
) -> tuple[int, int]:
    """Devices of a group, and groups."""
    groups = None
    if data_parallel is not None:
        groups = check_integer("data_parallel", data_parallel, 1, MAX_DEVICES)
    if tensor_parallel is not None:
        tensor = check_integer("tensor_parallel", tensor_parallel, 1, MAX_DEVICES)
        groups = groups or max(count // tensor, 1)
    else:
        groups = groups or 1
        tensor = max(count // groups, 1)
    if tensor * groups != count:
        raise UsageError(
            f"{count} devices cannot be {groups} groups of {tensor}",
            hint="tensor_parallel times data_parallel is the number of devices",
        )
    return tensor, groups


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
    if kv_dtype is not None:
        kv: str = kv_format(kv_dtype)
    else:
        kv = "fp8_ds_mla" if architecture.is_packed and has_fp8 else "bf16"
        if architecture.is_packed and not has_fp8:
            remarks.append(
                f"Engines do not keep FP8 on {device.name} (from memory): the caches are taken to "
                "be in bf16. In fp8 they would take little more than half."
            )
    if indexer_dtype is not None:
        return kv, indexer_format(indexer_dtype)
    return kv, "fp8" if has_fp8 or kv != "bf16" else "bf16"
