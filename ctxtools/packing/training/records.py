"""Lengths of the records in a file: given as numbers, or of lists of ids, or of texts, counted."""

import json
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from ctxtools.documents import Reader
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.jsonl import kind_of_value, read_values
from ctxtools.documents.text import refuse_more
from ctxtools.errors import FormatError
from ctxtools.packing.training.lengths import length_buffer

Count = Callable[[list[str], Sequence[int]], Sequence[int]]  # (texts, record numbers) -> tokens

_BATCH = 1024  # records
_NUMBERS = 1 << 16  # records, where they are numbers
_MAX_DIGITS = 18  # of a number; Python refuses to read one of thousands
_JSON = (str, int, float, list, dict)
_PLURALS: dict[type, str] = {
    bool: "booleans",
    dict: "objects",
    float: "floats",
    list: "lists",
    str: "strings",
    type(None): "nulls",
}


def jsonl_lengths(
    reader: Reader, field: str, count: Count, bad: BadRecords | None = None
) -> "array[int]":
    """The length of each line's record: a whole number >= 0, the number of ids in a list of them,
    or that of a text's tokens. A null has none.

    Args:
        reader: the open file.
        field: as in `ReadOptions`.
        count: returns the tokens of texts, given these and the numbers of their records.
        bad: takes lines that have no length. Those that it skips have no tokens, so that the
            others keep their numbers.

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
    bad = bad or BadRecords(path)
    skipped = 0
    for text in reader.texts():
        for line, value in read_values(path, text.lines(), field, bad):
            lengths.extend([0] * (bad.count - skipped))
            skipped = bad.count
            try:
                lengths.append(_length(path, line, field, value))
            except FormatError as error:
                bad.take(error)
            if isinstance(value, str):
                texts.append(value)
                numbers.append(len(lengths) - 1)
                if len(texts) == _BATCH:
                    count_texts()
    lengths.extend([0] * (bad.count - skipped))
    bad.finish(any_good=len(lengths) > bad.count)
    if texts:
        count_texts()
    return lengths


def _length(path: str, line: int, field: str, value: Any) -> int:
    """The length that a value says or has; 0 for a text, which is still to be counted."""
    if value is None or isinstance(value, str):
        return 0
    if _are_ids(value):
        return len(value)
    if type(value) is int and 0 <= value < 2**63:
        return value
    raise _not_a_length(f"{path}: line {line:,}: {field!r}", field, value)


def _are_ids(value: Any) -> bool:
    """Whether a value is a list of whole numbers >= 0: without a loop in Python, for speed."""
    return isinstance(value, list) and (
        not value or (set(map(type, value)) == {int} and min(value) >= 0)
    )


def _not_a_length(where: str, name: str, value: Any, kind: str = "") -> FormatError:
    """The error of a record that is nothing that has a length in tokens.

    Args:
        where: the subject of the message: the file, the record and the field.
        name: of the field.
        value: what was found.
        kind: what that is, if it is no value of JSON.
    """
    noun = "column" if kind else "field"
    hint = f"name a {noun} that holds a text, a list of token ids or a number of tokens"
    if isinstance(value, list) and (found := [each for each in value if isinstance(each, dict)]):
        hint = "write each conversation as one text, with its chat template, or as ids first"
        if found[0] and not kind:  # a column of Parquet has no numbered fields
            key = "content" if "content" in found[0] else next(iter(found[0]))
            hint += f"; or name a field inside it, such as {name}.{value.index(found[0])}.{key:.60}"
    elif isinstance(value, dict) and value:
        hint = f"name a field inside it, such as {name}.{next(iter(value)):.60}"
    elif isinstance(value, float):
        hint = "a number of tokens is a whole number, without a decimal point"
    what = _described(value) if isinstance(value, _JSON) else kind
    return FormatError(f"{where} is {what}, not a text, ids or a length", hint=hint)


def _described(value: Any) -> str:
    """What a value of JSON is, in words: "a list of objects", "a list whose item 3 is -1"."""
    if not isinstance(value, list):
        return _shown(value)
    kinds = {*map(type, value)}
    if len(kinds) == 1 and int not in kinds:
        return f"a list of {_PLURALS.get(kinds.pop(), 'other values')}"
    at = next((i for i, each in enumerate(value) if not _are_ids([each])), 0)
    return f"a list whose item {at:,} is {_shown(value[at])}"


def _shown(value: Any) -> str:
    """A number as it is written, anything else by its kind."""
    return f"{json.dumps(value):.60}" if type(value) in (int, float) else kind_of_value(value)


def parquet_lengths(reader: Reader, column: str, count: Count) -> "array[int]":
    """The length of each row of a column of integers, lists of ids or texts. A null has none.

    Args:
        reader: the open file.
        column: the name of a column, or names joined by dots for a field of a struct.
        count: returns the tokens of texts, given these and the numbers of their records.

    Raises:
        FormatError: it is not a Parquet file, or lacks the column, or that is of another type, or
            a row has a negative length, or ids that are negative or null.
        MissingExtraError: pyarrow is not installed.
        ReadError: the file cannot be read.
    """
    from ctxtools.documents.readers.parquet import read_arrays

    lengths: array[int] = array("q")
    with reader.parquet() as stream:
        path = reader.file.path
        for values in read_arrays(path, stream, column, integers=_NUMBERS, others=_BATCH):
            where = f"{reader.file.path}: row {{:,}}: {column!r}"
            found = _column_lengths(where, column, values, count, len(lengths))
            lengths.frombytes(memoryview(found).tobytes())
    return lengths


def _column_lengths(where: str, name: str, values: Any, count: Count, first: int) -> Any:
    """The lengths of some rows, as a buffer of 64-bit integers.

    Args:
        where: the subject of an error, with room for the number of the row.
        name: of the column.
        values: the rows, an Arrow array.
        count: as in `parquet_lengths`.
        first: the rows before these.
    """
    import pyarrow
    from pyarrow import compute, types

    if types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if types.is_binary(values.type) or types.is_large_binary(values.type):
        try:  # texts without a type that says so, as other writers leave them
            values = values.cast(pyarrow.large_string())
        except pyarrow.ArrowInvalid as error:
            raise _not_utf8(where.format(first + _first_invalid(values) + 1)) from error
    kind = values.type
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        try:
            texts = [text or "" for text in values.to_pylist()]
        except UnicodeDecodeError as error:
            raw = values.cast(pyarrow.large_string()).view(pyarrow.large_binary())
            raise _not_utf8(where.format(first + _first_invalid(raw) + 1)) from error
        return array("q", count(texts, range(first, first + len(texts))))
    if types.is_null(kind):
        return array("q", bytes(8 * len(values)))

    def refuse(row: int) -> NoReturn:
        value = values[row].as_py()
        raise _not_a_length(where.format(first + row + 1), name, value, f"of type {kind}")

    if types.is_integer(kind):
        if (row := _first_outside(values, 2**63)) is not None:
            refuse(row)
        lengths = values
    elif _is_list(kind) and types.is_integer(kind.value_type):
        ids = values.flatten()  # without those of null lists
        at = _first_outside(ids, 2**64)
        if ids.null_count:
            at = ids.is_null().index(True).as_py()
        if at is not None:
            refuse(compute.list_parent_indices(values)[at].as_py())
        lengths = compute.list_value_length(values)
    else:
        row = next((i for i, value in enumerate(values) if value.as_py() not in (None, [])), None)
        if row is not None:
            refuse(row)
        return array("q", bytes(8 * len(values)))
    return length_buffer(lengths.fill_null(0).cast(pyarrow.int64()))


def _not_utf8(where: str) -> FormatError:
    return FormatError(
        f"{where} is not UTF-8",
        hint="a plan needs the exact text: repair the row, or leave it out",
    )


def _first_invalid(values: Any) -> int:
    """The index of the first row of a binary column that is not UTF-8."""
    for i, value in enumerate(values):
        try:
            str(value.as_buffer() or b"", "utf-8")
        except UnicodeDecodeError:
            return i
    return 0


def _first_outside(values: Any, end: int) -> int | None:
    """The index of the first of some integers that is not from 0 to below ``end``, if any."""
    from pyarrow import compute

    bounds = compute.min_max(values)
    lowest, highest = bounds["min"].as_py(), bounds["max"].as_py()
    if lowest is None or (lowest >= 0 and highest < end):
        return None
    numbers = values.to_pylist()
    return next(i for i, n in enumerate(numbers) if n is not None and not 0 <= n < end)


def _is_list(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def number_lengths(reader: Reader) -> "array[int]":
    """Numbers, separated by white space.

    Raises:
        FormatError: something in it is not an integer >= 0.
        ReadError: the file cannot be read.
    """
    lengths: array[int] = array("q")
    for text in reader.texts():
        for word in _words(text):
            if not (word.isdecimal() and word.isascii() and len(word) <= _MAX_DIGITS):
                raise FormatError(
                    f"{reader.file.path}: number {len(lengths) + 1:,}: {word[:30]!r} is not a "
                    "number of tokens",
                    hint="a list of lengths is integers >= 0, separated by white space",
                )
            lengths.append(int(word))
            if not len(lengths) & _NUMBERS - 1 and (path := text.unsized) is not None:
                refuse_more(len(lengths), path, "Mi numbers")
    return lengths


def _words(blocks: Any) -> Iterator[str]:
    rest = ""
    for block in blocks:
        text = rest + block
        words = text.split()
        rest = words.pop() if words and not text[-1].isspace() else ""
        yield from words
        if len(rest) > _MAX_DIGITS:  # no number; joining blocks would take quadratic time
            yield rest
            rest = ""
    if rest:
        yield rest
