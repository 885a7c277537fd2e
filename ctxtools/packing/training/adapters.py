"""A plan and the documents' tokens, as a training loop reads them.

Nothing here imports torch or numpy. `PackedDataset` is a dataset for
``torch.utils.data.DataLoader``, and iterable; `pack_dataset` makes a Hugging Face dataset.
"""

import os
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from itertools import compress
from typing import TYPE_CHECKING, Any, TypeAlias

from ctxtools.checks import check_integer, check_type
from ctxtools.errors import UsageError, import_extra
from ctxtools.packing.training.assembly import (
    HINT,
    Assembly,
    Ignorable,
    Layout,
    Tokens,
    check_ignorable,
    token_list,
)
from ctxtools.packing.training.columns import (
    STREAM_HINT,
    Columns,
    find_columns,
    ids_of,
    listed,
)
from ctxtools.packing.training.plan import Plan

if TYPE_CHECKING:
    from ctxtools.packing.windows.dataset import SavedDataset
    from ctxtools.packing.windows.info import WindowFormat, WindowsInfo

PackedWindow: TypeAlias = dict[str, Any]
"""The tokens of a training window and what goes with them, by name; see `PackedDataset`."""


class PackedDataset:
    """The windows of a plan with their tokens, made on access, in any order.

    It has ``__len__`` and ``__getitem__``, by which torch's DataLoader distributes it among its
    workers, and can be iterated. For several ranks, give each its shard.

    >>> rows = [{"input_ids": [5, 6, 7], "source": "a"}, {"input_ids": [8, 9], "source": "b"}]
    >>> plan = pack_sequences([3, 2], window=8, eos_tokens=1)
    >>> window = PackedDataset(plan, rows, eos=0, pad=0, convert=list)[0]
    >>> window["input_ids"], window["filled"]
    ([5, 6, 7, 0, 8, 9, 0, 0], 7)
    >>> window["labels"], window["piece_source"]
    ([5, 6, 7, 0, 8, 9, 0, -100], ['a', 'b'])

    A window is a dictionary of

    - ``input_ids``: 64-bit integers;
    - ``position_ids``: 32-bit, from 0 in each piece;
    - ``cu_seqlens``: 32-bit, where pieces start, and the last one ends. A separator belongs to the
      piece before it, and padding is a piece of its own;
    - ``filled``: how many tokens there are before the padding, so that padding can be told from EOS
      where both have one id;
    - ``labels``: the ids, and -100 at padding and what ``ignore`` and ``loss_mask`` say. If
      documents have this column, it is packed, with -100 at padding and separators; EOS are labels
      after a token that has one;
    - each other column of the documents that has a number for each id (masks, types, weights), with
      0 at padding and separators, and at EOS the value of the document's last token; an
      ``attention_mask`` has 1 at separators;
    - of every other column ``NAME`` a list ``piece_NAME`` with the value of each piece's document.

    Args:
        plan: from `pack_sequences`.
        documents: each document by its number: a list of lists of ids, a numpy object, a column
            of a Hugging Face dataset; or of mappings, such as a dataset itself, of which all
            columns are kept.
        column: the key of the ids, where a document is a mapping.
        eos, separator: the ids of the tokens that the plan reserves: one, or several.
        pad: an id to fill each window up with, as a separate piece; None leaves windows as long
            as their documents.
        shard, shards: take every ``shards``-th window, starting from number ``shard``.
        even: leave out the last windows, so that every shard has as many.
        convert: applied to each array, such as ``torch.asarray`` or ``numpy.asarray``.
        columns: those to keep beside the ids; None keeps all.
        labels: False leaves ``labels`` out.
        ignore: tokens whose label is -100: "first" (of each piece), "eos", "separator".
        loss_mask: the column of a mask; where it is 0, the label is -100.
        fills: the value at padding and separators of columns that have a number for each id, by
            name; a fraction (``0.0``) makes a column of fractions.

    Raises:
        UsageError: the shard does not exist, eos or separator differ in number from the plan, or
            no document has a column that is named.
    """

    def __init__(
        self,
        plan: Plan,
        documents: Any,
        *,
        column: str = "input_ids",
        eos: Tokens = None,
        separator: Tokens = None,
        pad: int | None = None,
        shard: int = 0,
        shards: int = 1,
        even: bool = False,
        convert: Callable[["array[int]"], Any] | None = None,
        columns: Iterable[str] | None = None,
        labels: bool = True,
        ignore: Collection[Ignorable] = (),
        loss_mask: str | None = None,
        fills: Mapping[str, int | float] | None = None,
    ) -> None:
        check_type("plan", plan, Plan)
        shard = check_integer("shard", shard, 0)
        if not shard < check_integer("shards", shards, 1):
            raise UsageError(
                f"invalid shard {shard} of {shards}", hint="shards are numbered from 0"
            )
        if not hasattr(documents, "__getitem__"):
            raise UsageError(
                f"documents must be a sequence, got {type(documents).__name__}",
                hint=STREAM_HINT,
            )
        check_ignorable(ignore)
        token_list("pad", pad)
        found = find_columns(documents, plan, column, columns, fills, loss_mask)
        self._plan = plan
        self._documents = documents
        if columns is not None and hasattr(documents, "select_columns"):  # reads no others
            self._documents = documents.select_columns([column, *found.names])
        self._column = column
        self._layout = Layout(
            _tokens("eos", eos, plan.eos_tokens),
            _tokens("separator", separator, plan.separator_tokens),
            pad,
            found,
            labels,
            frozenset(ignore),
            loss_mask,
        )
        self._convert = convert or _unchanged
        end = plan.bins - plan.bins % shards if even else plan.bins
        self._numbers = range(shard, end, shards)
        # Where each document that was split ends; the others are as long as their piece.
        self._ends: dict[int, int] = {}
        pieces = zip(plan.documents, plan.starts, plan.lengths, strict=True)
        for document, start, length in compress(pieces, plan.starts):
            self._ends[document] = max(start + length, self._ends.get(document, 0))
        self._truncated = frozenset(plan.truncated)

    @property
    def columns(self) -> Columns:
        """The columns of the documents that are kept."""
        return self._layout.columns

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[PackedWindow]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> PackedWindow:
        """One training window of the shard.

        Raises:
            UsageError: a document does not have the tokens that the plan was made for, or not as
                many values in a column.
        """
        window = self._plan[self._numbers[number]]
        assembly = Assembly(self._layout)
        pieces = zip(window.documents, window.starts, window.lengths, strict=True)
        for document, start, length in pieces:
            ids, row = self._document(document)
            end = self._end(document, length, len(ids))
            stop = start + length
            span = slice(start, min(stop, end))
            assembly.add(document, ids, row, span, is_last=stop > end)
        made = assembly.finish(window, self._plan.window)
        return {
            name: self._convert(values) if isinstance(values, array) else values
            for name, values in made.items()
        }

    def save(
        self,
        folder: str | os.PathLike[str],
        format: "WindowFormat" = "parquet",
        *,
        windows_per_shard: int | None = None,
        vocabulary: int | None = None,
    ) -> "WindowsInfo":
        """Write the windows into a folder, which `PackedDataset.open` and `WindowStream` read.

        Args:
            folder: new, or empty. It has ``windows.json`` when it is complete.
            format: "parquet", "megatron" (``.bin`` and ``.idx``), "mds" (of MosaicML Streaming) or
                "numpy" (``.npy``).
            windows_per_shard: None for as many as have 67 million tokens.
            vocabulary: the number of ids, if it is known: below 65,500 an id takes 2 bytes rather
                than 4 in the files of Megatron and NumPy.

        Returns:
            What was written.

        Raises:
            ConfigError: the folder is not empty.
            UsageError: as of a window; or a column cannot be written in this format.
            MissingExtraError: pyarrow is not installed.
            OSError: something could not be written.
        """
        from ctxtools.packing.windows.save import save_windows, schema_of

        if windows_per_shard is not None:
            windows_per_shard = check_integer("windows_per_shard", windows_per_shard, 1)
        windows = copy(self)
        windows._convert = _unchanged
        layout = self._layout
        schema = schema_of(
            layout.columns, self._documents, self._plan.documents, labels=layout.labels
        )
        return save_windows(
            windows,
            schema,
            folder,
            format,
            window=self._plan.window,
            pad=layout.pad,
            windows_per_shard=windows_per_shard,
            vocabulary=vocabulary,
        )

    @staticmethod
    def open(
        folder: str | os.PathLike[str],
        *,
        shard: int = 0,
        shards: int = 1,
        even: bool = False,
        convert: Callable[["array[Any]"], Any] | None = None,
        columns: Iterable[str] | None = None,
    ) -> "SavedDataset":
        """The windows of a folder that `save` or ``ctx corpus pack`` has written, as a dataset.

        It has the windows that were written, one by one, in any order; `WindowStream` shuffles and
        resumes. Files are opened when a window of theirs is read, and few at a time.

        Args:
            folder: with ``windows.json``.
            shard, shards, even, convert: as of a `PackedDataset`.
            columns: the names of those to read (``labels``, ``piece_source``), beside the four that
                each window has: ``input_ids``, ``position_ids``, ``cu_seqlens`` and ``filled``.
                None reads all.

        Raises:
            ReadError: there is no ``windows.json``: the folder is not complete, or another.
            FormatError: it is damaged; and when a window is read, its file is.
            UsageError: the shard does not exist, or there is no such column.
            MissingExtraError: pyarrow is not installed.
        """
        from ctxtools.packing.windows.dataset import SavedDataset

        return SavedDataset(
            folder, shard=shard, shards=shards, even=even, convert=convert, columns=columns
        )

    def _document(self, document: int) -> tuple[Any, Mapping[str, Any]]:
        """The ids of a document, and its columns."""
        try:
            row = self._documents[document]
        except IndexError:  # which a loop would take for the end of the data
            raise UsageError(f"document {document} of the plan is missing", hint=HINT) from None
        return ids_of(document, row, self._column)

    def _end(self, document: int, length: int, tokens: int) -> int:
        """How many tokens of a document are in windows, without the EOS tokens after it.

        Raises:
            UsageError: it has others than the plan was made for.
        """
        end = self._ends.get(document, length) - len(self._layout.eos)
        is_truncated = document in self._truncated
        if tokens > end if is_truncated else tokens == end:
            return end
        raise UsageError(
            f"document {document} has {tokens} tokens, but the plan was made for "
            f"{'more than ' if is_truncated else ''}{end}",
            hint=HINT,
        )


