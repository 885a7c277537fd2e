"""Excerpts: whole lines of the source with markers that say what is between them."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.packing.relevance.excerpts import Excerpt, excerpts_of
from ctxtools.packing.relevance.spans import Relevance, ScoredSpan

LINES = st.lists(st.sampled_from(["def f():", "    return 1", "", "x" * 60, "中文"]), max_size=60)
MARKER = re.compile(r"\[\.\.\. lines? (?:(\d+) to )?(\d+) of (\d+) left out \.\.\.\]")


@st.composite
def relevances(draw: st.DrawFn) -> Relevance:
    cuts = sorted(draw(st.sets(st.integers(0, 70), max_size=12)))
    spans = [
        ScoredSpan(first, last, draw(st.floats(0.01, 1)), tuple({0, first // 2} - {first}))
        for first, last in pairwise(cuts)
        if draw(st.booleans())
    ]
    return Relevance(tuple(spans))


def restored(excerpt: Excerpt, source: list[str]) -> list[str]:
    """The source, of the excerpt's lines and, for its markers, of the source's."""
    found: list[str] = []
    for line in excerpt.body.splitlines():
        match = MARKER.fullmatch(line)
        if match is None:
            found.append(line)
            continue
        first, last, of = (int(n) if n else None for n in match.groups())
        assert last is not None and of == len(source)
        assert (first or last) == len(found) + 1
        found += source[(first or last) - 1 : last]
    return found


@given(LINES, st.booleans(), relevances())
def test_excerpts_are_whole_lines(source: list[str], ended: bool, relevance: Relevance) -> None:
    text = "\n".join(source) + ("\n" if ended and source else "")
    source = text.splitlines()
    scores, sizes = [0.0], [0]
    for excerpt in excerpts_of(text, relevance):
        assert restored(excerpt, source) == source
        kept = {n for first, last in excerpt.spans for n in range(first, last + 1)}
        assert excerpt.of == len(source) >= len(kept) > sizes[-1]
        assert excerpt.score > scores[-1] and 0 < excerpt.share <= 1
        scores.append(excerpt.score)
        sizes.append(len(kept))
        named = re.findall(r"\d+", excerpt.label)
        assert named[-1] == str(len(source)) and named[0] == str(excerpt.spans[0][0])


def test_lines_are_numbered_as_in_the_document() -> None:
    text = "".join(f"line {n}\n" for n in range(1, 101))
    relevance = Relevance((ScoredSpan(9, 12, 1.0, (4,)), ScoredSpan(49, 52, 0.5)))
    first, second = excerpts_of(text, relevance, line_numbers=True)
    assert first.label == "lines 5, 10-12 of 100"
    assert first.body == (
        "[... lines 1 to 4 of 100 left out ...]\n"
        "5\tline 5\n[... lines 6 to 9 of 100 left out ...]\n"
        "10\tline 10\n11\tline 11\n12\tline 12\n[... lines 13 to 100 of 100 left out ...]\n"
    )
    assert second.spans == ((5, 5), (10, 12), (50, 52))


def test_segments_that_begin_anywhere_are_no_excerpts() -> None:
    text = "".join(f"line {n}\n" for n in range(1, 101))
    rough = ScoredSpan(9, 20, 1.0, is_rough=True)
    assert excerpts_of(text, Relevance((rough,))) == []
    (excerpt,) = excerpts_of(text, Relevance((rough, ScoredSpan(49, 52, 0.5))))
    assert excerpt.spans == ((50, 52),)
