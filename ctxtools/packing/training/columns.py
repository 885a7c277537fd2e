"""The columns of documents beside their ids, and what each of them has in a training window.

A column of lists of numbers as long as the ids has a value for each token, and is packed like them.
Any other has a value for each document, and in a window one for each piece.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from ctxtools.checks import check_list, check_type, shown
from ctxtools.errors import UsageError
from ctxtools.packing.training.plan import Plan

IGNORED = -100
"""The label of a token that no loss is taken at, in PyTorch's and Hugging Face's losses."""

MADE = ("input_ids", "position_ids", "cu_seqlens", "filled")
"""What every window has; columns of documents with these names are not read."""

STREAM_HINT = "a plan takes documents in any order: of a stream, make a list or a dataset"

_SAMPLES = 16  # documents that are looked at; of different lengths, so that none agrees by chance
_SEARCHED = 4096  # pieces in which these are searched for
_HINT = "leave it out by columns=, or name its value at padding by fills= if it has one for each id"


@dataclass(frozen=True, slots=True)
class TokenColumn:
    """A column with a value for each token.

    Attributes:
        name: of the column, in documents and in windows.
        fill: its value at padding: -100 in labels, else 0.
        between: at separators: as at padding, but 1 in an attention mask.
        code: the format of its array: ``q``, or ``d`` where a value has a fraction.
    """

    name: str
    fill: int | float
    between: int | float
    code: str

    @property
    def holds_labels(self) -> bool:
        """Whether it has ids, or -100."""
        return _holds_labels(self.name)

    def after(self, last: Any, eos: Sequence[int]) -> Sequence[Any]:
        """The values at the EOS tokens of a document, which go with its last token: they have its
        value, and as labels are themselves, unless that one is ignored.

        Args:
            last: the value of the document's last token.
            eos: the ids.
        """
        return eos if self.holds_labels and last != IGNORED else [last] * len(eos)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of documents.

    Attributes:
        of_tokens: those with a value for each token.
        of_documents: the names of the others.
    """

    of_tokens: tuple[TokenColumn, ...] = ()
    of_documents: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*(each.name for each in self.of_tokens), *self.of_documents)


def find_columns(
    documents: Any,
    plan: Plan,
    column: str,
    columns: Iterable[str] | None,
    fills: Mapping[str, int | float] | None,
    loss_mask: str | None,
) -> Columns:
    """The columns of the documents of a plan, by looking at some of them.

    Args:
        documents: by number, as `ctxtools.PackedDataset` takes them.
        plan: of the documents.
        column: of the ids.
        columns: the names of those to keep; None keeps all.
        fills: the value at padding of columns that have one for each token.
        loss_mask: one that has; it is kept.

    Raises:
        UsageError: there is no such column, or an argument is malformed.
    """
    if columns is not None:
        check_list("columns", columns)
    return columns_of_rows([*_samples(documents, plan)], column, columns, fills, loss_mask)


def columns_of_rows(
    rows: Sequence[Mapping[str, Any]],
    column: str,
    columns: Iterable[str] | None,
    fills: Mapping[str, int | float] | None,
    loss_mask: str | None,
) -> Columns:
    """The columns of some documents; the arguments and errors are those of `find_columns`.

    Args:
        rows: the documents, as far as they are mappings.
    """
    fills = _checked_fills(fills)
    if loss_mask is not None:
        check_type("loss_mask", loss_mask, str)
        fills = {loss_mask: 0, **fills}
    names = dict.fromkeys(name for row in rows for name in row if name != column)
    columns = None if columns is None else [*columns]
    if rows and (unknown := [name for name in (*(columns or ()), *fills) if name not in names]):
        raise UsageError(
            f"no document has a column {unknown[0]!r:.100}",
            hint=f"they have {', '.join(map(str, names)) or 'no other than the ids'}",
        )
    kept = names if columns is None else dict.fromkeys([*columns, *fills])
    of_tokens, of_documents = [], []
    for name in kept:
        if name in MADE:
            continue
        if name in fills or _is_of_tokens(rows, column, name):
            of_tokens.append(_token_column(rows, name, fills.get(name)))
        else:
            of_documents.append(name)
    return Columns(tuple(of_tokens), tuple(of_documents))


