"""Checking a plan: every token once, and no window above its limits."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ctxtools.corpus.packing.placing import Places
from ctxtools.corpus.packing.plan import CorpusPlan
from ctxtools.errors import import_extra
from ctxtools.packing.training.lengths import length_buffer

if TYPE_CHECKING:
    import pyarrow


def check_plan(plan: CorpusPlan, parts: Iterable[Any]) -> list[str]:
    """What is wrong with a plan: nothing, if the list is empty.

    Places all documents, and looks at the places alone: every token of a document is in one window,
    EOS included, but for what the plan says is truncated, dropped or empty; in a window pieces are
    one after the other from its start, with separators; and there are no more of them, and of their
    tokens, than the limits. Takes memory for the places of all pieces.

    Args:
        plan: of a corpus.
        parts: the lengths of the documents of each part, in order.

    Raises:
        UsageError: they are not those that were planned.
    """
    arrow = import_extra("pyarrow", "a plan", "parquet")
    problems: list[str] = []
    tables: list[pyarrow.Table] = []
    cut = number = 0
    for number, lengths in enumerate(parts, 1):
        filled = lengths.fill_null(0) if hasattr(lengths, "fill_null") else lengths
        places = plan.place(number - 1, filled)
        cut += len(places.overlong)
        problems += _document_problems(plan, number - 1, filled, places)
        tables.append(
            arrow.table(
                {
                    "window": _numbers(arrow, places.windows),
                    "offset": _numbers(arrow, places.offsets),
                    "length": _numbers(arrow, places.lengths),
                }
            )
        )
    if number != plan.parts:
        problems.append(f"{number} parts, not {plan.parts}")
    if cut != plan.truncated + plan.dropped:
        problems.append(f"{cut} documents are truncated or dropped, not {plan.overlong}")
    return problems + (_window_problems(plan, arrow.concat_tables(tables)) if tables else [])


def _document_problems(plan: CorpusPlan, number: int, lengths: Any, places: Places) -> list[str]:
    arrow, compute, options = _arrow(), _compute(), plan.options
    wanted = compute.add(_numbers(arrow, length_buffer(lengths)), options.eos_tokens)
    wanted = compute.if_else(compute.equal(wanted, options.eos_tokens), 0, wanted)  # empty
    if options.overlong != "split":
        left = options.window if options.overlong == "truncate" else 0
        wanted = compute.if_else(compute.greater(wanted, options.window), left, wanted)
    documents = _numbers(arrow, places.documents)
    starts, tokens = _numbers(arrow, places.starts), _numbers(arrow, places.lengths)
    table = arrow.table({"document": documents, "tokens": tokens})
    summed = table.group_by("document").aggregate([("tokens", "sum")])
    rows = arrow.array(range(len(wanted)), arrow.int64())
    at = compute.index_in(rows, value_set=summed.column("document"))
    placed = summed.column("tokens_sum").combine_chunks().take(at).fill_null(0)
    problems = []
    wrong = compute.indices_nonzero(compute.not_equal(placed, wanted))
    if len(wrong):
        row = wrong[0].as_py()
        problems.append(
            f"part {number}, document {row}: {placed[row]} tokens are placed, not {wanted[row]}"
        )
    ends = compute.add(starts, tokens)
    follows = compute.equal(documents[1:], documents[:-1])
    expected = compute.if_else(follows, ends[:-1], 0)
    wrong = compute.indices_nonzero(compute.not_equal(starts[1:], expected))
    if len(wrong) or (len(starts) and starts[0].as_py() != 0):
        problems.append(f"part {number}: pieces of a document are not one after the other")
    return problems


def _window_problems(plan: CorpusPlan, places: "pyarrow.Table") -> list[str]:
    compute, options = _compute(), plan.options
    places = places.sort_by([("window", "ascending"), ("offset", "ascending")]).combine_chunks()
    windows, offsets, lengths = (column.combine_chunks() for column in places.columns)
    problems = []
    ends = compute.add(offsets, lengths)
    if (compute.max(ends).as_py() or 0) > options.window:
        problems.append(f"a window has more than {options.window} tokens")
    follows = compute.equal(windows[1:], windows[:-1])
    after = compute.add(ends[:-1], options.separator_tokens)
    wrong = compute.not_equal(offsets[1:], compute.if_else(follows, after, 0))
    if compute.any(wrong).as_py() or (len(offsets) and offsets[0].as_py() != 0):
        problems.append("pieces overlap in a window, or are not one after the other")
    held = compute.value_counts(windows)
    if len(held) != plan.bins:
        problems.append(f"{len(held)} windows are filled, not {plan.bins}")
    if (compute.max(held.field("counts")).as_py() or 0) > options.max_documents:
        problems.append(f"a window has more than {options.max_documents} pieces")
    if (compute.max(windows).as_py() or 0) >= max(plan.bins, 1):
        problems.append(f"a window has a number that is not below {plan.bins}")
    return problems


def _numbers(arrow: Any, view: memoryview) -> Any:
    """A column of 64 bits."""
    kinds = {1: "int8", 2: "int16", 4: "int32", 8: "int64"}
    name = kinds[view.itemsize]
    kind = getattr(arrow, f"u{name}" if view.format.isupper() else name)()
    return arrow.Array.from_buffers(kind, len(view), [None, arrow.py_buffer(view)]).cast(
        arrow.int64()
    )


def _arrow() -> Any:
    return import_extra("pyarrow", "a plan", "parquet")


def _compute() -> Any:
    return import_extra("pyarrow.compute", "a plan", "parquet")
