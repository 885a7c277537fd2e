"""Which layers keep what, by the fields of a ``config.json``.

Models are told apart by the fields that they have, since new types reuse those of earlier ones.
Where a field has another meaning than it looks like, transformers 5.24 was followed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ctxtools.checks import shown
from ctxtools.errors import FormatError
from ctxtools.memory.configs.fields import MAX_LAYERS, MAX_TOKENS, Fields
from ctxtools.memory.layers import Attention, Compressed, Indexer, Latent, Layers, Linear

LAYER_NAMES = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
HEAD_NAMES = ("num_attention_heads", "n_head", "n_heads")
HIDDEN_NAMES = ("hidden_size", "n_embd", "d_model")
_KV_NAMES = (
    "num_key_value_heads",
    "num_kv_heads",
    "n_kv_heads",
    "n_head_kv",
    "multi_query_group_num",
)

# Names of layers in `layer_types` and the like.
_FULL = (
    "full_attention",
    "attention",
    "full",
    "global_attention",
    "indexed_attention",
    "deepseek_sparse_attention",
)
_WINDOWED = ("sliding_attention", "sliding_window", "local_attention")
_CHUNKED = ("chunked_attention",)
_LINEAR = ("linear_attention", "kda", "gated_deltanet")
_MAMBA = ("mamba", "mamba2")
_EMPTY = ("moe", "mlp", "dense", "skip")  # keep nothing

# All layers of these types have the window of `sliding_window`.
_ALL_WINDOWED = ("mistral", "mixtral", "phi3", "phimoe", "starcoder2", "ministral")
# Other mechanisms than attention, whose fields may look like those of attention.
_OTHER = (
    r"rwkv|mamba|xlstm|recurrent|zamba|jamba|bamba|plamo|griffin|hyena|retnet|rwkv|lfm"
    r"|falcon_h1|granitemoehybrid|evo|ssm|titans"
    r"|bert|roberta|electra|clip|siglip"  # encoders, which keep nothing
)


def read_layers(fields: Fields, notes: list[str]) -> tuple[Layers, ...]:
    """The layers that keep something.

    Args:
        fields: of the language model.
        notes: remarks are added to it.

    Raises:
        FormatError: a field is wrong or missing, or it cannot be known what layers keep.
    """
    count = read_count(fields)
    if fields.flag("is_encoder_decoder"):
        raise fields.error(
            "is_encoder_decoder", "is true, and only decoders are modelled", "take another model"
        )
    readers = (
        ("compress_ratios", _read_compressed),
        ("kv_lora_rank", _read_latents),
        ("hybrid_layer_pattern", _read_two_kinds),
        ("hybrid_override_pattern", _read_letters),
        ("layers_block_type", _read_blocks),
        ("block_configs", _read_block_configs),
    )
    read = next((read for name, read in readers if name in fields), _read_attention)
    if layers := _grouped(read(fields, count, notes)):
        return layers
    raise fields.error(
        LAYER_NAMES[0], f"is {count}, and none of the layers keeps anything of what it has read"
    )


def read_count(fields: Fields) -> int:
    """How many layers there are; Nemotron may have a list of them alone."""
    if "layers_block_type" in fields and LAYER_NAMES[0] not in fields:
        return len(fields.listed("layers_block_type", str) or ())
    return fields.integer(*LAYER_NAMES, maximum=MAX_LAYERS)


def read_kv_heads(fields: Fields) -> int:
    """Heads of keys and values; as many as of queries if nothing is said."""
    if fields.flag("multi_query") and not fields.flag("new_decoder_architecture"):
        return 1  # of Falcon, the larger ones have several all the same
    return fields.optional(*_KV_NAMES) or fields.integer(*HEAD_NAMES)


def read_head_dim(fields: Fields) -> int:
    """Elements of a head: what is stated, or hidden size over heads."""
    if stated := fields.optional("head_dim", "attention_head_dim", "kv_channels"):
        return stated
    hidden, heads = fields.integer(*HIDDEN_NAMES), fields.integer(*HEAD_NAMES)
    if hidden % heads:
        raise fields.error(HIDDEN_NAMES[0], f"is {hidden}, which {heads} heads do not divide")
    return hidden // heads


def read_linear(fields: Fields) -> Linear:
    """The figures of one linear attention layer: of gated delta networks, or of KDA."""
    if table := fields.table("linear_attn_config"):  # Kimi
        heads, dim = table.integer("num_heads"), table.integer("head_dim")
        kernel = table.optional("short_conv_kernel_size", default=4)
        return Linear(1, heads, dim, heads, dim, kernel)
    kernel = fields.optional("linear_conv_kernel_dim", default=4)
    if "linear_head_dim" in fields:
        heads, dim = fields.integer("linear_num_heads"), fields.integer("linear_head_dim")
        return Linear(1, heads, dim, heads, dim, kernel)
    if "linear_num_value_heads" in fields:
        return Linear(
            1,
            fields.integer("linear_num_key_heads"),
            fields.integer("linear_key_head_dim"),
            fields.integer("linear_num_value_heads"),
            fields.integer("linear_value_head_dim"),
            kernel,
        )
    # Lightning attention: MiniMax-01 and M1.
    heads, dim = fields.integer(*HEAD_NAMES), read_head_dim(fields)
    return Linear(1, heads, dim, heads, dim, 1)


def read_mamba(fields: Fields) -> Linear:
    """The figures of one Mamba 2 layer."""
    return Linear(
        1,
        fields.optional("n_groups", "mamba_n_groups", default=1),
        fields.integer("ssm_state_size", "mamba_d_state"),
        fields.integer("mamba_num_heads", "mamba_n_heads"),
        fields.integer("mamba_head_dim", "mamba_d_head"),
        fields.optional("conv_kernel", "mamba_d_conv", default=4),
    )


def layer_kinds(fields: Fields, count: int) -> Sequence[str] | None:
    """What `layer_types`, or what stands for it, says of each layer; None if nothing does."""
    if kinds := fields.listed("layer_types", str, count):
        return kinds
    table = fields.table("linear_attn_config")
    if table and (full := table.listed("full_attn_layers", int)) is not None:
        return ["full_attention" if n in full else "linear_attention" for n in range(1, count + 1)]
    if every := fields.optional("full_attention_interval", maximum=MAX_LAYERS):
        return _every(every, count, "linear_attention")
    if flags := fields.listed("attn_type_list", int, count):  # MiniMax: 1 is full
        return ["full_attention" if each else "linear_attention" for each in flags]
    if "attention_chunk_size" in fields:  # Llama 4
        if rotary := fields.listed("no_rope_layers", int, count):
            return ["chunked_attention" if each else "full_attention" for each in rotary]
        return _every(
            fields.optional("no_rope_layer_interval", default=4), count, "chunked_attention"
        )
    if every := fields.optional("sliding_window_pattern", maximum=MAX_LAYERS):  # Gemma 2, 3
        return _every(every, count, "sliding_attention")
    if re.match(r"gemma3", fields.text("model_type")) and "sliding_window" in fields:
        return _every(6, count, "sliding_attention")
    if re.match(r"gemma2", fields.text("model_type")) and "sliding_window" in fields:
        return _every(2, count, "sliding_attention")
    return None


def _every(interval: int, count: int, other: str) -> list[str]:
    """Every so many layers attend to everything, beginning with the last of the first ones."""
    return ["full_attention" if n % interval == 0 else other for n in range(1, count + 1)]


def _read_attention(fields: Fields, count: int, notes: list[str]) -> Iterable[Layers]:
    kinds = layer_kinds(fields, count)
    model_type = fields.text("model_type")
    if kinds is None:
        if re.search(_OTHER, model_type):
            raise _unknown(fields, f"{model_type!r} has layers that are not modelled")
        kinds = ["full_attention"] * count
        window = fields.optional("sliding_window", maximum=MAX_TOKENS, minimum=0)
        if window and fields.flag("use_sliding_window", default=True):
            if model_type in _ALL_WINDOWED:
                kinds = ["sliding_attention"] * count
            elif "use_sliding_window" in fields:
                full = fields.optional("max_window_layers", minimum=0, maximum=MAX_LAYERS)
                kinds = [
                    "full_attention" if n < full else "sliding_attention" for n in range(count)
                ]
            else:
                notes.append(
                    f"Its sliding_window of {window:,} is not taken into account, since it is not "
                    "known which layers have it: the caches are an upper bound."
                )
    shared = fields.optional("num_kv_shared_layers", minimum=0, maximum=count)
    for kind in kinds[: count - shared]:  # the last ones use the cache of an earlier one
        yield from _layer(fields, kind)
    yield from _plain_indexers(fields, count)


def _layer(fields: Fields, kind: str) -> Iterable[Layers]:
    if kind in _FULL:
        dim = read_head_dim(fields)
        heads = fields.optional("num_global_key_value_heads") or read_kv_heads(fields)
        key = fields.optional("global_head_dim") or dim
        value = dim if "global_head_dim" not in fields else key
        yield Attention(1, heads, key, fields.optional("v_head_dim") or value)
    elif kind in _WINDOWED or kind in _CHUNKED:
        name = "sliding_window" if kind in _WINDOWED else "attention_chunk_size"
        dim, window = read_head_dim(fields), fields.integer(name, maximum=MAX_TOKENS)
        value = fields.optional("v_head_dim") or dim
        yield Attention(1, read_kv_heads(fields), dim, value, window, kind in _CHUNKED)
    elif kind in _LINEAR:
        yield read_linear(fields)
    elif kind in _MAMBA:
        yield read_mamba(fields)
    elif kind not in _EMPTY:
        raise _unknown(fields, f"a layer is of type {kind!r:.60}", "layer_types")


def _plain_indexers(fields: Fields, count: int) -> Iterable[Layers]:
    """MiniMax M3: some layers choose blocks of tokens by a key of their own."""
    table = fields.table("sparse_attention_config")
    if table is None or not table.flag("use_sparse_attention", default=True):
        return
    sparse = table.listed("sparse_attention_freq", int, count) or [1] * count
    for each in sparse:
        if each:
            yield Indexer(1, table.integer("sparse_index_dim"), plain=True)


def _read_compressed(fields: Fields, count: int, notes: list[str]) -> Iterable[Layers]:
    """DeepSeek V4."""
    if "kv_source_layer_ids" in fields:
        raise _unknown(fields, "layers that use the cache of another one (DeepSeek V4.1)")
    ratios = fields.listed("compress_ratios", int, count) or ()
    dim, rope = fields.integer("head_dim"), fields.integer("qk_rope_head_dim")
    if rope > dim:
        raise fields.error("qk_rope_head_dim", f"is {rope}, more than the head_dim of {dim}")
    window = fields.integer("sliding_window", maximum=MAX_TOKENS)
    index = fields.optional("index_head_dim")
    for ratio in ratios:
        # Where entries stand for many tokens, all of them are attended to.
        yield Compressed(1, ratio, dim, rope, window, index if ratio == 4 else 0)


def _read_latents(fields: Fields, count: int, notes: list[str]) -> Iterable[Layers]:
    """MLA: DeepSeek V2 to V3.2, Kimi, GLM 5, with and without indexers and linear layers."""
    rank = fields.integer("kv_lora_rank")
    rope = fields.optional("qk_rope_head_dim", minimum=0)
    kinds = layer_kinds(fields, count) or ["full_attention"] * count
    latents = 0
    for kind in kinds:
        if kind in _FULL:
            latents += 1
            yield Latent(1, rank, rope)
        else:
            yield from _layer(fields, kind)
    if fields.listed("kv_source_layers", int):
        notes.append(
            "Some layers use the cache of another one, which is not modelled: the caches are an "
            "upper bound."
        )
    if "index_head_dim" in fields and "index_topk" in fields:
        modes = fields.listed("indexer_types", str, count) or ["full"] * latents
        if "index_kpool" in fields:
            notes.append(
                "Its indexer keys are pooled, which is not modelled: the caches are an upper bound."
            )
        for _ in range(min(sum(mode == "full" for mode in modes), latents)):
            yield Indexer(1, fields.integer("index_head_dim"))


def _read_two_kinds(fields: Fields, count: int, notes: list[str]) -> Iterable[Layers]:
    """MiMo V2: 0 is full attention, 1 a window with heads of its own."""
    dim = read_head_dim(fields)
    value = fields.optional("v_head_dim") or dim
    for windowed in fields.listed("hybrid_layer_pattern", int, count) or ():
        if windowed:
            yield Attention(
                1,
                fields.integer("swa_num_key_value_heads", *_KV_NAMES),
                fields.optional("swa_head_dim") or dim,
                fields.optional("swa_v_head_dim") or value,
                fields.integer("sliding_window", "sliding_window_size", maximum=MAX_TOKENS),
            )
        else:
            yield Attention(1, read_kv_heads(fields), dim, value)


def _read_letters(fields: Fields, count: int, notes: list[str]) -> Iterable[Layers]:
    """Nemotron-H: M is Mamba 2, * attention; - and E keep nothing."""
    kinds = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}
    pattern = fields.values["hybrid_override_pattern"]
    if not isinstance(pattern, str) or len(pattern) > MAX_LAYERS:
        raise fields.error("hybrid_override_pattern", f"must be a string, got {shown(pattern, 40)}")
    if len(pattern) < count:
        problem = f"has {len(pattern)} letters for {count} layers"
        raise fields.error("hybrid_override_pattern", problem)
    for letter in pattern[:count]:
        if letter not in kinds:
            raise _unknown(fields, f"a layer is of type {letter!r}", "hybrid_override_pattern")
        yield from _layer(fields, kinds[letter])


def _read_blocks(fields: Fields, count: int, notes: list[str]) -> Iterable[Layers]:
    for kind in fields.listed("layers_block_type", str, count) or ():
        yield from _layer(fields, kind)


def _read_block_configs(fields: Fields, count: int, notes: list[str]) -> Iterable[Layers]:
    """Nemotron-NAS: each layer has a number of heads of its own, or no attention."""
    heads, dim = fields.integer(*HEAD_NAMES), read_head_dim(fields)
    for number, each in enumerate(fields.listed("block_configs", dict, count) or ()):
        block = Fields(each, fields.file, f"{fields.path}block_configs[{number}].")
        attention = block.table("attention")
        if attention is None or attention.flag("no_op"):
            continue
        if attention.flag("replace_with_linear"):
            continue
        group = attention.integer("n_heads_in_group", maximum=heads)
        window = attention.optional("window_length", maximum=MAX_TOKENS)
        yield Attention(1, heads // group, dim, dim, window or None)


def _unknown(fields: Fields, what: str, name: str = "model_type") -> FormatError:
    return fields.error(
        name,
        f"cannot be planned for: {what}",
        "what its layers keep is not known here; `ctx memory --models` lists what is",
    )


def _grouped(layers: Iterable[Layers]) -> tuple[Layers, ...]:
    """Layers of the same figures as one, in the order in which they first appear."""
    counts = Counter(layers)
    return tuple(_with_count(each, n) for each, n in counts.items())


def _with_count(layers: Layers, count: int) -> Layers:
    from dataclasses import replace

    copy: Callable[..., Any] = replace
    found: Layers = copy(layers, count=count)
    return found
