"""Cuts are where the text on both sides has little in common: by its words, or by vectors."""

import random
from collections.abc import Sequence
from itertools import pairwise
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Encoding, get_encoding
from ctxtools._core.types import Strength
from ctxtools.chunking import Chunker, chunker
from ctxtools.errors import UsageError
from tests.chunking.contract import check_contract, check_joins, cut
from tests.chunking.cutting.test_belonging import manuals
from tests.core.texts import TEXTS

O200K = get_encoding("o200k_base")
TOPICS = {
    "apples": ("apples", "orchard", "harvest", "cider"),
    "whales": ("whales", "ocean", "harpoon", "blubber"),
    "trains": ("trains", "railway", "station", "signal"),
}


def essay(sentences: Sequence[int], seed: int = 0) -> tuple[str, list[int]]:
    """A text of one paragraph on several topics, and where each ends."""
    chance, text, ends = random.Random(seed), "", []
    for topic, n in zip(TOPICS.values(), sentences, strict=True):
        for _ in range(n):
            first, second = chance.sample(topic, 2)
            text += f"There was some talk of the {first} and of the {second} then. "
        ends.append(len(text) - 1)
    return text, ends


def embed(texts: list[str]) -> list[list[float]]:
    """How often each topic is mentioned."""
    return [[sum(map(text.count, words)) for words in TOPICS.values()] for text in texts]


@pytest.mark.parametrize("cohesion", [True, "words", embed])
def test_cuts_are_between_topics(o200k: Encoding, cohesion: Any) -> None:
    text, ends = essay([7, 9, 6])
    chunks, _ = cut(Chunker(o200k, 200, prefer="boundaries", cohesion=cohesion), text)
    assert [chunk.end_index for chunk in chunks] == [*ends[:-1], len(text)]
    without, _ = cut(Chunker(o200k, 200, prefer="boundaries", cohesion=False), text)
    assert [chunk.end_index for chunk in without][:-1] != ends[:-1]


options = st.fixed_dictionaries(
    {
        "prefer": st.sampled_from(["fill", "boundaries"]),
        "strategy": st.sampled_from(["optimal", "greedy"]),
        "min_size": st.sampled_from([0, 4]),
        "format": st.sampled_from(["text", "markdown"]),
        "cohesion": st.sampled_from([True, embed]),
    }
)


@settings(max_examples=200)
@given(TEXTS | manuals, st.integers(8, 60), options)
def test_the_contract_holds(text: str, size: int, options: dict[str, Any]) -> None:
    made = Chunker(O200K, (size, size // 2), on_oversize="split-tokens", **options)
    chunks, summary = cut(made, text)
    if not summary.split_characters:
        largest = [chunk for chunk in chunks if chunk.parent_id is None]
        check_contract(largest, text, O200K.count, size)
        check_joins(largest, text)
    assert [chunk.id for chunk in made.chunk(text)] == [chunk.id for chunk in chunks]


@pytest.mark.parametrize("cohesion", [True, embed])
def test_a_stream_has_the_same_chunks(
    o200k: Encoding, cohesion: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunker, "WINDOW", 2000)
    text = " ".join(essay([5, 9, 6], seed)[0] for seed in range(9))
    made = Chunker(o200k, 40, cohesion=cohesion)
    blocks = [text[at : at + 700] for at in range(0, len(text), 700)]
    at_once = [*made.chunk(text)]
    assert [*made.chunk_stream(blocks)] == at_once
    check_contract(at_once, text, o200k.count, 40)


def test_a_small_chunk_is_no_better_for_it(o200k: Encoding) -> None:
    """Where one cut is unlike all others, its cost is still bounded."""
    text = "The same words again. " * 400 + "Nothing else. " + "The same words again. " * 400
    chunks, _ = cut(Chunker(o200k, 60, min_size=20, cohesion=True), text)
    assert all(chunk.token_count >= 20 for chunk in chunks)


def test_each_sentence_is_embedded_once(o200k: Encoding) -> None:
    text = "One is here. Two is\n\nthere.\n \n\nThree!   Four" + " and so on. Next" * 3000
    asked: list[str] = []

    def recorded(texts: list[str]) -> list[tuple[float, float]]:
        assert isinstance(texts, list)
        asked.extend(texts)
        return [(len(each), 1.0) for each in texts]

    cut(Chunker(o200k, (64, 32), cohesion=recorded), text)
    offsets, _ = o200k.index(text).boundaries(Strength.SENTENCE)
    sentences = [text[a:b].strip() for a, b in pairwise([0, *offsets, len(text)])]
    assert asked == [each for each in sentences if each]


class Model:
    """Answers the same whatever it is asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __call__(self, texts: list[str]) -> Any:
        return self.answer(texts) if callable(self.answer) else self.answer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda texts: [[1.0]] * (len(texts) - 1), "cohesion returned 2 vectors for 3 texts"),
        ([], "cohesion returned 0 vectors for 3 texts"),
        ([[1.0, 2.0], [1.0], [1.0]], "vectors of different lengths: 2 and 1"),
        ([[1.0], [nan], [1.0]], r"vectors of finite numbers, got \[nan\]"),
        ([[1.0], [1.0], [-inf]], r"vectors of finite numbers, got \[-inf\]"),
        ([[], [], []], r"vectors of finite numbers, got \[\]"),
        (None, "must return a list of vectors, got None"),
        (3, "must return a list of vectors, got 3"),
        ([1.0, 2.0, 3.0], "must return a list of vectors, got"),
        (["ab", "cd", "ef"], "must return a list of vectors, got"),
    ],
)
def test_functions_that_return_no_vectors(answer: Any, message: str) -> None:
    chunks = Chunker(O200K, 16, cohesion=Model(answer)).chunk("One. Two. Three.")
    with pytest.raises(UsageError, match=message) as error:
        next(chunks)
    assert error.value.hint


def test_vectors_of_any_kind() -> None:
    numpy = pytest.importorskip("numpy")
    text, _ = essay([6, 6, 6])
    expected, _ = cut(Chunker(O200K, 120, cohesion=embed), text)
    kinds: list[Any] = [
        lambda texts: numpy.array(embed(texts), dtype="f4"),
        lambda texts: ((1e200 * x for x in row) for row in embed(texts)),  # squares are infinite
    ]
    for convert in kinds:
        found, _ = cut(Chunker(O200K, 120, cohesion=convert), text)
        assert [c.end_index for c in found] == [c.end_index for c in expected]
    zeros, _ = cut(Chunker(O200K, 120, cohesion=lambda texts: [[0.0]] * len(texts)), text)
    without, _ = cut(Chunker(O200K, 120, cohesion=False), text)
    assert [c.end_index for c in zeros] == [c.end_index for c in without]


def test_what_it_is_called_in_ids() -> None:
    assert Chunker(len, cohesion=True).cohesion == Chunker(len, cohesion="words").cohesion
    assert "'cohesion': 'embed'" in Chunker(len, cohesion=embed).configuration
    assert "'cohesion': 'Model'" in Chunker(len, cohesion=Model(None)).configuration
    made = Chunker(len, cohesion=embed)
    assert made.cohesion is embed and Chunker(**made.options).cohesion is embed


@pytest.mark.parametrize("cohesion", ["vectors", None, 2])
def test_what_is_no_cohesion(cohesion: Any) -> None:
    with pytest.raises(UsageError, match="cohesion must be True, False or a function, got"):
        Chunker(len, cohesion=cohesion)
