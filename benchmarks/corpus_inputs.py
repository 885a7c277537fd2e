"""Texts in Parquet, as a corpus has them, for ``benchmarks.corpus``."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from ctxtools.atomic import atomic_write
from ctxtools.bench.corpora import corpus_blocks

FILES = 16
_DOCUMENT = 3000  # characters of a document, in the mean
_ROW_GROUP = 4096


def write_inputs(folder: Path, size: int) -> Path:
    """A folder of so many bytes of text in `FILES` files, with an ``id``; it is made once."""
    found = folder / f"corpus-{size}"
    found.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        path = found / f"{number:02}.parquet"
        if not path.exists():
            texts = [*_documents(number, size // FILES)]
            ids = [f"{number}-{row}" for row in range(len(texts))]
            table = pa.table({"id": ids, "text": texts})
            with atomic_write(path, "wb") as file:
                parquet.write_table(table, file, row_group_size=_ROW_GROUP)
    return found


def text_bytes(folder: Path) -> int:
    """The bytes of text of a folder."""
    columns = (parquet.read_table(path, columns=["text"]) for path in sorted(folder.iterdir()))
    return sum(pa.compute.sum(pa.compute.binary_length(each["text"])).as_py() for each in columns)


def first_rows(inputs: Path, folder: Path, size: int, files: int) -> Path:
    """The first rows of some files, about so many bytes of text in all."""
    folder.mkdir(parents=True)
    for path in sorted(inputs.iterdir())[:files]:
        table = parquet.read_table(path)
        rows = max(1, size // files // _DOCUMENT)
        parquet.write_table(table.slice(0, rows), folder / path.name, row_group_size=_ROW_GROUP)
    return folder


def _documents(seed: int, size: int) -> Iterator[str]:
    """Blocks of the mixed corpus, joined to documents of several lengths."""
    waiting: list[str] = []
    characters = documents = written = 0
    for block in corpus_blocks("mixed", seed):
        waiting.append(block)
        characters += len(block)
        if characters < _DOCUMENT * (1 + documents % 4) / 2.5:
            continue
        text = "".join(waiting)
        yield text
        written += len(text.encode())
        documents += 1
        waiting, characters = [], 0
        if written >= size:
            return
