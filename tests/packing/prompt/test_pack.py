"""Packing: within the limit for any input, the best where all choices can be tried, repeatable."""

from itertools import combinations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import Document
from ctxtools.encodings import Encoding, get_encoding
from ctxtools.errors import ConflictError, MissingExtraError, UsageError
from ctxtools.models import Budget
from ctxtools.packing import Form, Pack, pack
from ctxtools.packing.arguments import Format, Order, Trim
from tests.packing.conftest import ENCODINGS, document_lists, encodings

FORMATS: tuple[Format, ...] = get_args(Format)
ORDERS: tuple[Order, ...] = get_args(Order)
TRIMS: tuple[Trim, ...] = get_args(Trim)
TEMPLATE = (
    "Read this.\n{{#documents}}\n{{fence}} {{source}}\n{{content}}\n{{fence}}\n{{/documents}}"
)
O200K = get_encoding("o200k_base")


def check(packed: Pack, encoding: Encoding, limit: int) -> None:
    assert encoding.count(packed.text) == packed.token_count <= limit == packed.limit
    packed.text.encode()
    assert 0 <= packed.value <= packed.upper_bound
    assert 0 <= packed.optimality_gap <= 1


@given(
    document_lists,
    encodings,
    st.integers(0, 600),
    st.sampled_from(FORMATS),
    st.sampled_from([None, TEMPLATE]),
    st.sampled_from(ORDERS),
    st.booleans(),
    st.sampled_from(TRIMS),
)
def test_a_pack_keeps_the_limit(
    documents: list[tuple[str, str]],
    encoding: Encoding,
    limit: int,
    format: Format,
    template: str | None,
    order: Order,
    tree: bool,
    trim: Trim,
) -> None:
    try:
        packed = pack(
            documents, encoding, budget=limit, format=format, template=template, order=order,
            tree=tree, trim=trim,
        )  # fmt: skip
    except ConflictError as error:
        assert tree or template or format == "json"
        assert error.conflict[0][0].startswith(("the frame", "the template"))
        return
    check(packed, encoding, limit)
    assert len(packed.documents) + len(packed.omitted) == len(documents)


@given(document_lists, encodings, st.integers(0, 600), st.sampled_from(FORMATS), st.integers(0, 6))
def test_pinned_documents_are_in_or_nothing_is_packed(
    documents: list[tuple[str, str]], encoding: Encoding, limit: int, format: Format, pin: int
) -> None:
    documents = [(f"{i}.md", text) for i, (_, text) in enumerate(documents)]
    pins = [path for path, _ in documents[pin:]][:2]
    everything = pack(
        [each for each in documents if each[0] in pins], encoding, budget=10**6, format=format
    )
    try:
        packed = pack(documents, encoding, budget=limit, format=format, pins=pins)
    except ConflictError as error:
        # The delimiters are chosen against all documents, and may be longer than for these.
        assert (
            everything.token_count > limit
            or "-2" in everything.text
            or format == "plain"
            or (any("document" in text.lower() for _, text in documents))
        )
        assert {name for name, _ in error.conflict[1:]} <= set(pins)
        return
    check(packed, encoding, limit)
    assert {each.path for each in packed.documents if each.pinned} == set(pins)
    assert all(each.form == "whole" for each in packed.documents if each.pinned)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["o200k_base", "deepseek_v3", "qwen2"])
@given(data=st.data())
def test_it_is_the_best_of_all_subsets(format: Format, name: str, data: st.DataObject) -> None:
    """Against rendering and counting each subset of the documents."""
    encoding = ENCODINGS[name]
    lengths = data.draw(st.lists(st.integers(0, 40), max_size=6))
    documents = {f"{i}.txt": "some words in 中文 and 123\n" * n for i, n in enumerate(lengths)}
    values = {path: float(data.draw(st.integers(0, 9))) for path in documents}
    limit = data.draw(st.integers(10, 800))
    packed = pack(documents, encoding, budget=limit, format=format, values=values, forms=["whole"])
    best = 0.0
    for n in range(len(documents) + 1):
        for subset in combinations(documents.items(), n):
            value = sum(values[path] for path, _ in subset)
            if value > best:
                alone = pack(subset, encoding, budget=10**9, format=format)
                best = value if alone.token_count <= limit else best
    check(packed, encoding, limit)
    assert packed.value == best == packed.upper_bound


