"""Steps for datatrove's pipelines, and what NeMo Curator's take."""

from typing import Any

import pytest

from ctxtools import get_encoding
from ctxtools.corpus.engines.curator import TokenCountFilter, TokenCounts

TEXTS = ["A first text.", "", "Ein zweiter Text, etwas länger."]
COUNTS = [get_encoding("o200k_base").count(text) for text in TEXTS]


def test_a_pipeline_of_datatrove_counts() -> None:
    data = pytest.importorskip("datatrove.data")
    from ctxtools.corpus.engines.datatrove import CountTokens, TokenLimit

    def documents() -> list[Any]:
        return [data.Document(text=text, id=str(i)) for i, text in enumerate(TEXTS)]

    counted = list(CountTokens(batch_size=2, eos_tokens=1).run(documents()))
    assert [each.metadata["token_count"] for each in counted] == [n + 1 for n in COUNTS]
    kept = list(TokenLimit(1, max(COUNTS) - 1).run(documents()))
    assert [each.id for each in kept] == ["0"]


def test_a_filter_of_curator() -> None:
    found = TokenCountFilter(minimum=1, maximum=max(COUNTS) - 1)
    scores = [found.score_document(text) for text in TEXTS]
    assert scores == COUNTS
    assert [found.keep_document(score) for score in scores] == [True, False, False]


def test_a_frame_is_annotated() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"id": [1, 2, 3], "text": TEXTS}, index=[7, 8, 9])
    annotated = TokenCounts()(frame)
    assert list(annotated["o200k_base"]) == COUNTS
    assert list(annotated.index) == [7, 8, 9]
