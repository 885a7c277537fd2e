"""How many weights a model has, computed from its ``config.json``.

Norms, biases and other vectors are left out: together they are below 0.1 %.
"""

import re
from collections.abc import Sequence

from ctxtools.memory.architecture import Parameters
from ctxtools.memory.configs.fields import MAX_DIM, Fields
from ctxtools.memory.configs.layers import (
    HEAD_NAMES,
    HIDDEN_NAMES,
    layer_kinds,
    read_count,
    read_head_dim,
    read_kv_heads,
    read_linear,
    read_mamba,
)
from ctxtools.memory.layers import Linear

_EXPERTS = ("n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts")
_PER_TOKEN = (
    "num_experts_per_tok",
    "num_experts_per_token",
    "experts_per_token",
    "moe_k",
    "top_k_experts",
    "moe_topk",
)
_SHARED = ("n_shared_experts", "num_shared_experts", "moe_num_shared_experts", "num_shared_expert")


def count_parameters(fields: Fields, *, tied: bool) -> Parameters:
    """The weights of the language model.

    Args:
        fields: of the language model.
        tied: whether embedding and output layer are one.

    Raises:
        FormatError: a field is wrong or missing.
    """
    if "block_configs" in fields:
        raise fields.error("block_configs", "has layers of different sizes")
    count = read_count(fields)
    hidden, vocabulary = fields.integer(*HIDDEN_NAMES), fields.integer("vocab_size", maximum=2**32)
    embedding = vocabulary * hidden * (1 if tied else 2)
    mixing, replicated = _mixing(fields, count, hidden)
    experts, *others = _counts(fields, *_EXPERTS) or (0,)
    sparse = _sparse_layers(fields, count) if experts else 0
    factor = 2 if _has_no_gate(fields) else 3
    dense = factor * hidden * _dense_width(fields) * _dense_layers(fields, count, sparse)
    routed = shared = router = active_routed = inner = width = 0
    if experts:
        per_token = min(fields.integer(*_PER_TOKEN), experts)
        widths = _counts(fields, "moe_intermediate_size", "expert_ffn_hidden_size")
        width = widths[0] if widths else fields.integer("intermediate_size")
        inner = fields.optional("routed_expert_hidden_size", "moe_latent_size") or hidden
        routed = sparse * experts * factor * inner * width
        active_routed = routed * per_token // experts
        for number, other in enumerate(widths[1:]):  # experts of images, of which text passes none
            count_of_them = others[number] if number < len(others) else experts
            routed += sparse * count_of_them * factor * inner * other
        shared = sparse * factor * hidden * _shared_width(fields, width)
        router = sparse * (hidden * experts + (2 * hidden * inner if inner != hidden else 0))
    total = embedding + mixing + dense + routed + shared + router
    active = total - routed + active_routed
    return Parameters(total, active, routed, embedding, replicated + router, experts, inner, width)


def _counts(fields: Fields, *names: str) -> Sequence[int]:
    """A number, or several of them (ERNIE 4.5 VL: of text and of images), none if missing."""
    name = next((each for each in names if each in fields), "")
    if isinstance(fields.values.get(name), list):
        found = fields.listed(name, int) or ()
        if not found or max(found) > MAX_DIM:
            raise fields.error(name, f"must be numbers up to {MAX_DIM:,}")
        return found
    number = fields.optional(name, minimum=0)
    return (number,) if number else ()


def _has_no_gate(fields: Fields) -> bool:
    """Whether a feed-forward part has two matrices, not three."""
    return fields.text("mlp_hidden_act") == "relu2" or bool(
        re.match(r"gpt2|gpt_neox|falcon|opt|bloom|mpt|starcoder|phi$", fields.text("model_type"))
    )


def _mixing(fields: Fields, count: int, hidden: int) -> tuple[int, int]:
    """Weights of attention and what stands for it, and those of them that are not split."""
    if "compress_ratios" in fields:
        return _compressed(fields, count, hidden)
    kinds = _kinds(fields, count)
    total = replicated = 0
    for kind in dict.fromkeys(kinds):
        number = kinds.count(kind)
        if kind in ("linear_attention", "kda", "gated_deltanet"):
            total += number * _linear(fields, hidden)
        elif kind in ("mamba", "mamba2"):
            total += number * _mamba(fields, hidden)
        elif kind in ("moe", "mlp", "dense", "skip"):
            pass
        elif "kv_lora_rank" in fields:
            split, whole = _latent(fields, hidden)
            total, replicated = total + number * (split + whole), replicated + number * whole
        else:
            total += number * _attention(fields, hidden, kind)
    indexers = _indexers(fields, count, hidden)
    return total + indexers, replicated + indexers


def _kinds(fields: Fields, count: int) -> Sequence[str]:
    if "hybrid_override_pattern" in fields:
        names = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}
        letters = str(fields.values["hybrid_override_pattern"])[:count]
        return [names.get(letter, "mlp") for letter in letters]
    if "layers_block_type" in fields:
        return fields.listed("layers_block_type", str, count) or ()
    if pattern := fields.listed("hybrid_layer_pattern", int, count):
        return ["swa" if each else "full_attention" for each in pattern]
    return layer_kinds(fields, count) or ["full_attention"] * count


def _attention(fields: Fields, hidden: int, kind: str) -> int:
    heads, dim, kv = fields.integer(*HEAD_NAMES), read_head_dim(fields), read_kv_heads(fields)
    value = fields.optional("v_head_dim") or dim
    if kind == "swa":  # MiMo
        heads = fields.optional("swa_num_attention_heads") or heads
        kv = fields.optional("swa_num_key_value_heads") or kv
    elif kind == "full_attention" and "global_head_dim" in fields:  # Gemma 4: keys are values
        dim = fields.integer("global_head_dim")
        kv = fields.optional("num_global_key_value_heads") or kv
        value = dim
        if fields.flag("attention_k_eq_v"):
            return 2 * hidden * heads * dim + hidden * kv * dim
    gate = 2 if fields.flag("attn_output_gate") else 1
    return hidden * heads * (dim * gate + value) + hidden * kv * (dim + value)


