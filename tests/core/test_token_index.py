"""The token index, with the kernel and without it: exact counts of spans, and where to cut."""

from array import array
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools._core.cut_types import NEVER, CutRules
from ctxtools._core.types import Strength
from ctxtools.encodings import Encoding, get_encoding, list_encodings
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.encodings.recounted import RecountedIndex
from ctxtools.errors import PositionError
from tests.core.engines import tiktoken
from tests.hanging import no_hang
from tests.strategies import texts, texts_with_surrogates

# What the rules for boundaries tell apart.
_MARKS = [
    *"。！？｡．…”’」』）\"'“)].!?;,#*12IJé ",
    *["Mr", "vs", "e.g.", "U.S.", "中", "文", "word"],
    *("\n", "\n\n", "\r\n", "\r", "# ", "## ", "  ", "\f", "\v", "\x85", "\u2028", "\u2029"),
    *(*":，、：—،", ", ", "— "),
    *(" the", "\U0001f1e9", "\u0301", "\u200d", "👨", "क्ष", "\u0600", "가", "ᄀ", "\u3000", "\0"),
]
marked = st.lists(st.sampled_from(_MARKS), max_size=40).map("".join)
_runs = st.lists(st.tuples(st.sampled_from(_MARKS), st.integers(1, 40)), max_size=6).map(
    lambda rows: "".join(mark * times for mark, times in rows)
)
hard = st.one_of(texts, marked, _runs, texts_with_surrogates)

encodings = st.sampled_from(list_encodings()).map(get_encoding)
limits = st.integers(0, 12)


@pytest.fixture(params=["default", "tiktoken"])
def either(request: pytest.FixtureRequest, o200k: Encoding) -> Encoding:
    """o200k_base with the default engine, and with tiktoken."""
    return o200k if request.param == "default" else Encoding("o200k_base", tiktoken("o200k_base"))


def insides(text: str) -> set[int]:
    """The offsets in a grapheme cluster, by another implementation."""
    clusters = regex.finditer(r"\X", text)
    return {offset for match in clusters for offset in range(match.start() + 1, match.end())}


# Counts


@settings(max_examples=600)
@given(encodings, hard, st.data())
def test_any_span_is_counted_like_a_separate_text(
    encoding: Encoding, text: str, data: st.DataObject
) -> None:
    index = encoding.index(text)
    assert (index.total, index.length) == (encoding.count(text), len(text))
    offsets = data.draw(st.lists(st.integers(0, len(text)), max_size=6).map(sorted))
    for i, start in enumerate(offsets):
        for end in offsets[i:]:
            assert index.count(start, end) == encoding.count(text[start:end])


@given(encodings, hard, st.data())
def test_many_spans_and_offsets_at_once(encoding: Encoding, text: str, data: st.DataObject) -> None:
    index = encoding.index(text)
    offsets = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    starts, ends = offsets[::2], offsets[1::2]
    spans = [(min(span), max(span)) for span in zip(starts, ends, strict=False)]
    counts = index.counts([start for start, _ in spans], [end for _, end in spans])
    assert [*counts] == [encoding.count(text[start:end]) for start, end in spans]
    bytes_, lines = index.positions(offsets)
    before = [text[:offset] for offset in offsets]
    assert [*bytes_] == [len(each.encode("utf-8", "surrogatepass")) for each in before]
    assert [*lines] == [each.count("\n") for each in before]
    with pytest.raises(ValueError):
        index.counts([0], [])


@given(encodings, texts_with_surrogates | hard, st.data())
def test_slices_and_tokens_of_spans(encoding: Encoding, text: str, data: st.DataObject) -> None:
    index = encoding.index(text)
    offsets = data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=6).map(sorted))
    spans = [text[a:b] for a, b in pairwise(offsets)]
    assert index.slices(offsets[:-1], offsets[1:]) == spans
    for span, start, end in zip(spans, offsets, offsets[1:], strict=False):
        ends, numbers = index.token_ends(start, end)
        if not index.additive:
            assert not len(ends)
            continue
        tokens = [encoding.decode_bytes([id]) for id in encoding.encode(span)]
        for offset, number in zip(ends, numbers, strict=True):
            encoded = replace_surrogates(text[start:offset]).encode()
            assert b"".join(tokens[:number]) == encoded
        assert not span or (ends[-1], numbers[-1]) == (end, len(tokens))