def ids_of(document: int, row: Any, column: str) -> tuple[Any, Mapping[str, Any]]:
    """The ids of a document, and its columns if it is a mapping.

    Args:
        document: its number, for errors.
        row: the document.
        column: of the ids.

    Raises:
        UsageError: it has no ids.
    """
    columns: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
    if columns and column not in columns:
        raise UsageError(
            f"document {document} has no column {column!r:.100}",
            hint=f"name that of the ids by column=: {', '.join(map(str, columns))}",
        )
    ids = columns[column] if columns else row
    if not hasattr(ids, "__len__"):
        raise UsageError(
            f"document {document} must be a list of token ids, got {type(ids).__name__}",
            hint=STREAM_HINT,
        )
    return ids, columns


def values_of(column: TokenColumn, row: Mapping[str, Any], document: int, tokens: int) -> Any:
    """The values of a document's tokens.

    Raises:
        UsageError: there are none, or not as many as it has ids.
    """
    values = row.get(column.name)
    if _is_sequence(values) and len(values) == tokens:
        return values
    got = f"{len(values)} values" if _is_sequence(values) else shown(values, 40)
    raise UsageError(
        f"column {column.name!r} of document {document} must have a value for each of its {tokens} "
        f"ids, got {got}",
        hint=_HINT,
    )


def listed(values: Any) -> Any:
    """Values as Python has them, of numpy's and torch's arrays too."""
    return values.tolist() if hasattr(values, "tolist") else values


def _checked_fills(fills: Mapping[str, int | float] | None) -> Mapping[str, int | float]:
    check_type("fills", fills, Mapping, type(None))
    for name, value in (fills or {}).items():
        check_type(f"fills[{name!r:.100}]", value, int, float)
    return fills or {}


def _samples(documents: Any, plan: Plan) -> Iterator[Mapping[str, Any]]:
    """Some documents of different lengths, as far as they are mappings."""
    seen: set[int] = set()
    for document, length in zip(plan.documents[:_SEARCHED], plan.lengths[:_SEARCHED], strict=True):
        if length in seen:
            continue
        seen.add(length)
        try:
            row = documents[document]
        except (IndexError, KeyError):  # which reading a window reports
            continue
        if not isinstance(row, Mapping):
            yield {}
            return
        yield row
        if len(seen) == _SAMPLES:
            return


def _is_of_tokens(rows: Iterable[Mapping[str, Any]], column: str, name: str) -> bool:
    """Whether a column has a number for each id in all of some documents that have it."""
    found = False
    for row in rows:
        ids, values = row.get(column), row.get(name)
        if values is None:
            continue
        if not _is_sequence(ids) or not _is_sequence(values) or len(values) != len(ids):
            return False
        if not all(isinstance(each, int | float) for each in listed(values)):
            return False
        found = True
    return found


def _is_sequence(values: Any) -> TypeGuard[Sequence[Any]]:
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__getitem__"):
        return False
    try:
        return len(values) >= 0
    except TypeError:  # an array without a dimension
        return False


def _token_column(
    rows: Iterable[Mapping[str, Any]], name: str, fill: int | float | None
) -> TokenColumn:
    if fill is None:
        fill = IGNORED if _holds_labels(name) else 0
    given = (listed(row[name]) for row in rows if _is_sequence(row.get(name)))
    has_fractions = isinstance(fill, float) or any(
        isinstance(each, float) for values in given for each in values
    )
    between = 1 if name == "attention_mask" else fill
    code = "d" if has_fractions and not _holds_labels(name) else "q"
    return TokenColumn(name, fill, between, code)


def _holds_labels(name: str) -> bool:
    return name == "labels" or name.endswith("_labels")
