"""Blocks as columns: kernel and fallback make the same of the same."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools._core.block_kinds import KINDS
from ctxtools._core.types import Strength
from ctxtools.chunking.block import MAX_DEPTH, Block, Parsed
from tests.chunking.formats.test_formats import documents
from tests.core import needs_kernel
from tests.core.test_parity import fallback, kernel, outcome

titles = st.text("ab\n \u00a0\ud83d\udf00é", max_size=8) | st.just("x  " * 150)


def block(draw: st.DrawFn, start: int, end: int, depth: int) -> Block:
    children = blocks(draw, start, end, depth - 1) if depth and draw(st.booleans()) else ()
    repeat = draw(st.sampled_from(["", "", "", "head\n", "é|"]))
    return Block(
        start,
        end,
        draw(st.sampled_from(KINDS)),
        draw(st.sampled_from(Strength)),
        draw(st.sampled_from(["", "", "A", "Über", "B > C"])),
        draw(st.booleans()),
        repeat,
        children,
        draw(st.integers(start, end)) if repeat and draw(st.booleans()) else 0,
        draw(st.integers(0, 3)),
    )


def blocks(draw: st.DrawFn, start: int, end: int, depth: int) -> tuple[Block, ...]:
    cuts = sorted(draw(st.sets(st.integers(start, end), max_size=6)))
    pairs = [pair for pair in pairwise(cuts) if draw(st.integers(0, 4))]
    return tuple(block(draw, *pair, depth) for pair in pairs)


@st.composite
def trees(draw: st.DrawFn, end: int = 60) -> tuple[Block, ...]:
    """Any blocks of a text of that many characters."""
    return blocks(draw, 0, end, 3)


@st.composite
def inline_spans(draw: st.DrawFn, end: int = 60) -> list[tuple[int, int]]:
    found = draw(st.lists(st.tuples(st.integers(0, end), st.integers(0, end)), max_size=4))
    return sorted((a, b) for a, b in found if a < b)


@given(trees(), inline_spans())
def test_columns_have_all_of_the_blocks(tree: tuple[Block, ...], inline: Any) -> None:
    parsed = Parsed(Parsed(tree, inline).columns)
    assert parsed.blocks == tree
    assert parsed.inline == inline


def test_titles_may_have_surrogates() -> None:
    tree = (Block(0, 4, "section", title="\ud800é", repeat="\udfff"),)
    assert Parsed(Parsed(tree).columns).blocks == tree


@needs_kernel
@given(trees(), inline_spans())
def test_columns_of_tuples(tree: tuple[Block, ...], inline: Any) -> None:
    assert outcome(kernel("Blocks"), tree, inline) == outcome(fallback("Blocks"), tree, inline)


@needs_kernel
@pytest.mark.parametrize(
    "block",
    [
        Block(0, 1, "none"),
        Block(-1, 1, "text"),
        Block(0, 1 << 32, "text"),
        (0, 1),
    ],
)
def test_errors(block: Any) -> None:
    for tree in ((block,), (Block(0, 9, "list", children=(block,)),)):
        assert outcome(kernel("Blocks"), tree) == outcome(fallback("Blocks"), tree)


@needs_kernel
def test_deep_blocks() -> None:
    block = Block(0, 1, "list")
    for depth in range(600):
        block = block._replace(children=(block,))
        if depth in (100, 498, 499, 599):
            assert outcome(kernel("Blocks"), (block,)) == outcome(fallback("Blocks"), (block,))


@needs_kernel
@given(st.data())
def test_post_order(data: st.DataObject) -> None:
    n = data.draw(st.integers(0, 7))
    number = st.integers(0, 4)
    columns = [data.draw(st.lists(number, min_size=n, max_size=n)) for _ in range(5)]
    if data.draw(st.integers(0, 9)) == 0:
        columns[data.draw(st.integers(1, 4))].append(1)
    if data.draw(st.booleans()):  # as many children as there may be
        columns[4] = [min(count, number) for number, count in enumerate(columns[4])]
    lines = "\n".join(data.draw(st.lists(titles, max_size=8)))
    kinds = ["list", "paragraph", "item", "text"]
    some = columns, lines, kinds, ([1, 2], [3, 4])
    name = "Blocks"
    ours = outcome(kernel(name).from_post_order, *some)
    assert ours == outcome(fallback(name).from_post_order, *some)


_keys = st.text('a\\" \n\ud83d\ude00é\t', max_size=9) | st.just("long é " * 60)
_values = st.recursive(
    st.integers() | st.text(max_size=5) | st.just("word. " * 70),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)


@needs_kernel
@pytest.mark.parametrize("records", [False, True])
@given(
    st.builds(json.dumps, _values, indent=st.sampled_from([None, 40]), ensure_ascii=st.booleans())
    | documents("json")
)
def test_blocks_of_json(records: bool, text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    name, some = "json_blocks", (clean, records, MAX_DEPTH)
    assert outcome(kernel(name), *some) == outcome(fallback(name), *some)
