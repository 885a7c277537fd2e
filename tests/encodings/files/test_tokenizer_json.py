"""Files that go to the engines here: the same tokens as by ``tokenizers``, or else not taken."""

import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers as pre

from ctxtools.encodings import Encoding, load_encoding
from ctxtools.encodings.engines import byte_level_engine
from ctxtools.encodings.engines.huggingface import HuggingFaceBackend
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.encodings.files.specs import SPECS
from ctxtools.encodings.files.tokenizer_json import read_byte_level
from tests.core import needs_kernel
from tests.oracles import byte_level_bpe, characters, deepseek, qwen, spell
from tests.strategies import texts, texts_with_surrogates

FAMILIES = ("llama3", "qwen2", "qwen35", "o200k", "tekken", "kimi", "r50k")
GPT2 = pre.ByteLevel(add_prefix_space=False, use_regex=True)


def split_by(regex: str, **how: Any) -> pre.PreTokenizer:
    split = pre.Split(Regex(regex), **(how or {"behavior": "isolated"}))
    return pre.Sequence([split, pre.ByteLevel(add_prefix_space=False, use_regex=False)])


def tokenizer_of(model: models.Model, step: pre.PreTokenizer) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer, tokenizer.decoder = step, decoders.ByteLevel()
    return tokenizer


@cache
def cl100k() -> models.BPE:
    return byte_level_bpe(SPECS["cl100k_base"].ranks())


def gpt2() -> Tokenizer:
    return tokenizer_of(cl100k(), GPT2)


def llama3() -> Tokenizer:
    """As Llama 3's file: every pair that makes a token is listed, and whole pretokens go first."""
    ranks = SPECS["cl100k_base"].ranks()
    pairs = []
    for token in ranks:
        halves = ((token[:i], token[i:]) for i in range(1, len(token)))
        found = [(a, b) for a, b in halves if a in ranks and b in ranks]
        pairs += sorted(found, key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
    vocabulary = {spell(token): rank for token, rank in ranks.items()}
    model = models.BPE(vocabulary, [(spell(a), spell(b)) for a, b in pairs], ignore_merges=True)
    return tokenizer_of(model, split_by(SPLIT_PATTERNS["llama3"].regex))


def with_added_tokens() -> Tokenizer:
    tokenizer = qwen().from_str(qwen().to_str())
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens(
        [
            AddedToken("<think>", normalized=False),
            AddedToken("<think>>", normalized=False),
            AddedToken("the", normalized=True),
            AddedToken("  ", normalized=True),
            AddedToken("é", normalized=True),
        ]
    )
    return tokenizer


KINDS: dict[str, Callable[[], Tokenizer]] = {
    "deepseek": deepseek,
    "qwen": qwen,
    "gpt2": gpt2,
    "llama3": llama3,
    "added": with_added_tokens,
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Encoding, Encoding]]:
    """Each kind as loaded here, and as loaded by ``tokenizers``."""
    pairs = {}
    for name, build in KINDS.items():
        path = tmp_path_factory.mktemp(name) / "tokenizer.json"
        build().save(str(path))
        oracle = HuggingFaceBackend(path.read_bytes(), str(path))
        pairs[name] = (load_encoding(path), Encoding(name, oracle, oracle.special_tokens))
    return pairs


@pytest.mark.parametrize("name", KINDS)
def test_known_files_do_not_go_to_the_library(
    name: str, loaded: dict[str, tuple[Encoding, Encoding]]
) -> None:
    encoding, oracle = loaded[name]
    assert encoding.backend.name in ("kernel", "tiktoken")
    assert encoding.special_tokens == oracle.special_tokens
    assert encoding.vocabulary_size == oracle.vocabulary_size


@pytest.mark.parametrize("name", KINDS)
@given(text=st.one_of(texts, texts_with_surrogates), limit=st.integers(0, 20))
@settings(max_examples=100)
def test_the_tokens_are_those_of_the_library(
    name: str, loaded: dict[str, tuple[Encoding, Encoding]], text: str, limit: int
) -> None:
    encoding, oracle = loaded[name]
    ids = oracle.encode(text)
    assert encoding.encode(text) == ids
    assert encoding.count(text) == len(ids)
    assert encoding.decode_bytes(ids) == oracle.decode_bytes(ids)
    assert encoding.truncate(text, limit) == oracle.truncate(text, limit)
    counter = encoding.counter()
    for character in text:
        counter.feed(character)
    assert counter.finish() == len(ids)