@given(encodings, texts)
def test_ends_and_sums(encoding: Encoding, text: str) -> None:
    index = encoding.index(text)
    ends = [0, *index.ends]
    assert ends == sorted(set(ends))
    assert ends[-1] == len(text)
    assert len(index) == len(index.strengths) == len(ends) - 1
    assert {index.ends.format, index.strengths.format} == {"I", "B"}
    assert index.ends.readonly
    if index.additive:
        spans = [encoding.count(text[a:b]) for a, b in pairwise(ends)]
        assert [0, *index.sums] == [sum(spans[:i]) for i in range(len(ends))]


@given(encodings, hard, limits, st.data())
def test_the_furthest_end(encoding: Encoding, text: str, limit: int, data: st.DataObject) -> None:
    index, start = encoding.index(text), data.draw(st.integers(0, len(text)))
    end = index.end(start, limit)
    assert end == start or end in list(index.ends)
    assert encoding.count(text[start:end]) <= limit
    following = next((e for e in index.ends if e > end), None)
    assert following is None or encoding.count(text[start:following]) > limit


@given(encodings, hard, limits, st.data())
def test_the_furthest_offset_anywhere(
    encoding: Encoding, text: str, limit: int, data: st.DataObject
) -> None:
    index, inside = encoding.index(text), insides(text)
    offset = data.draw(st.integers(0, len(text)))
    end, start = index.end_anywhere(offset, limit), index.start_anywhere(offset, limit)
    assert encoding.count(text[offset:end]) <= limit
    assert encoding.count(text[start:offset]) <= limit
    assert start == offset or start not in inside
    if end in inside and end > offset:  # then no cluster fits
        cluster = next(p for p in range(offset + 1, len(text) + 1) if p not in inside)
        assert end < cluster
        assert encoding.count(text[offset:cluster]) > limit


@given(encodings, hard, st.data())
def test_measures_are_what_the_text_has_on_both_sides(
    encoding: Encoding, text: str, data: st.DataObject
) -> None:
    index = encoding.index(text)
    offsets = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    sums_from, sums_to = index.measure(array("I", offsets) if data.draw(st.booleans()) else offsets)
    assert sums_from.format == sums_to.format == "q"
    if index.additive:
        assert list(sums_to) == [encoding.count(text[:p]) for p in offsets]
        assert list(sums_from) == [index.total - encoding.count(text[p:]) for p in offsets]


@pytest.mark.parametrize("name", ["o200k_base", "deepseek_v3"])
@pytest.mark.parametrize("unit", ["1.", "-a", "{\n "])
def test_offsets_of_a_long_text_without_safe_splits(unit: str, name: str) -> None:
    encoding = Encoding(name, tiktoken(name))
    text = unit * 20_000
    index = encoding.index(text)
    with no_hang():
        _, to = index.measure(range(len(text) + 1))
    for end in (0, 1, 2, 777, 778, len(text) - 1, len(text)):
        assert to[end] == index.count(0, end) == encoding.count(text[:end])


@settings(max_examples=10)
@given(encodings, st.integers(0, 200), st.integers(0, 2**32))
def test_a_long_text_has_the_index_of_its_parts(encoding: Encoding, odd: int, seed: int) -> None:
    """The kernel indexes it in pieces of a quarter of a megabyte, on all threads."""
    random = Random(seed)
    words = ("word ", "it's\n", "中文。", "12345", "  é", "\r\n\n", "x" * 70, "# ")
    parts = ["y" * odd + " ", *("".join(random.choices(words, k=4000)) + " " for _ in range(60))]
    index = encoding.index("".join(parts))
    assert index.total == encoding.count(index.text)
    ends, sums = index.ends, index.sums
    assert (ends[-1], sums[-1]) == (index.length, index.total)
    for _ in range(50):
        start = random.randrange(index.length)
        end = min(index.length, start + random.randrange(3000))
        assert index.count(start, end) == encoding.count(index.text[start:end])
    for number in random.sample(range(len(ends)), 50):
        assert sums[number] == index.count(0, ends[number])


