"""Overlaps of documents with a structure: whole rows, lines and sentences."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Encoding, get_encoding
from ctxtools.chunking import Chunk, Chunker
from tests.chunking.contract import check_contract, cut

O200K = get_encoding("o200k_base")


def overlaps(chunks: list[Chunk], text: str) -> list[str]:
    return [text[after.start_index : before.end_index] for before, after in pairwise(chunks)]


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(["1,2", "some words,3", '"a\nb",4', "x" * 40 + ",5"]), min_size=9),
    st.integers(30, 60),
    st.integers(1, 20),
    st.sampled_from(["csv", "markdown"]),
)
def test_an_overlap_in_a_table_is_of_whole_rows(
    cells: list[str], size: int, overlap: int, format: Any
) -> None:
    head, rows = "name,size\n", [f"{cell}\n" for cell in cells]
    if format == "markdown":
        head = "| name | size |\n|---|---|\n"
        rows = ["| " + row.replace("\n", " ").replace(",", " | ") + "|\n" for row in rows]
    text = head + "".join(rows)
    starts = {len(head) + sum(map(len, rows[:i])) for i in range(len(rows))}
    chunks, _ = cut(Chunker(O200K, size, overlap, format=format), text)
    check_contract(chunks, text, O200K.count, size)
    for before, after in pairwise(chunks):
        if after.start_index < before.end_index and after.header:
            assert after.start_index in starts
            assert after.header == head and after.text.startswith(head + text[after.start_index])
    rows_fit = max(map(O200K.count, rows)) <= overlap
    if rows_fit and all(chunk.header for chunk in chunks[1:]):
        assert all(overlaps(chunks, text))


def test_an_overlap_in_code_starts_with_a_line(o200k: Encoding) -> None:
    functions = "".join(
        f"def f{i}(a, b):\n    if a > {i} > b:\n        return call(a)\n    return {i}\n\n\n"
        for i in range(20)
    )
    chunks, _ = cut(Chunker(o200k, 100, 20, format="python"), functions)
    check_contract(chunks, functions, o200k.count, 100)
    for shared in overlaps(chunks, functions):
        assert shared and ("\n" + functions).count("\n" + shared) >= 1


MANUAL = "# Guide\n\n" + "".join(
    f"## Part {i}\n\n" + f"It says {i} things. They are short. " * 9 + "\n\n" for i in range(6)
)


def test_an_overlap_is_from_the_same_section_only_if_asked_for(o200k: Encoding) -> None:
    options: dict[str, Any] = {"format": "markdown", "prefer": "fill"}
    anywhere, _ = cut(Chunker(o200k, 70, 20, **options), MANUAL)
    within, _ = cut(Chunker(o200k, 70, 20, **options, overlap_within="section"), MANUAL)
    check_contract(within, MANUAL, o200k.count, 70)

    def crosses(chunks: list[Chunk]) -> int:
        return sum("## " in shared[1:] for shared in overlaps(chunks, MANUAL))

    assert crosses(anywhere) > 3 and crosses(within) == 0
    assert sum(map(bool, overlaps(within, MANUAL))) > 3


def test_an_overlap_within_functions(o200k: Encoding) -> None:
    function = "def f(a):\n" + "    a = call(a) + 1\n" * 12 + "    return a\n\n\n"
    chunks, _ = cut(Chunker(o200k, 60, 16, format="python", overlap_within="section"), function * 4)
    check_contract(chunks, function * 4, o200k.count, 60)
    for before, after in pairwise(chunks):
        starts_function = after.text.lstrip().startswith("def f")
        assert (after.start_index < before.end_index) is not starts_function


@pytest.mark.parametrize("prefer", ["fill", "boundaries"])
def test_overlaps_beside_headers_and_breaks(o200k: Encoding, prefer: Any) -> None:
    chunks, _ = cut(Chunker(o200k, 60, 16, format="markdown", header=True, prefer=prefer), MANUAL)
    check_contract(chunks, MANUAL, o200k.count, 60)
    assert all(
        shared.lstrip().startswith(("It says", "They are")) or shared.startswith("## ")
        for shared in overlaps(chunks, MANUAL)
        if shared
    )
    breaking, _ = cut(Chunker(o200k, 60, 16, format="markdown", break_at={"heading": 2}), MANUAL)
    check_contract(breaking, MANUAL, o200k.count, 60)
    assert not any("## " in shared for shared in overlaps(breaking, MANUAL))
