"""A pack begins as an earlier one does, as far as its documents are unchanged."""

from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.documents import Document
from ctxtools.encodings import get_encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.packing import Pack, pack
from ctxtools.packing.stable.reuse import shared_tokens

O200K = get_encoding("o200k_base")
LOOKS: tuple[dict[str, Any], ...] = (
    {},
    {"format": "markdown", "line_numbers": True},
    {"format": "json", "order": "priority"},
    {"format": "plain", "order": "edges", "trim": "middle"},
    {"tree": True, "trim": "tail"},
    {"template": "Read:\n{{#documents}}### {{source}}\n{{content}}\n{{/documents}}Answer."},
    {"template": "{{documents}}\nQuestion?", "order": "stable", "ages": {"a/f2.py": 0.0}},
)


def code(number: int, lines: int) -> str:
    head = f'"""Module {number}."""\n\n\ndef f{number}(a: int) -> int:\n    return a + {number}\n'
    return head + "".join(f"x{i} = f{number}({i})\n" for i in range(lines))


SIZES = st.lists(st.integers(0, 120), min_size=2, max_size=9)


def same_ids(one: str, other: str) -> int:
    pairs = zip(O200K.encode(one), O200K.encode(other), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def entries(packed: Pack) -> list[tuple[str, str]]:
    return [(each.path, each.form.value) for each in packed.documents]


@settings(max_examples=12)
@given(SIZES, st.data(), st.sampled_from(LOOKS), st.integers(300, 2500))
def test_it_begins_as_the_earlier_one_up_to_what_changed(
    sizes: list[int], data: st.DataObject, look: dict[str, Any], budget: int
) -> None:
    documents = {f"a/f{i}.py": code(i, size) for i, size in enumerate(sizes)}
    earlier = pack(documents, O200K, budget=budget, **look)
    again = pack(documents, O200K, budget=budget, stable_from=earlier, **look)
    if earlier.documents:
        assert again.text == earlier.text
        assert again.stable is not None
        assert (again.stable.documents, again.stable.end) == (len(earlier.documents), "")
        assert again.stable.tokens == earlier.token_count == again.token_count
    changed = data.draw(st.sampled_from(sorted(documents)))
    action = data.draw(st.sampled_from(["change", "remove", "add"]))
    after = {**documents}
    if action == "change":
        after[changed] = "# new\n" + after[changed].replace("def f", "def g")
    elif action == "remove":
        del after[changed]
    else:
        after["a/f10.py"] = code(10, 30)
    new = pack(after, O200K, budget=budget, stable_from=earlier.text, **look)
    assert O200K.count(new.text) == new.token_count <= budget
    assert new.stable is not None
    kept = new.stable.documents
    assert entries(new)[:kept] == entries(earlier)[:kept]
    names = [each.path for each in earlier.documents]
    touched = changed in names and action != "add" and not look.get("tree")
    unchanged = names.index(changed) if touched else len(names)
    # A changed document that went in as its path alone looks as before.
    assert kept >= unchanged or "tree" in look or "has to" in new.stable.end
    assert new.stable.tokens == same_ids(earlier.text, new.text)
    assert len({each.path for each in new.documents}) == len(new.documents)


@settings(max_examples=60)
@given(st.text("ab \n", max_size=30), st.text("ab \n", max_size=30), st.text(max_size=9))
def test_shared_tokens_are_those_of_the_ids(start: str, one: str, other: str) -> None:
    one, other = start + one, start + other
    assert shared_tokens(one, other, O200K) == same_ids(one, other)


DOCUMENTS = {"a.py": code(1, 20), "b.py": code(2, 20), "c.py": code(3, 20)}


@pytest.mark.parametrize(
    ("earlier", "end"),
    [
        ("", "there is no earlier text"),
        ("  \n", "there is no earlier text"),
        ("something else", "it does not start as this pack does"),
        ("# Documents\n\n## a.py\n", "it does not start as this pack does"),
        ("<documents>\n", "no document is written as there"),
        ("<documents>\n" + '<document index="1" source="z.py">\n', "no document is written as"),
        ('<documents>\n<document index="1" source="a.py">\nother\n', "a.py changed"),
        ('<documents>\n<document index="2" source="a.py">\n', "no document is written as there"),
        ("<documents>\n" + "[... lines 1 to 2 of 3 left out ...]" * 100, "no document is written"),
    ],
)
def test_a_foreign_or_damaged_text_keeps_nothing(earlier: str, end: str) -> None:
    plain = pack(DOCUMENTS, O200K, budget=400)
    packed = pack(DOCUMENTS, O200K, budget=400, stable_from=earlier)
    assert packed.text == plain.text
    assert packed.stable is not None and packed.stable.documents == 0
    assert end in (packed.stable.end or "no document is written as there")


def test_a_cut_off_text_keeps_what_is_complete() -> None:
    earlier = pack(DOCUMENTS, O200K, budget=2_000).text
    packed = pack(DOCUMENTS, O200K, budget=2_000, stable_from=earlier[: earlier.index("x9 = f3")])
    assert packed.stable is not None
    assert (packed.stable.documents, packed.stable.end) == (2, "c.py changed")


def test_what_has_to_go_in_comes_before_what_is_kept() -> None:
    size = O200K.count(code(1, 60))
    documents = {"a.py": code(1, 60), "b.py": code(2, 60), "c.py": code(3, 60)}
    values = {"a.py": 9, "b.py": 8, "c.py": 1}
    earlier = pack(documents, O200K, budget=2 * size + 100, values=values)
    assert [each.path for each in earlier.documents if each.form == "whole"] == ["a.py", "b.py"]
    new = pack(documents, O200K, budget=2 * size + 100, pins=["c.py"], stable_from=earlier)
    assert {each.path: each.form for each in new.documents}["c.py"] == "whole"
    assert new.documents[0].path == "a.py"
    pinned = pack(documents, O200K, budget=9 * size, pins=["b.py"], stable_from=earlier)
    assert entries(pinned)[:2] == [("a.py", "whole"), ("b.py", "whole")]
    with pytest.raises(ConflictError):
        pack(documents, O200K, budget=size // 2, pins=["c.py"], stable_from=earlier)


def test_a_form_that_is_not_allowed_now_ends_it() -> None:
    earlier = pack({"a.py": code(1, 200), "b.py": code(2, 3)}, O200K, budget=150)
    assert entries(earlier)[0][1] != "whole"
    new = pack(
        {"a.py": code(1, 200), "b.py": code(2, 3)}, O200K, budget=150,
        forms=["whole"], stable_from=earlier,
    )  # fmt: skip
    assert new.stable is not None
    assert new.stable.documents == 0 and "may not go in as" in new.stable.end


def functions(file: str) -> str:
    words = ("alpha", "refund", "beta", "gamma", "invoice", "delta")
    lines = "".join(f"    y{i} = x + {i}\n" for i in range(20))
    return "".join(f"def {word}_{file}(x):\n    # {word} of {file}\n{lines}\n" for word in words)


ASKED: dict[str, Any] = {"budget": 2_200, "query": "how is a refund of an invoice made?"}
FUNCTIONS = {f"{name}.py": functions(name) for name in "abcd"}


@pytest.mark.parametrize(
    "look",
    [
        *({"format": each} for each in ("xml", "markdown", "json", "plain")),
        {"line_numbers": True, "order": "priority"},
        {"template": "{{#documents}}### {{source}}\n{{content}}\n{{/documents}}Answer."},
        {"template": "{{#documents}}### {{source}} {{form}}\n{{content}}\n{{/documents}}"},
    ],
)
def test_an_excerpt_is_kept_where_its_lines_are_as_they_were(look: dict[str, Any]) -> None:
    earlier = pack(FUNCTIONS, O200K, **ASKED, **look)
    number = len(earlier.documents)
    assert [each.form.value for each in earlier.documents] == ["excerpt"] * number
    third = earlier.documents[2].path
    unseen = {**FUNCTIONS, third: FUNCTIONS[third].replace("# beta of", "# beta, changed, of")}
    again = pack(unseen, O200K, **ASKED, stable_from=earlier, **look)
    assert again.stable is not None
    assert (again.text, again.stable.documents) == (earlier.text, number)
    for old, new in (("# refund of", "# refund, changed, of"), ("# beta of", "# one\n    # two")):
        seen = {**FUNCTIONS, third: FUNCTIONS[third].replace(old, new)}
        changed = pack(seen, O200K, **ASKED, stable_from=earlier, **look)
        assert changed.stable is not None
        assert (changed.stable.documents, changed.stable.end) == (2, f"{third} changed")
        assert changed.text.startswith(earlier.text[: earlier.text.index(third)])


def test_an_excerpt_without_what_was_changed_since_is_not_kept() -> None:
    earlier = pack(FUNCTIONS, O200K, **ASKED)
    (first, *_), path = earlier.documents[0].spans, earlier.documents[0].path
    for line, kept in ((first[0], len(earlier.documents)), (first[0] - 2, 0)):
        new = pack(FUNCTIONS, O200K, **ASKED, stable_from=earlier, changes={path: [(line, line)]})
        assert new.stable is not None and new.stable.documents == kept


def test_an_excerpt_of_pages_or_of_many_spans_is_kept() -> None:
    text = "".join(functions(str(number)) for number in range(16))
    pages = [0, len(text) // 3, len(text) // 2]
    documents = [Document("a.py", text, pages=pages), Document("b.py", text[::-1])]
    asked: dict[str, Any] = {"budget": 6_000, "query": "refund of an invoice"}
    earlier = pack(documents, O200K, **asked)
    assert " more of " in earlier.text and "; pages 1-3 of 3" in earlier.text
    again = pack(documents, O200K, **asked, stable_from=earlier.text)
    assert again.text == earlier.text
    assert again.stable is not None and again.stable.documents == len(earlier.documents)


def test_it_has_to_be_a_text_or_a_pack() -> None:
    with pytest.raises(UsageError, match="stable_from must be"):
        pack(DOCUMENTS, O200K, budget=99, stable_from=7)  # type: ignore[arg-type]


def test_what_changed_last_is_at_the_end_of_the_stable_order() -> None:
    ages = {"a.py": 0.0, "c.py": 3.5}
    packed = pack(DOCUMENTS, O200K, budget=2_000, order="stable", ages=ages)
    assert [each.path for each in packed.documents] == ["b.py", "c.py", "a.py"]
