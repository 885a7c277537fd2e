"""What patterns.py says of each family: that its splits are safe, and its runs are pretokens."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding
from ctxtools.encodings.engines import tiktoken as module
from ctxtools.encodings.engines.tiktoken import TiktokenBackend
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS, WHITE_SPACE, get_pattern
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import UsageError
from tests.oracles import QWEN_PATTERN, deepseek, tiktoken_encoding
from tests.strategies import hard_texts, texts

RANKS = SPECS["cl100k_base"].ranks()
BACKENDS = {
    name: TiktokenBackend(RANKS, pattern, nfc=False) for name, pattern in SPLIT_PATTERNS.items()
}
families = st.sampled_from(sorted(BACKENDS))


@pytest.mark.parametrize(("name", "encoding"), [("cl100k", "cl100k_base"), ("o200k", "o200k_base")])
def test_openai_patterns_are_tiktokens_own(name: str, encoding: str) -> None:
    assert SPLIT_PATTERNS[name].regex == tiktoken_encoding(encoding)._pat_str


KERNEL = Path(__file__).parents[3] / "kernel"
needs_kernel_sources = pytest.mark.skipif(not KERNEL.is_dir(), reason="no sources of the kernel")


def test_qwens_pattern_is_that_of_the_oracle() -> None:
    assert SPLIT_PATTERNS["qwen2"].regex == QWEN_PATTERN


def test_deepseeks_splits_are_its_tokenizers_own() -> None:
    *steps, _ = json.loads(deepseek().to_str())["pre_tokenizer"]["pretokenizers"]
    splits = tuple(step["pattern"]["Regex"] for step in steps)
    assert SPLIT_PATTERNS["deepseek"].json_splits == splits


KANA = st.lists(
    st.sampled_from([*"フっシかー一゛゜゠・\u3040\u3097\u3098\u3099", "a", "!", " ", "\n"]),
    max_size=9,
)


@given(KANA.map("".join))
@example("フ゜")
@example("っ\u3040")
@example("\u3040フ゛゠・ 一")
def test_deepseek_splits_punctuation_from_kana(text: str) -> None:
    """There are tokens of a letter and the first bytes of the next character."""
    expected = deepseek().encode(text, add_special_tokens=False).ids
    assert get_encoding("deepseek_v3").encode(text) == expected


@needs_kernel_sources
def test_the_kernel_is_tested_against_the_same_patterns() -> None:
    source = (KERNEL / "tests/reference/patterns.rs").read_text()
    table = source.partition("REGEXES")[2].partition("];")[0]
    regexes = dict(re.findall(r'"(\w+)",\s*r###"(.*?)"###', table))
    assert regexes == {name: pattern.regex for name, pattern in SPLIT_PATTERNS.items()}


@needs_kernel_sources
def test_the_kernel_has_the_same_families() -> None:
    source = (KERNEL / "src/split/pattern.rs").read_text()
    names = re.search(r"NAMES: \[&str; \d+\] = \[(.*?)\]", source, re.DOTALL)
    assert names and re.findall(r'"(\w+)"', names[1]) == [*SPLIT_PATTERNS]


@given(families, texts)
def test_the_tokens_on_both_sides_of_a_split_are_those_of_the_whole(family: str, text: str) -> None:
    backend, start = BACKENDS[family], 0
    whole = backend.encode(text)
    while (split := backend.next_split(text, start)) is not None:
        assert 0 < split < len(text)
        assert backend.encode(text[:split]) + backend.encode(text[split:]) == whole
        start = split + 1


def test_safe_splits_are_found_in_every_kind_of_text() -> None:
    kinds = ("words in a row", "中文，没有空格", "base64Kx9zQ2", '{"a":1}', "def f(x):\n\treturn x")
    for kind in kinds:
        assert all(pattern.next_split(kind, 0) for pattern in SPLIT_PATTERNS.values()), kind


@given(families, hard_texts, st.integers(1, 5))
def test_taking_runs_out_changes_nothing(family: str, text: str, stride: int) -> None:
    backend = BACKENDS[family]
    expected = backend.encode(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_STRIDE", stride)
        assert backend.encode(text) == expected


@pytest.mark.parametrize("family", sorted(BACKENDS))
@pytest.mark.parametrize("run", [" ", "\t", "\u3000", " \u00a0", "\n", "\0", "\u0378", "a", "!"])
def test_a_run_of_a_million_characters(family: str, run: str) -> None:
    """tiktoken fails on a million spaces: its regex engine's stack overflows."""
    backend, text = BACKENDS[family], run * (1_000_000 // len(run))
    assert backend.count(text) > 0
    assert backend.count(f"x{text}y") > 0


def test_white_space_is_what_the_engine_takes_for_it() -> None:
    members = module._CharacterClass(r"\s")
    ours = re.compile(f"[{WHITE_SPACE}]")
    for character in map(chr, range(0x110000)):
        if not "\ud800" <= character <= "\udfff" and (character.isspace() or ours.match(character)):
            assert members[character] == bool(ours.match(character)), hex(ord(character))


def test_an_unknown_pattern() -> None:
    with pytest.raises(UsageError, match="unknown split pattern 'gpt9'") as raised:
        get_pattern("gpt9")
    assert "o200k" in str(raised.value)
