"""Bytes of caches, against published figures and sums that were made by hand."""

from fractions import Fraction

import pytest

from ctxtools.memory import get_architecture, list_architectures
from ctxtools.memory.caches import Storage, caches_of
from ctxtools.memory.formats import WEIGHT_BYTES, entry_bytes, indexer_bytes, latent_bytes

# Name, format of keys and values, of the indexer; bytes a token, bytes a sequence.
TABLE = [
    ("qwen2.5-0.5b", "bf16", "fp8", 12_288, 0),
    ("qwen2.5-1.5b", "bf16", "fp8", 28_672, 0),
    ("qwen2.5-7b", "bf16", "fp8", 57_344, 0),
    ("qwen3-0.6b", "bf16", "fp8", 114_688, 0),
    ("qwen3-1.7b", "bf16", "fp8", 114_688, 0),
    ("qwen3-8b", "bf16", "fp8", 147_456, 0),
    ("qwen3-32b", "bf16", "fp8", 262_144, 0),
    ("qwen3-30b-a3b", "bf16", "fp8", 98_304, 0),
    ("qwen3-235b-a22b", "bf16", "fp8", 192_512, 0),
    ("qwen3-coder-480b-a35b", "bf16", "fp8", 253_952, 0),
    ("ernie-4.5-21b-a3b", "bf16", "fp8", 57_344, 0),
    ("ernie-4.5-300b-a47b", "bf16", "fp8", 221_184, 0),
    ("ernie-4.5-vl-28b-a3b", "bf16", "fp8", 57_344, 0),
    ("glm-4.7-flash", "bf16", "fp8", 47 * 1152, 0),
    ("deepseek-v2", "bf16", "fp8", 69_120, 0),
    ("deepseek-v2-lite", "bf16", "fp8", 31_104, 0),
    ("deepseek-v3", "bf16", "fp8", 70_272, 0),
    ("deepseek-r1", "fp8", "fp8", 35_136, 0),
    ("deepseek-v3.1", "bf16", "fp8", 70_272, 0),
    ("kimi-k2", "bf16", "fp8", 70_272, 0),
    ("kimi-k2.5", "bf16", "fp8", 70_272, 0),
    ("deepseek-v3.2", "bf16", "fp8", 78_324, 0),
    ("deepseek-v3.2", "fp8_ds_mla", "fp8", 48_068, 0),
    ("deepseek-v3.2", "bf16", "bf16", 85_888, 0),
    ("glm-5", "bf16", "fp8", 100_152, 0),
    ("glm-5.1", "fp8_ds_mla", "fp8", 61_464, 0),
    ("glm-5.2", "bf16", "fp8", 92_628, 0),
    ("glm-5.3", "fp8_ds_mla", "fp8", 53_940, 0),
    ("deepseek-v4-flash", "bf16", "bf16", 6_880, 43 * 128 * 1024 + 12_206_080),
    ("deepseek-v4-flash", "fp8", "fp8", Fraction("3850.25"), 43 * 128 * 584 + 12_206_080),
    ("deepseek-v4-flash", "fp8", "mxfp4", Fraction("3514.25"), 43 * 128 * 584 + 12_206_080),
    ("deepseek-v4-pro", "bf16", "bf16", 9_848, 61 * 128 * 1024 + 18_710_528),
    ("deepseek-v4-pro", "fp8", "fp8", Fraction("5511.4375"), 61 * 128 * 584 + 18_710_528),
    ("deepseek-v4-pro", "fp8", "mxfp4", Fraction("5031.4375"), 61 * 128 * 584 + 18_710_528),
    ("deepseek-v4.1-flash", "bf16", "fp8", 890, 0),
    ("kimi-k3", "bf16", "fp8", 27_648, 449_372_160),
    ("kimi-linear-48b-a3b", "bf16", "fp8", 8_064, 20 * (3 * 32 * 128 * 3 * 2 + 32 * 128**2 * 4)),
    ("qwen3-next-80b-a3b", "bf16", "fp8", 24_576, 77_266_944),
    ("qwen3.5-27b", "bf16", "fp8", 65_536, 153_944_064),
    ("qwen3.8-27b", "bf16", "fp8", 65_536, 153_944_064),
    ("qwen3.5-35b-a3b", "bf16", "fp8", 20_480, 64_389_120),
    ("qwen3.5-122b-a10b", "bf16", "fp8", 24_576, 153_649_152),
    ("qwen3.5-397b-a17b", "bf16", "fp8", 30_720, 192_061_440),
    ("glm-4.5", "bf16", "fp8", 376_832, 0),
    ("glm-4.7", "bf16", "fp8", 376_832, 0),
    ("glm-4.5-air", "bf16", "fp8", 188_416, 0),
    ("minimax-m2.7", "bf16", "fp8", 253_952, 0),
    ("minimax-m3", "bf16", "fp8", 122_880 + 57 * 128 * 2, 0),
    ("minimax-m1", "bf16", "fp8", 40_960, 293_601_280),
    ("llama-3-8b", "bf16", "fp8", 131_072, 0),
    ("llama-3.1-70b", "bf16", "fp8", 327_680, 0),
    ("llama-3.1-405b", "bf16", "fp8", 516_096, 0),
    ("llama-4-scout", "bf16", "fp8", 49_152, 147_456 * 8192),
    ("llama-4-maverick", "bf16", "fp8", 49_152, 147_456 * 8192),
    ("gemma-3-27b", "bf16", "fp8", 81_920, 52 * 8192 * 1024),
    ("gemma-3-12b", "bf16", "fp8", 65_536, 40 * 8192 * 1024),
    ("gemma-3-4b", "bf16", "fp8", 20_480, 29 * 4096 * 1024),
    ("gemma-4-26b-a4b", "bf16", "fp8", 20_480, 204_800 * 1024),
    ("gpt-oss-120b", "bf16", "fp8", 36_864, 36_864 * 128),
    ("gpt-oss-20b", "bf16", "fp8", 24_576, 24_576 * 128),
    ("step-3.7-flash", "bf16", "fp8", 49_152, 135_168 * 512),
    ("mimo-v2-flash", "bf16", "fp8", 23_040, 199_680 * 128),
    ("mixtral-8x7b", "bf16", "fp8", 131_072, 0),
    ("mixtral-8x22b", "bf16", "fp8", 229_376, 0),
    ("hy-v3", "bf16", "fp8", 327_680, 0),
    ("hy-v4", "bf16", "fp8", 43_656, 0),
    ("mistral-large-4", "bf16", "fp8", 92_448, 0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kv", "index", "token", "sequence"), TABLE)
def test_bytes_of_published_models(
    name: str, kv: str, index: str, token: int | Fraction, sequence: int
) -> None:
    architecture = get_architecture(name)
    assert architecture.bytes_per_token(kv, index) == token
    assert architecture.bytes_per_sequence(kv, index) == sequence


@pytest.mark.parametrize(
    ("name", "pages", "in_flight"),
    [
        ("deepseek-v4-flash", Fraction(3915), 43 * 584 + 21 * 8192 + 20 * 4096 + 21 * 2048),
        ("deepseek-v4-pro", Fraction("5609.25"), 61 * 584 + 30 * 8192 + 31 * 4096 + 30 * 2048),
    ],
)
def test_pages_of_compressed_caches(name: str, pages: Fraction, in_flight: int) -> None:
    architecture = get_architecture(name)
    caches = caches_of(architecture.layers, Storage("fp8", block_size=256, aligned=True))
    growing = [each for each in caches.all if each.growth == "token"]
    assert Fraction(sum(each.page_bytes for each in growing), 256) == pages
    assert architecture.bytes_per_in_flight_token("fp8") == in_flight


def test_formats() -> None:
    assert latent_bytes(512, 64, "fp8_ds_mla") == 656
    assert latent_bytes(512, 64, "nvfp4_ds_mla") == 352
    assert latent_bytes(512, 64, "bf16") == 1152
    assert entry_bytes(512, 64, "fp8") == 584
    assert [indexer_bytes(128, each) for each in ("fp8", "mxfp4", "bf16")] == [132, 68, 256]
    assert WEIGHT_BYTES["mxfp4"] == Fraction("0.53125")
    assert WEIGHT_BYTES["nvfp4"] == Fraction("0.5625")
    assert WEIGHT_BYTES["int4"] == Fraction(1, 2) + Fraction(2, 128)
    bits = {"q8_0": 8.5, "q6_k": 6.5625, "q5_k": 5.5, "q4_k": 4.5, "q4_0": 4.5}
    assert {name: float(8 * WEIGHT_BYTES[name]) for name in bits} == bits


@pytest.mark.parametrize(
    ("name", "billions", "active"),
    [
        ("deepseek-v2", 236, 21),
        ("deepseek-v2-lite", 15.7, 2.4),
        ("deepseek-v3", 671, 37),
        ("kimi-k2", 1026, 32),
        ("qwen2.5-7b", 7.62, 7.62),
        ("qwen3-235b-a22b", 235, 22),
        ("qwen3-coder-480b-a35b", 480, 35),
        ("ernie-4.5-300b-a47b", 300, 47),
        ("ernie-4.5-vl-28b-a3b", 28.6, 3),
        ("glm-4.7-flash", 30, 3),
        ("glm-4.5", 355, 32),
        ("glm-4.5-air", 106, 12),
        ("minimax-m1", 456, 45.9),
        ("minimax-m2", 230, 10),
        ("llama-3.1-405b", 405, 405),
        ("llama-4-maverick", 400, 17),
        ("gpt-oss-120b", 116.8, 5.1),
        ("mixtral-8x7b", 46.7, 12.9),
    ],
)
def test_weights_agree_with_published_numbers(name: str, billions: float, active: float) -> None:
    parameters = get_architecture(name).parameters
    assert parameters is not None
    assert parameters.total / 10**9 == pytest.approx(billions, rel=0.015)
    # Whether the embedding counts differs from vendor to vendor.
    assert abs(parameters.active / 10**9 - active) < 0.05 * active + 1.5


@pytest.mark.parametrize(
    ("name", "gigabytes"), [("kimi-k2.5", 594), ("gpt-oss-120b", 65.25), ("deepseek-v4-flash", 160)]
)
def test_sizes_of_published_checkpoints(name: str, gigabytes: float) -> None:
    """V4 Flash's has a layer that predicts several tokens, which is not counted: 3 %."""
    architecture = get_architecture(name)
    assert architecture.parameters
    size = architecture.parameters.size(architecture.routed_format, architecture.dense_format)
    assert size / 10**9 == pytest.approx(gigabytes, rel=0.03)


def test_the_table() -> None:
    known = list_architectures()
    assert len({each.name for each in known}) == len(known) > 70
    for each in known:
        assert each.source
        assert each.layers
        assert each.parameters
        assert each.parameters.active <= each.parameters.total
        assert each.bytes_per_token() > 0
