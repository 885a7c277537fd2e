"""Tables of windows: their columns, and what is read from them without an object a token."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ctxtools.errors import FormatError, UsageError, import_extra
from ctxtools.packing.training.columns import MADE

if TYPE_CHECKING:
    import pyarrow

PIECE = "piece_"
"""What the names of columns start with that have a value for each piece."""

_PURPOSE = "windows on disk"


@dataclass(frozen=True, slots=True)
class WindowColumns:
    """The columns of a table of windows, by what they have a value for.

    Attributes:
        of_tokens: those with a number for each token, and the type of their numbers; the ids first.
        of_pieces: those with a value for each piece, whose names start with ``piece_``.
        types: of the values of all columns, as Arrow calls them.
    """

    of_tokens: "dict[str, pyarrow.DataType]"
    of_pieces: tuple[str, ...]
    types: dict[str, str]

    @staticmethod
    def of(schema: "pyarrow.Schema") -> "WindowColumns":
        """The columns of a table.

        Raises:
            UsageError: it is no table of windows.
        """
        arrow = pyarrow_module()
        if missing := [name for name in MADE if name not in schema.names]:
            raise UsageError(f"a table of windows needs a column {missing[0]!r}")
        if len({*schema.names}) < len(schema.names):
            raise UsageError("a table of windows has two columns of one name")
        of_tokens, of_pieces, types = {}, [], {}
        for name in dict.fromkeys((*MADE, *schema.names)):
            kind = schema.field(name).type
            is_list = arrow.types.is_list(kind) or arrow.types.is_large_list(kind)
            value = kind.value_type if is_list else kind
            is_integer = arrow.types.is_integer(value)
            if name == "filled" or name == "cu_seqlens":
                fits = is_integer and is_list == (name == "cu_seqlens")
            elif name.startswith(PIECE):
                fits = is_list
                of_pieces.append(name)
            else:
                fits = is_list and (
                    is_integer or (arrow.types.is_floating(value) and name not in MADE)
                )
                of_tokens[name] = value
            if not fits:
                raise UsageError(
                    f"column {name!r:.100} of windows cannot be of type {kind}",
                    hint=f"a column has a list of numbers, one for each token; or its name starts "
                    f"with {PIECE}, and it has a list with a value for each piece",
                )
            types[name] = str(value)
        return WindowColumns(of_tokens, tuple(of_pieces), types)

    def codes(self) -> dict[str, str]:
        """The codes of the arrays that a window has of each column of numbers, as in a window of
        `ctxtools.PackedDataset`."""
        is_float = pyarrow_module().types.is_floating
        codes = {name: "d" if is_float(kind) else "q" for name, kind in self.of_tokens.items()}
        return {**codes, "position_ids": "i", "cu_seqlens": "i"}


def column_types(schema: "pyarrow.Schema") -> dict[str, str]:
    """The types of the columns of a table of windows, as `WindowsInfo.columns` has them.

    Raises:
        UsageError: it is no table of windows.
    """
    return WindowColumns.of(schema).types


def regrouped(tables: "Iterable[pyarrow.Table]", rows: int) -> "Iterator[pyarrow.Table]":
    """The same rows in tables of this number of rows, of which only the last may have fewer; one
    without rows if there are none, for the sake of its columns.

    Raises:
        UsageError: there is no table, or one has other columns than the first.
    """
    arrow = pyarrow_module()
    waiting: list[Any] = []
    schema: Any = None
    held, given = 0, False
    for table in tables:
        if isinstance(table, arrow.RecordBatch):
            table = arrow.Table.from_batches([table])
        table = table.replace_schema_metadata(None)
        if schema is None:
            schema = table.schema
            WindowColumns.of(schema)
        elif table.schema != schema:
            raise UsageError(
                "tables of windows have different columns",
                hint=f"the first has {_described(schema)}, another {_described(table.schema)}",
            )
        waiting.append(table)
        held += len(table)
        while held >= rows:
            joined = arrow.concat_tables(waiting)
            yield joined.slice(0, rows)
            given = True
            waiting, held = [joined.slice(rows)], held - rows
    if schema is None:
        raise UsageError("windows were given as no table", hint="give one without rows")
    if held or not given:
        yield arrow.concat_tables(waiting)


def flat_values(column: Any, name: str) -> Any:
    """The values of all lists of a column, one after the other.

    Raises:
        UsageError: there is a null.
    """
    column = one_chunk(column)
    values = column.flatten()
    if column.null_count or values.null_count:
        raise UsageError(f"column {name!r:.100} of windows has a null")
    return values


def one_chunk(column: Any) -> Any:
    """A column of a table as one array."""
    arrow = pyarrow_module()
    if not isinstance(column, arrow.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def list_lengths(column: Any) -> "array[int]":
    """The number of values in each list of a column."""
    compute = import_extra("pyarrow.compute", _PURPOSE, "parquet")
    return to_array(compute.list_value_length(one_chunk(column)), "q")


def to_array(values: Any, code: str) -> "array[Any]":
    """Numbers of Arrow as an array with elements of 32 or 64 bits: ``i``, ``q``, ``d``.

    Raises:
        FormatError: there is a null, or a number that has more bits.
    """
    made: array[Any] = array(code)
    made.frombytes(raw_bytes(values, {"i": "int32", "q": "int64", "d": "float64"}[code]))
    return made


def raw_bytes(values: Any, kind: str) -> memoryview:
    """The bytes of numbers of Arrow in another type of its.

    Raises:
        FormatError: there is a null, or a number that this type does not have.
    """
    arrow = pyarrow_module()
    if values.null_count:
        raise FormatError("there is a null among numbers")
    wanted = arrow.type_for_alias(kind)
    try:
        values = values.cast(wanted)
    except arrow.ArrowInvalid as error:
        raise FormatError(str(error).partition("\n")[0]) from error
    size = wanted.bit_width // 8
    buffer = values.buffers()[1]
    if not len(values) or buffer is None:
        return memoryview(b"")
    return memoryview(buffer).cast("B")[values.offset * size : (values.offset + len(values)) * size]


def pyarrow_module() -> Any:
    """The package pyarrow.

    Raises:
        MissingExtraError: it is not installed.
    """
    return import_extra("pyarrow", _PURPOSE, "parquet")


def _described(schema: "pyarrow.Schema") -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)
