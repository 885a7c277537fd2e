"""Unigram and the normalizers: the kernel gives what ``tokenizers`` gives, for any text."""

import io
import json
import random
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, models, normalizers, pre_tokenizers
from tokenizers import Tokenizer as Reference

from ctxtools import _core
from tests.core import needs_kernel

pytestmark = needs_kernel
if TYPE_CHECKING:
    from ctxtools._kernel import Tokenizer
else:
    Tokenizer = getattr(_core.kernel, "Tokenizer", None)

# All but surrogates, private use and most ideographs beyond the first plane.
SPANS = [(0, 0xD800), (0xF900, 0x20100), (0x2F800, 0x2FA20), (0xE0000, 0xE0200)]
CHARACTERS = [chr(c) for start, end in SPANS for c in range(start, end)]
PER_TEXT = 512

ENDS = st.sampled_from(["", " ", "  ", "\n", "\u3000", "▁"])
PIECES = st.one_of(
    ENDS,
    st.text("abcdefgh", max_size=6),
    st.text("かきカｶﾞが中文字각각豈", max_size=4),
    st.text("\u0300\u0301\u0323\u3099\u200d\u0600\u0e33éÅﬁ①㎏🇩🇪👩💻", max_size=4),
    st.text(" \t\n\r\x00\x07\x85\xa0\u200b\u2028\u3000\ufeff\ufffd▁", max_size=4),
    st.characters(exclude_categories=["Cs"]),
)
SCORES = st.floats(-20, 3).filter(lambda score: score == 0 or abs(score) > 1e-9)
ANY = st.lists(PIECES, max_size=12).map("".join)


def ids_of(kernel: "Tokenizer", text: str) -> list[int]:
    return memoryview(kernel.encode(text)).tolist()


@cache
def trained(rule: str) -> Any:
    """A small SentencePiece model of what this project says of itself."""
    text = Path(__file__).parents[2].joinpath("ARCHITECTURE.md").read_text("utf-8")
    sentences = [line[:200] for line in text.splitlines() if line.strip()]
    sentences += ["中文 文字 豈 かき ガ が カ 각각 é Å ﬁ"] * 9 + ["a b c d e f g h"] * 9
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=written,
        model_type="unigram",
        vocab_size=500,
        hard_vocab_limit=False,
        normalization_rule_name=rule,
        minloglevel=2,
    )
    messages: Any = import_module("sentencepiece.sentencepiece_model_pb2")
    model = messages.ModelProto()
    model.ParseFromString(written.getvalue())
    return model


@cache
def normalizer(name: str) -> normalizers.Normalizer:
    def table(rule: str = "nmt_nfkc") -> normalizers.Normalizer:
        return normalizers.Precompiled(trained(rule).normalizer_spec.precompiled_charsmap)

    runs = normalizers.Replace(Regex(" {2,}"), "▁")
    known: dict[str, Callable[[], normalizers.Normalizer]] = {
        "xlm-r": lambda: normalizers.Sequence(
            [table(), normalizers.Strip(left=False, right=True), runs]
        ),
        "t5": table,
        "case folding": lambda: normalizers.Sequence(
            [table("nmt_nfkc_cf"), normalizers.Replace(Regex(r"\s+"), " ")]
        ),
        "albert": lambda: normalizers.Sequence(
            [
                normalizers.Replace("``", '"'),
                normalizers.Replace("''", '"'),
                normalizers.NFKD(),
                normalizers.StripAccents(),
                normalizers.Lowercase(),
                table(),
                normalizers.Replace(Regex(" {2,}"), " "),
            ]
        ),
        "nmt": lambda: normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), runs]),
        "bert": normalizers.BertNormalizer,
        "cased bert": lambda: normalizers.BertNormalizer(lowercase=False),
        "nfc": normalizers.NFC,
        "nfd": normalizers.NFD,
        "nfkc": normalizers.NFKC,
        "nfkd": normalizers.NFKD,
        "lowercase": normalizers.Lowercase,
        "strip accents": normalizers.StripAccents,
        "strip": normalizers.Strip,
    }
    return known[name]()


