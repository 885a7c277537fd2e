"""The places to cut at: by the kernel, and by what finds them in any index."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import get_encoding
from ctxtools._core.fallback.cut_points import find_cut_points
from ctxtools._core.types import CutPoints
from tests.core import needs_kernel
from tests.strategies import texts

TEXTS = st.lists(
    st.one_of(
        texts,
        st.tuples(texts, st.integers(2, 60)).map(lambda part: part[0][:9] * part[1]),
        st.sampled_from(
            ["A sentence. ", "\n\n", "# Title\n", "这是一句。", "क्ष", "ภาษาไทย", "\r\n"]
        ),
    ),
    max_size=12,
).map("".join)


def disjoint(places: list[int]) -> Iterator[tuple[int, int]]:
    return ((a, b) for n, (a, b) in enumerate(pairwise(places)) if n % 2 == 0)


@needs_kernel
@settings(max_examples=300)
@given(TEXTS, st.sampled_from(["o200k_base", "deepseek_v3"]), st.integers(1, 300), st.data())
def test_the_kernel_finds_the_same(text: str, name: str, limit: int, data: st.DataObject) -> None:
    """With the blocks of a document, and what they keep whole, and with cuts of larger chunks."""
    if not text:
        return
    inner = st.lists(st.integers(1, max(1, len(text) - 1)), max_size=9, unique=True).map(sorted)
    blocks = data.draw(inner)
    strengths = bytes(data.draw(st.integers(0, 5)) for _ in blocks)
    atomic = [*disjoint(data.draw(inner))]
    capacity = data.draw(st.integers(-limit, limit))
    index = get_encoding(name).index(text)
    start = data.draw(st.sampled_from([0, 0, len(text) // 2]))
    forced = [offset for offset in data.draw(inner) if start < offset < len(text)]
    starts, ends = [start for start, _ in atomic], [end for _, end in atomic]
    asked = start, limit, capacity, (blocks, strengths), (starts, ends), forced
    assert index.cut_points(*asked) == find_cut_points(index, *asked)


@given(TEXTS, st.integers(2, 40))
def test_what_lies_between_two_neighbours_is_counted_as_it_is(text: str, limit: int) -> None:
    """Or, inside a pretoken, at most a little above: and never so that a limit cannot be met."""
    encoding = get_encoding("o200k_base")
    nothing: tuple[list[int], list[int]] = [], []
    index = encoding.index(text)
    places = CutPoints(*index.cut_points(0, limit, limit, nothing, nothing, []))
    for i, (start, end) in enumerate(pairwise(places.offsets)):
        if start in places.oversize:
            assert end == start + 1 and encoding.count(text[start:end]) > limit
        else:
            assert encoding.count(text[start:end]) <= max(
                limit, places.sums_to[i + 1] - places.sums_from[i]
            )


@pytest.mark.parametrize("limit", [6, 12, 64])
@pytest.mark.parametrize(
    "word", ["ภาษาไทยมีระดับเสียงของคำแน่นอน", "aGVsbG8gd29ybGQ1234", "天地玄黄宇宙洪荒"]
)
def test_no_more_chunks_than_there_must_be_where_there_are_no_words(word: str, limit: int) -> None:
    """The counts of small pieces were added up once, and chunks were a quarter too small."""
    from ctxtools import Chunker

    text = word * 60
    index = get_encoding("o200k_base").index(text)
    fewest, place = 0, 0
    while place < len(text):
        place, fewest = index.end_anywhere(place, limit), fewest + 1
    assert len(list(Chunker("o200k_base", limit).chunk(text))) <= fewest * 1.02 + 1
