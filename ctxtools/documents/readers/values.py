"""JSON values: of a file, of the lines of JSONL, and of the rows of a column of Parquet."""

import json
from collections.abc import Iterator
from typing import Any

from ctxtools.documents.filetypes import file_type, uncompressed_name
from ctxtools.documents.read import Reader
from ctxtools.errors import FormatError

_ROWS = 256  # of Parquet, at once


def read_values(reader: Reader) -> Iterator[tuple[int | None, Any]]:
    """The values with their lines or rows, from 1; None of a file that is one value.

    Records that are broken are passed over where the options of the reader say so.

    Raises:
        FormatError: the file, or a line, is not JSON; or the column cannot be read.
        MissingExtraError: it is Parquet, and pyarrow is not installed.
    """
    path, options = reader.file.path, reader.options
    if reader.container == "parquet":
        from ctxtools.documents.readers.parquet import read_arrays

        row = 0
        with reader.parquet() as stream:
            column = options.column or "messages"
            for array in read_arrays(path, stream, column, integers=_ROWS, others=_ROWS):
                for value in array.to_pylist():
                    row += 1
                    yield row, value
    elif file_type(uncompressed_name(path)).format == "jsonl" or options.field is not None:
        from ctxtools.documents.readers.jsonl import read_values as read_lines

        any_good = False
        for each in read_lines(path, reader.blocks(), options.field, reader.bad):
            any_good = True
            yield each
        reader.bad.finish(any_good=any_good)
    else:
        yield None, parse_json("".join(reader.blocks()), path)


def parse_json(text: str, path: str) -> Any:
    """The value of a JSON text.

    Raises:
        FormatError: it is none; the message has line and column.
    """
    try:
        return json.loads(text)
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as error:
        reason = str(error)
    raise FormatError(
        f"{path}: not JSON ({reason})",
        hint="a conversation is JSON, such as the body of a request; JSONL is named .jsonl",
    )
