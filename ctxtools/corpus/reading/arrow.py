"""Arrow IPC, as a file or a stream."""

from collections.abc import Iterator
from typing import Any

from ctxtools.corpus.reading.request import ROWS, Request
from ctxtools.errors import import_extra


def read_arrow(stream: Any, request: Request) -> Iterator[Any]:
    """The rows of a file; see `ctxtools.corpus.reading.read_tables`."""
    arrow = import_extra("pyarrow", "reading Arrow", "parquet")
    ipc = import_extra("pyarrow.ipc", "reading Arrow", "parquet")
    try:
        file = ipc.open_file(stream)
        batches = (file.get_batch(i) for i in range(file.num_record_batches))
        schema = file.schema
    except (arrow.ArrowInvalid, OSError, AttributeError):
        if not request.unit.input.compression:
            stream.seek(0)
        file = ipc.open_stream(stream)
        batches, schema = iter(file), file.schema
    names = request.selected(schema.names)
    yield schema.empty_table().select(names)
    for batch in batches:
        for start in range(0, len(batch), ROWS):
            rows = batch.slice(start, ROWS)
            rows.validate(full=True)
            yield arrow.Table.from_batches([rows]).select(names)
