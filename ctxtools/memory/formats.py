"""In which formats weights and caches are stored, and how many bytes each takes.

A weight's format is its bits with its share of the block's scale. Sources: the OCP Microscaling
specification 1.0 (mxfp4, mxfp8), compressed-tensors and ModelOpt (int4, nvfp4), DeepSeek V3's
report (fp8 in blocks of 128 × 128), llama.cpp's block sizes (the q formats, from memory).
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, get_args

from ctxtools.errors import UsageError
from ctxtools.suggestions import closest_match

KvFormat = Literal["bf16", "fp8", "fp8_ds_mla", "nvfp4_ds_mla", "nvfp4", "int8"]
"""How keys and values are stored. The two ``ds_mla`` are packed formats of a latent or a
compressed entry; of layers that have neither, they are fp8 and nvfp4."""
KV_FORMATS: tuple[KvFormat, ...] = get_args(KvFormat)

IndexerFormat = Literal["bf16", "fp8", "mxfp4"]
"""How the keys of an indexer are stored."""
INDEXER_FORMATS: tuple[IndexerFormat, ...] = get_args(IndexerFormat)

WEIGHT_BYTES: Mapping[str, Fraction] = {
    "fp32": Fraction(4),
    "bf16": Fraction(2),
    "fp16": Fraction(2),
    "fp8": 1 + Fraction(4, 128 * 128),
    "mxfp8": 1 + Fraction(1, 32),
    "int8": Fraction(1),
    "int4": Fraction(1, 2) + Fraction(2, 128),
    "int4-g32": Fraction(1, 2) + Fraction(2, 32),
    "mxfp4": Fraction(1, 2) + Fraction(1, 32),
    "nvfp4": Fraction(1, 2) + Fraction(1, 16),
    "q8_0": Fraction(17, 16),
    "q6_k": Fraction(105, 128),
    "q5_k": Fraction(11, 16),
    "q4_k": Fraction(9, 16),
    "q4_0": Fraction(9, 16),
}
"""Bytes of one weight."""

KV_BYTES: Mapping[str, Fraction] = {
    "bf16": Fraction(2),
    "fp8": Fraction(1),
    "int8": Fraction(1),
    "nvfp4": Fraction(9, 16),
}
"""Bytes of one element of a key or a value."""

_SPELLINGS = {
    "bfloat16": "bf16",
    "float16": "fp16",
    "half": "fp16",
    "float32": "fp32",
    "float": "fp32",
    "fp8_e4m3": "fp8",
    "fp8_e5m2": "fp8",
    "float8_e4m3fn": "fp8",
    "w8a8": "int8",
    "w4a16": "int4",
    "w4a8": "int4",
    "awq": "int4",
    "gptq": "int4",
    "fp4": "mxfp4",
}
_VARIANT = re.compile(r"(q[456]_k)_[sml]")  # of llama.cpp, in which some layers have another format


def weight_format(name: str, argument: str = "dtype") -> str:
    """A format of weights by one of its spellings.

    Raises:
        UsageError: there is none of that name.
    """
    return _known(name, tuple(WEIGHT_BYTES), argument)


def kv_format(name: str, argument: str = "kv_dtype") -> KvFormat:
    """A format of caches by one of its spellings.

    Raises:
        UsageError: there is none of that name.
    """
    found = _known("bf16" if name in ("fp16", "float16") else name, KV_FORMATS, argument)
    return next(each for each in KV_FORMATS if each == found)


def indexer_format(name: str, argument: str = "indexer_dtype") -> IndexerFormat:
    """A format of an indexer's keys by one of its spellings.

    Raises:
        UsageError: there is none of that name.
    """
    found = _known(name, INDEXER_FORMATS, argument)
    return next(each for each in INDEXER_FORMATS if each == found)


def indexer_bytes(dim: int, format: str) -> Fraction:
    """Bytes of one indexer key with its scales: one of 4 bytes for 128 elements, or of 1 for 32."""
    if format == "fp8":
        return Fraction(dim + -(-dim // 128) * 4)
    return Fraction(dim, 2) + -(-dim // 32) if format == "mxfp4" else Fraction(2 * dim)


def latent_bytes(rank: int, rope_dim: int, format: str) -> Fraction:
    """Bytes of one latent with its rotary key: 656 for 512 + 64 elements in fp8_ds_mla.

    That is 512 in fp8, 16 of scales and 128 of the rotary part in bf16; in nvfp4_ds_mla 352.
    Source: vLLM 0.33, mla_attention.py.
    """
    if format == "fp8_ds_mla":
        return Fraction(rank + -(-rank // 128) * 4 + 2 * rope_dim)
    if format == "nvfp4_ds_mla":
        return Fraction(rank * 9, 16) + rope_dim
    return (rank + rope_dim) * KV_BYTES[format]


def entry_bytes(head_dim: int, rope_dim: int, format: str) -> Fraction:
    """Bytes of one entry of DeepSeek V4: 584 for 512 elements, of which 64 are the rotary part.

    That is 448 in fp8, 128 of the rotary part in bf16 and 8 of scales; in bf16 1,024.
    Source: vLLM 0.33, models/deepseek_v4/attention.py.

    Raises:
        UsageError: no engine stores them so.
    """
    if format in ("fp8", "fp8_ds_mla"):
        packed = head_dim - rope_dim
        return Fraction(packed + 2 * rope_dim + -(-packed // 64) + 1)
    if format == "bf16":
        return Fraction(2 * head_dim)
    raise UsageError(
        f"kv_dtype {format} is not how compressed entries are stored", hint="take fp8 or bf16"
    )


def element_bytes(format: str) -> Fraction:
    """Bytes of one element of a key or a value."""
    return KV_BYTES[format.removesuffix("_ds_mla")]


def _known(name: str, known: tuple[str, ...], argument: str) -> str:
    if not isinstance(name, str):
        raise UsageError(f"{argument} must be a str, got {type(name).__name__}")
    asked = name.strip().lower()
    asked = _SPELLINGS.get(asked, asked)
    if variant := _VARIANT.fullmatch(asked):
        asked = variant[1]
    if asked not in known:
        raise UsageError(
            f"unknown {argument} {name!r:.60}",
            hint=closest_match(asked[:60], known) or f"choose one of {', '.join(known)}",
        )
    return asked
