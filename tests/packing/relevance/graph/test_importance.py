"""What the graph makes of values: the core of a project outranks small leaves, in any language."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools
from ctxtools.packing.relevance.graph.edges import make_graph
from ctxtools.packing.relevance.graph.importance import AVERAGE, Importance, code_graph
from ctxtools.packing.relevance.graph.importance import importances as of_graph
from ctxtools.packing.relevance.graph.names import definitions
from ctxtools.packing.relevance.graph.sources import code_of


def importances(
    files: list[tuple[str, str]], without: tuple[int, ...] = (), seeds: tuple[int, ...] = ()
) -> dict[int, Importance]:
    return of_graph(code_graph(files, without), seeds)


_BODY = "".join(f"    value_{n} = {n} + {n}\n" for n in range(60))


def _project() -> dict[str, str]:
    """A core that eight modules use, two of them by way of another, and a leaf that nobody does."""
    users = {
        f"shop/user{n}.py": f"from shop.core import refund_order\n\ndef user{n}():\n{_BODY}"
        for n in range(6)
    }
    return {
        "shop/__init__.py": "",
        "shop/core.py": f"import shop.tax\n\ndef refund_order():\n{_BODY * 3}",
        "shop/tax.py": f"def tax_of():\n{_BODY}",
        "shop/leaf.py": f"def leaf():\n{_BODY}",
        **users,
    }


def test_a_core_module_outranks_small_leaves() -> None:
    files = _project()
    found = importances([*files.items()])
    by_path = dict(zip(files, (found[n] for n in range(len(files))), strict=True))
    assert by_path["shop/core.py"].used > 1 > by_path["shop/leaf.py"].used
    assert by_path["shop/tax.py"].used > by_path["shop/leaf.py"].used
    assert by_path["shop/core.py"].users == 6
    encoding = ctxtools.get_encoding("o200k_base")
    whole = ctxtools.pack(files, encoding, budget=10**6).documents
    core = next(each.of_tokens for each in whole if each.path == "shop/core.py")
    packed = ctxtools.pack(files, encoding, budget=core + 400)
    assert "shop/core.py" in {each.path for each in packed.documents if each.form == "whole"}
    formulas = {each.path: each.formula for each in packed.explanations}
    assert "x used" in formulas["shop/core.py"] and "(by 6 files)" in formulas["shop/core.py"]


def test_what_a_pinned_file_uses_is_near_and_less_so_with_each_step() -> None:
    files = _project()
    found = importances([*files.items()], seeds=([*files].index("shop/user0.py"),))
    near = [found[[*files].index(f"shop/{name}.py")] for name in ("core", "tax", "leaf", "user0")]
    assert [each.steps for each in near] == [1, 2, 0, 0]
    assert near[3].near == near[0].near > near[1].near > near[2].near == 1
    assert " x near 4.00 (itself) " in near[3].formula
    assert near[1].seed == "shop/user0.py"
    packed = ctxtools.pack(files, "o200k_base", budget=10**6, pins=["shop/user0.py"])
    formulas = {each.path: each.formula for each in packed.explanations}
    assert "(2 steps from shop/user0.py)" in formulas["shop/tax.py"]
    assert "near" not in formulas["shop/leaf.py"]


def test_what_is_used_by_what_a_question_finds_is_raised_a_little() -> None:
    files = _project()
    files["shop/user0.py"] += "\n\ndef issue_invoice():\n    pass\n"
    asked = ctxtools.pack(files, "o200k_base", budget=10**6, query="how is an invoice issued?")
    plain = ctxtools.pack(files, "o200k_base", budget=10**6)
    values = {each.path: each.value for each in plain.explanations}
    for each in asked.explanations:
        is_used = each.path == "shop/core.py"
        assert ("x asked 1.30 (1 step from shop/user0.py); query 0" in each.formula) == is_used
        if each.path != "shop/user0.py":
            assert each.value == pytest.approx(values[each.path] * (1.3 if is_used else 1.0))
    given = ctxtools.pack(files, "o200k_base", budget=10**6, query="invoice", values={"a": 1.0})
    assert not any("asked" in each.formula for each in given.explanations)


def test_given_values_alone_decide() -> None:
    packed = ctxtools.pack(_project(), "o200k_base", budget=10**6, values={"shop/leaf.py": 1})
    assert {each.value for each in packed.explanations} == {0, 1}
    assert not any("used" in each.formula for each in packed.explanations)


def test_prose_and_what_nobody_wrote_have_none() -> None:
    files = _project() | {"README.md": "refund_order", "data.json": "{}"}
    found = importances([*files.items()], without=(1,))
    assert found.keys() == {0, *range(2, len(files) - 2)}
    assert importances([("a.py", "import b"), ("b.py", "")]) == {}  # too few to tell
    assert AVERAGE.used == AVERAGE.near == 1 and AVERAGE.formula == ""


@pytest.mark.parametrize(
    ("family", "text", "expected"),
    [
        ("python", "class Shop(A):\n  async def refund(self): ...\nx.undef no\n", "Shop refund"),
        ("javascript", "export const total = 1\nfunction orders() {}", "total orders"),
        ("go", "func (o *Order) Refund() {}\ntype Order struct {}\n", "Refund Order"),
        ("rust", "pub fn refund<T>() {}\nenum Kind {}", "refund Kind"),
        ("java", "public final class Order {}\nrecord Rate(int a) {}", "Order Rate"),
        ("c", "static int refund(struct order *o)\n{\n taxed(1);\n}\n#define LIMIT 3\nint of(int);",
         "refund order LIMIT"),
        ("ruby", "module Shop\n  def self.refund!; end\nend", "Shop refund"),
        ("lua", "function shop.refund()", "refund"),
        ("swift", "protocol Priced {}\nfunc refund() {}", "Priced refund"),
    ],
)  # fmt: skip
def test_definitions_by_their_keywords(family: str, text: str, expected: str) -> None:
    assert definitions(text, family) == set(expected.split())


def test_a_package_passes_on_what_it_names() -> None:
    """Names in strings, as packages have that import when they are used."""
    files = {
        "shop/__init__.py": "_NAMES = {'RefundPolicy': 'policies.refund'}",
        "shop/policies/__init__.py": "",
        "shop/policies/refund.py": "class RefundPolicy: ...",
        "app.py": "from shop import RefundPolicy\n",
        "other.py": "print('RefundPolicy')\n",
    }
    sources = code_of((n, *each) for n, each in enumerate(files.items()))
    graph = make_graph(sources, {})
    refund, app, other = 2, 3, 4
    assert graph.uses[app][refund] > graph.uses[other][refund] > 0


@given(st.randoms(use_true_random=False), st.integers(3, 12))
def test_factors_do_not_depend_on_the_order_of_documents(shuffled: random.Random, n: int) -> None:
    files = [
        (
            f"p/m{i}.py",
            f"import p.m{shuffled.randrange(n)}\ndef name_{i}(): name_{shuffled.randrange(n)}()",
        )
        for i in range(n)
    ]
    mixed = shuffled.sample(files, len(files))
    one, other = importances(files), importances(mixed)
    for i, each in enumerate(files):
        assert other[mixed.index(each)].used == pytest.approx(one[i].used)
        assert 0.1 < one[i].used < 10


@pytest.mark.parametrize(
    "text",
    [
        "import " * 3000, "from " * 3000, "def " * 3000, "(" * 9000, "use a::{" * 3000 + ";",
        "import (" + '"a"\n' * 3000, "\n" * 9000 + "import", "from x import (" + "a," * 3000,
        "a" * 9000 + "(", "import {" + " " * 9000, "\ud800 import \udfff\ndef \ud800name(): ...",
        "#include " + '"' * 9000, "// " * 4000, "mod " * 3000, "\x00import\x00",
    ],
)  # fmt: skip
def test_damaged_code_is_read_as_far_as_it_goes(text: str) -> None:
    suffixes = ("py", "ts", "rs", "go", "c", "java", "php")
    files = [(f"{name}.{suffix}", text) for suffix in suffixes for name in "ab"]
    found = importances([*files, ("package.json", text), ("go.mod", text), ("Cargo.toml", text)])
    assert len(found) == len(files)
