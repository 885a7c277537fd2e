"""Arrow columns of any values: of their type if they have one, else of strings with JSON."""

import json
from collections.abc import Sequence
from typing import Any

from ctxtools.chunking.integrations.metadata import json_value
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import import_extra


def column_of(values: Sequence[Any]) -> Any:
    """An array of values: numbers, strings, dates, lists of them; null for None.

    Objects, and values of several types, become strings: those that are none as JSON.
    """
    arrow = _import()
    if not any(map(_has_object, values)):
        try:
            return arrow.array(values)
        except (arrow.ArrowException, UnicodeEncodeError, OverflowError):
            pass
    return arrow.array([_as_string(value) for value in values], arrow.string())


def unified(schema: Any, other: Any) -> Any:
    """A schema for the tables of two, which have the same names: columns of no common type are
    of strings."""
    arrow = _import()
    fields = []
    for a, b in zip(schema, other, strict=True):
        try:
            pair = [arrow.schema([a]), arrow.schema([b])]
            fields.append(arrow.unify_schemas(pair, promote_options="permissive").field(0))
        except arrow.ArrowException:
            fields.append(arrow.field(a.name, arrow.string()))
    return arrow.schema(fields)


def fitted(table: Any, schema: Any) -> Any:
    """A table with the types of a schema.

    Raises:
        UnfitError: a value does not fit: an integer that a column of floats would round.
    """
    arrow = _import()
    columns = []
    for column, field in zip(table.columns, schema, strict=True):
        if column.type == field.type:
            columns.append(column)
        elif arrow.types.is_string(field.type):
            columns.append(arrow.array(map(_as_string, column.to_pylist()), field.type))
        else:
            try:
                columns.append(column.cast(field.type))
            except arrow.ArrowException as error:
                raise UnfitError(field.name) from error
    return arrow.table(columns, schema=schema)


class UnfitError(Exception):
    """A column has to be one of strings."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def mended(self, schema: Any) -> Any:
        """A schema in which it is."""
        arrow = _import()
        number = schema.get_field_index(self.name)
        return schema.set(number, arrow.field(self.name, arrow.string()))


def _as_string(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(json_value(value), ensure_ascii=False)
    return replace_surrogates(text)


def _has_object(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_object, value))
    return isinstance(value, dict)


def _import() -> Any:
    return import_extra("pyarrow", "a table of chunks", "parquet")
