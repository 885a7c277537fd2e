"""Where chunks go: JSON lines, Parquet, or a folder with a file for each; whole or not at all."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from ctxtools.atomic import atomic_write
from ctxtools.chunking import Chunk
from ctxtools.errors import MissingExtraError, UsageError

_FIELDS = Chunk.__slots__
_ROWS = 4096  # of a Parquet row group
_MANIFEST = "chunks.jsonl"


class Sink(Protocol):
    """Takes chunks, in order."""

    def add(self, chunk: Chunk) -> None:
        """Take the next one."""
        ...


def open_sink(output: str | None) -> AbstractContextManager[Sink]:
    """Where chunks are to go, by the name that the user gave.

    What is written appears under that name only when the block ends without an error.

    Args:
        output: None or "-" for JSON lines on stdout; a name that ends in ``.parquet``; a folder,
            which exists and is empty or whose name ends in a separator; else a file of JSON lines.

    Raises:
        UsageError: the folder is not empty.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    if output is None or output == "-":
        return _printed()
    if output.endswith(".parquet"):
        return _parquet(output)
    if output.endswith(("/", os.sep)) or Path(output).is_dir():
        return _folder(Path(output))
    return _json_lines(output)


class _JsonLines:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, chunk: Chunk) -> None:
        self._file.write(_json_line(_row(chunk)))


@contextmanager
def _printed() -> Iterator[Sink]:
    yield _JsonLines(sys.stdout.buffer)
    sys.stdout.buffer.flush()


@contextmanager
def _json_lines(path: str) -> Iterator[Sink]:
    with atomic_write(path, "wb") as file:
        yield _JsonLines(file)


class _Parquet:
    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer = writer
        self._schema = schema
        self._rows: list[dict[str, Any]] = []

    def add(self, chunk: Chunk) -> None:
        self._rows.append(_row(chunk))
        if len(self._rows) == _ROWS:
            self.flush()

    def flush(self) -> None:
        import pyarrow

        self._writer.write_table(pyarrow.Table.from_pylist(self._rows, self._schema))
        self._rows.clear()


@contextmanager
def _parquet(path: str) -> Iterator[Sink]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError(
            f"{path}: writing Parquet needs pyarrow", hint='pip install "ctxtools[parquet]"'
        ) from error
    types = {
        **dict.fromkeys(_FIELDS, pyarrow.int64()),
        **dict.fromkeys(("id", "text", "header", "kind", "parent_id", "source"), pyarrow.string()),
        "headings": pyarrow.list_(pyarrow.string()),
    }
    schema = pyarrow.schema(list(types.items()))
    with (
        atomic_write(path, "wb") as file,
        pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        sink = _Parquet(writer, schema)
        yield sink
        sink.flush()


class _Folder:
    def __init__(self, folder: Path, manifest: IO[bytes]) -> None:
        self._folder = folder
        self._manifest = manifest
        self._number = 0

    def add(self, chunk: Chunk) -> None:
        self._number += 1
        name = Path(chunk.source).name if chunk.source not in ("", "-") else "stdin.txt"
        stem, ending = os.path.splitext(name)
        file = f"{self._number:06d}-{stem}{ending or '.txt'}"
        (self._folder / file).write_bytes(chunk.text.encode("utf-8", "replace"))
        row = _row(chunk)
        del row["text"]
        self._manifest.write(_json_line({"file": file} | row))


@contextmanager
def _folder(folder: Path) -> Iterator[Sink]:
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is a folder with files in it", hint="name a new one")
    folder = folder.absolute()
    temporary = folder.with_name(f".{folder.name}.{os.urandom(4).hex()}.tmp")
    temporary.mkdir()
    try:
        with (temporary / _MANIFEST).open("wb") as manifest:
            yield _Folder(temporary, manifest)
        temporary.replace(folder)  # over an empty folder, which POSIX allows
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _row(chunk: Chunk) -> dict[str, Any]:
    row = {name: getattr(chunk, name) for name in _FIELDS}
    row["headings"] = list(chunk.headings)
    return row


def _json_line(row: dict[str, Any]) -> bytes:
    line = json.dumps(row, ensure_ascii=False)
    try:
        return f"{line}\n".encode()
    except UnicodeEncodeError:  # the name of a file may hold bytes that are no text
        return f"{json.dumps(row)}\n".encode()
