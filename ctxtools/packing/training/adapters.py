"""A plan and the documents' tokens, as a training loop reads them.

Nothing here imports torch or numpy. `PackedDataset` is a dataset for
``torch.utils.data.DataLoader``, and iterable; `pack_dataset` makes a Hugging Face dataset.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, TypedDict

from ctxtools.checks import check_integer, check_type
from ctxtools.errors import UsageError, import_extra
from ctxtools.packing.training.plan import Plan

_HINT = "give the documents that the plan was made for, in the same order"

Tokens = int | Sequence[int] | None


class PackedWindow(TypedDict):
    """The tokens of a training window, and what variable-length attention needs to keep documents
    apart."""

    input_ids: Any  # 64-bit integers
    position_ids: Any  # 32-bit, from 0 in each piece
    cu_seqlens: Any  # 32-bit: where pieces start, and the last one ends


class PackedDataset:
    """The windows of a plan with their tokens, made on access, in any order.

    It has ``__len__`` and ``__getitem__``, by which torch's DataLoader distributes it among its
    workers, and can be iterated. For several ranks, give each its shard.

    Args:
        plan: from `pack_sequences`.
        documents: the ids of each document by its number: a list of lists, a numpy object, a column
            of a Hugging Face dataset, or such a dataset itself.
        column: the key of the ids, where a document is a mapping.
        eos, separator: the ids of the tokens that the plan reserves: one, or several.
        pad: an id to fill each window up with, as a separate piece; None leaves windows as long
            as their documents.
        shard, shards: take every ``shards``-th window, starting from number ``shard``.
        even: leave out the last windows, so that every shard has as many.
        convert: applied to each array, such as ``torch.asarray`` or ``numpy.asarray``.

    Raises:
        UsageError: the shard does not exist, or eos or separator differ in number from the plan.
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
    ) -> None:
        check_type("plan", plan, Plan)
        shard = check_integer("shard", shard, 0)
        if not shard < check_integer("shards", shards, 1):
            raise UsageError(
                f"invalid shard {shard} of {shards}", hint="shards are numbered from 0"
            )
        self._plan = plan
        self._documents = documents
        self._column = column
        self._eos = _tokens("eos", eos, plan.eos_tokens)
        self._separator = _tokens("separator", separator, plan.separator_tokens)
        self._pad = pad
        self._convert = convert or _unchanged
        end = plan.bins - plan.bins % shards if even else plan.bins
        self._numbers = range(shard, end, shards)
        # Where each document that was split ends; the others are as long as their piece.
        self._ends: dict[int, int] = {}
        pieces = zip(plan.documents, plan.starts, plan.lengths, strict=True)
        for document, start, length in compress(pieces, plan.starts):
            self._ends[document] = max(start + length, self._ends.get(document, 0))

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[PackedWindow]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> PackedWindow:
        """One training window of the shard.

        Raises:
            UsageError: a document does not have the tokens that the plan was made for.
        """
        window = self._plan[self._numbers[number]]
        ids, positions, ends = array("q"), window.position_ids(), window.cu_seqlens()
        pieces = zip(window.documents, window.starts, window.lengths, strict=True)
        for document, start, length in pieces:
            if ids:
                ids.extend(self._separator)
            piece = self._piece(document, start, length)
            try:
                ids.extend(piece)
            except TypeError:
                raise UsageError(
                    f"document {document} must be a list of token ids", hint=_HINT
                ) from None
        if self._pad is not None and (missing := self._plan.window - len(ids)):
            ids.extend([self._pad] * missing)
            positions.extend(range(missing))
            ends.append(self._plan.window)
        return {
            "input_ids": self._convert(ids),
            "position_ids": self._convert(positions),
            "cu_seqlens": self._convert(ends),
        }

    def _piece(self, document: int, start: int, length: int) -> Sequence[int]:
        try:
            tokens = self._documents[document]
        except IndexError:  # which a loop would take for the end of the data
            raise UsageError(f"document {document} of the plan is missing", hint=_HINT) from None
        if isinstance(tokens, Mapping):
            tokens = tokens[self._column]
        end = self._ends.get(document, length)
        if len(tokens) + len(self._eos) != end:
            raise UsageError(
                f"document {document} has {len(tokens)} tokens, "
                f"but the plan was made for {end - len(self._eos)}",
                hint=_HINT,
            )
        piece = tokens[start : start + length]
        return piece if start + length < end else [*piece, *self._eos]


def pack_dataset(dataset: Any, plan: Plan, *, column: str = "input_ids", **options: Any) -> Any:
    """A Hugging Face dataset with a row for each window of a plan.

    It has the columns ``input_ids``, ``position_ids`` and ``cu_seqlens``, and is written to the
    cache of ``datasets`` in bounded memory.

    Args:
        dataset: of which ``dataset[i][column]`` are the ids of document ``i``.
        plan: for those documents.
        column: of the ids.
        options: ``eos``, ``separator``, ``pad``, as in `PackedDataset`.

    Raises:
        MissingExtraError: the package ``datasets`` is not installed.
        UsageError: as `PackedDataset`.
    """
    datasets = import_extra("datasets", "a Hugging Face dataset", "datasets")
    windows = PackedDataset(plan, dataset, column=column, **options)

    def rows() -> Iterator[dict[str, list[int]]]:
        for window in windows:
            yield {
                "input_ids": window["input_ids"].tolist(),
                "position_ids": window["position_ids"].tolist(),
                "cu_seqlens": window["cu_seqlens"].tolist(),
            }

    types = {"input_ids": "int64", "position_ids": "int32", "cu_seqlens": "int32"}
    sequences = {name: datasets.Sequence(datasets.Value(kind)) for name, kind in types.items()}
    return datasets.Dataset.from_generator(rows, features=datasets.Features(sequences))


def _unchanged(values: "array[int]") -> "array[int]":
    return values  # a lambda cannot be pickled for another process


def _tokens(name: str, given: Tokens, expected: int) -> list[int]:
    tokens = [] if given is None else [given] if isinstance(given, int) else list(given)
    if len(tokens) != expected:
        raise UsageError(
            f"{name} must be {expected} tokens, got {len(tokens)}",
            hint=f"the plan was made with {name}_tokens={expected}",
        )
    return tokens
