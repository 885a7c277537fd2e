"""What the best parts of a file call in the same file."""

import pytest

from ctxtools.packing import pack
from ctxtools.packing.relevance.calls import with_called
from ctxtools.packing.relevance.spans import Source
from ctxtools.packing.relevance.units import Lines, units_of

FILLER = "    total = 0\n" * 9

PYTHON = f"""\
def refund_order(order):
{FILLER}    return _send_back(order, Money.of(order))


def _send_back(order, money):
{FILLER}    return order - money


def unrelated(order):
{FILLER}    return order
"""

JAVASCRIPT = f"""\
class Orders {{
  refundOrder(order) {{
{FILLER * 2}    return this.sendBack(order);
  }}

  sendBack(order) {{
{FILLER * 2}    return order;
  }}
}}
"""


def raised(text: str, path: str, caller: str, highest: float = 1.0) -> list[str]:
    """The first lines of the units that have a score, where one that starts so has 1."""
    lines = Lines(text)
    units = units_of(lines, Source(path, text))
    starts = [lines.slice(unit.first, unit.first + 1).strip() for unit in units]
    scores = [float(start.startswith(caller)) for start in starts]
    assert sum(scores) == 1
    found = with_called(lines, units, scores, path, highest)
    assert all(0 <= new <= 1 for new in found)
    assert all(new >= old for new, old in zip(found, scores, strict=True))
    return [start for start, score in zip(starts, found, strict=True) if score]


def test_what_is_called_is_raised() -> None:
    assert raised(PYTHON, "a.py", "def refund") == [
        "def refund_order(order):",
        "def _send_back(order, money):",
    ]
    assert raised(JAVASCRIPT, "a.js", "refundOrder") == [
        "refundOrder(order) {",
        "sendBack(order) {",
    ]


@pytest.mark.parametrize(
    ("text", "caller", "highest"),
    [
        (PYTHON, "def unrelated", 1.0),  # it calls nothing
        (PYTHON, "def refund", 2.0),  # others answer better
        (PYTHON + PYTHON.replace("def refund", "def other"), "def refund", 1.0),  # which of two?
        (PYTHON.replace("_send_back(order, Money", "(order, _send_back, Money"), "def refund", 1.0),
    ],
    ids=["none", "no answer", "two", "no call"],
)
def test_what_is_not_called_is_not(text: str, caller: str, highest: float) -> None:
    assert len(raised(text, "a.py", caller, highest)) == 1


def test_a_pack_has_what_its_best_excerpt_calls() -> None:
    others = "".join(
        f"def helper_{i}(value):\n{FILLER}    return value + {i}\n\n\n" for i in range(60)
    )
    packed = pack({"a.py": others + PYTHON}, "o200k_base", budget=450, query="refund of an order")
    assert "def refund_order(order):" in packed.text
    assert "def _send_back(order, money):" in packed.text
