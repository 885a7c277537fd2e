"""Cut points: what is between two of them, and how few chunks they allow."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import get_encoding
from ctxtools._core.cut_types import CutOptions, CutPoints, CutRules
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

PENALTIES = [2.0, 1.0, 0.7, 0.6, 0.15, 0.1, 0.05, 0.0]


@given(TEXTS, st.integers(2, 40))
def test_text_between_two_cut_points_keeps_the_limit(text: str, limit: int) -> None:
    """Or, inside a pretoken, at most a little above: and never so that a limit cannot be met."""
    encoding = get_encoding("o200k_base")
    index = encoding.index(text)
    options = CutOptions(limit, limit, 0, 0, PENALTIES, 100.0, (1.0, 3.0, 1.0, 1.0), "optimal")
    points = CutPoints(*index.cut_points(0, [], CutRules(), options))
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


def test_no_cut_before_a_comma_of_a_script_without_spaces() -> None:
    text = "".join(f"无论国籍吨位的船{i}、" for i in range(200))
    options = CutOptions(9, 9, 0, 0, PENALTIES, 100.0, (1.0, 3.0, 1.0, 1.0), "optimal")
    points = get_encoding("o200k_base").index(text).cut_points(0, [], CutRules(), options)
    assert not [at for at in points[0] if text[at : at + 1] == "、"]
    closing = get_encoding("o200k_base").index("）" * 2000)
    assert len(closing.cut_points(0, [], CutRules(), options)[0]) > 100
