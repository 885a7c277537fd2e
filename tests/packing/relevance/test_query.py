"""Packs about a question: within the limit, bounded, the same on any number of threads."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.packing import Embeddings, Form, pack
from ctxtools.packing.relevance.spans import Relevance, ScoredSpan, diminished
from tests.packing.conftest import document_lists, encodings
from tests.packing.prompt.test_pack import FORMATS, check

O200K = get_encoding("o200k_base")
FILLER = "".join(f"def helper_{n}(value):\n    return value + {n}\n\n\n" for n in range(120))
REFUND = """def issue_refund(order):
    \"\"\"Give the money back.\"\"\"
    if order.is_paid:
        order.account.credit(order.total)
    return order


"""
TREE = {
    "README.md": "# Shop\n\nSells things.\n",
    "shop/orders.py": FILLER + REFUND + FILLER.replace("helper", "other"),
    "shop/mail.py": FILLER.replace("helper", "mail"),
    "tests/test_mail.py": FILLER.replace("helper", "test_mail"),
}
QUERIES = st.sampled_from(
    [
        "how are refunds issued?",
        "text",
        "tree of documents",
        "中文",
        "x",
        "the",
        "`\"'<>&",
        "\ud800 a",
    ]
)


@settings(max_examples=12)
@given(document_lists, encodings, st.integers(0, 600), st.sampled_from(FORMATS), QUERIES)
def test_a_pack_with_a_question_keeps_the_limit(
    documents: list[tuple[str, str]], encoding: Any, limit: int, format: Any, query: str
) -> None:
    try:
        packed = pack(documents, encoding, budget=limit, format=format, query=query)
    except ConflictError:
        assert format == "json"
        return
    check(packed, encoding, limit)
    assert len(packed.documents) + len(packed.omitted) == len(documents)
    one = pack(documents, encoding, budget=limit, format=format, query=query, threads=1)
    assert one == packed


def test_the_function_that_answers_goes_in_as_an_excerpt() -> None:
    packed = pack(TREE, O200K, budget=400, query="how are refunds issued?")
    (excerpt,) = (each for each in packed.documents if each.path == "shop/orders.py")
    assert excerpt.form is Form.EXCERPT and REFUND.strip() in packed.text
    lines = TREE["shop/orders.py"].splitlines()
    (first, last), *_ = excerpt.spans
    assert "\n".join(lines[first - 1 : last]).strip() in packed.text
    assert f"of {len(lines)}" in packed.text
    assert packed.as_dict()["documents"][-1]["lines"] if packed.documents[-1].spans else True
    without = pack(TREE, O200K, budget=400)
    assert REFUND not in without.text and not any(each.spans for each in without.documents)


def test_where_the_value_comes_from() -> None:
    packed = pack(TREE, O200K, budget=400, query="refund")
    formulas = {each.path: each.formula for each in packed.explanations}
    assert re.search(r"query 1\.\d+ \(lines \d+-\d+ 1\.000\) x ", formulas["shop/orders.py"])
    assert formulas["shop/mail.py"].endswith("query 0")
    plain = {each.path: each.value for each in pack(TREE, O200K, budget=400).explanations}
    asked = {each.path: each.value for each in packed.explanations}
    assert asked["README.md"] == pytest.approx(plain["README.md"] / 6)  # as other prose
    assert formulas["README.md"].endswith(" x asked 0.17; query 0")
    assert asked["shop/mail.py"] == plain["shop/mail.py"]


def test_names_that_are_imported_say_little() -> None:
    names = ", ".join(f"refund_of_{n}" for n in range(9))
    files = {
        "shop/desk.py": f"from shop.orders import (\n    {names},\n)\n\n\n{FILLER}",
        "shop/orders.py": f"{FILLER}{REFUND}{FILLER}",
    }
    packed = pack(files, O200K, budget=900, query="refund", forms=["excerpt"])
    formulas = {each.path: each.formula for each in packed.explanations}
    assert re.search(r"\(lines \d+-\d+ 1\.000\)", formulas["shop/orders.py"])
    assert re.search(r"\(lines 1-9 0\.\d+\)", formulas["shop/desk.py"])
    alone = pack({"shop/desk.py": files["shop/desk.py"]}, O200K, budget=900, query="refund")
    assert names in alone.text


def test_tests_of_what_is_asked_do_not_crowd_it_out() -> None:
    test = "".join(
        f"def test_refund_{n}():\n    order = paid(refund={n})\n    assert refund(order) == {n}\n"
        + "    assert order.state\n" * 20
        for n in range(40)
    )
    files = {"shop/test_refunds.py": test, "shop/refunds.py": test.replace("test_", "make_")}
    packed = pack(files, O200K, budget=5_000, query="how is a refund made?")
    formulas = {each.path: each.formula for each in packed.explanations}
    relevance = {path: re.search(r"query (\d+\.\d+)", each) for path, each in formulas.items()}
    tests, code = (float(found[1]) for path in files if (found := relevance[path]))
    assert 1 < tests < 5 < 30 < code  # 1 + 1/2 + 1/3 ... of 40
    tokens = {each.path: each.token_count for each in packed.documents}
    assert tokens["shop/refunds.py"] > 2 * tokens.get("shop/test_refunds.py", 0)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=9))
def test_the_nth_best_span_counts_for_an_nth(scores: list[float]) -> None:
    spans = tuple(ScoredSpan(n, n + 1, score) for n, score in enumerate(scores))
    found = diminished(Relevance(spans))
    best = sorted(scores, reverse=True)
    assert found.total == pytest.approx(sum(score / n for n, score in enumerate(best, 1)))
    assert [each[:2] for each in found.spans] == [each[:2] for each in spans]


@pytest.mark.parametrize("query", ["how is this?", "zebra"])
def test_a_question_that_says_nothing_changes_nothing(query: str) -> None:
    packed, without = pack(TREE, O200K, budget=2000, query=query), pack(TREE, O200K, budget=2000)
    assert packed.text == without.text and packed.notes[0].startswith("query: ")
    known = pack(TREE, O200K, budget=2000, query="zebra refund")
    assert known.notes == ("query: no document has zebra",)


@pytest.mark.parametrize("query", ["", " \n", 5, ["refund"], b"refund"])
def test_what_is_no_question(query: Any) -> None:
    with pytest.raises(UsageError, match="query"):
        pack(TREE, O200K, budget=100, query=query)


def count_credit(texts: Sequence[str]) -> list[float]:
    return [float(text.count("credit")) for text in texts]


def embed(texts: Sequence[str]) -> list[list[float]]:
    return [[float("credit" in text), 1.0] for text in texts]


@pytest.mark.parametrize("query", [count_credit, Embeddings([1.0, 0.0], embed)])
def test_functions_and_embeddings_score_texts(query: Any) -> None:
    packed = pack(TREE, O200K, budget=400, query=query)
    assert REFUND.strip() in packed.text
    check(packed, O200K, 400)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (lambda texts: [], r"got 0 of \d+"),
        (lambda texts: None, "got None"),
        (lambda texts: ["high" for _ in texts], "got \\['high'"),
        (lambda texts: [float("nan") for _ in texts], "got nan"),
        (Embeddings([1.0], embed), "a vector of 1 numbers, a text one of 2"),
        (Embeddings([1.0], lambda texts: []), r"each of \d+ texts, got 0"),
        (Embeddings([1.0], lambda texts: None), r"each of \d+ texts, got NoneType"),  # type: ignore[arg-type,return-value]
    ],
)
def test_functions_that_return_something_else(query: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        pack(TREE, O200K, budget=400, query=query)


def test_scores_that_are_all_the_same_choose_nothing() -> None:
    packed = pack(TREE, O200K, budget=400, query=lambda texts: [3.0] * len(texts))
    assert packed.text == pack(TREE, O200K, budget=400).text
    assert packed.notes == ("query: all texts have the same score; nothing is chosen by it",)


def test_values_and_priorities_hold_with_a_question() -> None:
    free = {**TREE, "late.py": REFUND}
    packed = pack(free, O200K, budget=400, query="refund", priorities={"shop/**": 0})
    assert {each.path for each in packed.documents if each.form is Form.EXCERPT} <= {"late.py"}
    valued = pack(free, O200K, budget=400, query="refund", values={"README.md": 1.0})
    assert valued.value <= valued.upper_bound and "late.py" in valued.text


def test_withheld_files_are_not_searched() -> None:
    tree = {**TREE, "package-lock.json": '{"refund": 1}\n' * 9}
    packed = pack(tree, O200K, budget=4000, query="refund")
    formulas = {each.path: each for each in packed.explanations}
    assert "query 0" in formulas["package-lock.json"].formula


def test_forms_without_excerpts() -> None:
    packed = pack(TREE, O200K, budget=400, query="refund", forms=["whole", "path"])
    assert all(each.form in (Form.WHOLE, Form.PATH) for each in packed.documents)
    assert replace(packed, text="").token_count <= 400


def test_excerpts_of_many_documents_begin_where_functions_do() -> None:
    """Below the first documents, excerpts were 32 lines from anywhere."""
    body = "".join(f"    total += rate * {n}  # {'-' * 60}\n" for n in range(40))
    functions = "".join(f"def rate_{n}(rate):\n    total = {n}\n{body}\n\n" for n in range(6))
    tree = {f"lib/module{n}.py": functions for n in range(16)}
    packed = pack(tree, O200K, budget=9_000, query="what does rate 3 return?", forms=["excerpt"])
    starts = {
        tree[each.path].splitlines()[first - 1]
        for each in packed.documents
        for first, _ in each.spans
    }
    assert len(packed.documents) > 1 and all(line.startswith("def ") for line in starts)
