"""Edited indexes, with the kernel and without it, against an index of the text that comes of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools._core.cut_types import CutOptions, CutRules
from ctxtools._core.edits import Edit
from ctxtools._core.types import Strength
from ctxtools.encodings import Encoding, get_encoding, list_encodings
from ctxtools.encodings.editable import EditableIndex
from ctxtools.encodings.engines.added import AddedTokensBackend
from ctxtools.encodings.engines.finder import AddedToken
from ctxtools.errors import PositionError, UsageError
from tests.core.engines import NAMES, tiktoken
from tests.strategies import HARD, texts, texts_with_surrogates

encodings = st.sampled_from(
    [
        *map(get_encoding, list_encodings()),
        *(Encoding(name, tiktoken(name)) for name in NAMES if name in {"o200k_base", "qwen2"}),
    ]
)
hard = st.one_of(texts, texts, texts_with_surrogates, st.sampled_from(["", " " * 90, "a" * 3000]))
# Where an edit starts and what it takes out, as shares of the text, and what it puts in.
edits = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from([0, 0, 0.02, 0.1, 1]), hard), min_size=1, max_size=8
)


def apply(index: EditableIndex, text: str, edit: tuple[float, float, str]) -> tuple[str, Edit]:
    at, share, new = edit
    start = round(at * len(text))
    end = min(len(text), start + round(share * len(text)))
    if start == end == len(text):
        changed = index.append(new)
    elif start == end:
        changed = index.insert(start, new)
    else:
        changed = index.replace(start, end, new) if new else index.delete(start, end)
    return text[:start] + new + text[end:], changed


@settings(max_examples=150)
@given(encodings, hard, edits, st.data())
def test_an_edited_index_is_that_of_the_new_text(
    encoding: Encoding, text: str, edits: list[tuple[float, float, str]], data: st.DataObject
) -> None:
    index = encoding.index(text)
    for edit in edits:
        old, total = text, index.total
        text, changed = apply(index, old, edit)
        assert (index.text, index.length) == (text, len(text))
        assert index.total == encoding.count(text)
        assert total - changed.old_tokens == index.total - changed.new_tokens
        assert old[: changed.start] == text[: changed.start]
        assert old[changed.old_end :] == text[changed.new_end :]
        offsets = data.draw(st.lists(st.integers(0, len(text)), max_size=3).map(sorted))
        for start, end in pairwise([0, *offsets, len(text)]):
            assert index.count(start, end) == encoding.count(text[start:end])
            assert index.slices([start], [end]) == [text[start:end]]
    fresh, limit = encoding.index(text), data.draw(st.integers(0, 12))
    offsets = sorted({0, len(text) // 3, len(text) // 2, len(text)})
    assert index.additive == fresh.additive
    assert [index.end(at, limit) for at in offsets] == [fresh.end(at, limit) for at in offsets]
    assert [*index.counts(offsets, [len(text)] * len(offsets))] == [
        encoding.count(text[at:]) for at in offsets
    ]
    assert all(same(a, b) for a, b in zip(answers(index), answers(fresh), strict=True))


def answers(index: EditableIndex) -> Iterator[object]:
    """What an index says of its text."""
    offsets, middle = [0, index.length // 2, index.length], index.length // 2
    yield len(index), index.ends, index.strengths, index.total
    yield index.sums if index.additive else None
    yield index.measure(offsets)
    yield index.positions(offsets)
    yield index.boundaries(Strength.WORD)
    yield index.cluster_ends(0, index.length), index.is_inside_cluster(middle)
    yield index.end_anywhere(middle, 3), index.start_anywhere(middle, 3)
    yield index.token_ends(0, middle)
    yield index.overlap_starts(offsets, 4)
    options = CutOptions(8, 8, 0, 0, [2.0, 1.0, 0.5], 100.0, (1.0, 3.0, 1.0, 1.0), "optimal")
    yield tuple(index.cut_points(0, [], CutRules(), options))


def same(a: object, b: object) -> bool:
    if isinstance(a, memoryview) and isinstance(b, memoryview):
        return a.tolist() == b.tolist()
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def test_an_edit_says_what_it_changed(o200k: Encoding) -> None:
    index = o200k.index("The cat sat. The dog sat.")
    assert index.replace(4, 7, "big old cat") == Edit(3, 7, 15, 1, 3)
    assert index.append("") == Edit(33, 33, 33, 0, 0)
    assert index.text == "The big old cat sat. The dog sat."


@given(hard, edits)
def test_every_engine_says_the_same_of_an_edit(
    text: str, edits: list[tuple[float, float, str]]
) -> None:
    names = {"o200k_base", "qwen2"}
    for name in names:
        one = get_encoding(name).index(text)
        other = Encoding(name, tiktoken(name)).index(text)
        new = text
        for edit in edits:
            old = new
            _, changed = apply(other, old, edit)
            new, expected = apply(one, old, edit)
            added = changed.new_tokens - changed.old_tokens
            assert added == expected.new_tokens - expected.old_tokens
            # The two do not tell the normal form of all characters by the same tables.
            if name == "o200k_base" or (old + new).isascii():
                assert changed == expected


def test_a_view_does_not_change(o200k: Encoding) -> None:
    index = o200k.index("one two three")
    ends, sums = index.ends, index.sums
    index.delete(0, 4)
    assert ends.tolist() == [3, 7, 13]
    assert sums.tolist() == [1, 2, 3]
    assert index.ends.tolist() == [3, 9]


@pytest.mark.parametrize("name", ["o200k_base", "qwen2"])
def test_a_text_grows_from_nothing(name: str) -> None:
    encoding = get_encoding(name)
    index, text = encoding.index(""), ""
    for more in HARD * 3:
        text += more
        index.append(more)
        assert index.total == encoding.count(text)


def test_a_text_that_becomes_normal_has_sums_again() -> None:
    encoding = get_encoding("qwen2")
    index = encoding.index("caf")
    index.append("e\u0301")
    assert not index.additive
    index.replace(3, 5, "\u00e9")
    assert index.additive


def test_an_added_token_that_an_edit_makes_is_found(o200k: Encoding) -> None:
    token = AddedToken("<tool>", 300_000, b"<tool>")
    backend = AddedTokensBackend(o200k.backend, [token])
    encoding = Encoding("with a tool", backend)
    text = "call <to or not " * 100
    index = encoding.index(text)
    assert index.additive
    index.replace(8, 11, "ol>")
    assert index.text.startswith("call <tool>")
    assert index.total == encoding.count(index.text)


def test_errors_leave_the_text_as_it_was(o200k: Encoding) -> None:
    index = o200k.index("text")
    for start, end in (3, 2), (0, 5), (-1, 2):
        with pytest.raises(PositionError, match=f"invalid range {start}..{end} for a text of 4"):
            index.delete(start, end)
    with pytest.raises(PositionError, match=r"invalid range 5..5 for a text of 4 characters"):
        index.insert(5, "a")
    with pytest.raises(UsageError, match="text must be a str"):
        index.append(b"a")  # type: ignore[arg-type]
    assert (index.text, index.total) == ("text", 1)


def test_threads_count_in_the_text_of_before_or_after(o200k: Encoding) -> None:
    index = o200k.index("one two three " * 1000)
    known = {index.total}

    def edit() -> None:
        for _ in range(300):
            index.append("four")
            index.delete(index.length - 4, index.length)

    def count() -> set[int]:
        return {index.count(0, 14_000) for _ in range(300)} | {index.total % 1 for _ in range(9)}

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(edit)]
        counted = [pool.submit(count) for _ in range(3)]
        done[0].result()
        found = set().union(*(future.result() for future in counted)) - {0}
    assert index.total in known
    assert found == {o200k.count("one two three " * 1000)}


def test_its_name() -> None:
    index = get_encoding("o200k_base").index("abc")
    index.append("d" * 1997)
    assert repr(index) == "<EditableIndex of 2,000 characters>"
