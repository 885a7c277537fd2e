"""A training window put together from pieces of documents: ids, labels and all other columns."""

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, Literal

from ctxtools.checks import check_choice, check_integer, check_list
from ctxtools.errors import UsageError
from ctxtools.packing.training.columns import IGNORED, Columns, TokenColumn, listed, values_of
from ctxtools.packing.training.plan import TrainingWindow

Ignorable = Literal["first", "eos", "separator"]
"""Tokens that may be left without a label: the first of each piece, EOS, and separators."""

Tokens = int | Sequence[int] | None
"""The ids of tokens that are put between others: one, several, or none."""

HINT = "give the documents that the plan was made for, in the same order"


def check_ignorable(ignore: Collection[Ignorable]) -> None:
    """Refuse kinds of tokens that there are none of.

    Raises:
        UsageError: one is.
    """
    check_list("ignore", ignore)
    for each in ignore:
        check_choice("kind of tokens to ignore", each, Ignorable)


def token_list(name: str, given: Tokens) -> list[int]:
    """The ids of an argument as a list.

    Raises:
        UsageError: one of them is no integer of 64 bits.
    """
    if given is None:
        return []
    if hasattr(given, "__index__"):
        given = [index(given)]
    check_list(name, given, "ids")
    return [check_integer(name, each, -(2**63), 2**63 - 1) for each in given]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the windows of a dataset hold.

    Attributes:
        eos, separator: the ids of the tokens that the plan reserves.
        pad: an id to fill each window up with, or None.
        columns: of the documents.
        labels: windows have labels.
        ignore: tokens that have no label.
        loss_mask: the column that says which others have none, or None.
    """

    eos: Sequence[int]
    separator: Sequence[int]
    pad: int | None
    columns: Columns
    labels: bool
    ignore: frozenset[Ignorable]
    loss_mask: str | None


class Assembly:
    """A window on its way: pieces are added one after the other, then it is finished.

    Attributes:
        layout: what it holds.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._ids = array("q")
        self._of_tokens: list[array[Any]] = [array(c.code) for c in layout.columns.of_tokens]
        self._of_pieces: list[list[Any]] = [[] for _ in layout.columns.of_documents]
        self._ignored: list[tuple[int, int]] = []  # spans of tokens without a label

    def add(
        self,
        document: int,
        ids: Sequence[int],
        row: Mapping[str, Any],
        span: slice,
        *,
        is_last: bool,
    ) -> None:
        """Add a piece of a document.

        Args:
            document: its number, for errors.
            ids: all of the document.
            row: its columns.
            span: of the ids that are in the window.
            is_last: the EOS tokens come after it.

        Raises:
            UsageError: the ids or the values of a column are not numbers, or not as many.
        """
        layout = self.layout
        if self._ids:
            self._separate()
        start = len(self._ids)
        try:
            self._ids.extend(listed(ids[span]))
        except (TypeError, OverflowError):
            raise UsageError(
                f"document {document} must be a list of token ids", hint=HINT
            ) from None
        self._ignore("first", start, start + 1)
        eos = layout.eos if is_last else ()
        self._ignore("eos", len(self._ids), len(self._ids) + len(eos))
        self._ids.extend(eos)
        for column, values in zip(layout.columns.of_tokens, self._of_tokens, strict=True):
            given = values_of(column, row, document, len(ids))
            try:
                values.extend(listed(given[span]))
                if eos:
                    values.extend(column.after(listed(given[-1]), eos))
            except (TypeError, OverflowError):
                raise _no_numbers(column, document) from None
        for name, found in zip(layout.columns.of_documents, self._of_pieces, strict=True):
            found.append(row.get(name))

    def finish(self, window: TrainingWindow, size: int) -> dict[str, Any]:
        """The window by the names of what it holds.

        Args:
            window: of the plan, whose pieces were added.
            size: that it is filled up to, if there is something to do it with.
        """
        columns, pad = self.layout.columns, self.layout.pad
        positions, ends = window.position_ids(), window.cu_seqlens()
        labels = self._labels() if self.layout.labels else None
        filled = len(self._ids)
        missing = 0 if pad is None else size - filled
        if pad is not None and missing:
            self._ids.extend([pad] * missing)
            positions.extend(range(missing))
            ends.append(size)
            for column, values in zip(columns.of_tokens, self._of_tokens, strict=True):
                values.extend([column.fill] * missing)
            if labels is not None:
                labels.extend([IGNORED] * missing)
        made: dict[str, Any] = {
            "input_ids": self._ids,
            "position_ids": positions,
            "cu_seqlens": ends,
            "filled": filled,
        }
        for column, values in zip(columns.of_tokens, self._of_tokens, strict=True):
            made[column.name] = values
        made.pop("labels", None)
        if labels is not None:
            made["labels"] = labels
        for name, found in zip(columns.of_documents, self._of_pieces, strict=True):
            made[f"piece_{name}"] = found
        return made

    def _separate(self) -> None:
        separator = self.layout.separator
        self._ignore("separator", len(self._ids), len(self._ids) + len(separator))
        self._ids.extend(separator)
        for column, values in zip(self.layout.columns.of_tokens, self._of_tokens, strict=True):
            values.extend([column.between] * len(separator))

    def _ignore(self, kind: Ignorable, start: int, stop: int) -> None:
        if kind in self.layout.ignore:
            self._ignored.append((start, stop))

    def _labels(self) -> "array[int]":
        """The labels of the tokens so far."""
        by_name = {
            column.name: values
            for column, values in zip(self.layout.columns.of_tokens, self._of_tokens, strict=True)
        }
        labels = array("q", by_name.get("labels", self._ids))
        for start, stop in self._ignored:
            labels[start:stop] = array("q", [IGNORED]) * (stop - start)
        if self.layout.loss_mask is not None:
            for i, kept in enumerate(by_name[self.layout.loss_mask]):
                if not kept:
                    labels[i] = IGNORED
        return labels


def _no_numbers(column: TokenColumn, document: int) -> UsageError:
    is_whole = column.code == "q"
    return UsageError(
        f"column {column.name!r} of document {document} must be a list of "
        f"{'integers' if is_whole else 'numbers'}",
        hint=f"fills={{{column.name!r}: 0.0}} makes a column of fractions" if is_whole else None,
    )
