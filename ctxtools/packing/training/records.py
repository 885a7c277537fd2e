"""Lengths of the records in a file: given as numbers, or of lists of ids, or of texts, counted."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ctxtools.documents import File, Reader
from ctxtools.documents.readers.jsonl import kind_of_value, read_values
from ctxtools.errors import FormatError, ReadError, import_extra, os_reason
from ctxtools.packing.training.lengths import length_buffer

Count = Callable[[list[str], Sequence[int]], Sequence[int]]  # (texts, record numbers) -> tokens

_BATCH = 1024  # records
_NUMBERS = 1 << 16  # records, where they are numbers


def jsonl_lengths(reader: Reader, field: str, count: Count) -> "array[int]":
    """The length of each line's record: a number, a list of ids, or a text. A null has none.

    Args:
        reader: the open file.
        field: as in `ReadOptions`.
        count: returns the tokens of texts, given these and the numbers of their records.

    Raises:
        FormatError: a line is not JSON, lacks the field, or has another type of value in it.
        ReadError: the file cannot be read.
    """
    lengths: array[int] = array("q")
    texts: list[str] = []
    numbers: list[int] = []  # of the records whose texts are not counted yet

    def count_texts() -> None:
        for number, tokens in zip(numbers, count(texts, numbers), strict=True):
            lengths[number] = tokens
        texts.clear()
        numbers.clear()

    path = reader.file.path
    for text in reader.texts():
        for line, value in read_values(path, text, field):
            lengths.append(_length(path, line, field, value))
            if isinstance(value, str):
                texts.append(value)
                numbers.append(len(lengths) - 1)
                if len(texts) == _BATCH:
                    count_texts()
    if texts:
        count_texts()
    return lengths


def _length(path: str, line: int, field: str, value: Any) -> int:
    if isinstance(value, list):
        return len(value)
    if type(value) is int and 0 <= value < 2**63:
        return value
    if value is None or isinstance(value, str):
        return 0
    what = f"{value}" if isinstance(value, int | float) else kind_of_value(value)
    raise FormatError(
        f"{path}: line {line}: {field!r} is {what}",
        hint="name a field that holds a number of tokens, a list of ids or a text",
    )


def parquet_lengths(file: File, column: str, count: Count) -> "array[int]":
    """The length of each row of a column of integers, lists or texts. A null has none.

    Args:
        file: a regular file.
        column: the name of a column.
        count: returns the tokens of texts, given these and the numbers of their records.

    Raises:
        FormatError: it is not a Parquet file, or lacks the column, or that is of another type.
        MissingExtraError: pyarrow is not installed.
        ReadError: the file cannot be read.
    """
    pyarrow = import_extra("pyarrow", "reading Parquet", "parquet")
    parquet = import_extra("pyarrow.parquet", "reading Parquet", "parquet")
    lengths: array[int] = array("q")
    try:
        with open(file.path, "rb") as stream:
            table = parquet.ParquetFile(stream, buffer_size=1 << 20, pre_buffer=False)
            if column not in table.schema_arrow.names:
                names = ", ".join(table.schema_arrow.names[:20])
                raise FormatError(f"{file.path}: no column {column!r}", hint=f"it has {names}")
            kind = table.schema_arrow.field(column).type
            rows = _NUMBERS if pyarrow.types.is_integer(kind) else _BATCH
            for batch in table.iter_batches(batch_size=rows, columns=[column]):
                first, values = len(lengths), batch.column(0)
                lengths.extend(_column_lengths(file.path, column, values, count, first))
    except pyarrow.ArrowException as error:
        reason = str(error).partition("\n")[0]
        raise FormatError(f"{file.path}: not a readable Parquet file ({reason})") from error
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{file.path}: {os_reason(error)}") from error
    return lengths


def _column_lengths(path: str, name: str, column: Any, count: Count, first: int) -> Sequence[int]:
    from pyarrow import compute, types

    kind = column.type
    if types.is_integer(kind):
        return length_buffer(column.fill_null(0))
    if types.is_list(kind) or types.is_large_list(kind):
        return length_buffer(compute.list_value_length(column).fill_null(0))
    if types.is_string(kind) or types.is_large_string(kind):
        texts = [text or "" for text in column.to_pylist()]
        return count(texts, range(first, first + len(texts)))
    raise FormatError(
        f"{path}: column {name!r} is of type {kind}",
        hint="name a column of numbers of tokens, lists of ids or texts",
    )


def number_lengths(reader: Reader) -> "array[int]":
    """Numbers, separated by white space.

    Raises:
        FormatError: something in it is not an integer >= 0.
        ReadError: the file cannot be read.
    """
    lengths: array[int] = array("q")
    for text in reader.texts():
        for word in _words(text):
            if not (word.isdecimal() and word.isascii() and len(word) < 19):
                raise FormatError(
                    f"{reader.file.path}: {word[:30]!r} is not a number of tokens",
                    hint="a list of lengths is integers >= 0, separated by white space",
                )
            lengths.append(int(word))
    return lengths


def _words(blocks: Any) -> Iterator[str]:
    rest = ""
    for block in blocks:
        text = rest + block
        words = text.split()
        rest = words.pop() if words and not text[-1].isspace() else ""
        yield from words
    if rest:
        yield rest
