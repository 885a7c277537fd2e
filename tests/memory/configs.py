"""Configurations of models in the shapes that their vendors publish, shortened."""

from typing import Any

GQA: dict[str, Any] = {
    "model_type": "llama",
    "num_hidden_layers": 4,
    "hidden_size": 512,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "intermediate_size": 1024,
    "vocab_size": 1000,
    "max_position_embeddings": 4096,
    "tie_word_embeddings": False,
}
MOE = {
    "n_routed_experts": 8,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 128,
    "n_shared_experts": 1,
    "first_k_dense_replace": 1,
}
MLA = {
    **GQA,
    "model_type": "deepseek_v3",
    "kv_lora_rank": 512,
    "q_lora_rank": 256,
    "qk_rope_head_dim": 64,
    "qk_nope_head_dim": 128,
    "v_head_dim": 128,
    **MOE,
}
SPARSE = {**MLA, "index_head_dim": 128, "index_n_heads": 4, "index_topk": 64}
SHARED_INDEXERS = {**SPARSE, "indexer_types": ["full", "shared", "shared", "full"]}
COMPRESSED = {
    **GQA,
    "model_type": "deepseek_v4",
    "head_dim": 512,
    "qk_rope_head_dim": 64,
    "q_lora_rank": 256,
    "o_groups": 2,
    "o_lora_rank": 64,
    "index_head_dim": 128,
    "index_n_heads": 4,
    "sliding_window": 128,
    "compress_ratios": [0, 4, 128, 4, 0],
    "hc_mult": 4,
    **MOE,
}
GATED_DELTA = {
    "model_type": "qwen3_5",
    "text_config": {
        **GQA,
        "layer_types": ["linear_attention"] * 3 + ["full_attention"],
        "linear_num_key_heads": 2,
        "linear_num_value_heads": 4,
        "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
        "linear_conv_kernel_dim": 4,
        "attn_output_gate": True,
    },
    "vision_config": {"depth": 2},
}
BY_INTERVAL = {
    **{k: v for k, v in GATED_DELTA["text_config"].items() if k != "layer_types"},  # type: ignore[attr-defined]
    "full_attention_interval": 4,
}
KDA = {
    **MLA,
    "model_type": "kimi_linear",
    "linear_attn_config": {
        "full_attn_layers": [4],
        "kda_layers": [1, 2, 3],
        "num_heads": 4,
        "head_dim": 128,
        "short_conv_kernel_size": 4,
    },
}
LIGHTNING = {**GQA, "model_type": "minimax_m1", "attn_type_list": [0, 0, 0, 1]}
WINDOWS = {
    **GQA,
    "model_type": "gpt_oss",
    "sliding_window": 128,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
}
CHUNKS = {**GQA, "model_type": "llama4_text", "attention_chunk_size": 8192}
TWO_KINDS = {
    **GQA,
    "model_type": "mimo_v2_flash",
    "head_dim": 192,
    "v_head_dim": 128,
    "swa_num_key_value_heads": 4,
    "sliding_window": 128,
    "hybrid_layer_pattern": [0, 1, 1, 0],
}
MAMBA = {
    **GQA,
    "model_type": "nemotron_h",
    "hybrid_override_pattern": "M-*E",
    "ssm_state_size": 128,
    "mamba_num_heads": 8,
    "mamba_head_dim": 64,
    "n_groups": 2,
    "conv_kernel": 4,
    "mlp_hidden_act": "relu2",
    **MOE,
}
INDEX_KEYS = {
    **GQA,
    "model_type": "minimax_m3",
    "sparse_attention_config": {
        "sparse_attention_freq": [0, 1, 1, 1],
        "sparse_index_dim": 128,
        "use_sparse_attention": True,
    },
}
GEMMA = {**GQA, "model_type": "gemma3_text", "sliding_window": 512, "num_hidden_layers": 7}
MISTRAL = {**GQA, "model_type": "mistral", "sliding_window": 4096}
SWITCHED_OFF = {**GQA, "model_type": "qwen2", "sliding_window": 4096, "use_sliding_window": False}
BLOCKS = {
    **GQA,
    "model_type": "nemotron-nas",
    "num_key_value_heads": None,
    "block_configs": [
        {"attention": {"n_heads_in_group": 4, "no_op": False}},
        {"attention": {"n_heads_in_group": None, "no_op": True}},
        {"attention": {"n_heads_in_group": 4, "window_length": 256}},
        {"attention": {"n_heads_in_group": 8}},
    ],
}
OLD = {"model_type": "gpt2", "n_layer": 4, "n_head": 8, "n_embd": 512, "vocab_size": 1000}

ALL: dict[str, dict[str, Any]] = {
    name.lower(): value
    for name, value in list(globals().items())
    if name.isupper() and name not in ("MOE", "ALL")
}
