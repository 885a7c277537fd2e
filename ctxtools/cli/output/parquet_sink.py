"""Chunks as a Parquet file."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from typing import IO, Any

from ctxtools.chunking import Chunk
from ctxtools.chunking.integrations.arrow import chunk_schema, chunks_to_table
from ctxtools.chunking.integrations.metadata_columns import UnfitError, fitted, unified
from ctxtools.errors import import_extra

_ROWS = 4096  # of a row group


class ParquetSink:
    """Writes chunks as row groups.

    The types of columns of metadata are known from the first row group, and later ones may need
    others: strings, where so far all values were null. Then what was written is written again. So
    that it can be read, it is in a file without a name until the end if there are such columns.

    Args:
        file: to write to.
        folder: for a file of that size; None for that of temporary files.
        keep: the names of metadata, each of which has a column.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, file: IO[bytes], folder: str | None, keep: Sequence[str]) -> None:
        self._parquet = import_extra("pyarrow.parquet", "writing Parquet", "parquet")
        self._file, self._folder, self._keep = file, folder, keep
        self._stream = self._new_stream() if keep else file
        self._schema = chunk_schema()
        self._writer: Any = None
        self._rows: list[Chunk] = []

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        self._rows.append(chunk)
        if len(self._rows) == _ROWS:
            self._flush()

    def finish(self) -> None:
        """Write what remains, and end the file."""
        if self._rows or self._writer is None:
            self._flush()
        self._writer.close()
        if self._stream is not self._file:
            self._stream.seek(0)
            shutil.copyfileobj(self._stream, self._file, 1 << 20)

    def close(self) -> None:
        """Free what is held, finished or not."""
        if self._writer is not None:
            self._writer.close()
        if self._stream is not self._file:
            self._stream.close()

    def _flush(self) -> None:
        table = chunks_to_table(self._rows, metadata=self._keep)
        self._rows.clear()
        if self._writer is None:
            self._schema = table.schema
            self._writer = self._writer_to(self._stream, self._schema)
        elif table.schema != self._schema:
            table = self._widened(table)
        self._writer.write_table(table)

    def _widened(self, table: Any) -> Any:
        """A table with the types of the file, once that has types for both."""
        schema = unified(self._schema, table.schema)
        while True:
            try:
                table_of_file = fitted(table, schema)
                if schema != self._schema:
                    self._rewrite(schema)
                return table_of_file
            except UnfitError as error:
                schema = error.mended(schema)

    def _rewrite(self, schema: Any) -> None:
        self._writer.close()
        with ExitStack() as undo:
            stream = undo.enter_context(self._new_stream())
            writer = undo.enter_context(self._writer_to(stream, schema))
            file = self._parquet.ParquetFile(self._stream)
            for number in range(file.num_row_groups):
                writer.write_table(fitted(file.read_row_group(number), schema))
            undo.pop_all()
        self._stream.close()
        self._stream, self._schema, self._writer = stream, schema, writer

    def _writer_to(self, stream: IO[bytes], schema: Any) -> Any:
        return self._parquet.ParquetWriter(stream, schema, compression="zstd")

    def _new_stream(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._folder)
