"""`plan_memory`: its terms add up, and what it says fits does, by brute force."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.errors import UnknownModelError, UsageError
from ctxtools.memory import Architecture, Parameters
from ctxtools.memory.layers import Attention, Compressed, Indexer, Latent, Layers, Linear

COUNTS = st.integers(1, 4)
DIMS = st.sampled_from([1, 16, 64, 100, 128])
LAYERS: st.SearchStrategy[Layers] = st.one_of(
    st.builds(Attention, COUNTS, COUNTS, DIMS, DIMS),
    st.builds(Attention, COUNTS, COUNTS, DIMS, DIMS, st.integers(1, 500), st.booleans()),
    st.builds(Latent, COUNTS, DIMS, DIMS),
    st.builds(Indexer, COUNTS, DIMS, st.booleans()),
    st.builds(
        Compressed, COUNTS, st.sampled_from([0, 4, 128]), st.just(512), st.just(64),
        st.integers(1, 200), st.sampled_from([0, 128]),
    ),
    st.builds(Linear, COUNTS, COUNTS, DIMS, COUNTS, DIMS, st.integers(1, 4)),
)  # fmt: skip
ARCHITECTURES = st.builds(
    lambda layers, total, routed: Architecture(
        "m", tuple(layers), Parameters(total + routed, total, routed, total // 10, total // 5, 7)
    ),
    st.lists(LAYERS, min_size=1, max_size=4),
    st.integers(10, 10**9),
    st.sampled_from([0, 10**6, 10**9]),
)
OPTIONS = st.fixed_dictionaries(
    {
        "engine": st.sampled_from(["vllm", "sglang"]),
        "in_flight_tokens": st.sampled_from([0, 100, 2048]),
        "kv_dtype": st.sampled_from(["bf16", "fp8"]),
        "sequences": st.integers(1, 5),
        "utilization": st.sampled_from([0.5, 0.9, 1.0]),
        "block_size": st.sampled_from([1, 16, 128]),
    }
)


def plan(architecture: Architecture, memory: int, context: int, **options: Any) -> ctx.MemoryPlan:
    return ctx.plan_memory(architecture, f"{memory}B", context=context, **options)


@given(ARCHITECTURES, st.integers(10**6, 10**10), st.integers(1, 10**6), OPTIONS)
@settings(max_examples=100)
def test_terms_add_up(
    architecture: Architecture, memory: int, context: int, options: dict[str, Any]
) -> None:
    made = plan(architecture, memory, context, **options)
    parts = ("tokens", "sequences", "in flight")
    assert made.needed == sum(t.interval.typical for t in made.terms if t.use in parts)
    taken = sum(t.interval.typical for t in made.terms if t.use in ("weights", "overhead"))
    assert made.available.typical == made.term("budget").interval.typical - taken
    assert made.available.low <= made.available.typical <= made.available.high
    needed = made.term("needed").interval
    assert needed.low == made.needed <= needed.high <= 4 * made.needed // 3 + 1
    assert (made.fits is True) == (needed.high <= made.available.low)
    assert (made.fits is False) == (needed.low > made.available.high)
    json.dumps(made.as_json())
    for largest, asked in ((made.max_context, context), (made.max_sequences, made.sequences)):
        if largest:
            assert largest.low <= largest.typical <= largest.high
            assert (asked <= largest.low) == (made.fits is True)
            assert (asked <= largest.high) == (made.fits is not False)


@given(ARCHITECTURES, st.integers(0, 10**7), OPTIONS)
@settings(max_examples=25)
def test_the_longest_context_is_that_of_brute_force(
    architecture: Architecture, pool: int, options: dict[str, Any]
) -> None:
    made = plan(architecture, 10**9, 7, cache_memory=pool, **options)
    if made.max_context is None or made.max_context.high > 300:
        return
    certain = possible = 0
    for context in range(1, 400):
        fits = plan(architecture, 10**9, context, cache_memory=pool, **options).fits
        certain = context if fits else certain
        possible = context if fits is not False else possible
    assert (made.max_context.low, made.max_context.high) == (certain, possible)


@given(ARCHITECTURES, st.integers(10**7, 10**10), st.integers(1, 10**5), OPTIONS)
@settings(max_examples=60)
def test_more_never_fits_less(
    architecture: Architecture, memory: int, context: int, options: dict[str, Any]
) -> None:
    """For the same engine and options; an engine's own defaults may rise with the memory."""
    made = plan(architecture, memory, context, **options)
    larger_ones = [plan(architecture, 2 * memory, context, **options)]
    # The pages of a hybrid depend on how heads divide: rounding may take more on more devices.
    if not any(isinstance(each, Linear) for each in architecture.layers):
        larger_ones += [plan(architecture, memory, context, **options, devices=n) for n in (2, 16)]
    for larger in larger_ones:
        assert larger.available.low >= made.available.low
        assert larger.needed <= made.needed
        assert larger.term("needed").interval.high <= made.term("needed").interval.high
        assert not (made.fits is True and larger.fits is not True)
        assert not (made.fits is None and larger.fits is False)
    assert plan(architecture, memory, context + 1, **options).needed >= made.needed
    more = {**options, "sequences": options["sequences"] + 1}
    assert plan(architecture, memory, context, **more).needed >= made.needed