@given(encodings, st.lists(st.sampled_from(["one", "two.", "3", "中文。", "it's"]), min_size=9))
def test_measures_add_up_over_words(encoding: Encoding, words: list[str]) -> None:
    text = " ".join(words)
    index, n = encoding.index(text), len(text)
    for i in range(0, n, 3):
        # Both ends in words, and two spaces between them.
        j = next((j for j in range(i, n) if text[i:j].strip().count(" ") > 1), n)
        (sum_from, _), (_, sum_to) = index.measure([i, j])
        assert sum_to - sum_from == encoding.count(text[i:j]) or text[i:j].count(" ") < 2


@given(encodings, hard, limits, st.data())
def test_overlaps(encoding: Encoding, text: str, overlap: int, data: st.DataObject) -> None:
    index, inside = encoding.index(text), insides(text)
    offsets = data.draw(st.lists(st.integers(0, len(text)), max_size=4))
    words = {0: int(Strength.SECTION)} | dict(zip(*index.boundaries(Strength.WORD), strict=True))
    for offset, start in zip(offsets, index.overlap_starts(offsets, overlap), strict=True):
        assert encoding.count(text[start:offset]) <= overlap
        assert start == offset or (start < offset and start not in inside)
        if start == offset and overlap and offset:  # then not even a cluster fits
            one = next(p for p in range(offset - 1, -1, -1) if p not in inside)
            assert encoding.count(text[one:offset]) > overlap
        # At white space the sums may say that more would not fit although it does.
        last = index.measure([offset])[1][0] - overlap
        fitting = {
            at: strength
            for at, strength in words.items()
            if at < offset
            and encoding.count(text[at:offset]) <= overlap
            and index.measure([at])[0][0] >= last
        }
        sentences = [at for at, strength in fitting.items() if strength >= Strength.SENTENCE]
        if sentences:
            assert start <= min(sentences), "whole sentences, if one fits"
            assert words.get(start, 0) >= Strength.SENTENCE


def test_an_overlap_starts_with_a_sentence_a_clause_or_a_word(either: Encoding) -> None:
    def overlap(text: str, tokens: int) -> str:
        (start,) = either.index(text).overlap_starts([len(text)], tokens)
        assert either.count(text[start:]) <= tokens
        return text[start:]

    text = "It was so. One is here. Another one is there\nand it has a line of its own. And"
    assert overlap(text, 40) == text
    assert overlap(text, 18) == " Another one is there\nand it has a line of its own. And"
    assert overlap(text, 12) == " And", "even if that is little: no sentence is cut for more"
    words = text.removesuffix(". And")
    assert overlap(words, 12) == "and it has a line of its own", "most of it, from a line on"
    assert overlap(words, 4) == " line of its own", "else from a word on"
    assert overlap("x " * 9 + "line\na", 8) == " x x x x x line\na", "not a rest of a few words"


def test_an_overlap_starts_where_the_rules_say(either: Encoding) -> None:
    text = "First one here. Second\nthird one. Fourth | fifth | sixth."

    def overlap(tokens: int, **rules: Any) -> str:
        index = either.index(text)
        return text[index.overlap_starts([len(text)], tokens, CutRules(**rules))[0] :]

    assert overlap(30) == text
    assert overlap(30, walls=[5, 15, 57]) == "", "at a wall there is none"
    assert overlap(30, walls=[5, 15]) == text[15:]
    assert overlap(9) == " Fourth | fifth | sixth."
    assert overlap(9, overlap_strengths=([0], [Strength.LINE])) == text[23:]
    row = [0, 34], [Strength.SENTENCE, NEVER]
    assert overlap(4, overlap_strengths=row) == "", "nothing that starts inside of a row"
    fifth = [42], [Strength.SENTENCE]
    assert overlap(5) == " | fifth | sixth."
    assert overlap(5, boundaries=fifth) == " fifth | sixth."


