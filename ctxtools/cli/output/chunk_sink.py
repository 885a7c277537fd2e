"""Where chunks are written: JSON Lines, Parquet, or a folder of files; completely or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from ctxtools.atomic import atomic_folder, atomic_write
from ctxtools.chunking import Chunk
from ctxtools.cli.output.console import json_text
from ctxtools.documents.filetypes import BY_SUFFIX, file_type
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import UsageError, import_extra

_FIELDS = Chunk.__slots__
_ROWS = 4096  # of a Parquet row group
_MAX_STEM, _MAX_SUFFIX = 160, 16  # bytes; file systems allow 255 for a name


class Sink(Protocol):
    """Takes chunks, in order."""

    def add(self, chunk: Chunk) -> None:
        """Take the next one."""
        ...


def open_sink(output: str | None) -> AbstractContextManager[Sink]:
    """Where to write chunks, by the name that the user gave.

    What is written appears under that name only if the block ends without an error.

    Args:
        output: None or "-" for JSON Lines on stdout; a name that ends in ``.parquet``; a folder,
            which exists and is empty or whose name ends in a separator; else a JSON Lines file.

    Raises:
        UsageError: the folder is not empty or is a file, or the name is that of another file type.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    if output is None or output == "-":
        return _printed()
    if output.endswith(("/", os.sep)) or Path(output).is_dir():
        return _folder(Path(output))
    suffix = Path(output).suffix.lower().removeprefix(".")
    if (container := file_type(output).container) == "parquet":
        return _parquet(output)
    # JSON Lines under the name of another type would be mistaken for that.
    if container != "jsonl" and suffix != "txt" and suffix in BY_SUFFIX:
        raise UsageError(
            f"{output}: chunks are written as JSON Lines or Parquet, not as .{suffix}",
            hint="name a file that ends with .jsonl or .parquet, or a folder (name/)",
        )
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
    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._rows: list[Chunk] = []

    def add(self, chunk: Chunk) -> None:
        self._rows.append(chunk)
        if len(self._rows) == _ROWS:
            self.flush()

    def flush(self) -> None:
        from ctxtools.chunking.integrations.arrow import chunks_to_table

        self._writer.write_table(chunks_to_table(self._rows))
        self._rows.clear()


@contextmanager
def _parquet(path: str) -> Iterator[Sink]:
    parquet = import_extra("pyarrow.parquet", f"{path}: writing Parquet", "parquet")
    from ctxtools.chunking.integrations.arrow import chunk_schema

    with (
        atomic_write(path, "wb") as file,
        parquet.ParquetWriter(file, chunk_schema(), compression="zstd") as writer,
    ):
        sink = _Parquet(writer)
        yield sink
        sink.flush()


class _Folder:
    def __init__(self, folder: Path, manifest: IO[bytes]) -> None:
        self._folder = folder
        self._manifest = manifest
        self._number = 0

    def add(self, chunk: Chunk) -> None:
        self._number += 1
        file = f"{self._number:06d}-{_file_name(chunk.source)}"
        (self._folder / file).write_bytes(replace_surrogates(chunk.text).encode())
        row = _row(chunk)
        del row["text"]
        self._manifest.write(_json_line({"file": file} | row))


def _file_name(source: str) -> str:
    """The name of a chunk's file: that of the document, shortened for the file system."""
    stem, ending = os.path.splitext(Path(source).name if source not in ("", "-") else "stdin.txt")
    if "#" in ending or len(os.fsencode(ending)) > _MAX_SUFFIX:  # a record; no ending at all
        stem, ending = stem + ending, ""
    short = os.fsencode(stem)[:_MAX_STEM].decode(errors="ignore")
    return f"{short}{ending or '.txt'}"


@contextmanager
def _folder(named: Path) -> Iterator[Sink]:
    if named.is_dir() and any(named.iterdir()):
        raise UsageError(f"{named} is a folder that is not empty", hint="name a new one")
    if named.exists() and not named.is_dir():
        raise UsageError(f"{named} is a file, not a folder", hint="name a new folder, or no /")
    with atomic_folder(named) as (folder, manifest):
        yield _Folder(folder, manifest)


def _row(chunk: Chunk) -> dict[str, Any]:
    row = {name: getattr(chunk, name) for name in _FIELDS}
    row["headings"] = list(chunk.headings)
    return row


def _json_line(row: dict[str, Any]) -> bytes:
    return f"{json_text(row)}\n".encode()
