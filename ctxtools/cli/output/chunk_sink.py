"""Where chunks go: JSON lines, Parquet, or a folder with a file for each; whole or not at all."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from ctxtools.atomic import atomic_write, naming, temporary_beside
from ctxtools.chunking import Chunk
from ctxtools.cli.output.console import json_text
from ctxtools.documents.filetypes import BY_SUFFIX, file_type
from ctxtools.encodings.surrogates import replace_surrogates
from ctxtools.errors import UsageError, missing_extra

_FIELDS = Chunk.__slots__
_ROWS = 4096  # of a Parquet row group
_MANIFEST = "chunks.jsonl"
_LONGEST_STEM, _LONGEST_ENDING = 160, 16  # in bytes, of which a file's name has at most 255


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
        UsageError: the folder is not empty, or is a file; or the name is that of another format.
        MissingExtraError: Parquet, and pyarrow is not installed.
    """
    if output is None or output == "-":
        return _printed()
    if output.endswith(("/", os.sep)) or Path(output).is_dir():
        return _folder(Path(output))
    suffix = Path(output).suffix.lower().removeprefix(".")
    if (container := file_type(output).container) == "parquet":
        return _parquet(output)
    # Under a name of another type JSON lines would be taken for that.
    if container != "jsonl" and suffix != "txt" and suffix in BY_SUFFIX:
        raise UsageError(
            f"{output}: chunks are written as JSON lines or Parquet, not as .{suffix}",
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
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise missing_extra(f"{path}: writing Parquet", "pyarrow", "parquet") from error
    from ctxtools.chunking.integrations.arrow import chunk_schema

    with (
        atomic_write(path, "wb") as file,
        pyarrow.parquet.ParquetWriter(file, chunk_schema(), compression="zstd") as writer,
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
    """What to name a part of a document by: its own name, and never too long for a file system."""
    stem, ending = os.path.splitext(Path(source).name if source not in ("", "-") else "stdin.txt")
    if "#" in ending or len(os.fsencode(ending)) > _LONGEST_ENDING:  # a record; no ending at all
        stem, ending = stem + ending, ""
    short = os.fsencode(stem)[:_LONGEST_STEM].decode(errors="ignore")
    return f"{short}{ending or '.txt'}"


@contextmanager
def _folder(named: Path) -> Iterator[Sink]:
    if named.is_dir() and any(named.iterdir()):
        raise UsageError(f"{named} is a folder with files in it", hint="name a new one")
    if named.exists() and not named.is_dir():
        raise UsageError(f"{named} is a file, not a folder", hint="name a new folder, or no /")
    folder = named.absolute()
    temporary = temporary_beside(folder)
    with naming(named, temporary):
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
    return f"{json_text(row)}\n".encode()
