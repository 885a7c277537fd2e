"""Spans above the limit, as where tokens do not add up, are cut once more."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ctxtools import get_encoding
from ctxtools._core.types import Strength
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.assemble import Assembler
from ctxtools.chunking.cutting.headers import Headers
from ctxtools.chunking.cutting.repair import Repairer
from ctxtools.chunking.cutting.spans import Span
from ctxtools.chunking.structure import Structure

_O200K = get_encoding("o200k_base")
_COUNTER = TextCounter(_O200K)

_ATOMIC = ('<a href="b c">', "`a 😀_b c`", "[two words](é.😀)", "<b>", "😀 é. 😀\n\n😀")
_OTHERS = ("é😀", "😀", "word ", "Is it? ", ", ", "\n\n", "\n", "的。", "abc")


@given(
    st.lists(st.sampled_from(_ATOMIC + _OTHERS), min_size=1, max_size=40),
    st.integers(max(map(_O200K.count, _ATOMIC)), 40),
)
def test_atomic_spans_that_fit_are_not_cut(pieces: list[str], limit: int) -> None:
    text = "".join(pieces)
    index = _COUNTER.index(text)
    assembler = Assembler(text, index, _COUNTER, _headers(text), overlap=0, is_first=True)
    repairer = Repairer(index, assembler, overlap=0)
    count = index.count(0, len(text))
    everything = Span(0, 0, len(text), Strength.SECTION, text, count, False, False, 0, 0, 0)
    offset, atomic = 0, []
    for piece in pieces:
        if piece in _ATOMIC:
            atomic.append((offset, offset + len(piece)))
        offset += len(piece)
    columns = [start for start, _ in atomic], [end for _, end in atomic]
    spans = repairer.repaired([everything], limit, [everything], columns)
    assert "".join(span.text for span in spans) == text
    assert all(_O200K.count(span.text) <= limit for span in spans)
    for before, after in pairwise(spans):
        assert before.end == after.start
        assert not any(start < after.start < end for start, end in atomic)


def _headers(text: str) -> Headers:
    return Headers(0, len(text), _COUNTER, Structure())