@pytest.mark.parametrize("name", KINDS)
@given(text=texts, offsets=st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_an_index_counts_the_parts_of_a_text(
    name: str, loaded: dict[str, tuple[Encoding, Encoding]], text: str, offsets: tuple[int, int]
) -> None:
    encoding, oracle = loaded[name]
    a, b = sorted(min(offset, len(text)) for offset in offsets)
    assert encoding.index(text).count(a, b) == oracle.count(text[a:b])


@pytest.mark.parametrize("name", KINDS)
def test_an_index_adds_up_where_no_added_token_is(
    name: str, loaded: dict[str, tuple[Encoding, Encoding]]
) -> None:
    encoding, _ = loaded[name]
    assert encoding.index("So few words, 日本語.").additive
    if name == "added":
        assert not encoding.index("a <think> b").additive


@pytest.mark.parametrize("name", KINDS)
def test_every_id_is_decoded_as_by_the_library(
    name: str, loaded: dict[str, tuple[Encoding, Encoding]]
) -> None:
    encoding, oracle = loaded[name]
    for i in range(0, encoding.vocabulary_size, 97):
        assert encoding.decode_bytes([i]) == oracle.decode_bytes([i])


@pytest.mark.parametrize("family", FAMILIES)
def test_patterns_mean_the_same_in_both_dialects(family: str) -> None:
    """Beside what the patterns name, Oniguruma takes every character as the engine here does."""
    bulk = [(0x3400, 0xA000), (0xAC00, 0xD800), (0xE000, 0xF900), (0x10000, 0x110000)]
    kept = [*range(0xD800), *range(0xE000, 0x110000)]
    inside = [c for c in kept if any(start <= c < end for start, end in bulk)]
    every = [chr(c) for c in sorted({*kept} - {*inside} | {*inside[::41]})]
    for start in range(0, len(every), 4096):
        part = every[start : start + 4096]
        check_split(family, "".join(f"{c}a{c} {c}1{c}A\n{c}'{c} 漢{c}S  {c}" for c in part))


@pytest.mark.parametrize("family", FAMILIES)
@given(text=texts)
@settings(max_examples=100)
def test_patterns_split_any_text_alike(family: str, text: str) -> None:
    check_split(family, text)


@cache
def pairs_of_bytes() -> dict[bytes, int]:
    """All pairs of bytes are tokens, so that where pretokens end shows in the ids."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    return ranks | {bytes([a, b]): 256 + 256 * a + b for a in range(256) for b in range(256)}


@cache
def splitters(family: str) -> tuple[Encoding, Tokenizer]:
    step = GPT2 if family == "r50k" else split_by(SPLIT_PATTERNS[family].regex)
    engine = byte_level_engine(pairs_of_bytes(), SPLIT_PATTERNS[family])
    return Encoding(family, engine), tokenizer_of(byte_level_bpe(pairs_of_bytes()), step)


def check_split(family: str, text: str) -> None:
    encoding, oracle = splitters(family)
    assert encoding.encode(text) == oracle.encode(text, add_special_tokens=False).ids


# Merges


letters = st.text("abc", min_size=1, max_size=3)
listed = st.lists(st.tuples(letters, letters), max_size=8)


@given(
    pairs=listed, ignore=st.booleans(), more=st.lists(letters, max_size=2), shuffle=st.booleans()
)
@settings(max_examples=600)
def test_any_merges_are_taken_only_if_ranks_do_the_same(
    pairs: list[tuple[str, str]], ignore: bool, more: list[str], shuffle: bool
) -> None:
    """Small vocabularies in which merges meet, overlap, come too early or are never reached."""
    names = [*characters().values()]
    names += dict.fromkeys(name for a, b in pairs for name in (a, b, a + b))
    names = list(dict.fromkeys([*names, *more]))
    if shuffle:
        random.Random(len(names)).shuffle(names)
    vocabulary = {name: i for i, name in enumerate(names)}
    model = models.BPE(vocabulary, pairs, ignore_merges=ignore)
    tokenizer = tokenizer_of(model, split_by(SPLIT_PATTERNS["qwen2"].regex))
    taken = read_byte_level(tokenizer.to_str().encode())
    if taken is None:
        return
    engine = byte_level_engine(taken.vocabulary, SPLIT_PATTERNS["qwen2"])
    for text in TEXTS_OF_ABC:
        assert engine.encode(text) == tokenizer.encode(text, add_special_tokens=False).ids


@needs_kernel
@pytest.mark.parametrize("ignore", [False, True])
def test_merges_before_those_of_their_halves_are_taken(ignore: bool) -> None:
    """As in GLM-4, Llama 3 and Qwen 3.5."""
    pairs = [("a", "bc"), ("b", "c"), ("abc", "a"), ("c", "ab"), ("a", "b")]
    names = [*characters().values(), *(a + b for a, b in pairs)]
    vocabulary = {name: i for i, name in enumerate(names)}
    model = models.BPE(vocabulary, pairs, ignore_merges=ignore)
    tokenizer = tokenizer_of(model, split_by(SPLIT_PATTERNS["qwen2"].regex))
    taken = read_byte_level(tokenizer.to_str().encode())
    assert taken is not None
    engine = byte_level_engine(taken.vocabulary, SPLIT_PATTERNS["qwen2"])
    for text in TEXTS_OF_ABC:
        assert engine.encode(text) == tokenizer.encode(text, add_special_tokens=False).ids


TEXTS_OF_ABC = ["".join(random.Random(i).choices("abc", k=1 + i % 7)) for i in range(120)]


def test_merges_of_a_trained_tokenizer_are_taken() -> None:
    from tokenizers import trainers

    tokenizer = tokenizer_of(models.BPE(), GPT2)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        initial_alphabet=pre.ByteLevel.alphabet(),
        special_tokens=["<s>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator([Path(__file__).read_text()], trainer)
    taken = read_byte_level(tokenizer.to_str().encode())
    assert taken and [*taken.special_tokens] == ["<s>"] and not taken.unused
    assert byte_level_engine(taken.vocabulary, SPLIT_PATTERNS["r50k"]).vocabulary_size == 600


def test_the_file_of_gpt2_does_not_say_that_it_uses_its_pattern() -> None:
    without = changed(lambda d: d["pre_tokenizer"].pop("use_regex"))
    taken = read_byte_level(without)
    assert taken and taken.pattern == SPLIT_PATTERNS["r50k"]
    text = "a  b 12's ab"
    expected = Tokenizer.from_buffer(without).encode(text).ids
    assert byte_level_engine(taken.vocabulary, SPLIT_PATTERNS["r50k"]).encode(text) == expected


def test_flags_of_added_tokens_are_taken() -> None:
    taken = read_byte_level(changed(lambda d: d["added_tokens"][1].update(lstrip=True)))
    assert taken and [token.lstrip for token in taken.added] == [True]


# What is left to the library


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    tokenizer = tokenizer_of(
        byte_level_bpe({bytes([b]): b for b in range(256)} | {b"ab": 256}), GPT2
    )
    tokenizer.add_special_tokens(["<s>"])
    tokenizer.add_tokens(["hello"])
    definition = json.loads(tokenizer.to_str())
    change(definition)
    return json.dumps(definition).encode()


OTHERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another normaliser": lambda d: d.update(normalizer={"type": "NFKC"}),
    "a prefix space": lambda d: d["pre_tokenizer"].update(add_prefix_space=True),
    "another pattern": lambda d: d.update(
        pre_tokenizer=json.loads(tokenizer_of(models.BPE(), split_by(r"\w+|\W")).to_str())[
            "pre_tokenizer"
        ]
    ),
    "another decoder": lambda d: d.update(decoder=None),
    "a post-processor": lambda d: d.update(post_processor={"type": "BertProcessing"}),
    "dropout": lambda d: d["model"].update(dropout=0.1),
    "a suffix": lambda d: d["model"].update(end_of_word_suffix="</w>"),
    "an option that is not known": lambda d: d["model"].update(new=1),
    "another model": lambda d: d["model"].update(type="WordPiece"),
    "no vocabulary": lambda d: d["model"].pop("vocab"),
    "a byte less": lambda d: d["model"]["vocab"].pop("a"),
    "an id twice": lambda d: d["model"]["vocab"].update(ab=0),
    "an id that is none": lambda d: d["model"]["vocab"].update(ab=-1),
    "a merge of three": lambda d: d["model"].update(merges=[["a", "b", "c"]]),
    "a merge of what is not a token": lambda d: d["model"].update(merges=[["b", "a"]]),
    "a line of a version": lambda d: d["model"].update(merges=["#version x", "a b"]),
    "keys of another step": lambda d: d.update(
        post_processor={"type": "ByteLevel", "single": [], "pair": [], "special_tokens": {}}
    ),
    "a merge twice": lambda d: d["model"].update(merges=[["a", "b"], ["a", "b"]]),
    "an added token in a special one": lambda d: d["added_tokens"][0].update(content="<hello>"),
    "an added token that a special one covers": lambda d: d["added_tokens"][0].update(
        content="<hel"
    ),
    "two added tokens that are normalised to one": lambda d: d.update(
        normalizer={"type": "NFC"},
        added_tokens=[
            {**d["added_tokens"][1], "content": "\u00e9", "id": 257},
            {**d["added_tokens"][1], "content": "e\u0301", "id": 258},
        ],
    ),
    "an added token with another id": lambda d: d["added_tokens"][1].update(id=999),
    "added tokens that are none": lambda d: d.update(added_tokens=[1]),
    "no dictionary": lambda d: d.update(pre_tokenizer=[]),
}


def test_the_file_that_the_others_differ_from_is_taken() -> None:
    assert read_byte_level(changed(lambda _: None))


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_left_to_the_library(name: str) -> None:
    assert read_byte_level(changed(OTHERS[name])) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"model": 1}', b"[" * 100_000])
def test_an_invalid_tokenizer_is_left_to_the_library(content: bytes) -> None:
    assert read_byte_level(content) is None


def test_the_order_of_a_file_does_not_matter() -> None:
    definition = json.loads(changed(lambda _: None))
    definition = dict(sorted(definition.items(), key=lambda item: item[0] != "model"))
    assert read_byte_level(json.dumps(definition).encode())


@pytest.mark.parametrize("how", [{"behavior": "isolated"}, {"behavior": "removed", "invert": True}])
def test_both_ways_to_split(how: dict[str, Any]) -> None:
    tokenizer = tokenizer_of(cl100k(), split_by(SPLIT_PATTERNS["o200k"].regex, **how))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC()])
    taken = read_byte_level(tokenizer.to_str().encode())
    assert taken and (taken.pattern, taken.nfc) == (SPLIT_PATTERNS["o200k"], True)
