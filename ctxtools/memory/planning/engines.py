"""What inference engines do with memory by default.

Sources: vLLM 0.33 (config/cache.py, config/vllm.py, engine/arg_utils.py, the backends of
v1/attention) and SGLang 0.5.23 (srt/arg_groups/memory_hook.py).
"""

from fractions import Fraction
from typing import Literal, NamedTuple

from ctxtools.memory.architecture import Architecture
from ctxtools.memory.caches import Storage

Engine = Literal["vllm", "sglang"]

_GIB = 1 << 30
_VLLM_UTILIZATION = Fraction(92, 100)
_VLLM_BATCHES = 2  # at once, since scheduling runs ahead
_SGLANG_RESERVE = 512 << 20  # bytes, beside what a prefill takes
_SGLANG_PER_TOKEN = 3 << 19  # bytes of activations for a token of a prefill: 1.5 MiB


class Defaults(NamedTuple):
    """What an engine does unless it is told otherwise.

    Attributes:
        utilization: the share of a device's memory that it may use.
        in_flight_tokens: tokens that are scheduled and not yet settled, for which windows reserve.
        block_size: tokens of a page.
        includes_overhead: whether activations count against the share.
        source: where that is from.
    """

    utilization: Fraction
    in_flight_tokens: int
    block_size: int
    includes_overhead: bool
    source: str


def engine_defaults(
    engine: Engine, architecture: Architecture, device: str, memory: int
) -> Defaults:
    """The defaults of an engine for a model on a device with so many bytes of memory."""
    compressed = architecture.is_compressed
    if engine == "vllm":
        block = 256 if compressed else (64 if architecture.has_latents else 16)
        in_flight = _VLLM_BATCHES * _vllm_batch(device, memory)
        return Defaults(_VLLM_UTILIZATION, in_flight, block, True, "vLLM 0.33")
    block = 256 if compressed else (64 if architecture.is_sparse else 1)
    return Defaults(_sglang_share(memory), 0, block, False, "SGLang 0.5.23")


def storage_of(
    engine: Engine, kv_dtype: str, indexer_dtype: str, tensor_parallel: int, block_size: int
) -> Storage:
    """How an engine stores caches."""
    is_vllm = engine == "vllm"
    return Storage(
        kv_dtype,
        indexer_dtype,
        tensor_parallel,
        block_size,
        aligned=is_vllm,
        spare_page=is_vllm,
        shared_pages=is_vllm,
    )


def _vllm_batch(device: str, memory: int) -> int:
    """Tokens of a batch."""
    if memory >= 160 * _GIB:
        return 16_384
    # An A100 has the smallest batch whatever its memory: larger ones were slower on it.
    return 8_192 if memory >= 70 * _GIB and not device.startswith("a100") else 2_048


def _sglang_share(memory: int) -> Fraction:
    """What is left when a prefill has what it takes; graphs are not in this."""
    if memory < 20 * _GIB:
        chunk = 2_048
    elif memory < 60 * _GIB:
        chunk = 4_096
    else:
        chunk = 8_192 if memory < 160 * _GIB else 16_384
    reserve = _SGLANG_RESERVE + chunk * _SGLANG_PER_TOKEN
    if memory > 60 * _GIB:
        reserve = max(reserve, 10 * _GIB)
    return max(Fraction(memory - reserve, max(memory, 1)), Fraction(0))