def pack_dataset(dataset: Any, plan: Plan, *, column: str = "input_ids", **options: Any) -> Any:
    """A Hugging Face dataset with a row for each window of a plan.

    It has the columns that a window of `PackedDataset` has, and is written to the cache of
    ``datasets`` in bounded memory.

    Args:
        dataset: of which ``dataset[i][column]`` are the ids of document ``i``.
        plan: for those documents.
        column: of the ids.
        options: as in `PackedDataset`, but for ``convert``.

    Raises:
        MissingExtraError: the package ``datasets`` is not installed.
        UsageError: as `PackedDataset`.
    """
    datasets = import_extra("datasets", "a Hugging Face dataset", "datasets")
    windows = PackedDataset(plan, dataset, column=column, **options)

    def rows() -> Iterator[dict[str, Any]]:
        for window in windows:
            yield {name: listed(values) for name, values in window.items()}

    features = _features(
        datasets, dataset, plan, windows.columns, labels=options.get("labels", True)
    )
    return datasets.Dataset.from_generator(rows, features=features)


_NUMBERS = {  # formats of arrays -> types of datasets, the one to use where they have another first
    "q": ("int64", "int8", "int16", "int32"),
    "d": ("float64", "float16", "float32"),
}


def _features(datasets: Any, dataset: Any, plan: Plan, columns: Columns, *, labels: bool) -> Any:
    """The types of the windows' columns."""
    known = getattr(dataset, "features", None)
    if not known and columns.of_documents:
        some = dict.fromkeys(plan.documents[:_INFERRED])
        known = datasets.Dataset.from_list([dataset[number] for number in some]).features
    known = known or {}
    types = {"input_ids": "int64", "position_ids": "int32", "cu_seqlens": "int32"}
    for each in columns.of_tokens:
        given = getattr(getattr(known.get(each.name), "feature", None), "dtype", "")
        types[each.name] = given if given in _NUMBERS[each.code] else _NUMBERS[each.code][0]
    types.pop("labels", None)
    if labels:
        types["labels"] = "int64"
    found = {name: datasets.Sequence(datasets.Value(kind)) for name, kind in types.items()}
    found["filled"] = datasets.Value("int64")
    of_pieces = {f"piece_{name}": [known[name]] for name in columns.of_documents if name in known}
    return datasets.Features({**found, **of_pieces})


_INFERRED = 1000  # documents that types are inferred from where they have none


def _unchanged(values: "array[int]") -> "array[int]":
    return values  # a lambda cannot be pickled for another process


def _tokens(name: str, given: Tokens, expected: int) -> list[int]:
    tokens = token_list(name, given)
    if len(tokens) != expected:
        raise UsageError(
            f"{name} must be {expected} tokens, got {len(tokens)}",
            hint=f"the plan was made with {name}_tokens={expected}",
        )
    return tokens