def _latent(fields: Fields, hidden: int) -> tuple[int, int]:
    """Weights of MLA that the heads split, and those that they share."""
    heads = fields.integer(*HEAD_NAMES)
    rank, rope = fields.integer("kv_lora_rank"), fields.optional("qk_rope_head_dim", minimum=0)
    plain, value = fields.integer("qk_nope_head_dim"), fields.integer("v_head_dim")
    q_rank = fields.optional("q_lora_rank", minimum=0)
    split = (q_rank or hidden) * heads * (plain + rope)
    split += rank * heads * (plain + value) + heads * value * hidden
    if fields.flag("mla_use_output_gate"):
        split += hidden * heads * value
    return split, hidden * (q_rank + rank + rope)


def _indexers(fields: Fields, count: int, hidden: int) -> int:
    if "index_head_dim" not in fields or "index_topk" not in fields:
        return 0
    modes = fields.listed("indexer_types", str, count) or ["full"] * count
    heads, dim = fields.integer("index_n_heads"), fields.integer("index_head_dim")
    rank = fields.optional("q_lora_rank", minimum=0) or hidden
    return modes.count("full") * (rank * heads * dim + hidden * (dim + heads))


def _compressed(fields: Fields, count: int, hidden: int) -> tuple[int, int]:
    """DeepSeek V4: heads split the queries and the output; the rest is on every device."""
    heads, dim = fields.integer(*HEAD_NAMES), fields.integer("head_dim")
    rank, groups = fields.integer("q_lora_rank"), fields.integer("o_groups")
    output = fields.integer("o_lora_rank")
    split = rank * heads * dim + heads * dim * output + groups * output * hidden
    whole = count * hidden * (rank + dim)
    index, index_heads = fields.optional("index_head_dim"), fields.optional("index_n_heads")
    for ratio in fields.listed("compress_ratios", int, count) or ():
        if ratio:
            overlap = 2 if ratio == 4 else 1
            whole += 2 * overlap * dim * hidden
            if ratio == 4 and index:
                whole += rank * index * index_heads + hidden * (index_heads + 4 * index)
    streams = fields.optional("hc_mult", minimum=0)  # mixes of residual streams, twice a layer
    whole += count * 2 * (2 + streams) * streams * streams * hidden
    return count * split + whole, whole


def _linear(fields: Fields, hidden: int) -> int:
    one: Linear = read_linear(fields)
    keys, values = one.key_heads * one.key_dim, one.value_heads * one.value_dim
    if "linear_num_value_heads" in fields:  # gated delta network: query, key, value, gate, output
        return hidden * (2 * keys + 3 * values + 2 * one.value_heads)
    if one.kernel == 1:  # lightning attention: query, key, value, gate, output
        return 5 * hidden * values
    table = fields.table("linear_attn_config")
    full_gate = table is not None and table.flag("use_full_rank_gate")
    low_rank = hidden * one.key_dim + one.key_dim * values
    gate = hidden * values if full_gate else low_rank
    return hidden * (4 * values + one.value_heads) + low_rank + gate


def _mamba(fields: Fields, hidden: int) -> int:
    one = read_mamba(fields)
    inner = one.value_heads * one.value_dim
    return hidden * (3 * inner + 2 * one.key_heads * one.key_dim + one.value_heads)


def _sparse_layers(fields: Fields, count: int) -> int:
    """How many layers have experts."""
    if kinds := fields.listed("mlp_layer_types", str, count):
        return kinds.count("sparse")
    if "hybrid_override_pattern" in fields or "layers_block_type" in fields:
        return _kinds(fields, count).count("moe")
    if isinstance(fields.values.get("moe_layer_freq"), list):
        return sum(1 for each in fields.listed("moe_layer_freq", int, count) or () if each)
    if step := fields.optional("interleave_moe_layer_step"):  # Llama 4
        return count // step
    first = min(_counts(fields, "first_k_dense_replace", "moe_layer_start_index"), default=0)
    step = fields.optional("decoder_sparse_step", "moe_layer_freq", "moe_layer_interval", default=1)
    dense = fields.listed("mlp_only_layers", int) or ()
    return sum(1 for n in range(min(first, count), count) if n not in dense and (n + 1) % step == 0)


def _dense_layers(fields: Fields, count: int, sparse: int) -> int:
    """How many layers have an ordinary feed-forward part."""
    if "hybrid_override_pattern" in fields or "layers_block_type" in fields:
        return _kinds(fields, count).count("mlp")
    return count if fields.flag("enable_moe_block") else count - sparse  # Gemma 4 has both


def _dense_width(fields: Fields) -> int:
    wide = fields.optional("dense_intermediate_size", "intermediate_size_mlp")
    wide = wide or fields.optional("intermediate_size", "ffn_hidden_size", "n_inner")
    return wide or 4 * fields.integer(*HIDDEN_NAMES)


def _shared_width(fields: Fields, width: int) -> int:
    """Elements of the shared experts of a layer together."""
    stated = fields.optional(
        "shared_expert_intermediate_size",
        "moe_shared_expert_intermediate_size",
        "share_expert_dim",
        "shared_intermediate_size",
        minimum=0,
    )
    if stated:
        return stated
    shared = fields.optional(*_SHARED, minimum=0)
    return width * (shared or int(fields.text("model_type").startswith("llama4")))