NAMES = [
    *("xlm-r", "t5", "case folding", "albert", "nmt", "bert", "cased bert", "nfc", "nfd"),
    *("nfkc", "nfkd", "lowercase", "strip accents", "strip"),
]


def both(name: str, model: models.Unigram) -> tuple["Tokenizer", Reference]:
    """A tokenizer in the kernel and in the library."""
    reference = Reference(model)
    reference.normalizer = normalizer(name)
    reference.pre_tokenizer = pre_tokenizers.Metaspace()
    return of_json(reference.to_str()), reference


def of_json(text: str) -> "Tokenizer":
    file = _core.TokenizerJson(text.encode())
    return Tokenizer.of_words("Unigram", file, file.rest)


@cache
def of_pieces(name: str) -> tuple["Tokenizer", Reference]:
    pieces = [(piece.piece, piece.score) for piece in trained("nmt_nfkc").pieces]
    return both(name, models.Unigram(pieces, unk_id=0))


@cache
def of_bytes(name: str) -> tuple["Tokenizer", Reference]:
    """Ids that are the bytes of the normalized text."""
    pieces = [("<unk>", 0.0), *((f"<0x{byte:02X}>", -1.0) for byte in range(256))]
    return both(name, models.Unigram(pieces, unk_id=0, byte_fallback=True))


@pytest.mark.parametrize("name", NAMES)
def test_every_character_is_normalized_alike(name: str) -> None:
    kernel, reference = of_bytes(name)
    for start in range(0, len(CHARACTERS), PER_TEXT):
        text = "x ".join(CHARACTERS[start : start + PER_TEXT])
        assert ids_of(kernel, text) == reference.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("name", NAMES)
@given(text=ANY)
def test_any_text_is_normalized_alike(name: str, text: str) -> None:
    kernel, reference = of_bytes(name)
    assert ids_of(kernel, text) == reference.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("name", NAMES)
@given(text=ANY)
def test_any_text_has_the_ids_of_the_library(name: str, text: str) -> None:
    kernel, reference = of_pieces(name)
    ids = reference.encode(text, add_special_tokens=False).ids
    assert ids_of(kernel, text) == ids
    assert kernel.count(text) == len(ids)


def test_a_word_of_more_than_two_megabytes() -> None:
    kernel, reference = of_pieces("nfc")
    word = "".join(
        random.Random(1).choices(["the", "token", "s", "é", "中", "文字", "x"], k=900_000)
    )
    ids = reference.encode(word, add_special_tokens=False).ids
    assert ids_of(kernel, word) == ids
    assert kernel.count(word) == len(ids)


@given(
    pieces=st.dictionaries(st.text("ab▁c", min_size=1, max_size=4), SCORES, max_size=9),
    text=st.text("ab cd", max_size=20),
    has_bytes=st.booleans(),
)
def test_any_pieces(pieces: dict[str, float], text: str, has_bytes: bool) -> None:
    vocabulary = [("<unk>", 0.0), ("<0x64>", -3.0), *pieces.items()]
    kernel, reference = both("nfc", models.Unigram(vocabulary, unk_id=0, byte_fallback=has_bytes))
    assert ids_of(kernel, text) == reference.encode(text).ids


@pytest.mark.parametrize(
    "change",
    [
        {"normalizer": {"type": "Unheard"}},
        {"normalizer": {"type": "Replace", "pattern": {"Regex": "a|b"}, "content": ""}},
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}},
        {"model": {"type": "Unigram", "unk_id": None, "vocab": [["a", 0.0]]}},
        {"model": {"type": "Unigram", "unk_id": 1, "vocab": [["a", 0.0]]}},
        {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a", 0.0]], "new": 1}},
        {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["a" * 1025, 0.0]]}},
    ],
    ids=lambda change: json.dumps(change)[:60],
)
def test_what_is_not_known_is_refused(change: dict[str, Any]) -> None:
    file = json.loads(of_pieces("nfc")[1].to_str())
    with pytest.raises(ValueError, match="not one that is known exactly"):
        of_json(json.dumps(file | change))
