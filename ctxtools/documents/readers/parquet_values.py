"""Values of Parquet columns, as Arrow has them: what texts they are, and what Python values."""

from collections.abc import Iterator
from typing import Any

from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import FormatError


def plain_values(values: Any, *, is_leaf: bool) -> Any:
    """A column without dictionaries; of a field in structs, the field's values."""
    from pyarrow import compute, types

    while is_leaf and types.is_struct(values.type) and values.type.num_fields == 1:
        values = compute.struct_field(values, 0)  # the only one that was read
    return values.dictionary_decode() if types.is_dictionary(values.type) else values


def as_python(values: Any) -> list[Any]:
    """The values of a column; as text, those that Python has no value for."""
    try:
        return list(values.to_pylist())
    except UnicodeDecodeError:
        raise
    except (ValueError, OverflowError):  # nanoseconds, the year 10,000
        return list(values.cast("string").to_pylist())


def as_strings(pyarrow: Any, values: Any, where: str, before: int, bad: BadRecords) -> Any:
    """Values as strings; None if they are not texts.

    Args:
        pyarrow: the module.
        values: an array.
        where: the start of an error, with room for the number of the row.
        before: the rows before these.
        bad: takes rows that are not UTF-8.
    """
    types = pyarrow.types
    kind = values.type
    if types.is_null(kind):
        return values.cast(pyarrow.string())
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return values
    if _is_binary(types, kind):
        try:
            return values.cast(pyarrow.large_binary()).cast(pyarrow.large_string())
        except pyarrow.ArrowInvalid:
            found = [_decoded(v, where, before + i, bad) for i, v in enumerate(values.to_pylist())]
            return pyarrow.array(found, pyarrow.large_string())
    inner = kind
    while _is_list(types, inner) or (types.is_struct(inner) and inner.num_fields == 1):
        inner = inner.value_type if _is_list(types, inner) else inner.field(0).type
    is_text = types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner)
    if inner is kind or not (is_text or types.is_null(inner) or _is_binary(types, inner)):
        return None
    texts: list[str | None] = []
    for row, value in enumerate(values.to_pylist(), start=before):
        found = [_decoded(leaf, where, row, bad) for leaf in _leaves(value)]
        texts.append(
            None if value is None else "\n".join(each for each in found if each is not None)
        )
    return pyarrow.array(texts, pyarrow.large_string())


def _decoded(value: bytes | str | None, where: str, row: int, bad: BadRecords) -> str | None:
    if value is None or isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        if bad.skip:
            bad.take(FormatError(f"{where.format(row + 1)} is not UTF-8 ({error.reason})"))
            return None
        bad.replaced += 1
        return value.decode("utf-8", "replace")


def _leaves(value: Any) -> Iterator[bytes | str]:
    """The texts in lists and structs, in order."""
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif value is not None:
        yield value


def _is_list(types: Any, kind: Any) -> bool:
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _is_binary(types: Any, kind: Any) -> bool:
    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
    )


def not_texts(path: str, column: str, kind: Any) -> FormatError:
    inner = kind
    while hasattr(inner, "value_type"):
        inner = inner.value_type
    fields = [inner.field(i).name for i in range(getattr(inner, "num_fields", 0))]
    if hasattr(inner, "item_type"):  # a map
        fields = ["key_value.key", "key_value.value"]
    hint = "name a column of strings"
    if fields:
        hint = f"name a field inside it: {' or '.join(f'{column}.{each}' for each in fields[:8])}"
    return FormatError(f"{path}: column {column!r} is of type {kind}", hint=hint)