def test_more_than_nine_documents_whose_numbers_take_tokens() -> None:
    """qwen2 has a token for each digit: the tenth document's number costs one more."""
    encoding = ENCODINGS["qwen2"]
    documents = {f"{chr(97 + i)}.txt": "word\n" for i in range(12)}
    for n in (8, 9, 10, 11, 12):
        some = dict(list(documents.items())[:n])
        enough = pack(some, encoding, budget=10**6).token_count
        packed = pack(documents, encoding, budget=enough, forms=["whole"])
        assert (packed.token_count, len(packed.documents)) == (enough, n)


def test_a_budget_of_zero_is_an_empty_text() -> None:
    for format in ("xml", "markdown", "plain"):
        packed = pack({"a.md": "text"}, O200K, budget=0, format=format)
        assert (packed.text, packed.token_count) == ("", 0)
        assert packed.omitted[0].reason == "larger than the limit"
    with pytest.raises(ConflictError, match="the frame"):
        pack({"a.md": "text"}, O200K, budget=0, format="json")
    with pytest.raises(ConflictError, match="the template"):
        pack({"a.md": "text"}, O200K, budget=3, template="Some words first: {{documents}}")
    assert pack([], O200K, budget=0).text == ""


def test_the_smallest_set_of_pins_that_conflicts_is_named() -> None:
    documents = {"a.md": "word " * 100, "b.md": "word " * 300, "c.md": "word " * 200, "d.md": "x"}
    with pytest.raises(ConflictError) as caught:
        pack(documents, O200K, budget=450, pins=list(documents))
    error = caught.value
    assert [name for name, _ in error.conflict] == ["the frame", "b.md", "c.md"]
    assert sum(tokens for _, tokens in error.conflict) > error.available == 450
    assert "b.md (3" in error.message


def test_a_frame_that_alone_fits_is_not_the_whole_conflict() -> None:
    """The ends of a JSON frame count less together than apart: the pin was not named."""
    frame = pack({}, O200K, budget=99, format="json").token_count
    for limit in range(frame, frame + 3):
        with pytest.raises(ConflictError) as caught:
            pack({"a.md": "word " * 99}, O200K, budget=limit, format="json", pins=["a.md"])
        assert [name for name, _ in caught.value.conflict] == ["the frame", "a.md"]


