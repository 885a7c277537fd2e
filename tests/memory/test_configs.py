"""`architecture_of`: published shapes of ``config.json``, and those that are wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError, FormatError, ReadError
from ctxtools.memory.layers import Attention, Compressed, Indexer, Latent, Linear
from tests.hanging import no_hang
from tests.memory import configs

Config = dict[str, Any]


def read(folder: Path, config: Any) -> ctx.Architecture:
    file = folder / "config.json"
    file.write_text(config if isinstance(config, str) else json.dumps(config))
    return ctx.architecture_of(file)


FULL = Attention(4, 2, 64, 64)
LATENTS = Latent(4, 512, 64)


@pytest.mark.parametrize(
    ("config", "layers"),
    [
        (configs.GQA, [FULL]),
        (configs.SWITCHED_OFF, [FULL]),
        (configs.OLD, [Attention(4, 8, 64, 64)]),
        (configs.MLA, [LATENTS]),
        (configs.SPARSE, [LATENTS, Indexer(4, 128)]),
        (configs.SHARED_INDEXERS, [LATENTS, Indexer(2, 128)]),
        (
            configs.COMPRESSED,
            [
                Compressed(1, 0, 512, 64, 128),
                Compressed(2, 4, 512, 64, 128, 128),
                Compressed(1, 128, 512, 64, 128),
            ],
        ),
        (configs.GATED_DELTA, [Linear(3, 2, 128, 4, 128, 4), Attention(1, 2, 64, 64)]),
        (configs.BY_INTERVAL, [Linear(3, 2, 128, 4, 128, 4), Attention(1, 2, 64, 64)]),
        (configs.KDA, [Linear(3, 4, 128, 4, 128, 4), Latent(1, 512, 64)]),
        (configs.LIGHTNING, [Linear(3, 8, 64, 8, 64, 1), Attention(1, 2, 64, 64)]),
        (configs.WINDOWS, [Attention(2, 2, 64, 64, 128), Attention(2, 2, 64, 64)]),
        (configs.CHUNKS, [Attention(3, 2, 64, 64, 8192, True), Attention(1, 2, 64, 64)]),
        (configs.TWO_KINDS, [Attention(2, 2, 192, 128), Attention(2, 4, 192, 128, 128)]),
        (configs.MAMBA, [Linear(1, 2, 128, 8, 64, 4), Attention(1, 2, 64, 64)]),
        (configs.INDEX_KEYS, [FULL, Indexer(3, 128, plain=True)]),
        (configs.GEMMA, [Attention(6, 2, 64, 64, 512), Attention(1, 2, 64, 64)]),
        (configs.MISTRAL, [Attention(4, 2, 64, 64, 4096)]),
        (
            configs.BLOCKS,
            [
                Attention(1, 2, 64, 64),
                Attention(1, 2, 64, 64, 256),
                Attention(1, 1, 64, 64),
            ],
        ),
    ],
)
def test_layers(config: Config, layers: list[Any], tmp_path: Path) -> None:
    found = read(tmp_path, config)
    assert [*found.layers] == layers
    assert found.basis == "computed"


def test_weights_are_computed(tmp_path: Path) -> None:
    found = read(tmp_path, configs.GQA)
    assert found.parameters
    attention = 512 * 8 * 64 * 2 + 512 * 2 * 64 * 2
    total = 2 * 1000 * 512 + 4 * (attention + 3 * 512 * 1024)
    assert (found.parameters.total, found.parameters.active) == (total, total)
    assert (found.parameters.embedding, found.context, found.heads) == (2 * 1000 * 512, 4096, 8)


@pytest.mark.parametrize(
    ("quantization", "formats"),
    [
        ({"quant_method": "fp8"}, ("fp8", "fp8")),
        ({"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn"]},
         ("mxfp4", "bf16")),
        ({"quant_method": "awq", "bits": 4}, ("int4", "int4")),
        ({"quant_method": "gptq", "bits": 8}, ("int8", "int8")),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, ("int4", "int4")),
        ({"quant_method": "compressed-tensors", "config_groups": {
            "group_0": {"weights": {"num_bits": 4, "group_size": 32, "type": "int"}}},
          "ignore": ["re:.*self_attn.*"]}, ("int4-g32", "bf16")),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, ("nvfp4", "nvfp4")),
        (None, ("bf16", "bf16")),
    ],
)  # fmt: skip
def test_formats_of_weights(quantization: Any, formats: tuple[str, str], tmp_path: Path) -> None:
    found = read(tmp_path, {**configs.GQA, **configs.MOE, "quantization_config": quantization})
    assert (found.routed_format, found.dense_format) == formats


def test_formats_in_a_file_of_their_own(tmp_path: Path) -> None:
    quantization = {"quant_algo": "NVFP4", "exclude_modules": ["lm_head", "model.0.self_attn*"]}
    (tmp_path / "hf_quant_config.json").write_text(json.dumps({"quantization": quantization}))
    found = read(tmp_path, {**configs.GQA, **configs.MOE})
    assert (found.routed_format, found.dense_format) == ("nvfp4", "bf16")
    stated = {"quant_method": "fp8"}
    found = read(tmp_path, {**configs.GQA, "quantization_config": stated})
    assert (found.routed_format, found.dense_format) == ("fp8", "fp8")
    (tmp_path / "hf_quant_config.json").unlink()
    (tmp_path / "hf_quant_config.json").symlink_to("/etc/hostname")
    with pytest.raises(ReadError):
        read(tmp_path, configs.GQA)


def test_experts_of_text_and_of_images(tmp_path: Path) -> None:
    """ERNIE 4.5 VL has two numbers where others have one; a token passes experts of one kind."""
    one = read(tmp_path, {**configs.GQA, **configs.MOE}).parameters
    changed = {"n_routed_experts": [8, 8], "moe_intermediate_size": [128, 32]}
    both = read(tmp_path, {**configs.GQA, **configs.MOE, **changed}).parameters
    assert one and both
    assert both.routed == one.routed * (128 + 32) // 128
    assert both.active == one.active
    original = {"first_k_dense_replace": None, "moe_layer_start_index": [1, 1]}
    assert read(tmp_path, {**configs.GQA, **configs.MOE, **changed, **original}).parameters == both


def test_an_unknown_type_is_read_by_its_fields(tmp_path: Path) -> None:
    found = read(tmp_path, {**configs.GQA, "model_type": "newcomer"})
    assert [*found.layers] == [FULL]
    assert "not known here" in found.notes[0]


def test_a_window_of_unknown_layers_is_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, {**configs.GQA, "sliding_window": 4096})
    assert [*found.layers] == [FULL]
    assert "upper bound" in found.notes[0]


WRONG = [
    ({"num_hidden_layers": None}, "num_hidden_layers is missing"),
    ({"num_hidden_layers": "4"}, "num_hidden_layers must be an integer"),
    ({"num_hidden_layers": 4.0}, "num_hidden_layers must be an integer"),
    ({"num_hidden_layers": True}, "num_hidden_layers must be an integer"),
    ({"num_hidden_layers": -1}, "num_hidden_layers must be from 1"),
    ({"num_hidden_layers": 10**9}, "num_hidden_layers must be from 1"),
    ({"num_attention_heads": 0}, "num_attention_heads must be from 1"),
    ({"num_attention_heads": 7}, "hidden_size is 512, which 7 heads do not divide"),
    ({"num_key_value_heads": [1, 2]}, "num_key_value_heads must be an integer"),
    ({"head_dim": 10**30}, "head_dim must be from 1"),
    ({"layer_types": "full"}, "layer_types must be a list"),
    ({"layer_types": ["full_attention"]}, "layer_types has 1 values for 4 layers"),
    ({"layer_types": [1, 2, 3, 4]}, "layer_types must be a list of str"),
    ({"layer_types": ["retention"] * 4}, "layer_types cannot be planned for"),
    ({"layer_types": ["sliding_attention"] * 4}, "sliding_window is missing"),
    ({"layer_types": ["linear_attention"] * 4, "linear_num_value_heads": 2},
     "linear_num_key_heads is missing"),
    ({"layer_types": [[]] * 4}, "layer_types must be a list of str"),
    ({"kv_lora_rank": 0}, "kv_lora_rank must be from 1"),
    ({"kv_lora_rank": 512, "qk_rope_head_dim": -64}, "qk_rope_head_dim must be from 0"),
    ({"compress_ratios": [4] * 4, "head_dim": 512}, "qk_rope_head_dim is missing"),
    ({"compress_ratios": [-4] * 4, "head_dim": 512}, "compress_ratios must be a list of int"),
    ({"compress_ratios": [0] * 4, "kv_source_layer_ids": [1]}, "cannot be planned for"),
    ({"is_encoder_decoder": True}, "only decoders are modelled"),
    ({"is_encoder_decoder": "no"}, "is_encoder_decoder must be true or false"),
    ({"model_type": "rwkv7"}, "model_type cannot be planned for"),
    ({"model_type": 7}, "model_type must be a short string"),
    ({"text_config": 3, "num_hidden_layers": None}, "text_config must be an object"),
    ({"quantization_config": "fp8"}, "quantization_config must be an object"),
    ({"hybrid_override_pattern": "*XM*"}, "hybrid_override_pattern cannot be planned for"),
    ({"hybrid_override_pattern": "*M"}, "hybrid_override_pattern has 2 letters for 4 layers"),
    ({"hybrid_override_pattern": "----"}, "none of the layers keeps anything"),
    ({"num_kv_shared_layers": 4}, "none of the layers keeps anything"),
    ({"model_type": "bert"}, "model_type cannot be planned for"),
    ({"hybrid_override_pattern": 5}, "hybrid_override_pattern must be a string"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_wrong_fields_are_named(change: Config, message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        read(tmp_path, {**configs.GQA, **change})
    assert message in caught.value.message
    assert "config.json: " in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        "null",
        '"a"',
        "{",
        "{}",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"num_hidden_layers": ' + "9" * 5000 + "}",
        '{"num_hidden_layers": NaN}',
        '{"num_hidden_layers": 1e400}',
        '\x00\x01{"a": 1}',
    ],
)
def test_what_is_no_configuration(text: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError), no_hang():
        read(tmp_path, text)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path, Path("/dev/zero")):
        with pytest.raises(ReadError):
            ctx.architecture_of(path)
    (tmp_path / "config.json").symlink_to("/dev/zero")
    with pytest.raises(ReadError):
        ctx.architecture_of(tmp_path)


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-2, 300), st.just(10**40), st.floats(), st.text(),
        st.sampled_from(["full_attention", "linear_attention", "mamba", "sparse", "fp8", "M*"]),
    ),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
FIELDS = sorted({key for config in configs.ALL.values() for key in config})


@given(
    name=st.sampled_from(sorted(configs.ALL)),
    change=st.dictionaries(st.sampled_from(FIELDS), VALUES),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_is_read_or_refused(name: str, change: Config, tmp_path: Path) -> None:
    try:
        with no_hang():
            found = read(tmp_path, {**configs.ALL[name], **change})
            ctx.plan_memory(found, "h100", 8, 10_000, weights="1GB")
    except CtxtoolsError:
        pass
