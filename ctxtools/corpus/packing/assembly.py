"""Tables of training windows, of pieces that are sorted by window: what a window of
`ctxtools.PackedDataset` holds, for many windows at once.

A column of tokens is gathered from segments: for each piece its tokens, the separator after it or,
after the last one of a window, the padding. Separators and padding are constants after the tokens.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.corpus.packing.gather import ends_of, gathered, interleaved, numbers_to
from ctxtools.corpus.packing.ids import IDS
from ctxtools.corpus.packing.job import TOKENS, Job
from ctxtools.errors import import_extra
from ctxtools.packing.training.columns import IGNORED
from ctxtools.packing.windows.tables import PIECE

if TYPE_CHECKING:
    import pyarrow

_TABLE_TOKENS = 1 << 20  # of the windows that are put together at once


def window_schema(job: Job) -> "pyarrow.Schema":
    """The columns of a table of windows."""
    arrow = _arrow()
    numbers = arrow.list_(arrow.int32())
    types = {IDS: numbers, "position_ids": numbers, "cu_seqlens": numbers, "filled": arrow.int32()}
    for column in job.columns.of_tokens:
        types[column.name] = arrow.list_(job.types.field(column.name).type)
    types.pop("labels", None)
    if job.options.labels:
        types["labels"] = numbers
    for name in job.columns.of_documents:
        types[f"{PIECE}{name}"] = arrow.list_(job.types.field(name).type)
    return arrow.schema(types)


def window_tables(
    job: Job, pieces: "pyarrow.Table", order: "pyarrow.Array"
) -> "Iterator[pyarrow.Table]":
    """The windows of pieces, some at a time; a table without rows if there are none.

    Args:
        job: says what windows hold.
        pieces: with the columns of `Job.exchanged`, each as one array, of all pieces of some
            windows.
        order: their rows, sorted by window and offset.
    """
    compute = _compute()
    counted = compute.value_counts(_one(pieces, "window").take(order)).field("counts")
    ends = ends_of(counted).to_pylist()
    step = max(1, _TABLE_TOKENS // job.options.window)
    schema = window_schema(job)
    if len(ends) == 1:
        yield schema.empty_table()
    for first in range(0, len(ends) - 1, step):
        bounds = ends[first : first + step + 1]
        rows = order.slice(bounds[0], bounds[-1] - bounds[0])
        counts = counted.slice(first, len(bounds) - 1)
        yield _Windows(job, pieces, rows, counts).table(schema)


class _Windows:
    """Some windows on their way.

    Args:
        job, pieces: as of `window_tables`.
        rows: those of the windows' pieces, in order.
        counts: the number of pieces of each window.
    """

    def __init__(self, job: Job, pieces: "pyarrow.Table", rows: Any, counts: Any) -> None:
        arrow, compute = _arrow(), _compute()
        self._job, self._pieces, self._rows = job, pieces, rows
        options = job.options
        self._ends = ends_of(counts)  # of the pieces of each window
        self._lengths = _one(pieces, "length").take(rows)
        self._offsets = _one(pieces, "offset").take(rows)
        self._starts = ends_of(self._lengths).slice(0, len(rows))
        last = compute.subtract(self._ends.slice(1), 1)
        self._filled = compute.add(self._offsets, self._lengths).take(last)
        numbers = numbers_to(len(rows))
        window = compute.index_in(numbers, value_set=last)
        is_last = compute.is_valid(window)
        left = compute.subtract(options.window, self._filled)
        if options.pad is None:
            left = compute.multiply(left, 0)
        self._left = left
        self._padding = left.take(window).fill_null(0)
        self._separators = compute.if_else(is_last, 0, len(options.separator))
        sizes = compute.add(self._filled, left)
        self._window_ends = ends_of(sizes).cast(arrow.int32())

    def table(self, schema: "pyarrow.Schema") -> "pyarrow.Table":
        """The windows as rows of a table."""
        options, columns = self._job.options, self._job.columns
        pads = [] if options.pad is None else [options.pad]
        ids = self._flat(IDS, options.separator, pads)
        found = {
            IDS: self._listed(ids),
            "position_ids": self._listed(self._positions()),
            "cu_seqlens": self._ends_in_windows(),
            "filled": self._filled,
        }
        flat = {}
        for column in columns.of_tokens:
            between = [column.between] * len(options.separator)
            fill = [] if options.pad is None else [column.fill]
            flat[column.name] = self._flat(f"{TOKENS}{column.name}", between, fill)
            found[column.name] = self._listed(flat[column.name])
        if options.labels:
            found["labels"] = self._listed(self._labels(ids, flat))
        for name in columns.of_documents:
            values = _one(self._pieces, f"{PIECE}{name}").take(self._rows)
            found[f"{PIECE}{name}"] = _arrow().ListArray.from_arrays(
                self._ends.cast(_arrow().int32()), values
            )
        arrays = [found[field.name].cast(field.type) for field in schema]
        table: pyarrow.Table = _arrow().table(arrays, schema=schema)
        return table

    def _flat(self, name: str, between: Sequence[Any], fill: Sequence[Any]) -> "pyarrow.Array":
        """The values of the tokens of all windows.

        Args:
            name: of the column of pieces.
            between: the values at a separator.
            fill: that at padding, if there is one.
        """
        tokens = self._tokens(name)
        if not between and not fill:
            return tokens
        values, at = self._with_constants(tokens, between, fill)
        starts = [self._starts, self._constant(at), self._constant(at + len(between))]
        sizes = [self._lengths, self._separators, self._padding]
        return gathered(values, interleaved(starts), interleaved(sizes))

    def _labels(self, ids: "pyarrow.Array", flat: "dict[str, pyarrow.Array]") -> "pyarrow.Array":
        """The labels: a column of that name, or the ids, and -100 where there is none."""
        compute, options = _compute(), self._job.options
        labels = flat.get("labels", ids if options.pad is None else None)
        if labels is None or options.ignore:
            labels = self._ignoring(is_given="labels" in flat)
        if options.loss_mask is not None:
            off = compute.equal(flat[options.loss_mask], 0)
            labels = compute.if_else(off, _arrow().scalar(IGNORED, labels.type), labels)
        return labels

    def _ignoring(self, *, is_given: bool) -> "pyarrow.Array":
        """The labels, with -100 at padding and at what is to be ignored."""
        compute, options = _compute(), self._job.options
        between = [IGNORED] * len(options.separator) if is_given else options.separator
        tokens = self._tokens(f"{TOKENS}labels" if is_given else IDS)
        values, at = self._with_constants(tokens, between, [IGNORED])
        ignored, ones = self._constant(at + len(between)), self._constant(1)
        has_eos = _one(self._pieces, "has_eos").take(self._rows).cast(_arrow().int64())
        eos = compute.multiply(has_eos, len(options.eos))
        end = compute.subtract(self._lengths, eos)  # of the document's own tokens
        starts = {
            "first": self._starts,
            "": compute.add(self._starts, 1),
            "eos": compute.add(self._starts, end),
            "separator": self._constant(at),
            "padding": ignored,
        }
        sizes = [ones, compute.subtract(end, 1), eos, self._separators, self._padding]
        segments = [ignored if kind in options.ignore else each for kind, each in starts.items()]
        return gathered(values, interleaved(segments), interleaved(sizes))

    def _tokens(self, name: str) -> "pyarrow.Array":
        """The values of a column of all pieces, in order."""
        lists = _one(self._pieces, name)
        return gathered(lists.values, lists.offsets.take(self._rows), self._lengths)

    def _with_constants(
        self, tokens: "pyarrow.Array", between: Sequence[Any], fill: Sequence[Any]
    ) -> "tuple[pyarrow.Array, int]":
        """Values, then those of a separator and as many of padding as a window has at most; and
        where the separator is."""
        arrow, kind = _arrow(), tokens.type
        constants = [arrow.array(between, kind)]
        if fill:
            constants.append(arrow.repeat(arrow.scalar(fill[0], kind), self._job.options.window))
        return arrow.concat_arrays([tokens, *constants]), len(tokens)

    def _positions(self) -> "pyarrow.Array":
        """The position of each token in its piece, or in the padding."""
        spans = [_compute().add(self._lengths, self._separators), self._padding]
        zeros = self._constant(0)
        numbers = numbers_to(self._job.options.window)
        return gathered(numbers, interleaved([zeros, zeros]), interleaved(spans))

    def _ends_in_windows(self) -> "pyarrow.Array":
        """Where the pieces of each window and its padding start, and the last of these ends."""
        arrow, compute = _arrow(), _compute()
        windows, pieces = len(self._filled), len(self._offsets)
        total = compute.add(self._filled, self._left)
        values = arrow.concat_arrays([self._offsets, self._filled, total])
        numbers = numbers_to(windows)
        counts = compute.subtract(self._ends.slice(1), self._ends.slice(0, windows))
        padded = compute.greater(self._left, 0).cast(arrow.int64())
        ones = compute.add(compute.multiply(numbers, 0), 1)
        starts = [
            self._ends.slice(0, windows),
            compute.add(numbers, pieces),
            compute.add(numbers, pieces + windows),
        ]
        flat = gathered(values, interleaved(starts), interleaved([counts, padded, ones]))
        lengths = compute.add(compute.add(counts, padded), 1)
        found: pyarrow.Array = arrow.ListArray.from_arrays(
            ends_of(lengths).cast(arrow.int32()), flat
        )
        return found

    def _listed(self, flat: "pyarrow.Array") -> "pyarrow.Array":
        found: pyarrow.Array = _arrow().ListArray.from_arrays(self._window_ends, flat)
        return found

    def _constant(self, value: int) -> "pyarrow.Array":
        found: pyarrow.Array = _compute().add(_compute().multiply(self._lengths, 0), value)
        return found


def _one(table: "pyarrow.Table", name: str) -> Any:
    (chunk,) = table.column(name).chunks
    return chunk


def _arrow() -> Any:
    return import_extra("pyarrow", "a corpus", "parquet")


def _compute() -> Any:
    return import_extra("pyarrow.compute", "a corpus", "parquet")
