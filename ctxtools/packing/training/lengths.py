"""Lengths of documents in whatever form, as one buffer of integers; and their errors."""

from array import array
from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from itertools import islice
from operator import index
from typing import Any

from ctxtools._core.types import Request
from ctxtools.checks import shown, shown_integer
from ctxtools.errors import UsageError, import_extra

_FORMATS = "bBhHiIlLqQ"
_BLOCK = 1 << 16  # lengths that are checked at once
_HINT = "pass a list, a numpy array, an Arrow column or any other iterable of int"


def length_buffer(lengths: Any) -> memoryview:
    """A view of the lengths: of their own buffer where it is contiguous, else of a copy.

    Args:
        lengths: a buffer (array, numpy, memoryview), an Arrow array or column (anything with
            ``__arrow_c_array__`` or ``__arrow_c_stream__``), or an iterable of integers.

    Raises:
        UsageError: something in it is not an integer, or has more than 64 bits.
        MissingExtraError: it is an Arrow column, and pyarrow is not installed.
    """
    if isinstance(lengths, str | bytes | bytearray | Mapping | Set):
        # Iterables of integers, perhaps, but not of lengths in the order of the documents.
        raise UsageError(f"lengths must be integers, got {type(lengths).__name__}", hint=_HINT)
    if hasattr(lengths, "__arrow_c_array__") or hasattr(lengths, "__arrow_c_stream__"):
        return _arrow(lengths)
    try:
        view = memoryview(lengths)
    except (TypeError, BufferError, ValueError):  # ValueError: numpy's dates
        return _collect(lengths)
    code = view.format.lstrip("@")
    if view.ndim != 1:
        raise UsageError(f"lengths must have one dimension, got {view.ndim}", hint=_HINT)
    if len(code) != 1 or code not in _FORMATS:
        # Perhaps in another byte order, which only the owner can read.
        return _collect(lengths.tolist() if hasattr(lengths, "tolist") else lengths)
    return view if view.c_contiguous else memoryview(array(code, view.tolist()))


def negative_error(document: int, length: int) -> UsageError:
    """The error of a length below 0."""
    return UsageError(f"length of document {document} must be >= 0, got {shown_integer(length)}")


def overlong_error(document: int, length: int, request: Request) -> UsageError:
    """The error of a document that is longer than a window, where that is refused."""
    eos = f" and {request.eos} after it" if request.eos else ""
    return UsageError(
        f"document {document} has {shown_integer(length)} tokens{eos}, "
        f"more than the window of {request.window}",
        hint="split, truncate or drop overlong documents, or use a larger window",
    )


def _collect(lengths: Iterable[Any]) -> memoryview:
    try:
        items = iter(lengths)
    except TypeError:
        raise UsageError(
            f"lengths must be integers, got {shown(lengths, 50)}", hint=_HINT
        ) from None
    found: array[int] = array("q")
    while block := list(islice(items, _BLOCK)):
        first = len(found)
        try:
            found.extend(block)
        except (TypeError, OverflowError):
            raise _element_error(block, first) from None
        if bool in {*map(type, block)}:  # which is an int for `extend`
            raise _element_error(block, first)
    return memoryview(found)


def _element_error(block: Sequence[Any], first: int) -> UsageError:
    """The error of the first of some lengths that is not one; they are numbered from ``first``."""
    number, length = next(
        (n, each)
        for n, each in enumerate(block, first)
        if not is_integer(each) or not -(2**63) <= index(each) < 2**63
    )
    if is_integer(length):
        return UsageError(f"length {number} has more than 63 bits", hint=_HINT)
    hint = "pass the number of tokens of each document: map(len, ids)"
    return UsageError(
        f"length {number} is not an integer: {shown(length, 40)}",
        hint=hint if isinstance(length, Sized) else _HINT,
    )


def is_integer(value: Any) -> bool:
    """Whether a value is an integer, of Python or numpy; a bool is none here."""
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _arrow(lengths: Any) -> memoryview:
    pyarrow = import_extra("pyarrow", "reading an Arrow column", "parquet")
    try:
        column = lengths
        if not isinstance(lengths, pyarrow.Array | pyarrow.ChunkedArray):
            streams = hasattr(lengths, "__arrow_c_stream__")
            column = pyarrow.chunked_array(lengths) if streams else pyarrow.array(lengths)
        if isinstance(column, pyarrow.ChunkedArray):
            one = column.num_chunks == 1
            column = column.chunk(0) if one else pyarrow.concat_arrays(_chunks(column))
    except (pyarrow.ArrowException, TypeError) as error:
        raise UsageError("lengths cannot be read as an Arrow column", hint=_HINT) from error
    if not pyarrow.types.is_integer(column.type):
        raise UsageError(f"lengths must be a column of integers, got {column.type}", hint=_HINT)
    if column.null_count:
        raise UsageError(
            f"lengths must not have nulls, got {column.null_count}",
            hint="fill them, with 0 where there is no document",
        )
    code: Any = {1: "b", 2: "h", 4: "i", 8: "q"}[column.type.bit_width // 8]
    if pyarrow.types.is_unsigned_integer(column.type):
        code = code.upper()
    data = column.buffers()[1]
    if not len(column) or data is None:
        return memoryview(array(code))
    view = memoryview(data).cast("B")
    size = column.type.bit_width // 8
    return view[column.offset * size : (column.offset + len(column)) * size].cast(code)


def _chunks(column: Any) -> list[Any]:
    import pyarrow

    return column.chunks or [pyarrow.array([], column.type)]
