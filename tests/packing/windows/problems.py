"""Random plans with their documents; the oracle of what is read is `PackedDataset` over these."""

from typing import Any

from hypothesis import strategies as st

from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.plan import Plan
from tests.packing.training.test_columns import KINDS, PAD, packed, problems


@st.composite
def datasets(draw: st.DrawFn) -> PackedDataset:
    """Windows with all columns, or some, padded or not."""
    plan, rows = draw(problems())
    documents: Any = rows if draw(st.booleans()) else [each["input_ids"] for each in rows]
    options: dict[str, Any] = {}
    if documents is rows:
        options["columns"] = draw(st.none() | st.just(["source", "advantages", "tags"]))
    return made(
        plan, documents, draw(st.booleans()), draw(st.sets(st.sampled_from(KINDS))), options
    )


def made(
    plan: Plan, documents: Any, pads: bool, ignore: set[str], options: dict[str, Any]
) -> PackedDataset:
    """Windows of arrays, not of lists."""
    dataset = packed(plan, documents, pad=PAD if pads else None, ignore=ignore, **options)
    dataset._convert = _same
    return dataset


def _same(values: Any) -> Any:
    return values
