"""Tokenizers in GGUF files: as those that they were made of; and files that are none."""

import io
import json
import struct
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from ctxtools.encodings import load_encoding
from ctxtools.encodings.files.gguf import read_metadata
from ctxtools.encodings.files.gguf_splits import SPLITS_OF_PRE
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.errors import UsageError, VocabularyError
from tests.core import needs_kernel
from tests.encodings.files.gguf_files import CONTROL, NORMAL, USER_DEFINED, gguf
from tests.encodings.files.test_splits import STEPS
from tests.encodings.files.test_tokenizer_json import split_by, tokenizer_of
from tests.strategies import texts

CORPUS = [
    *Path(__file__).read_text().splitlines(),
    "Grüße, 日本語の文章 and 12345 words!",
    "ab " * 50,
]


def ggml(model: str, **values: Any) -> dict[str, Any]:
    return {f"tokenizer.ggml.{name}": value for name, value in {"model": model, **values}.items()}


@cache
def byte_level() -> Tokenizer:
    tokenizer = tokenizer_of(models.BPE(), split_by(SPLIT_PATTERNS["llama3"].regex))
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def byte_level_gguf(**values: Any) -> bytes:
    model = json.loads(byte_level().to_str())["model"]
    tokens = [*model["vocab"], "<|begin|>", "<tool>"]
    types = [NORMAL] * (len(tokens) - 2) + [CONTROL, USER_DEFINED]
    merges = [" ".join(pair) for pair in model["merges"]]
    settings = {"pre": "llama-bpe", "bos_token_id": len(tokens) - 2, "add_bos_token": True}
    return gguf(ggml("gpt2", tokens=tokens, token_type=types, merges=merges, **settings | values))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gguf")


@given(text=texts)
@settings(max_examples=50)
def test_byte_level(folder: Path, text: str) -> None:
    path = folder / "byte_level.gguf"
    if not path.exists():
        path.write_bytes(byte_level_gguf())
    encoding = load_encoding(path)
    expected = byte_level().encode(text, add_special_tokens=False).ids
    assert encoding.encode(text) == expected
    first = byte_level().get_vocab_size()
    assert encoding.special_tokens == {"<|begin|>": first}
    assert encoding.added_ids == ((first,), ())
    assert encoding.encode("<tool>") == [first + 1]


def test_a_split_pattern_may_be_named(folder: Path) -> None:
    path = folder / "unknown.gguf"
    path.write_bytes(byte_level_gguf(pre="of tomorrow"))
    with pytest.raises(UsageError, match="'of tomorrow', which is not known here") as raised:
        load_encoding(path)
    assert raised.value.hint and "#llama3" in raised.value.hint
    text = "It's 12345 words"
    assert load_encoding(path, pattern="llama3").encode(text) == byte_level().encode(text).ids


GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
DIGITS = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), GPT2])
ORIGINALS: dict[str, tuple[pre_tokenizers.PreTokenizer, normalizers.Normalizer | None]] = {
    "gpt-2": (GPT2, None),
    "olmo": (GPT2, normalizers.NFC()),
    "starcoder": (DIGITS, None),
    "smollm": (DIGITS, None),
    "command-r": (DIGITS, normalizers.NFC()),
    "bloom": (pre_tokenizers.Sequence(STEPS["bloom"]), None),
    "deepseek-coder": (pre_tokenizers.Sequence(STEPS["deepseek-coder"]), None),
}


@pytest.mark.parametrize("name", ORIGINALS)
@given(text=texts)
@settings(max_examples=30)
def test_a_name_of_a_split_means_the_original(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.gguf"
    if not path.exists():
        path.write_bytes(byte_level_gguf(pre=name))
    original = Tokenizer.from_str(byte_level().to_str())
    original.pre_tokenizer, normalizer = ORIGINALS[name]
    if normalizer:
        original.normalizer = normalizer
    assert load_encoding(path).encode(text) == original.encode(text, add_special_tokens=False).ids


@needs_kernel
@pytest.mark.parametrize("name", SPLITS_OF_PRE)
def test_every_known_name_is_counted_in_the_kernel(folder: Path, name: str) -> None:
    path = folder / f"{name}-counted.gguf"
    path.write_bytes(byte_level_gguf(pre=name))
    assert load_encoding(path).backend.name == "kernel"


@cache
def trained(kind: str) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 5),
        model_writer=model,
        model_type=kind,
        vocab_size=420 if kind == "bpe" else 200,
        byte_fallback=kind == "bpe",
        character_coverage=1.0 if kind == "unigram" else 0.99,
        normalization_rule_name="identity" if kind == "bpe" else "nmt_nfkc",
        remove_extra_whitespaces=kind == "unigram",
        user_defined_symbols=["<tool>"],
        minloglevel=2,
        hard_vocab_limit=False,
    )
    return model.getvalue()


