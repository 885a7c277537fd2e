"""Where chunks are written: JSON Lines, Parquet, or a folder of files; completely or not at all."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import IO, Protocol

from ctxtools.atomic import atomic_folder, atomic_write
from ctxtools.chunking import Chunk
from ctxtools.cli.output.chunk_lines import ChunkLines
from ctxtools.documents.filetypes import BY_SUFFIX, file_type, url_path
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import UsageError, import_extra

_MAX_STEM, _MAX_SUFFIX = 160, 16  # bytes; file systems allow 255 for a name


class Sink(Protocol):
    """Takes chunks, in order."""

    def add(self, chunk: Chunk) -> None:
        """Take the next one."""
        ...


def open_sink(output: str | None, keep: Sequence[str] = ()) -> AbstractContextManager[Sink]:
    """Where to write chunks, by the name that the user gave.

    What is written appears under that name only if the block ends without an error.

    Args:
        output: None or "-" for JSON Lines on stdout; a name that ends in ``.parquet``; a folder,
            which exists and is empty or whose name ends in a separator; else a JSON Lines file.
        keep: the names in the metadata of chunks, each of which is a column of Parquet.

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
        return _parquet(output, keep)
    # JSON Lines under the name of another type would be mistaken for that.
    if container != "jsonl" and suffix != "txt" and suffix in BY_SUFFIX:
        raise UsageError(
            f"{output}: chunks are written as JSON Lines or Parquet, not as .{suffix}",
            hint="name a file that ends with .jsonl or .parquet, or a folder (name/)",
        )
    return _json_lines(output)


class _JsonLines:
    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._lines = file, ChunkLines()

    def add(self, chunk: Chunk) -> None:
        self._file.write(self._lines.line(chunk))


@contextmanager
def _printed() -> Iterator[Sink]:
    yield _JsonLines(sys.stdout.buffer)
    sys.stdout.buffer.flush()


@contextmanager
def _json_lines(path: str) -> Iterator[Sink]:
    with atomic_write(path, "wb") as file:
        yield _JsonLines(file)


@contextmanager
def _parquet(path: str, keep: Sequence[str]) -> Iterator[Sink]:
    import_extra("pyarrow.parquet", f"{path}: writing Parquet", "parquet")
    from ctxtools.cli.output.parquet_sink import ParquetSink

    with atomic_write(path, "wb") as file:
        is_file = os.path.isfile(path) or not os.path.exists(path)
        folder = os.path.dirname(os.path.realpath(path)) if is_file else None
        with closing(ParquetSink(file, folder, keep)) as sink:
            yield sink
            sink.finish()


class _Folder:
    def __init__(self, folder: Path, manifest: IO[bytes]) -> None:
        self._folder = folder
        self._manifest, self._lines = manifest, ChunkLines(left_out="text")
        self._number = 0

    def add(self, chunk: Chunk) -> None:
        self._number += 1
        file = f"{self._number:06d}-{_file_name(chunk.source)}"
        (self._folder / file).write_bytes(replace_surrogates(chunk.text).encode())
        self._manifest.write(self._lines.line(chunk, file))


def _file_name(source: str) -> str:
    """The name of a chunk's file: that of the document, shortened for the file system."""
    name = Path(url_path(source)).name or source.replace("/", "_")
    name = _as_file_name(name) if source not in ("", "-") else "stdin.txt"
    stem, ending = os.path.splitext(name)
    if "#" in ending or len(os.fsencode(ending)) > _MAX_SUFFIX:  # a record; no ending at all
        stem, ending = stem + ending, ""
    short = os.fsencode(stem)[:_MAX_STEM].decode(errors="ignore")
    return f"{short}{ending or '.txt'}"


def _as_file_name(name: str) -> str:
    """A name that the system takes; that of a record's source may be any string."""
    name = name.replace("\0", "_")
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return replace_surrogates(name)
    return name


@contextmanager
def _folder(named: Path) -> Iterator[Sink]:
    if named.is_dir() and any(named.iterdir()):
        raise UsageError(f"{named} is a folder that is not empty", hint="name a new one")
    if named.exists() and not named.is_dir():
        raise UsageError(f"{named} is a file, not a folder", hint="name a new folder, or no /")
    with atomic_folder(named) as (folder, manifest):
        yield _Folder(folder, manifest)
