"""Checking a plan: every token once, and no window above its limits."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ctxtools.corpus.packing.placing import Places, WindowOptions, column_of
from ctxtools.corpus.packing.plan import CorpusPlan
from ctxtools.errors import import_extra
from ctxtools.packing.training.lengths import length_buffer

if TYPE_CHECKING:
    import pyarrow

PIECE = ("window", "offset", "length")
"""The columns of the pieces of windows."""


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
        lengths = column_of(length_buffer(filled))
        problems += document_problems(plan.options, number - 1, lengths, places)
        rows = zip(PIECE, (places.windows, places.offsets, places.lengths), strict=True)
        tables.append(arrow.table({name: column_of(row) for name, row in rows}))
    if number != plan.parts:
        problems.append(f"{number} parts, not {plan.parts}")
    if cut != plan.truncated + plan.dropped:
        problems.append(f"{cut} documents are truncated or dropped, not {plan.overlong}")
    if tables:
        pieces = arrow.concat_tables(tables).sort_by([(name, "ascending") for name in PIECE[:2]])
        problems += window_problems(plan.options, pieces, range(plan.bins))
    return problems


def document_problems(
    options: WindowOptions, number: int, lengths: "pyarrow.Array", places: Places
) -> list[str]:
    """What is wrong with the places of documents: each of their tokens has one, with EOS.

    Args:
        options: of the plan.
        number: of the part, for what is returned.
        lengths: the tokens of each document, without EOS.
        places: of these documents.
    """
    arrow, compute = _arrow(), _compute()
    wanted = compute.add(lengths, options.eos_tokens)
    wanted = compute.if_else(compute.equal(wanted, options.eos_tokens), 0, wanted)  # empty
    if options.overlong != "split":
        left = options.window if options.overlong == "truncate" else 0
        wanted = compute.if_else(compute.greater(wanted, options.window), left, wanted)
    documents = column_of(places.documents)
    starts, tokens = column_of(places.starts), column_of(places.lengths)
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


def window_problems(options: WindowOptions, pieces: "pyarrow.Table", windows: range) -> list[str]:
    """What is wrong with the pieces of windows: all windows have some, one after the other.

    Args:
        options: of the plan.
        pieces: with the columns `PIECE`, sorted by the first two.
        windows: those that they are of.
    """
    compute = _compute()
    found, offsets, lengths = (pieces.column(name).combine_chunks() for name in PIECE)
    problems = []
    ends = compute.add(offsets, lengths)
    if (compute.max(ends).as_py() or 0) > options.window:
        problems.append(f"a window has more than {options.window} tokens")
    follows = compute.equal(found[1:], found[:-1])
    after = compute.add(ends[:-1], options.separator_tokens)
    wrong = compute.not_equal(offsets[1:], compute.if_else(follows, after, 0))
    if compute.any(wrong).as_py() or (len(offsets) and offsets[0].as_py() != 0):
        problems.append("pieces overlap in a window, or are not one after the other")
    held = compute.value_counts(found)
    if len(held) != len(windows):
        problems.append(f"{len(held)} windows are filled, not {len(windows)}")
    if (compute.max(held.field("counts")).as_py() or 0) > options.max_documents:
        problems.append(f"a window has more than {options.max_documents} pieces")
    if len(found) and not (found[0].as_py() in windows and found[-1].as_py() in windows):
        problems.append(f"a window has a number that is not below {windows.stop}")
    return problems


def _arrow() -> Any:
    return import_extra("pyarrow", "a plan", "parquet")


def _compute() -> Any:
    return import_extra("pyarrow.compute", "a plan", "parquet")
