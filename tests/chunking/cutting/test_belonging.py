"""What belongs together stays together: headings and their text, rows and the header of a table,
brackets and what they hold; and no block is kept whole at the cost of a chunk of a few tokens."""

from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Encoding, get_encoding
from ctxtools._core.types import Strength
from ctxtools.chunking import Block, Chunk, Chunker
from ctxtools.chunking.formats import parse_blocks
from tests.chunking.contract import check_contract, cut

O200K = get_encoding("o200k_base")

_SENTENCES = st.lists(
    st.sampled_from(
        ["Short one. ", "This one has a few words more. ", "And it goes " * 4 + "on. "]
    ),
    min_size=1,
    max_size=5,
).map("".join)
_ROWS = st.lists(st.sampled_from(["a | 1", "a longer name | 12", "x" * 30 + " | 3"]), min_size=1)
_BLOCKS = st.one_of(
    st.sampled_from(["# One\n\n", "## Two and more\n\n", "### Three\n", "# Four, " * 6 + "\n\n"]),
    _SENTENCES.map(lambda words: f"{words}\n\n"),
    _ROWS.map(lambda rows: "".join(f"- {row}\n" for row in rows) + "\n"),
    _ROWS.map(
        lambda rows: "| name | size |\n|---|---|\n" + "".join(f"| {row} |\n" for row in rows) + "\n"
    ),
    _ROWS.map(lambda rows: "```sh\n" + "".join(f"run {row}\n" for row in rows) + "```\n\n"),
)
manuals = st.lists(_BLOCKS, max_size=12).map("".join)
options = st.fixed_dictionaries(
    {
        "prefer": st.sampled_from(["fill", "boundaries"]),
        "strategy": st.sampled_from(["optimal", "greedy"]),
        "min_size": st.sampled_from([0, 5, 20]),
    }
)


@settings(max_examples=200)
@given(manuals, st.integers(20, 80), options)
def test_no_chunk_ends_with_a_heading_whose_text_could_follow(
    text: str, size: int, options: dict[str, Any]
) -> None:
    chunks, _ = cut(Chunker(O200K, size, format="markdown", **options), text)
    check_contract(chunks, text, O200K.count, size)
    headings = [*_headings(parse_blocks(text, "markdown"))]
    # A unit ends at a line, which a row or an item is here, or with a sentence.
    units = [*O200K.index(text).boundaries(Strength.LINE)[0], len(text)]
    for chunk in chunks[:-1]:
        number = bisect_left(headings, (chunk.end_index, 0)) - 1
        while number >= 0 and not text[headings[number][1] : chunk.end_index].strip():
            start, end = headings[number]
            after = end + len(text[end:]) - len(text[end:].lstrip())
            follows = [heading for heading in headings if heading[0] == after]
            if not follows and text[end:].strip():
                # The header of a table stays with its first row, a fence with its first line.
                first = 2 if text.startswith("|", after) else text.startswith("`", after)
                unit = units[bisect_right(units, after) + first]
                assert O200K.count(text[max(start, chunk.start_index) : unit]) > size
            number -= 1


def _headings(blocks: tuple[Block, ...]) -> Any:
    for block in blocks:
        if block.kind == "heading":
            yield block.start, block.end
        yield from _headings(block.children)


def bodies(chunks: list[Chunk]) -> list[str]:
    return [chunk.text[len(chunk.header) :] for chunk in chunks]


def test_a_list_is_cut_before_its_heading_stands_alone(o200k: Encoding) -> None:
    """It was kept whole, and the heading a chunk of three tokens."""
    items = "".join(f"- the step of number {i}\n" for i in range(9))
    text = f"# Steps\n\n{items}"
    for size in range(o200k.count(items), o200k.count(text)):
        chunks, _ = cut(Chunker(o200k, size, format="markdown"), text)
        assert len(chunks) == 2
        assert all(body.startswith(("# Steps\n\n- the", "- the")) for body in bodies(chunks))


def test_a_header_row_stays_with_the_first_row(o200k: Encoding) -> None:
    rows = "".join(f"| bolt {i} | box {i} |\n" for i in range(6))
    text = f"# Store\n\n## Bolts\n\n| Part | Place |\n|---|---|\n{rows}\nAll of them.\n"
    for size in range(24, 80, 3):
        chunks, _ = cut(Chunker(o200k, size, format="markdown"), text)
        assert "bolt 0" in chunks[0].text


