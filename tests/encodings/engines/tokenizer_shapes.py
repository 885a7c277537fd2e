"""Small tokenizers of every shape that published files have, bare or with added tokens."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers as pre

from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from tests.oracles import byte_level_bpe

_WORDS = [
    *["a", "e", "é", "12", "<", ">", "[", "]", "|", ".", "日", "本", "語", "7"],
    *["the", "ab", "abc", "he", "hello", "mask", "s", "end", "word", "in_x", "<s"],
]


def _bytes() -> models.BPE:
    tokens = [bytes([b]) for b in range(256)]
    for word in _WORDS:
        for spelled in (word, " " + word):
            data = spelled.encode()
            tokens += [data[:n] for n in range(2, len(data) + 1)]
    tokens += [b"  ", b"\n\n", b" \n"]
    return byte_level_bpe({token: i for i, token in enumerate(dict.fromkeys(tokens))})


def _byte_level(
    *splits: str,
    prefix: bool = False,
    use_regex: bool = False,
    normalizer: normalizers.Normalizer | None = None,
) -> Tokenizer:
    tokenizer = Tokenizer(_bytes())
    if normalizer:
        tokenizer.normalizer = normalizer
    steps: list[pre.PreTokenizer] = [pre.Split(Regex(split), "isolated") for split in splits]
    last = pre.ByteLevel(add_prefix_space=prefix, use_regex=use_regex)
    tokenizer.pre_tokenizer = pre.Sequence([*steps, last]) if steps else last
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _family(name: str) -> Tokenizer:
    pattern = SPLIT_PATTERNS[name]
    return _byte_level(
        *(pattern.json_splits or ()), normalizer=normalizers.NFC() if pattern.nfc else None
    )


def _spaced() -> models.BPE:
    """BPE as Llama 2's: "▁" for spaces, other bytes by their value."""
    names = ["<unk>", *(f"<0x{b:02X}>" for b in range(256)), "▁", "▁▁"]
    merges = [("▁", "▁")]
    for word in [*_WORDS, *map(str.upper, _WORDS)]:
        for spelled in (word, "▁" + word):
            names += spelled
            merges += [(spelled[:n], spelled[n]) for n in range(1, len(spelled))]
            names += [spelled[:n] for n in range(2, len(spelled) + 1)]
    vocabulary = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return models.BPE(
        vocabulary, [*dict.fromkeys(merges)], unk_token="<unk>", byte_fallback=True, fuse_unk=True
    )


def _metaspace(scheme: str, *, split: bool) -> Tokenizer:
    tokenizer = Tokenizer(_spaced())
    tokenizer.pre_tokenizer = pre.Metaspace("▁", scheme, split)
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return tokenizer


def _metaspace_decoder() -> Tokenizer:
    tokenizer = _metaspace("first", split=True)
    tokenizer.decoder = decoders.Metaspace("▁", "first")
    return tokenizer


def _legacy() -> Tokenizer:
    """As Llama 2's older file: a normaliser puts "▁" before each text and in it."""
    tokenizer = _metaspace("never", split=True)
    tokenizer.pre_tokenizer = None
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    return tokenizer


def _wordpiece() -> Tokenizer:
    names = ["[UNK]", "[CLS]", "[MASK]", *"abcdehlmnoskrtwxé12<>[]|_.", *_WORDS]
    names += [f"##{name}" for name in names[3:]]
    vocabulary = {name: i for i, name in enumerate(dict.fromkeys(names))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _lowercase() -> Tokenizer:
    return _byte_level(use_regex=True, normalizer=normalizers.Lowercase())


def _unigram() -> Tokenizer:
    names = ["<unk>", "▁", *"abcdehlmnoskrtwxé12<>[]|_./", *_WORDS, *("▁" + w for w in _WORDS)]
    pieces = [(name, -float(i % 7) - 1) for i, name in enumerate(dict.fromkeys(names))]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre.Metaspace("▁", "always")
    tokenizer.decoder = decoders.Metaspace("▁", "always")
    return tokenizer


def _bare() -> Tokenizer:
    """Words, and nothing beside the model."""
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1, "the": 2}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre.Whitespace()
    return tokenizer


BYTE_LEVEL: dict[str, Callable[[], Tokenizer]] = {
    "gpt2": lambda: _byte_level(use_regex=True),
    "gpt2, nfc": lambda: _byte_level(use_regex=True, normalizer=normalizers.NFC()),
    "llama3": lambda: _family("llama3"),
    "qwen2": lambda: _family("qwen2"),
    "o200k": lambda: _family("o200k"),
    "deepseek": lambda: _family("deepseek"),
}
"""Those that the engines here count."""

OTHERS: dict[str, Callable[[], Tokenizer]] = {
    "gpt2, prefix": lambda: _byte_level(use_regex=True, prefix=True),
    "bytes, no split": lambda: _byte_level(),
    "bytes, lowercase": _lowercase,
    "metaspace first": lambda: _metaspace("first", split=True),
    "metaspace first, decoder": _metaspace_decoder,
    "metaspace first, no split": lambda: _metaspace("first", split=False),
    "metaspace always": lambda: _metaspace("always", split=True),
    "metaspace never": lambda: _metaspace("never", split=True),
    "legacy": _legacy,
    "wordpiece": _wordpiece,
    "unigram": _unigram,
    "words": _bare,
}
"""Those that the library counts."""

SHAPES = BYTE_LEVEL | OTHERS
FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


def flagged(content: str, **flags: bool) -> dict[str, Any]:
    return {"content": content, **dict.fromkeys(FLAGS, False), "special": True, **flags}


@cache
def _definition(shape: str) -> str:
    return SHAPES[shape]().to_str()


def with_tokens(shape: str, tokens: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The file of a shape with added tokens, or None where what is found is left to chance."""
    file: dict[str, Any] = json.loads(_definition(shape))
    bare = Tokenizer.from_str(_definition(shape))
    normalize = bare.normalizer.normalize_str if bare.normalizer else str
    next_id, added, seen = bare.get_vocab_size(), [], set()
    for token in tokens:
        spelling = normalize(token["content"]) if token["normalized"] else token["content"]
        if not spelling or (token["normalized"], spelling) in seen:
            return None
        seen.add((token["normalized"], spelling))
        i = bare.token_to_id(token["content"])
        if i is None:
            i, next_id = next_id, next_id + 1
        # A token of white space that takes what is before it makes the library panic.
        added.append({"id": i, **token, "lstrip": token["lstrip"] and bool(spelling.strip())})
    return file | {"added_tokens": added}
