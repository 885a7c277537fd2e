"""Parts: as few as possible, each within the limit, and nothing lost."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import Encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.packing import Pack, pack_parts
from ctxtools.packing.prompt.choice.partition import fewest_parts, lower_bound, parts_in_order
from tests.packing.conftest import ENCODINGS, encodings, hostile_texts

O200K = ENCODINGS["o200k_base"]
PROSE = "".join(f"This is sentence {i}, and not the last one.\n" for i in range(400))


def brute_force(sizes: list[int], capacity: int) -> int:
    """The fewest parts, by placing each item everywhere."""
    best = len(sizes)

    def place(i: int, left: tuple[int, ...]) -> None:
        nonlocal best
        if len(left) >= best:
            return
        if i == len(sizes):
            best = len(left)
            return
        for at, remaining in enumerate(left):
            if remaining >= sizes[i] and remaining not in left[:at]:
                place(i + 1, (*left[:at], remaining - sizes[i], *left[at + 1 :]))
        place(i + 1, (*left, capacity - sizes[i]))

    place(0, ())
    return best


@given(st.integers(1, 30).flatmap(
    lambda c: st.tuples(st.just(c), st.lists(st.integers(0, c), max_size=8))
))  # fmt: skip
def test_the_fewest_parts(instance: tuple[int, list[int]]) -> None:
    capacity, sizes = instance
    parts = fewest_parts(sizes, [0] * len(sizes), capacity)
    assert parts is not None
    assert sorted(i for part in parts for i in part) == list(range(len(sizes)))
    assert all(sum(sizes[i] for i in part) <= capacity for part in parts)
    if sizes:
        assert max(lower_bound(sizes, capacity), 1) <= brute_force(sizes, capacity) == len(parts)


@given(st.lists(st.integers(0, 20), max_size=12), st.integers(20, 60))
def test_parts_in_order(sizes: list[int], capacity: int) -> None:
    parts = parts_in_order(sizes, [0] * len(sizes), capacity)
    assert parts is not None
    assert [i for part in parts for i in part] == list(range(len(sizes)))
    assert all(sum(sizes[i] for i in part) <= capacity for part in parts)


def bodies(packs: list[Pack]) -> dict[str, str]:
    """Path -> the content of a document, its pieces joined."""
    found: dict[str, list[tuple[int, str]]] = {}
    for pack in packs:
        for each in json.loads(pack.text)["documents"]:
            which = re.match(r"piece (\d+) of", each.get("form", "piece 1 of"))
            assert which
            found.setdefault(each["source"], []).append((int(which.group(1)), each["content"]))
    for pieces in found.values():
        assert sorted(number for number, _ in pieces) == list(range(1, len(pieces) + 1))
    return {source: "".join(body for _, body in sorted(each)) for source, each in found.items()}


@given(
    st.lists(hostile_texts.map(lambda text: text * 3), max_size=5),
    encodings,
    st.integers(60, 400),
    st.one_of(st.none(), st.integers(1, 4)),
)
def test_nothing_is_lost_and_each_part_keeps_the_limit(
    texts: list[str], encoding: Encoding, limit: int, parts: int | None
) -> None:
    documents = {f"{i}.md": text for i, text in enumerate(texts)}
    try:
        packs = pack_parts(documents, encoding, part_limit=limit, parts=parts, format="json")
    except ConflictError as error:
        assert error.available == limit
        return
    assert all(encoding.count(p.text) == p.token_count <= limit == p.limit for p in packs)
    assert len(packs) <= (parts or len(packs))
    assert bodies(packs) == documents
    for number, pack in enumerate(packs, 1):
        facts = json.loads(pack.text)
        expected = (number, len(packs)) if len(packs) > 1 else (None, None)
        assert (facts.get("part"), facts.get("of")) == expected


def test_few_parts_of_even_sizes() -> None:
    documents = {"a.md": PROSE, **{f"{i}.md": PROSE[: 400 * i] for i in range(1, 9)}}
    total = pack_parts(documents, O200K, parts=1)[0].token_count
    packs = pack_parts(documents, O200K, part_limit=1500)
    sizes = [pack.token_count for pack in packs]
    assert len(packs) == -(-total // 1400)
    assert min(sizes) > 1500 // 2
    assert 'part="2" of="' in packs[1].text


def test_the_number_of_parts_that_was_asked_for() -> None:
    packs = pack_parts({"a.md": PROSE, "b.md": PROSE}, O200K, parts=3)
    sizes = [pack.token_count for pack in packs]
    assert len(sizes) == 3
    assert max(sizes) < 1.2 * min(sizes)
    with pytest.raises(ConflictError, match="not everything fits into 3 parts"):
        pack_parts({"a.md": PROSE, "b.md": PROSE}, O200K, parts=3, part_limit=1000)


def test_more_than_nine_parts_say_so_within_the_limit() -> None:
    packs = pack_parts({"a.md": PROSE}, ENCODINGS["qwen2"], part_limit=300)
    assert len(packs) > 9
    assert f'of="{len(packs)}"' in packs[0].text
    assert all(pack.token_count <= 300 for pack in packs)


def test_no_documents_are_one_empty_part() -> None:
    assert [pack.text for pack in pack_parts({}, O200K, part_limit=9)] == [""]


def test_invalid_arguments() -> None:
    with pytest.raises(ConflictError, match="no capacity"):
        pack_parts({"a.md": PROSE}, O200K, part_limit=10)
    for wrong in ({}, {"parts": 0}, {"part_limit": -1}):
        with pytest.raises(UsageError):
            pack_parts({"a.md": "x"}, O200K, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [220, 400])
def test_parts_that_exceed_the_limit_by_little_are_made_smaller(limit: int) -> None:
    """Ten attempts, each with a token less, gave the same parts: an error."""
    code = "".join(f"def f{i}(x):\n    return x + {i}\n\n" for i in range(40))
    documents = {"a.md": "# A project\n\nIt does things.\n", "b.toml": "[project]\nname = 'a'\n"}
    documents |= {"src/app.py": code, "test.py": "def test_f():\n    assert True\n\n" * 20}
    packs = pack_parts(documents, O200K, part_limit=limit, format="plain")
    assert all(O200K.count(each.text) == each.token_count <= limit for each in packs)