def test_code_that_goes_on_has_its_fence_again(o200k: Encoding) -> None:
    lines = "".join(f"do_step({i}, again=True)\n" for i in range(30))
    text = f"# Steps\n\nDo this:\n\n```python\n{lines}```\n\nThen wait.\n"
    for size in range(40, 80, 7):
        chunks, _ = cut(Chunker(o200k, size, format="markdown", prefer="boundaries"), text)
        check_contract(chunks, text, o200k.count, size)
        for before, chunk in pairwise(chunks):
            if "do_step(" in chunk.text:
                assert chunk.text.startswith("```python\ndo_step(")
            assert not before.text.endswith("```python\n")
        assert not any(chunk.text.startswith("```\n") for chunk in chunks)


@pytest.mark.parametrize("format", ["javascript", "java"])
def test_closing_brackets_stay_with_what_they_close(o200k: Encoding, format: Any) -> None:
    methods = "".join(
        f"  run{i}(a) {{\n    for (;;) {{\n      call(a, {i});\n    }}\n  }}\n" for i in range(12)
    )
    text = f"class Runner {{\n{methods}}}\n"
    for size in range(24, 120, 8):
        chunks, _ = cut(Chunker(o200k, size, format=format), text)
        assert not any(chunk.text.lstrip().startswith("}") for chunk in chunks)


def test_a_block_is_cut_rather_than_to_leave_a_few_tokens(o200k: Encoding) -> None:
    rows = "".join(f"- the item of number {i} of this list\n" for i in range(50))
    size = o200k.count(rows) + 1
    for text in (f"Two words.\n\n{rows}", f"{rows}\nTwo words.\n"):
        assert o200k.count(text) > size
        chunks, _ = cut(Chunker(o200k, size, format="markdown"), text)
        assert len(chunks) == 2
        assert min(chunk.token_count for chunk in chunks) > size // 8


def test_a_block_is_kept_rather_than_to_save_a_chunk(o200k: Encoding) -> None:
    function = "def function(value):\n" + "    value = value + 1\n" * 20 + "    return value\n\n\n"
    size = o200k.count(function) * 3 // 2
    chunks, _ = cut(Chunker(o200k, size, format="python"), function * 6)
    assert bodies(chunks) == [function] * 6


@settings(max_examples=100)
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=9),
    st.integers(12, 40),
    st.integers(0, 40),
    st.sampled_from(["fill", "boundaries"]),
)
def test_a_minimum_size_is_kept_where_it_can_be(
    lengths: list[int], size: int, min_size: int, prefer: Any
) -> None:
    min_size = min(size, min_size)
    # Sentences of so many words, each of which is one token to the counter, as is a full stop.
    text = "".join("w " * (length - 1) + "w. " for length in lengths)
    counter = lambda text: len(text.split())  # noqa: E731
    chunks = list(Chunker(counter, size, min_size=min_size, prefer=prefer).chunk(text))
    reachable = {0}  # in words: what can be cut at sentences into chunks of enough
    total = sum(lengths)
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    for end in ends:
        if any(min_size <= end - start <= size for start in reachable):
            reachable.add(end)
    if total in reachable:
        assert all(chunk.token_count >= min_size for chunk in chunks)


def test_links_and_code_in_a_line_are_not_cut_where_they_fit(o200k: Encoding) -> None:
    link = '[the page of part {0}. It has drawings](https://example.org/{0} "Part {0}. With a map")'
    text = "".join(f"See {link.format(i)}, and `run --part {i}. --all`. " for i in range(9))
    for size in range(48, 90, 6):
        chunks, _ = cut(Chunker(o200k, size, format="markdown"), text)
        for chunk in chunks:
            assert chunk.text.count("[") == chunk.text.count("](")
            assert chunk.text.count("`") % 2 == 0 and chunk.text.count('"') % 2 == 0


def test_of_two_good_cuts_the_one_before_a_heading_is_better(o200k: Encoding) -> None:
    part = "It takes a few words, and some more of them, to say what this is.\n\n"
    text = "".join(f"## Part {i}\n\n{part * 3}" for i in range(6))
    size = o200k.count(f"## Part 1\n\n{part * 3}") * 2
    chunks, _ = cut(Chunker(O200K, size, format="markdown"), text)
    assert all(body.startswith("## Part") for body in bodies(chunks))