def test_a_missing_grammar_is_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, code was silently never outlined."""

    def absent(format: Format) -> None:
        raise MissingExtraError("no grammar", hint='pip install ".[code]" in the clone, or not')

    documents = {f"{n}.py": f"def f{n}():\n    return {n}\n" * 40 for n in range(5)}
    documents["read.md"] = "# A\n\n" + "word " * 400
    # Without trimmed ones, which may be better: so outlines go in whatever the values are.
    outlined = pack(documents, O200K, budget=300, forms=["outline", "path"])
    assert "outline" in {each.form for each in outlined.documents} and not outlined.notes
    monkeypatch.setattr("ctxtools.chunking.formats.code.installed", absent)
    packed = pack(documents, O200K, budget=300, forms=["outline", "path"])
    (note,) = packed.notes
    assert note.endswith(
        """code in python: the grammar is not installed (pip install ".[code]" in the clone)"""
    )
    assert not pack(documents, O200K, budget=300, forms=["whole", "path"]).notes


def test_a_few_headings_do_not_stand_for_a_long_document() -> None:
    """The outline of a README, a hundredth of the limit, went in where more of it could."""
    text = "# A\n\n" + "".join(f"## Section {n}\n\n{'A word. ' * 300}\n\n" for n in range(9))
    packed = pack({"README.md": text}, O200K, budget=2_000)
    assert [each.form for each in packed.documents] == ["trimmed"]
    assert packed.token_count > 1_800


def test_what_a_pin_requires_is_in_too() -> None:
    documents = {"a.py": "a = 1\n", "b.py": "b = 1\n" * 50, "c.py": "c = 1\n" * 50}
    packed = pack(documents, O200K, budget=300, pins=["a.py"], requires={"a.py": "c.py"})
    assert {each.path: each.form for each in packed.documents}["c.py"] == "whole"
    with pytest.raises(ConflictError, match=r"c\.py \(required\)"):
        pack(documents, O200K, budget=100, pins=["a.py"], requires={"a.py": ["c.py"]})


def test_a_document_that_is_required_comes_with_what_requires_it() -> None:
    documents = {"lib.py": "x = 1\n" * 30, "main.py": "import lib\n", "other.py": "y = 2\n" * 10}
    values = {"lib.py": 0.0, "main.py": 10.0, "other.py": 5.0}
    options = {"values": values, "requires": {"main.py": ["lib.py"]}, "forms": ["whole"]}
    whole = pack(documents, O200K, budget=10_000).token_count
    packed = pack(documents, O200K, budget=whole - 20, **options)  # type: ignore[arg-type]
    assert [each.path for each in packed.documents] == ["lib.py", "main.py"]
    packed = pack(documents, O200K, budget=120, **options)  # type: ignore[arg-type]
    assert [each.path for each in packed.documents] == ["other.py"]
    assert packed.omitted[1].reason == "requires lib.py, which is not in"


def test_tiers_are_strict() -> None:
    documents = {"docs/a.md": "word " * 50, "src/a.py": "word " * 50, "src/b.py": "word " * 10}
    values = {"docs/a.md": 1.0, "src/a.py": 100.0, "src/b.py": 100.0}
    packed = pack(documents, O200K, budget=110, values=values, tiers=["docs/"], forms=["whole"])
    assert [each.path for each in packed.documents] == ["docs/a.md", "src/b.py"]


def test_priorities_multiply_and_the_last_one_counts() -> None:
    documents = {"src/a.py": "word " * 50, "src/b.py": "word " * 50}
    for priorities, first in (
        ({"src/**": 2.0, "src/b.py": 9.0}, "src/b.py"),
        ({"src/b.py": 9.0, "src/**": 2.0, "src/a.py": 3.0}, "src/a.py"),
    ):
        packed = pack(documents, O200K, budget=90, priorities=priorities, forms=["whole"])
        assert [each.path for each in packed.documents] == [first]


def test_a_priority_that_matches_nothing_is_noted() -> None:
    """A mistyped pattern was ignored silently."""
    (note,) = pack({"a.md": "x"}, O200K, budget=99, priorities={"scr/**": 9, "*.md": 2}).notes
    assert note.startswith("priority: no document matches 'scr/**'; what is there: ")


def test_what_does_not_fit_is_trimmed_outlined_or_named() -> None:
    code = "".join(
        f"def f{i}(x: int) -> int:\n    y = x + {i}\n    return y * 2\n" for i in range(50)
    )
    trimmed = pack({"a.py": code}, O200K, budget=300, forms=["whole", "trimmed"])
    assert trimmed.documents[0].form is Form.TRIMMED
    assert "def f0(" in trimmed.text and "lines" in trimmed.text and "left out" in trimmed.text
    assert trimmed.token_count > 270
    outlined = pack({"a.py": code, "b.md": "word\n"}, O200K, budget=900, forms=["whole", "outline"])
    assert outlined.documents[0].form is Form.OUTLINE
    assert "def f49(x: int) -> int" in outlined.text and "return" not in outlined.text
    named = pack({"a.py": code}, O200K, budget=40, forms=["whole", "path"])
    assert 'source="a.py" form="path"/>' in named.text
    assert pack({"a.py": code}, O200K, budget=40, forms=["whole"]).documents == ()


def test_the_orders() -> None:
    documents = {f"{name}.md": f"{name}\n" for name in "abcde"}
    values = {"a.md": 1.0, "b.md": 5.0, "c.md": 3.0, "d.md": 4.0, "e.md": 2.0}
    expected_orders: dict[Order, str] = {
        "path": "abcde",
        "priority": "bdcea",
        "edges": "bcaed",
        "stable": "abcde",
    }
    assert set(ORDERS) == set(expected_orders)
    for order, expected in expected_orders.items():
        packed = pack(documents, O200K, budget=10**6, values=values, order=order)
        assert "".join(each.path[0] for each in packed.documents) == expected


@pytest.mark.parametrize("format", FORMATS)
def test_another_document_at_the_end_leaves_the_text_before_it_unchanged(format: Format) -> None:
    """So that a provider's cache of the prompt stays valid."""
    some = {"a.md": "text\n", "b.md": "more\n"}
    before = pack(some, O200K, budget=10**6, format=format).text
    after = pack({**some, "c.md": "last\n"}, O200K, budget=10**6, format=format).text
    shared = before[: before.index("more") + 4]
    assert after.startswith(shared)