def test_heads_are_replicated_beyond_their_number() -> None:
    needed = [
        ctx.plan_memory("qwen3-8b", "h100", n, 16_000).term("tokens").interval.typical
        for n in (1, 2, 4, 8, 16)
    ]
    assert needed == [needed[0] // n for n in (1, 2, 4, 8, 8)]


def test_latents_are_on_every_device_unless_their_tokens_are_shared() -> None:
    def needed(**options: Any) -> int:
        return ctx.plan_memory("deepseek-v3", "h200", 8, 64_000, **options).needed

    assert needed() == needed(tensor_parallel=8) == 64_000 * 70_272
    assert needed(decode_context_parallel=8) == 64_000 // 8 * 70_272
    assert needed(data_parallel=8, sequences=8) == needed()


def test_pages() -> None:
    made = ctx.plan_memory("qwen3-8b", "h100", context=17)
    assert (made.block_size, made.needed) == (16, 32 * 147_456)
    assert ctx.plan_memory("qwen3-8b", "h100", context=17, engine="sglang").needed == 17 * 147_456
    assert ctx.plan_memory("deepseek-v3.2", "h100", context=1).block_size == 64
    made = ctx.plan_memory("deepseek-v4-flash", "h100", 4, 256, in_flight_tokens=0)
    assert made.term("tokens").interval.typical == 256 * 3915


def test_a_hybrid_enlarges_its_pages() -> None:
    made = ctx.plan_memory("qwen3.5-27b", "h200", context=1)
    tokens, states = made.term("tokens"), made.term("sequences")
    assert tokens.interval.typical == 784 * 65_536
    assert states.interval.typical == 48 * 784 * 4096  # padded to that page


def test_windows() -> None:
    def needed(context: int, **options: Any) -> int:
        return ctx.plan_memory("gpt-oss-20b", "h100", context=context, **options).needed

    per_token = 24_576
    assert needed(64, in_flight_tokens=0) == 64 * per_token + (64 + 16) * per_token
    assert needed(8192, in_flight_tokens=0) == 8192 * per_token + (128 + 16) * per_token
    assert needed(8192, in_flight_tokens=2048) == needed(8192, in_flight_tokens=0) + (
        2048 * per_token
    )


def test_groups_of_layers_that_do_not_fill_up() -> None:
    """Of Gemma 3, 52 layers with windows are put into 6 groups of the 10 without: 8 are empty."""

    def needed(model: str) -> ctx.Interval:
        return ctx.plan_memory(model, "h200", context=100_000).term("needed").interval

    assert needed("gpt-oss-20b").exact  # 12 and 12
    assert needed("llama-4-scout").exact  # 12 and 36
    windows = 52 * 8192 * 1024
    assert needed("gemma-3-27b").high - needed("gemma-3-27b").low > windows * 8 // 52


def test_default_formats() -> None:
    formats = {
        name: ctx.plan_memory(name, device, context=1).kv_dtype
        for name, device in (
            ("qwen3-8b", "h100"),
            ("deepseek-v3.2", "h200"),
            ("deepseek-v3", "h20"),
        )
    }
    assert [*formats.values()] == ["bf16", "fp8_ds_mla", "bf16"]
    made = ctx.plan_memory("deepseek-v4-pro", "ascend-910c", 16, 1000)
    assert made.kv_dtype == "bf16"
    assert any("do not keep FP8" in note for note in made.notes)


def test_weights_that_are_converted_are_an_interval() -> None:
    made = ctx.plan_memory("deepseek-v4-pro", "ascend-910c", 16, 1000)
    low, high = made.term("weights").interval.low, made.term("weights").interval.high
    assert 50 < low / 10**9 < 60
    assert 98 < high / 10**9 < 105
    given_ = ctx.plan_memory("deepseek-v4-pro", "ascend-910c", 16, 1000, dtype="int8")
    assert 98 < given_.term("weights").interval.low / 10**9 < 102


def test_a_name_says_the_format() -> None:
    plain = ctx.plan_memory("Qwen/Qwen3-8B", "h100", context=1).term("weights").interval.typical
    fp8 = ctx.plan_memory("Qwen/Qwen3-8B-FP8", "h100", context=1)
    assert fp8.term("weights").interval.typical < 0.6 * plain
    assert any("as the model's name says" in note for note in fp8.notes)


def test_experts_are_whole_with_expert_parallelism() -> None:
    def weights(**options: Any) -> int:
        made = ctx.plan_memory("deepseek-v3", "h200", 24, 1000, **options)
        return made.term("weights").interval.typical

    assert weights(expert_parallel=True) / weights() == pytest.approx(11 / (256 / 24), rel=0.01)


def test_disputed_memory_is_an_alternative() -> None:
    made = ctx.plan_memory("qwen3-32b", "mlu590", context=1000)
    assert made.term("memory").interval.typical == 80 * 10**9
    assert any("96 GB" in each.condition for each in made.alternatives)
    assert any("sources disagree" in note for note in made.notes)
    named = ctx.plan_memory("qwen3-32b", "MLU590-96GB", context=1000)
    assert named.term("memory").interval.typical == 96 * 10**9
    made = ctx.plan_memory("deepseek-v4-pro", "ascend-910c", 16, 1_000_000)
    assert made.fits is False
    assert [each.fits for each in made.alternatives] == [None, True]


def test_how_many_devices() -> None:
    def devices(device: str, **options: Any) -> int:
        return ctx.plan_memory("qwen3-8b", device, context=1000, **options).devices

    assert devices("h100") == 1
    assert devices("h100", tensor_parallel=4, data_parallel=2) == 8
    assert devices("8xH100") == devices("h100:8", devices=8) == 8
    assert devices("h100", devices=8, tensor_parallel=2) == 8


def test_heads_are_split_evenly() -> None:
    made = ctx.plan_memory("qwen3-8b", "64xH100", context=1000)  # 32 heads
    assert (made.tensor_parallel, made.data_parallel) == (32, 2)
    assert any("2 groups of 32" in note for note in made.notes)
    made = ctx.plan_memory("qwen3-8b", "3xH100", context=1000)
    assert (made.tensor_parallel, made.data_parallel) == (1, 3)
    made = ctx.plan_memory("qwen3-8b", "64xH100", context=1000, tensor_parallel=64)
    assert any("Engines refuse a tensor parallelism of 64" in note for note in made.notes)


def test_a_package_is_two_devices() -> None:
    packages = ctx.plan_memory("deepseek-v4-pro", "ascend-910c-package:16", context="1M")
    dies = ctx.plan_memory("deepseek-v4-pro", "ascend-910c:32", context="1M")
    assert packages.devices == packages.tensor_parallel == 32
    assert packages.terms == dies.terms
    assert ctx.plan_memory("qwen3-8b", "ascend-910c-package", context=1).devices == 2
    node = ctx.plan_memory("deepseek-v4-pro", "2 x Atlas 800 A3", context="1M")
    assert (node.devices, node.terms) == (32, dies.terms)
    with pytest.raises(UsageError, match="tensor_parallel 3 cannot be had of 4 devices"):
        ctx.plan_memory("qwen3-8b", "ascend-910c-package", context=1, tensor_parallel=3)


def test_formats_as_engines_are_told_them() -> None:
    def per_token(model: str, **options: Any) -> float:
        return float(ctx.plan_memory(model, "h200", 8, 1000, **options).bytes_per_token)

    assert per_token("glm-5", kv_dtype="fp8") == per_token("glm-5", kv_dtype="auto") == 61_464
    assert per_token("deepseek-v3.1", kv_dtype="fp8") == 35_136
    assert per_token("deepseek-v4-pro", kv_dtype="bf16") == 9_848
    assert per_token("deepseek-v3.2", kv_dtype="bf16") == 78_324


def test_a_plan_says_what_it_has() -> None:
    made = ctx.plan_memory("qwen3-8b", "h100", context=1000, cache_memory="8GiB")
    with pytest.raises(UsageError, match="no term 'weights'"):
        made.term("weights")
    whole = ctx.plan_memory("qwen3-8b", "h100", context=1000)
    assert whole.weights == whole.term("weights").interval
    assert str(whole.term("needed").interval) == "148,635,648"
    hybrid = ctx.plan_memory("qwen3.5-27b", "h100", context=1000, engine="sglang")
    assert hybrid.bytes_per_token == 65_536
    assert hybrid.bytes_per_sequence == 153_944_064
    assert hybrid.bytes_per_in_flight_token == 0


def test_what_would_help() -> None:
    made = ctx.plan_memory("glm-5.2", "h200", 8, 200_000)
    found = {each.condition: each.fits for each in made.alternatives}
    assert made.fits is False
    assert found["with 16 devices"] is True
    assert found["with the weights in fp8"] is True
    made = ctx.plan_memory("qwen3-32b", "ascend-910b", 1, 1000)
    assert [each.condition for each in made.alternatives] == [
        "with 2 devices",
        "with the weights in int8",
    ]
    made = ctx.plan_memory("kimi-k2.5", "h200", 8, 100_000, sequences=8)
    (distributed,) = [each for each in made.alternatives if "data parallel" in each.condition]
    assert made.fits is not True
    assert distributed.max_sequences and distributed.max_sequences.high >= 8


def test_what_is_published_as_a_sum_only_never_certainly_fits() -> None:
    made = ctx.plan_memory("deepseek-v4.1-flash", "h200", 16, 1000)
    assert made.fits is None
    assert any("not published" in note for note in made.notes)


def test_beyond_the_models_limit() -> None:
    made = ctx.plan_memory("qwen3-8b", "h200", context=100_000)
    assert any("40,960" in note for note in made.notes)
    assert ctx.plan_memory("qwen3-8b", "h200").context == 40_960


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"devices": 0}, "devices must be >= 1"),
        ({"devices": 8, "tensor_parallel": 3}, "tensor_parallel 3 cannot be had of 8 devices"),
        ({"devices": 8, "data_parallel": 3}, "data_parallel 3 cannot be had of 8 devices"),
        (
            {"devices": 8, "tensor_parallel": 2, "data_parallel": 2},
            "tensor_parallel 2 and data_parallel 2 cannot be had of 8 devices",
        ),
        ({"devices": 4, "device": "h100:8"}, "devices is 4, and device 'h100:8' says 8"),
        ({"overhead": "6"}, "overhead: 6 would be bytes"),
        ({"weights": "16"}, "weights: 16 would be bytes"),
        ({"weights": 16}, "weights must be at least 1,000,000 bytes, got 16"),
        ({"cache_memory": "46.8"}, "cache_memory: 46.8 would be bytes"),
        ({"devices": 8, "decode_context_parallel": 2}, "decode_context_parallel is 2"),
        ({"utilization": 0}, "utilization must be above 0"),
        ({"utilization": 1.5}, "utilization must be above 0"),
        ({"utilization": float("nan")}, "utilization must be above 0"),
        ({"dtype": "fp7"}, "unknown dtype"),
        ({"kv_dtype": "int3"}, "unknown kv_dtype"),
        ({"engine": "llama.cpp"}, "unknown engine"),
        ({"device": "h1000"}, "unknown device"),
        ({"weights": "/nonexistent"}, "neither a size nor a file"),
        ({"overhead": []}, "overhead must be bytes"),
        ({"context": "1Q"}, "context: '1Q' is not a size"),
    ],
)
def test_arguments_that_cannot_be(options: dict[str, Any], message: str) -> None:
    arguments = {"model": "qwen3-8b", "device": "h100", "context": 1000, **options}
    with pytest.raises(UsageError) as caught:
        ctx.plan_memory(**arguments)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("deepseek-v4-por", "did you mean deepseek-v4-pro"),
        ("gpt-5", "no configuration of it is packaged"),
        ("deepseek-v4", "did you mean deepseek-v4-pro or deepseek-v4-flash"),
        ("no-such-model-at-all", "name the folder or the config.json"),
    ],
)
def test_unknown_models(model: str, hint: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        ctx.plan_memory(model, "h100", context=1)
    assert hint in str(caught.value.hint)


def test_weights_that_are_unknown() -> None:
    nothing = replace(ctx.memory.get_architecture("qwen3-8b"), parameters=None)
    with pytest.raises(UsageError, match="number of weights"):
        ctx.plan_memory(nothing, "h100", context=1)
    made = ctx.plan_memory(nothing, "h100", 2, 1, weights="16GB")
    assert made.term("weights").interval.typical == 8 * 10**9
