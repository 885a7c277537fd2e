"""Changes: their lines go in; what they use, what uses them and tests of it come before others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools
from ctxtools.errors import ConflictError, UsageError
from ctxtools.packing.relevance.graph.changes import context_of_changes
from ctxtools.packing.relevance.graph.importance import code_graph
from ctxtools.packing.relevance.spans import Source, merged


def _filler(name: str, number: int = 30) -> str:
    """Functions that nobody asks for."""
    return "".join(
        f"def {name}_{n}(a):\n" + f"    a = a + {n}\n" * 8 + "    return a\n\n\n"
        for n in range(number)
    )


_ORDERS = (
    "from shop.tax import tax_rate\n\n\n"
    + _filler("before")
    + "def refund_order(order):\n    rate = tax_rate(order)\n    return order * rate\n\n\n"
    + _filler("after")
)
_CHANGED = _ORDERS[: _ORDERS.index("    rate =")].count("\n") + 1
FILES = {
    "shop/__init__.py": "",
    "shop/orders.py": _ORDERS,
    "shop/tax.py": _filler("low") + "def tax_rate(order):\n    return 0.19\n\n\n" + _filler("high"),
    "shop/desk.py": "from shop.orders import refund_order\n\n\n"
    + _filler("desk")
    + "def cancel(order):\n    return refund_order(order)\n",
    "shop/other.py": _filler("other", 60),
    "tests/test_orders.py": "from shop.orders import refund_order\n\n\n"
    + _filler("check")
    + "def test_refund():\n    assert refund_order(1)\n",
}


def _sources(files: dict[str, str]) -> list[Source]:
    return [Source(*each) for each in files.items()]


def test_the_context_of_a_change_is_what_it_uses_its_callers_and_its_tests() -> None:
    sources = _sources(FILES)
    found = context_of_changes(sources, code_graph([*FILES.items()]), {1: [(_CHANGED, _CHANGED)]})
    shown = {
        path: [
            (text.splitlines()[line] if line >= 0 else "", round(span.score, 2))
            for span in relevance.spans
            for line in [span.first]
        ]
        for (path, text, *_), relevance in zip(sources, found, strict=True)
    }
    assert shown["shop/orders.py"] == [("def refund_order(order):", 1.0)]
    assert shown["shop/tax.py"] == [("def tax_rate(order):", 0.5)]
    assert shown["shop/desk.py"] == [("def cancel(order):", 0.35)]
    assert shown["tests/test_orders.py"] == [("def test_refund():", 0.25)]
    assert shown["shop/other.py"] == []


def test_what_uses_a_change_in_the_same_file_is_context_too() -> None:
    caller = "def close(order):\n    return refund_order(order)\n"
    files = {**FILES, "shop/orders.py": f"{_ORDERS}{caller}"}
    found = context_of_changes(
        _sources(files), code_graph([*files.items()]), {1: [(_CHANGED, _CHANGED)]}
    )
    lines = files["shop/orders.py"].splitlines()
    assert [(lines[span.first], span.required) for span in found[1].spans] == [
        ("def refund_order(order):", True),
        ("def close(order):", False),
    ]


def test_changed_lines_go_in_and_their_context_before_others() -> None:
    changes = {"shop/orders.py": [(_CHANGED, _CHANGED)]}
    packed = ctxtools.pack(FILES, "o200k_base", budget=900, changes=changes, forms=["excerpt"])
    assert packed.token_count <= 900
    spans = {each.path: each.spans for each in packed.documents}
    assert any(first <= _CHANGED <= last for first, last in spans["shop/orders.py"])
    assert spans.keys() == {"shop/orders.py", "shop/tax.py", "shop/desk.py", "tests/test_orders.py"}
    for line in ("rate = tax_rate(order)", "return 0.19", "return refund_order(order)"):
        assert line in packed.text
    formulas = {each.path: each.formula for each in packed.explanations}
    assert "changes 1.000 (lines" in formulas["shop/orders.py"]
    assert "near 4.00 (1 step from shop/orders.py)" in formulas["shop/tax.py"]
    # With capacity, the changed file is whole.
    packed = ctxtools.pack(FILES, "o200k_base", budget=30_000, changes=changes)
    assert {each.path: each.form for each in packed.documents}["shop/orders.py"] == "whole"


def test_changes_that_do_not_fit_are_an_error() -> None:
    with pytest.raises(ConflictError, match=r"shop/orders.py \(changed\)"):
        ctxtools.pack(FILES, "o200k_base", budget=60, changes={"shop/orders.py": [(_CHANGED, 999)]})
    with pytest.raises(ConflictError):  # all of it was changed
        ctxtools.pack(FILES, "o200k_base", budget=900, changes={"shop/orders.py": None})


def test_a_question_and_changes_go_together() -> None:
    packed = ctxtools.pack(
        FILES, "o200k_base", budget=1200, changes={"shop/orders.py": [(_CHANGED, _CHANGED)]},
        query="other_7", forms=["excerpt"],
    )  # fmt: skip
    assert "rate = tax_rate(order)" in packed.text and "def other_7" in packed.text


def test_paths_without_a_document_are_noted_and_wrong_lines_an_error() -> None:
    changes = {"gone.py": None, "shop/tax.py": (), "shop/orders.py": [(9999, 9999)]}
    packed = ctxtools.pack(FILES, "o200k_base", budget=30_000, changes=changes)
    assert any(note == "changes: there is no document gone.py" for note in packed.notes)
    for spans in ([(0, 1)], [(3, 2)]):
        with pytest.raises(UsageError, match="from 1"):
            ctxtools.pack(FILES, "o200k_base", budget=900, changes={"shop/tax.py": spans})


def test_what_nobody_wrote_is_not_shown_for_its_changes() -> None:
    files = FILES | {"package-lock.json": '{"lockfileVersion": 3}\n' * 2000}
    packed = ctxtools.pack(files, "o200k_base", budget=2000, changes={"package-lock.json": None})
    forms = {each.path: each.form for each in packed.documents}
    assert forms.get("package-lock.json", "path") == "path"


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), min_size=1, max_size=4),
    st.integers(1, 30),
)
def test_all_lines_that_were_changed_are_in_required_spans(
    starts: list[tuple[int, int]], number: int
) -> None:
    text = _filler("f", number)
    lines = text.count("\n")
    changed = [(first, first + more) for first, more in starts]
    (found,) = context_of_changes(
        [Source("a.py", text)], code_graph([("a.py", text)]), {0: changed}
    )
    shown = {line for span in found.spans for line in range(span.first, span.last)}
    for first, last in changed:
        assert {min(line, lines) - 1 for line in range(first, last + 1)} <= shown
    assert all(span.required and span.score == 1 for span in found.spans)
    assert merged(found, found) == found