def test_an_overlap_starts_with_a_word(either: Encoding) -> None:
    text = "Some words that are read again " * 40 + "中" * 60
    index = either.index(text)
    (start,) = index.overlap_starts([900], 20)
    assert text[start] == " "
    assert either.count(text[start:900]) in (19, 20)
    (start,) = index.overlap_starts([len(text)], 20)
    assert either.count(text[start:]) in (19, 20)


# Boundaries


@given(encodings, hard, st.data())
def test_boundaries_are_between_clusters_and_pretokens(
    encoding: Encoding, text: str, data: st.DataObject
) -> None:
    index, inside = encoding.index(text), insides(text)
    offsets, strengths = index.boundaries(Strength.NONE)
    assert list(offsets) == sorted(set(offsets) - inside - {0, len(text)})
    stronger = {p for p, s in zip(offsets, strengths, strict=True) if s > Strength.WORD}
    assert set(offsets) <= set(index.ends) | stronger
    assert set(index.ends) - inside - {len(text)} <= set(offsets)
    found = dict(zip(offsets, strengths, strict=True))
    least = data.draw(st.sampled_from(Strength))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    some = index.boundaries(least, start, end)
    assert list(zip(*some, strict=True)) == [
        (p, s) for p, s in found.items() if start < p < end and s >= least
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        " ",
        "\n",
        "中",
        "\u0301",
        "\U0001f1e9",
        "👨\u200d",
        "क्",
        "中A",
        "a\u0301",
        "\n ",
        "\f",
        ". ",
        "z. B. ",
        "[1]. ",
    ],
)
def test_a_run_of_one_thing(unit: str, either: Encoding) -> None:
    """No engine fails on it, and no question looks at the whole of it for each answer."""
    text = unit * (60_000 // len(unit))
    index = either.index(text)
    offsets = list(range(0, len(text), 1000))
    assert index.total == either.count(text)
    index.measure(offsets[::10])
    index.boundaries(Strength.NONE)
    starts = index.overlap_starts(offsets[::10], 20)
    assert all(either.count(text[s:p]) <= 20 for s, p in zip(starts, offsets[::10], strict=True))
    end = index.end_anywhere(1000, 50)
    assert either.count(text[1000:end]) <= 50 < either.count(text[1000 : end + 4 * len(unit)])


# Arguments


@pytest.mark.parametrize("recounted", [False, True])
def test_offsets_outside(recounted: bool, either: Encoding) -> None:
    index = RecountedIndex("text", len) if recounted else either.index("text")
    for start, end in ((3, 2), (0, 5), (-1, 2)):
        with pytest.raises(
            PositionError, match=rf"invalid range {start}\.\.{end} for a text of 4 characters"
        ):
            index.count(start, end)
    for outside in (-1, 5):
        for ask in (
            lambda offset: index.end(offset, 1),
            lambda offset: index.end_anywhere(offset, 1),
            lambda offset: index.start_anywhere(offset, 1),
            lambda offset: index.boundaries(Strength.NONE, offset),
            lambda offset: index.boundaries(Strength.NONE, 0, offset),
            lambda offset: index.measure([offset]),
            lambda offset: index.overlap_starts([offset], 1),
        ):
            with pytest.raises(
                PositionError, match=f"offset {outside} is outside a text of 4 characters"
            ):
                ask(outside)
    with pytest.raises(IndexError):
        index.count(0, 5)


def test_an_empty_text(encoding: Encoding) -> None:
    index = encoding.index("")
    assert (len(index), index.length, index.total, index.count(0, 0)) == (0, 0, 0, 0)
    assert index.end(0, 5) == index.end_anywhere(0, 5) == index.start_anywhere(0, 5) == 0
    assert list(index.ends) == list(index.boundaries(Strength.NONE)[0]) == []
    assert [list(m) for m in index.measure([0])] == [[0], [0]]
    assert list(index.overlap_starts([0], 5)) == [0]
