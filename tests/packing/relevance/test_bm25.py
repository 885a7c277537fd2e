"""BM25 against bm25s, which has the same formula."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.packing.relevance.bm25 import K1, B, fitted

WORDS = ["red", "apple", "blue", "whale", "sea"]
CORPORA = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=2, max_size=6
)


@settings(max_examples=20)
@given(CORPORA, st.sets(st.sampled_from(WORDS), min_size=1))
def test_scores_are_those_of_bm25s(corpus: list[list[str]], asked: set[str]) -> None:
    bm25s = pytest.importorskip("bm25s")
    known = sorted({word for text in corpus for word in text} & asked)
    if not known:
        return
    index = bm25s.BM25(method="lucene", k1=K1, b=B)
    index.index([*corpus], show_progress=False)
    expected = index.get_scores(known)
    counts = [{i: text.count(w) for i, w in enumerate(known) if w in text} for text in corpus]
    frequencies = {i: sum(i in each for each in counts) for i in range(len(known))}
    bm25 = fitted([1.0] * len(known), [*map(len, corpus)], frequencies)
    found = [bm25.score(each, len(text)) for each, text in zip(counts, corpus, strict=True)]
    assert found == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-6)
