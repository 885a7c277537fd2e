"""Cut points: what is between two of them, and how few chunks they allow."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import get_encoding
from ctxtools._core.types import CutPoints
from tests.strategies import texts

TEXTS = st.lists(
    st.one_of(
        texts,
        st.tuples(texts, st.integers(2, 60)).map(lambda pair: pair[0][:9] * pair[1]),
        st.sampled_from(
            ["A sentence. ", "\n\n", "# Title\n", "这是一句。", "क्ष", "ภาษาไทย", "\r\n"]
        ),
    ),
    max_size=12,
).map("".join)


@given(TEXTS, st.integers(2, 40))
def test_text_between_two_cut_points_keeps_the_limit(text: str, limit: int) -> None:
    """Or, inside a pretoken, at most a little above: and never so that a limit cannot be met."""
    encoding = get_encoding("o200k_base")
    nothing: tuple[list[int], list[int]] = [], []
    index = encoding.index(text)
    points = CutPoints(*index.cut_points(0, limit, limit, nothing, nothing, []))
    for i, (start, end) in enumerate(pairwise(points.offsets)):
        if start in points.oversize:
            assert end == start + 1 and encoding.count(text[start:end]) > limit
        else:
            assert encoding.count(text[start:end]) <= max(
                limit, points.sums_to[i + 1] - points.sums_from[i]
            )


@pytest.mark.parametrize("limit", [6, 12, 64])
@pytest.mark.parametrize(
    "word", ["ภาษาไทยมีระดับเสียงของคำแน่นอน", "aGVsbG8gd29ybGQ1234", "天地玄黄宇宙洪荒"]
)
def test_the_fewest_chunks_of_text_without_words(word: str, limit: int) -> None:
    """The counts of small pieces were added up once, and chunks were a quarter too small."""
    from ctxtools import Chunker

    text = word * 60
    index = get_encoding("o200k_base").index(text)
    fewest, offset = 0, 0
    while offset < len(text):
        offset, fewest = index.end_anywhere(offset, limit), fewest + 1
    assert len(list(Chunker("o200k_base", limit).chunk(text))) <= fewest * 1.02 + 1
