"""Pre-tokenizers that are no family's: the kernel splits as `tokenizers`, or does not know them."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, decoders, models
from tokenizers import pre_tokenizers as pre

from ctxtools.encodings import Encoding
from ctxtools.encodings.engines import byte_level_engine
from ctxtools.encodings.files.tokenizer_json import read_byte_level
from tests.core import needs_kernel
from tests.oracles import byte_level_bpe
from tests.strategies import texts

pytestmark = needs_kernel

GPT2 = pre.ByteLevel(add_prefix_space=False, use_regex=True)
PLAIN = pre.ByteLevel(add_prefix_space=False, use_regex=False)
DIGITS = pre.Digits(individual_digits=True)
CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"


def isolated(*regexes: str) -> list[pre.PreTokenizer]:
    return [pre.Split(Regex(regex), "isolated") for regex in regexes]


# As the files of these models have them.
STEPS: dict[str, list[pre.PreTokenizer]] = {
    "starcoder": [DIGITS, GPT2],
    "bloom": [*isolated(r" ?[^(\s|[.,!?…。，、।۔،])]+"), PLAIN],
    "viking": [*isolated(r" ?[^(\s|[.,!?…。，、।۔،])]+"), DIGITS, PLAIN],
    "deepseek-coder": [
        *isolated("[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+"),
        DIGITS,
        PLAIN,
    ],
    "deepseek-llm": [
        *isolated(
            "[\r\n]", r"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓ𐐀-𐑏]+", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$"
        ),
        *isolated("[一-龥ࠀ-一가-\ud7ff]+"),
        pre.Digits(individual_digits=False),
        PLAIN,
    ],
    "minicpm5": [
        *isolated(
            r"\p{N}{1,3}",
            rf"{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}+| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*"
            r"|\s*[\r\n]+|\s+(?!\S)|\s+",
        ),
        PLAIN,
    ],
    "seed-coder": [
        *isolated(
            rf"{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1}}| ?[^\s\p{{L}}\p{{N}}"
            r"\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+",
        ),
        PLAIN,
    ],
    "exaone-moe": [
        *isolated(
            rf"{CONTRACTIONS}|[^\r\n\p{{L}}\p{{N}}]?(?:\p{{L}}\p{{M}}*(?: \p{{L}}\p{{M}}*)*)+"
            r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+",
        ),
        PLAIN,
    ],
    "chameleon": [*isolated("(IMGIMG)((A|B|C){1,4})Z", "([\t\n]|    |  )"), DIGITS, GPT2],
    "two look-aheads": [*isolated(r"a|\s+(?!\S)|b\s|\s+(?!\S)|.\d"), PLAIN],
    "what matches is removed": [pre.Split(Regex(r"\s+(?!\S)|\p{Nd}"), "removed"), PLAIN],
    "what does not match is removed": [
        pre.Split(Regex(r"\p{L}+\D|\S"), "removed", invert=True),
        GPT2,
    ],
}


@cache
def pairs_of_bytes() -> models.BPE:
    """All pairs of bytes are tokens, so that where pretokens end shows in the ids."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    ranks |= {bytes([a, b]): 256 + 256 * a + b for a in range(256) for b in range(256)}
    return byte_level_bpe(ranks)


def tokenizer_of(steps: Iterable[pre.PreTokenizer]) -> Tokenizer:
    tokenizer = Tokenizer(pairs_of_bytes())
    tokenizer.pre_tokenizer, tokenizer.decoder = pre.Sequence([*steps]), decoders.ByteLevel()
    return tokenizer


def encoding_of(tokenizer: Tokenizer) -> Encoding:
    taken = read_byte_level(tokenizer.to_str().encode())
    assert taken
    return Encoding("a file", byte_level_engine(taken.vocabulary, taken.pattern))


@cache
def both(name: str) -> tuple[Encoding, Tokenizer]:
    tokenizer = tokenizer_of(STEPS[name])
    return encoding_of(tokenizer), tokenizer


def check(pair: tuple[Encoding, Tokenizer], text: str) -> None:
    encoding, library = pair
    expected = library.encode(text, add_special_tokens=False).ids
    assert encoding.encode(text) == expected
    assert encoding.count(text) == len(expected)


# Of planes that have hardly any, or are one class, every 61st.
CHARACTERS = [
    chr(c)
    for c in (
        *range(0x3400),
        *range(0x3400, 0xD800, 61),
        *range(0xE000, 0x20000),
        *range(0x20000, 0x110000, 61),
    )
]


@pytest.mark.parametrize("name", STEPS)
def test_around_every_character(name: str) -> None:
    for start in range(0, 0x3000, 256):
        part = CHARACTERS[start : start + 64]
        check(both(name), "".join(f"{c}a{c} {c}1{c}A\n{c}'{c} 漢{c}S  {c}" for c in part))


@pytest.mark.parametrize("name", STEPS)
@given(text=st.one_of(texts, st.text("a1 \n\t.，。'é漢\u3000\u0301IMGZ", max_size=40)))
@settings(max_examples=40)
def test_any_text(name: str, text: str) -> None:
    check(both(name), text)


PROPERTIES = ("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "N", "Nd", "P", "S")
CLASSES = (r"\s", r"\d", *(rf"\p{{{name}}}" for name in PROPERTIES))


@pytest.mark.parametrize("name", CLASSES)
def test_classes_have_the_same_characters(name: str) -> None:
    check_removed(name, "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000)))))


@pytest.mark.parametrize("regex", ["x.", CONTRACTIONS], ids=["any", "contractions"])
def test_what_takes_the_character_before(regex: str) -> None:
    for before in ("x", "'", "'r", "'v", "'l"):
        check_removed(regex, "".join(f"{before}{c}" for c in CHARACTERS))


def check_removed(regex: str, text: str) -> None:
    """What is left of a text without the matches of a pattern."""
    step = pre.Split(Regex(regex), "removed")
    encoding = encoding_of(tokenizer_of([step, PLAIN]))
    expected = "".join(piece for piece, _ in step.pre_tokenize_str(text))
    assert encoding.decode(encoding.encode(text)) == expected


def test_steps_are_linear() -> None:
    encoding, _ = both("two look-aheads")
    assert encoding.count(" " * 3_000_000 + "b") == 1_500_001


def test_digits_are_those_of_the_library() -> None:
    for single in (True, False):
        tokenizer = tokenizer_of([pre.Digits(individual_digits=single), PLAIN])
        check((encoding_of(tokenizer), tokenizer), "".join(f"{c}{c}x" for c in CHARACTERS))


UNKNOWN: dict[str, Any] = {
    "a word": {"Regex": r"\w+"},
    "another look-ahead": {"Regex": r"\d{1,3}(?=(?:\d{3})*\b)"},
    "a possessive quantifier": {"Regex": r"\p{L}++"},
    "a string": {"String": "ab"},
    "nothing": {"Regex": "a*"},
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_left_to_the_library(name: str) -> None:
    file = json.loads(tokenizer_of(STEPS["seed-coder"]).to_str())
    assert read_byte_level(json.dumps(file).encode())
    file["pre_tokenizer"]["pretokenizers"][0]["pattern"] = UNKNOWN[name]
    assert read_byte_level(json.dumps(file).encode()) is None
