"""Steps on the DataFrames of an engine that a program uses already: rows in, rows out, no files.

frame.mapInArrow(StepFunction(CountStep()).map_in_arrow, schema)          Spark; `map_spark` does it
dataset.map_batches(StepFunction(CountStep()), batch_format="pyarrow")    Ray Data; `map_ray`
map_daft(frame, CountStep())                                              Daft

A run over files, each row exactly once whatever is lost, is `ctxtools.corpus.run`.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ctxtools.corpus.steps import Step
from ctxtools.errors import UsageError, import_extra

if TYPE_CHECKING:
    import pyarrow

_BATCH = 4096  # rows that Ray Data hands over at once


class StepFunction:
    """A step as a function of Arrow tables, which goes to other processes and machines.

    Args:
        step: what to do.
        signed: make unsigned integers signed ones of as many bits, for Spark, which has no others.
            Token ids are below both limits.

    Raises:
        CtxtoolsError: an option of the step is wrong.
    """

    def __init__(self, step: Step, *, signed: bool = False) -> None:
        step.check()
        self.step, self.signed = step, signed

    def __call__(self, table: "pyarrow.Table") -> "pyarrow.Table":
        """The result of the step.

        Raises:
            CtxtoolsError: as the function of the step, such as `count_table`.
        """
        result = self.step(table)
        if not self.signed:
            return result
        arrow = import_extra("pyarrow", "a table", "parquet")
        fields = [field.with_type(_signed(arrow, field.type)) for field in result.schema]
        return result.cast(arrow.schema(fields))

    def map_in_arrow(self, batches: "Iterable[pyarrow.RecordBatch]") -> "Iterator[Any]":
        """The record batches of results, in order."""
        arrow = import_extra("pyarrow", "a table", "parquet")
        for batch in batches:
            yield from self(arrow.Table.from_batches([batch])).to_batches()

    def schema(self, schema: "pyarrow.Schema") -> "pyarrow.Schema":
        """The schema of results, by that of the tables."""
        return self(schema.empty_table()).schema


def map_spark(frame: Any, step: Step) -> Any:
    """The DataFrame of a step's results, of one of PySpark. Ids are ``array<int>``.

    Raises:
        CtxtoolsError: an option of the step is wrong, or the frame lacks a column.
        MissingExtraError: PySpark is not installed.
    """
    types = import_extra("pyspark.sql.pandas.types", "a DataFrame of Spark", "spark")
    function = StepFunction(step, signed=True)
    schema = function.schema(types.to_arrow_schema(frame.schema))
    return frame.mapInArrow(function.map_in_arrow, types.from_arrow_schema(schema))


def map_ray(dataset: Any, step: Step, *, batch_size: int = _BATCH) -> Any:
    """The Dataset of a step's results, of one of Ray Data.

    Args:
        dataset, step: what to do, and with what.
        batch_size: rows at once.

    Raises:
        CtxtoolsError: an option of the step is wrong.
    """
    return dataset.map_batches(
        StepFunction(step), batch_format="pyarrow", batch_size=batch_size, zero_copy_batch=True
    )


def map_daft(frame: Any, step: Step) -> Any:
    """The DataFrame of a step's results, of one of Daft, whose rows stay as many.

    Args:
        frame: with the columns that the step reads, all of types that Arrow has.
        step: one that keeps rows, such as `CountStep` or `EncodeStep`.

    Raises:
        UsageError: the step makes other rows.
        CtxtoolsError: an option of the step is wrong, or the frame lacks a column.
        MissingExtraError: Daft is not installed.
    """
    daft = import_extra("daft", "a DataFrame of Daft", "daft")
    arrow = import_extra("pyarrow", "a DataFrame of Daft", "parquet")
    if not step.keeps_rows:
        raise UsageError(
            f"step {step.kind!r} makes other rows, which a column of Daft cannot have",
            hint="ctxtools.corpus.run does it with files, on the engine Daft too",
        )
    function = StepFunction(step)
    schema = frame.schema().to_pyarrow_schema()
    made = function.schema(schema)
    names = schema.names

    def results(*columns: Any) -> Any:
        table = arrow.table([column.to_arrow() for column in columns], names=names)
        arrays = [column.combine_chunks() for column in function(table).columns]
        return daft.Series.from_arrow(arrow.StructArray.from_arrays(arrays, fields=[*made]))

    kind = daft.DataType.struct(
        {field.name: daft.DataType.from_arrow_type(field.type) for field in made}
    )
    call = daft.func.batch(return_dtype=kind, unnest=True)(results)
    return frame.select(call(*(daft.col(name) for name in names)))


def _signed(arrow: Any, kind: Any) -> Any:
    """A type with signed integers."""
    types = arrow.types
    if types.is_unsigned_integer(kind):
        return {8: arrow.int8(), 16: arrow.int16(), 32: arrow.int32(), 64: arrow.int64()}[
            kind.bit_width
        ]
    if types.is_large_list(kind) or types.is_list(kind):
        return arrow.list_(_signed(arrow, kind.value_type))
    return kind
