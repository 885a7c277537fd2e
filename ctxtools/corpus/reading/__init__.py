"""The tables of an input: a few megabytes of its rows at a time, whatever its size."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from ctxtools.corpus.inputs import open_filesystem
from ctxtools.corpus.reading.arrow import read_arrow
from ctxtools.corpus.reading.documents import read_documents
from ctxtools.corpus.reading.jsonl import read_jsonl
from ctxtools.corpus.reading.parquet import read_parquet, row_groups
from ctxtools.corpus.reading.request import Request
from ctxtools.corpus.reading.separated import read_separated
from ctxtools.corpus.units import Unit
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.errors import CtxtoolsError, FormatError, ReadError, import_extra

__all__ = ["read_tables", "row_groups"]

_READERS = {
    "parquet": read_parquet,
    "arrow": read_arrow,
    "csv": read_separated,
    "tsv": read_separated,
    "jsonl": read_jsonl,
    "document": read_documents,
}


def read_tables(
    unit: Unit,
    columns: Sequence[str] | None = None,
    *,
    text: str | None = None,
    bad: BadRecords | None = None,
) -> Iterator[Any]:
    """The rows of a unit as pyarrow Tables, in order.

    Args:
        unit: a file, or some row groups of one.
        columns: those to read; None for all. A field that a line of JSON lacks is null, as long as
            another line has it.
        text: the column of texts: strings, also where all of them look like dates.
        bad: takes the records that cannot be read; by default the first is an error. A record is a
            line of JSON, a record of CSV, or a row with a text that is not UTF-8; of a row group of
            Parquet that is corrupt, each row.

    Raises:
        ReadError: the file is missing or cannot be read.
        FormatError: it is corrupt, or a record is bad.
        UsageError: it lacks a column.
    """
    uri = unit.input.uri
    request = Request(unit, columns, text, bad or BadRecords(uri))
    filesystem, path, *_ = open_filesystem(uri)
    try:
        with ExitStack() as stack:
            if unit.input.format == "parquet" or (
                unit.input.format == "arrow" and not unit.input.compression
            ):
                stream = stack.enter_context(filesystem.open_input_file(path))
            else:
                compression = unit.input.compression or None
                opened = filesystem.open_input_stream(path, compression=compression)
                stream = stack.enter_context(opened)
            yield from _READERS[unit.input.format](stream, request)
    except CtxtoolsError:
        raise
    except OSError as error:
        raise ReadError(f"{uri}: {error}") from error
    except Exception as error:
        arrow = import_extra("pyarrow", "a corpus", "parquet")
        if not isinstance(error, arrow.ArrowException | ValueError | EOFError):
            raise
        reason = str(error).partition("\n")[0]
        raise FormatError(
            f"{unit}: {reason}", hint="the file may be truncated or of another format"
        ) from error
