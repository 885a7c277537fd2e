import json
import random
import re
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice, pairwise
from pathlib import Path

import pytest

from ctxtools.bench import corpora
from ctxtools.bench.corpora import CORPORA, corpus_blocks, sha256_of, write_corpus
from ctxtools.errors import MissingExtraError, UsageError

FAKER = pytest.mark.skipif(find_spec("faker") is None, reason="Faker is not installed")
NAMES = [
    pytest.param(name, marks=FAKER) if name in ("chinese", "scripts") else name for name in CORPORA
]


@pytest.fixture(autouse=True)
def _small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few modules instead of the entire standard library, so that a pass is short."""
    sources = corpora._library_sources()[:25]
    monkeypatch.setattr(corpora, "_library_sources", lambda: sources)
    documents = corpora._documentation()[:40]
    monkeypatch.setattr(corpora, "_documentation", lambda: documents)


@pytest.mark.parametrize("name", NAMES)
def test_a_corpus_has_the_size_asked_for_and_is_reproducible(name: str, tmp_path: Path) -> None:
    first = write_corpus(name, 100_000, tmp_path / "a")
    second = write_corpus(name, 100_000, tmp_path / "b")
    assert 99_997 <= first.stat().st_size <= 100_000
    assert sha256_of(first) == sha256_of(second)
    first.read_bytes().decode()  # not cut inside a character


@pytest.mark.parametrize("name", NAMES)
def test_a_smaller_corpus_is_the_start_of_a_larger(name: str, tmp_path: Path) -> None:
    small = write_corpus(name, 10_000, tmp_path).read_bytes()
    assert write_corpus(name, 50_000, tmp_path).read_bytes().startswith(small[:9_990])


@pytest.mark.parametrize("name", NAMES)
def test_a_corpus_does_not_repeat_itself(name: str) -> None:
    """Caches would know a repeated file after the first pass."""
    text = _first(corpus_blocks(name), 3_000_000)
    windows = [text[i : i + 300] for i in range(0, len(text) - 300, 300)]
    assert len(set(windows)) > 0.99 * len(windows)


@pytest.mark.parametrize("name", ["code", "prose"])
def test_new_words_keep_coming(name: str) -> None:
    blocks = corpus_blocks(name)
    words: set[str] = set()
    growth = []
    for _ in range(5):
        words.update(re.findall(r"\w+", _first(blocks, 500_000)))
        growth.append(len(words))
    assert all(later > 1.03 * earlier for earlier, later in pairwise(growth)), growth


def test_another_seed_is_another_text() -> None:
    first, second = (next(corpus_blocks("jsonl", seed)) for seed in (0, 1))
    assert first != second


def test_json_lines_are_json() -> None:
    for line in islice(corpus_blocks("jsonl"), 200):
        assert json.loads(line)["message"]


def test_an_unknown_corpus_is_an_error() -> None:
    with pytest.raises(UsageError, match="unknown corpus 'latin'"):
        corpus_blocks("latin")


def test_without_faker_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctxtools.bench.generated.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"\.\[bench\]"):
        next(corpus_blocks("chinese"))


def test_respelled_words_are_words_of_the_same_kind() -> None:
    blocks = ["alpha beta gamma delta epsilon zeta " * 3] * 30
    laps = corpora._further_passes(blocks, random.Random(0), 1)
    assert re.fullmatch(r"([a-z]+ )+", next(laps))


def _first(blocks: Iterator[str], size: int) -> str:
    parts = []
    while size > 0:
        parts.append(next(blocks))
        size -= len(parts[-1])
    return "".join(parts)