@given(document_lists, st.integers(0, 400))
def test_threads_and_the_order_of_documents_change_nothing(
    documents: list[tuple[str, str]], limit: int
) -> None:
    documents = list(dict(documents).items())
    first = pack(documents, O200K, budget=limit, threads=1)
    assert pack(documents[::-1], O200K, budget=limit, threads=3) == first


def test_documents_in_all_their_types() -> None:
    as_documents = [Document("b.md", "b\n", 2), Document("a.jsonl", "one", 3, record=2)]
    packed = pack(as_documents, O200K, budget=Budget(limit=100, context=100, overhead=10))
    assert packed.limit == 90
    assert [each.path for each in packed.documents] == ["a.jsonl#2", "b.md"]
    assert pack({"a.md": "x"}, O200K, budget=99) == pack([("a.md", "x")], O200K, budget=99)
    with pytest.raises(UsageError, match="must be Documents"):
        pack(["a.md"], O200K, budget=99)  # type: ignore[list-item]
    with pytest.raises(UsageError, match="must be Documents"):
        pack({"a.md": None}, O200K, budget=99)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget": -1}, {"format": "yaml"}, {"order": "size"}, {"forms": ["half"]},
        {"forms": []}, {"forms": ["piece"]}, {"trim": "end"}, {"pins": ["nothing"]},
        {"tiers": ["nothing"]},
        {"requires": {"a.md": "nothing"}}, {"priorities": {"a.md": -1.0}},
        {"priorities": {"a.md": float("nan")}}, {"template": "nowhere"},
        {"template": "{{documents}} {{what}}"},
    ],
    ids=str,
)  # fmt: skip
def test_invalid_arguments(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        pack({"a.md": "x"}, O200K, **{"budget": 99, **wrong})  # type: ignore[arg-type]
    assert caught.value.hint


@pytest.mark.parametrize("name", ["forms", "pins", "tiers", "roots"])
def test_a_str_is_not_a_list(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} must be a list of str, got str") as caught:
        pack({"a.md": "x"}, O200K, budget=99, **{name: "whole"})  # type: ignore[arg-type]
    assert caught.value.hint == "pass a list: ['whole']"


def test_a_path_is_not_documents() -> None:
    with pytest.raises(UsageError, match=r"documents must be a list of Documents .* got str"):
        pack("docs", O200K, budget=99)  # type: ignore[arg-type]


def test_explanations_of_values() -> None:
    packed = pack(
        {"README.md": "x\n", "tests/test_a.py": "y\n"}, O200K, budget=99, ages={"README.md": 30.0}
    )
    readme, test = packed.explanations
    assert readme.value > test.value
    assert "readme 3" in readme.formula and "recency 1.50" in readme.formula
    assert "test 0.4" in test.formula and "depth 0.90" in test.formula


def test_a_pack_is_shown_in_a_line() -> None:
    """It printed all of its text: 13 MB of a large one."""
    packed = pack({"a.md": "word " * 10_000}, O200K, budget=10**6)
    assert repr(packed) == (
        f"<Pack of 1 document, 0 omitted: {packed.token_count} of 1000000 tokens (o200k_base)>"
    )


def test_the_old_name_of_the_gap_is_deprecated() -> None:
    packed = pack({"a.md": "word"}, O200K, budget=99)
    with pytest.warns(DeprecationWarning, match="optimality_gap"):
        assert packed.gap == packed.optimality_gap == packed.as_dict()["gap"] == 0.0