def sentencepiece_gguf(kind: str) -> bytes:
    from sentencepiece import sentencepiece_model_pb2 as pb2

    message: Any = pb2
    proto = message.ModelProto.FromString(trained(kind))
    values = {
        "tokens": [piece.piece for piece in proto.pieces],
        "scores": [piece.score for piece in proto.pieces],
        "token_type": [piece.type for piece in proto.pieces],
        "add_space_prefix": proto.normalizer_spec.add_dummy_prefix,
        "remove_extra_whitespaces": proto.normalizer_spec.remove_extra_whitespaces,
        "unknown_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "add_eos_token": True,
    }
    if charsmap := proto.normalizer_spec.precompiled_charsmap:
        values["precompiled_charsmap"] = list(charsmap)
    return gguf(ggml("llama" if kind == "bpe" else "t5", **values))


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_sentencepiece(folder: Path, kind: str) -> None:
    path = folder / f"{kind}.gguf"
    path.write_bytes(sentencepiece_gguf(kind))
    encoding = load_encoding(path)
    oracle = sentencepiece.SentencePieceProcessor(model_proto=trained(kind))
    for text in (*CORPUS, "", " ", "  a\u3000b ﬁ <tool> \n\t🙂 日本"):
        assert encoding.encode(text) == oracle.encode(text)
    assert encoding.added_ids == ((), (2,))


def test_bert(folder: Path) -> None:
    tokens = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "hello",
        "he",
        "##llo",
        "wor",
        "##ld",
        "!",
    ]
    phantom = [
        token if token[0] == "[" else token[2:] if token[:2] == "##" else f"\u2581{token}"
        for token in tokens
    ]
    types = [CONTROL] * 5 + [NORMAL] * 6
    ids = {"cls_token_id": 2, "seperator_token_id": 3, "unknown_token_id": 1, "mask_token_id": 4}
    path = folder / "bert.gguf"
    path.write_bytes(gguf(ggml("bert", tokens=phantom, token_type=types, **ids)))
    oracle = tokenizer_of_word_piece(tokens)
    encoding = load_encoding(path)
    for text in ("Hello world!", "he  llo héllo\n xyz", "日本", "", "wor ld"):
        assert encoding.encode(text) == oracle.encode(text, add_special_tokens=False).ids
    assert encoding.added_ids == ((2,), (3,))


def tokenizer_of_word_piece(tokens: list[str]) -> Tokenizer:
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


REFUSED = {
    "not one": (b"GGML" + bytes(100), "does not start as one"),
    "of version 1": (gguf({}, version=1), "its version is 1"),
    "big-endian": (gguf({}, version=3 << 24), "big-endian"),
    "without a tokenizer": (gguf({}), "no tokenizer"),
    "of another kind": (gguf(ggml("rwkv", tokens=["a"])), "'rwkv', which is not known"),
    "without tokens": (gguf(ggml("gpt2")), "0 tokens"),
    "of more types": (
        gguf(ggml("llama", tokens=["a"], token_type=[1, 1])),
        "1 tokens and types of 2",
    ),
    "without scores": (gguf(ggml("llama", tokens=["a"])), "score for each"),
    "of a token twice": (gguf(ggml("gpt2", tokens=["a", "a"], pre="qwen2")), "a token twice"),
    "of numbers": (gguf(ggml("gpt2", tokens=[1, 2])), "no list of texts"),
    "of too many keys": (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "claims"),
    "of a long text": (
        b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 62),
        "a text of 4611686018427387904 bytes",
    ),
    "of a long list": (
        b"GGUF" + struct.pack("<IQQQcIIQ", 3, 0, 1, 1, b"a", 9, 4, 1 << 62),
        "a list of 4611686018427387904 numbers",
    ),
    "of a list of lists": (
        b"GGUF" + struct.pack("<IQQQcIIQ", 3, 0, 1, 1, b"a", 9, 9, 1),
        "a value of type 9",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_refused(folder: Path, name: str) -> None:
    content, message = REFUSED[name]
    path = folder / "refused.gguf"
    path.write_bytes(content)
    with pytest.raises(VocabularyError, match=message) as raised:
        load_encoding(path)
    assert str(path) in raised.value.message


@given(cut=st.integers(0, 3000), changed=st.integers(0, 3000), byte=st.integers(0, 255))
@settings(max_examples=200)
def test_damaged_files_are_errors_or_read(cut: int, changed: int, byte: int) -> None:
    content = bytearray(byte_level_gguf())
    content[changed] = byte
    try:
        read_metadata(io.BytesIO(bytes(content[: len(content) - cut])), lambda _: True)
    except VocabularyError as error:
        assert error.hint


def test_only_the_metadata_are_read(folder: Path) -> None:
    path = folder / "large.gguf"
    path.write_bytes(byte_level_gguf())
    with open(path, "r+b") as file:
        file.truncate(1 << 34)  # a hole, of which reading would take long
    assert load_encoding(path).encode("a") == byte_level().encode("a").ids
