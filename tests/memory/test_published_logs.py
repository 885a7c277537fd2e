"""Figures that engines printed, and others published: what follows from the layers alone.

Of hybrids (DeepSeek V4, Qwen3.8) vLLM prints a number that is derived from the longest sequence: it
is within the interval of what is needed, for the tokens in flight that explain it, and no more is
promised. Nor are the pools themselves predicted, of which activations are a part.
"""

import pytest

from ctxtools.memory import get_architecture, plan_memory
from ctxtools.memory.planning.weights import weights_of_device

GIB = 1 << 30

# What printed it; the pool in GiB, tokens, tolerance in percent; how it was run.
LOGS = [
    ("kimi-k2-thinking", 46.80, 715_072, 0.3, {"devices": 8}),
    ("kimi-k2-thinking", 46.80, 5_721_088, 0.3, {"devices": 8, "decode_context_parallel": 8}),
    # The pool is rounded, and that of one of four workers.
    ("qwen3-235b-a22b-fp8", 8.11, 178_880, 1.5, {"devices": 4}),
    ("qwen3-235b-a22b-fp8", 16.46, 367_404, 0.3, {"devices": 4, "engine": "sglang"}),
    ("llama-3.1-8b", 3.81, 31_232, 0.3, {}),
    ("llama-3.1-8b", 2.89, 23_648, 0.3, {}),
    ("llama-3-8b", 19.92, 163_168, 0.3, {}),  # 128 KiB a token; the model is not named
    ("qwen2.5-1.5b", 0.56, 20_992, 0.3, {}),
    ("qwen2.5-1.5b", 33.42, 1_251_440, 0.3, {}),
    ("qwen2.5-0.5b", 15.31, 1_338_016, 0.3, {}),  # 12,288 bytes a token; likewise
]


@pytest.mark.parametrize(("model", "pool", "printed", "percent", "run"), LOGS)
def test_tokens_of_a_pool(
    model: str, pool: float, printed: int, percent: float, run: dict[str, object]
) -> None:
    size = round(pool * GIB)
    plan = plan_memory(model, "h200", context=1000, cache_memory=size, **run)  # type: ignore[arg-type]
    assert plan.max_context
    assert plan.max_context.low == plan.max_context.high
    assert plan.max_context.typical == pytest.approx(printed, rel=percent / 100)


def test_caches_of_a_worker() -> None:
    plan = plan_memory("qwen3-235b-a22b", "h100", 4, 1000)
    assert plan.caches.per_token == 48_128


def test_weights_of_llama_in_int8() -> None:
    term = weights_of_device(get_architecture("llama-3.1-70b"), dtype="int8")
    assert term.interval.typical / GIB == pytest.approx(67.7229, rel=0.003)


@pytest.mark.parametrize(
    ("model", "devices", "gib"),
    [
        ("gpt-oss-120b", 1, 65.9651),
        ("gpt-oss-20b", 1, 13.7153),
        ("mistral-7b", 1, 13.5084),
        ("qwen3-30b-a3b", 2, 28.4767),
        ("llama-3.1-8b", 1, 14.9888),
    ],
)
def test_weights_that_vllm_printed(model: str, devices: int, gib: float) -> None:
    """The engine pads experts in MXFP4, so it holds more than the checkpoint has."""
    term = weights_of_device(get_architecture(model), tensor_parallel=devices)
    assert term.interval.typical == pytest.approx(gib * GIB, rel=0.005)
    assert term.interval.low <= gib * GIB <= term.interval.high


@pytest.mark.parametrize(("dtype", "gib"), [("fp8", 14.28), ("nvfp4", 10.64)])
def test_weights_of_qwen(dtype: str, gib: float) -> None:
    """What vLLM reports includes the tower for images, and layers that stay in 16 bits."""
    term = weights_of_device(get_architecture("qwen3.8-27b"), dtype=dtype, tensor_parallel=2)
    assert 0.8 * gib < term.interval.typical / GIB < gib


@pytest.mark.parametrize(
    ("model", "device", "utilization", "gib"),
    [
        ("kimi-k2-thinking", "8xH200", 0.9, 46.80),
        ("qwen3-235b-a22b-fp8", "4xH100", 0.9, 8.11),
        ("llama-3.1-8b", "3090", 0.9, 3.81),
        ("gpt-oss-120b", "H100", 0.95, 1.71),
        ("deepseek-v4-flash", "2xH20", 0.95, 7.01),
    ],
)
def test_the_pool(model: str, device: str, utilization: float, gib: float) -> None:
    """Weights and overhead leave what was printed, within the interval."""
    plan = plan_memory(model, device, context=1000, utilization=utilization)
    assert plan.available.low < gib * GIB < plan.available.high


@pytest.mark.parametrize(
    ("context", "in_flight", "needed"),
    [
        (912_128, 8_192, 7.01 / 1.11),  # the pool over the sequences that it holds
        (121_344, 16_384, 7.71 / 1.24),
        (30_000, 16_384, 6.66),
        (13_528, 16_384, 5.44),
    ],
)
def test_what_a_sequence_of_deepseek_v4_flash_needs(
    context: int, in_flight: int, needed: float
) -> None:
    plan = plan_memory("deepseek-v4-flash", "h20", 2, context, in_flight_tokens=in_flight)
    interval = plan.term("needed").interval
    assert interval.low <= needed * GIB <= interval.high


@pytest.mark.parametrize(
    ("model", "kv_dtype", "tokens"),
    [("qwen3.8-27b", "bf16", 784), ("qwen3.8-27b", "fp8", 1568), ("qwen3.5-35b-a3b", "fp8", 2096)],
)
def test_pages_of_hybrids(model: str, kv_dtype: str, tokens: int) -> None:
    """vLLM logs "Setting attention block size to 784 tokens", for a page as large as a state."""
    plan = plan_memory(model, "h200", context=1000, kv_dtype=kv_dtype)
    (growing,) = [each for each in plan.caches.all if each.growth == "token"]
    assert growing.page_tokens == tokens
