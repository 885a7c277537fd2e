"""What a tokenizer puts around a text of its own accord: as ``tokenizers`` does it."""

import json
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, processors
from tokenizers import pre_tokenizers as pre

from ctxtools.encodings import Encoding, get_encoding, load_encoding
from ctxtools.encodings.added_ids import AddedIds
from ctxtools.errors import UsageError
from tests.oracles import byte_level_bpe
from tests.strategies import texts

SPECIAL = {"[CLS]": [300], "[SEP]": [301], "<s>": [302, 303], "</s>": [303]}


def words() -> Tokenizer:
    """One that goes to the library."""
    known = ["[UNK]", "a", "b", "the", "é"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(known)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre.Whitespace()
    return tokenizer


def byte_level() -> Tokenizer:
    """One that goes to the kernel, or to tiktoken."""
    ranks = {bytes([i]): i for i in range(256)} | {b"th": 256, b"the": 257}
    tokenizer = Tokenizer(byte_level_bpe(ranks))
    tokenizer.pre_tokenizer = pre.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


MAKERS = {"words": words, "byte_level": byte_level}

names = st.lists(st.sampled_from(sorted(SPECIAL)), max_size=3)


@st.composite
def templates(draw: st.DrawFn) -> Any:
    tokens = [{"id": name, "ids": ids, "tokens": ["t"] * len(ids)} for name, ids in SPECIAL.items()]
    single = [*draw(names), draw(st.sampled_from(["$A", "$0", "$A:1"])), *draw(names)]
    return processors.TemplateProcessing(single=single, pair="$A $B", special_tokens=tokens)


pairs = st.tuples(st.sampled_from(["[SEP]", "</s>"]), st.integers(300, 310))
one = st.one_of(
    templates(),
    st.builds(processors.BertProcessing, pairs, pairs),
    st.builds(processors.RobertaProcessing, pairs, pairs),
    st.builds(processors.ByteLevel),
)
byte_levels = st.lists(st.builds(processors.ByteLevel), max_size=2)
chains = st.builds(lambda a, b, c: processors.Sequence([*a, b, *c]), byte_levels, one, byte_levels)
post_processors = st.one_of(st.none(), one, chains)


def load(tokenizer: Tokenizer, folder: str | Path) -> Encoding:
    path = Path(folder, "tokenizer.json")
    tokenizer.save(str(path))
    return load_encoding(path)


@pytest.mark.parametrize("kind", MAKERS)
@given(post_processor=post_processors, text=texts)
def test_ids_and_counts_are_those_of_the_library(kind: str, post_processor: Any, text: str) -> None:
    tokenizer = MAKERS[kind]()
    if post_processor is not None:
        tokenizer.post_processor = post_processor
    with TemporaryDirectory() as folder:
        encoding = load(tokenizer, folder)
    expected = tokenizer.encode(text).ids
    assert encoding.encode(text, add_special_tokens=True) == expected
    assert encoding.count(text, add_special_tokens=True) == len(expected)
    assert encoding.count(text, threads=2, add_special_tokens=True) == len(expected)
    assert encoding.encode_batch([text, ""], add_special_tokens=True)[0] == expected
    counts = [len(expected), encoding.tokens_added + encoding.count("")]
    assert encoding.count_batch([text, ""], add_special_tokens=True) == counts
    for limit in (0, 2, max(0, len(expected) - 1), len(expected), len(expected) + 1):
        fits = len(expected) <= limit
        found = encoding.count_till_limit(text, limit, add_special_tokens=True)
        assert found == (len(expected) if fits else None)
        assert encoding.fits(text, limit, add_special_tokens=True) == fits
    assert encoding.tokens_added == tokenizer.num_special_tokens_to_add(is_pair=False)
    assert encoding.tokens_added == sum(map(len, encoding.added_ids))
    plain = tokenizer.encode(text, add_special_tokens=False).ids
    assert encoding.encode(text) == plain and encoding.count(text) == len(plain)


def with_cls_and_sep(tokenizer: Tokenizer, single: str = "[CLS] $A [SEP]") -> Tokenizer:
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair="$A $B", special_tokens=[("[CLS]", 300), ("[SEP]", 301)]
    )
    return tokenizer


def test_a_template_of_byte_level_bpe_needs_no_library(tmp_path: Path) -> None:
    encoding = load(with_cls_and_sep(byte_level()), tmp_path)
    assert encoding.backend.name != "tokenizers"
    assert encoding.added_ids == AddedIds((300,), (301,))
    again = pickle.loads(pickle.dumps(encoding))
    assert again.added_ids == encoding.added_ids


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("several", [False, True])
def test_what_is_not_around_a_text(kind: str, several: bool, tmp_path: Path) -> None:
    """For several processors the library panics, or puts tokens inside."""
    tokenizer = with_cls_and_sep(MAKERS[kind](), "[CLS] $A" if several else "[CLS] $A $A")
    if several:
        tokenizer.post_processor = processors.Sequence([tokenizer.post_processor] * 2)
    encoding = load(tokenizer, tmp_path)
    assert encoding.backend.name == "tokenizers"
    assert encoding.count("a") == 1 + (not several)
    with pytest.raises(UsageError, match="does not put tokens around a text"):
        encoding.count("a", add_special_tokens=True)
    with pytest.raises(UsageError, match="does not put tokens around a text"):
        _ = encoding.tokens_added


def test_a_truncation_in_the_file_is_not_applied(tmp_path: Path) -> None:
    tokenizer = with_cls_and_sep(words())
    tokenizer.enable_truncation(8)
    assert load(tokenizer, tmp_path).count("a " * 100, add_special_tokens=True) == 102


def test_a_sentencepiece_model_and_the_configuration_beside_it(tmp_path: Path) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    corpus, model = tmp_path / "corpus.txt", tmp_path / "tokenizer.model"
    corpus.write_text("the quick brown fox jumps over the lazy dog\n" * 50)
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(model.with_suffix("")),
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    assert load_encoding(model).added_ids == ((), ())
    for bos in (True, False, None):
        for eos in (True, False):
            config = {"add_bos_token": bos, "add_eos_token": eos}
            (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
            oracle = sentencepiece.SentencePieceProcessor(
                model_file=str(model), add_bos=bool(bos), add_eos=eos
            )
            encoding = load_encoding(model)
            for text in ("", "the lazy dog"):
                ids = encoding.encode(text, add_special_tokens=True)
                assert ids == oracle.encode(text)
    for malformed in (b"", b"[1]", b"\xff", b'{"add_bos_token": "yes"}'):
        (tmp_path / "tokenizer_config.json").write_bytes(malformed)
        assert load_encoding(model).tokens_added == 0


def test_packaged_encodings_add_nothing(encoding: Encoding) -> None:
    assert encoding.added_ids == ((), ())
    assert encoding.count("a b", add_special_tokens=True) == 2
    assert get_encoding(encoding.name).encode("a b", add_special_tokens=True) == encoding.encode(
        "a b"
    )
