"""The manifest of an output folder: which parts there are, of which inputs, with their digests.

FOLDER/<part>.parquet             the rows of a unit
FOLDER/_parts/<part>.json         its entry, written after it: from then on the part is done
FOLDER/_parts/<part>.parquet      the histogram of its lengths
FOLDER/_manifest.json             all entries in the order of the inputs, and their totals: the run
                                  is complete

Names that start with ``_`` are no data to Spark, Daft, DuckDB and the like.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from ctxtools.atomic import atomic_write, remove_left
from ctxtools.corpus.locks import claimed
from ctxtools.errors import ConfigError, FormatError, ReadError

PARTS = "_parts"
MANIFEST = "_manifest.json"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a part that is done.

    Attributes:
        part: its name, without an ending.
        input: the path or URI of its input.
        row_groups: those of the input that it has; None for all.
        rows_in, rows_out: the rows that were read, and written.
        nulls: rows without a text.
        tokens: of all rows.
        bytes: the size of its file.
        digest: the SHA-256 of its file.
        lengths: that of its histogram.
    """

    part: str
    input: str
    row_groups: tuple[int, int] | None
    rows_in: int
    rows_out: int
    nulls: int
    tokens: int
    bytes: int
    digest: str
    lengths: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A complete run.

    Attributes:
        step: what was done, as an object of JSON.
        version: of ctxtools.
        entries: of the parts, in the order of the inputs.
    """

    step: Mapping[str, Any]
    version: str
    entries: tuple[Entry, ...]

    def totals(self) -> dict[str, int]:
        """The sums of all parts."""
        names = ("rows_in", "rows_out", "nulls", "tokens", "bytes")
        return {name: sum(getattr(entry, name) for entry in self.entries) for name in names}

    def save(self, folder: Path) -> None:
        """Write it, completely or not at all."""
        values = {
            "step": self.step,
            "version": self.version,
            "parts": len(self.entries),
            "totals": self.totals(),
            "entries": [asdict(entry) for entry in self.entries],
        }
        with atomic_write(folder / MANIFEST) as file:
            file.write(json.dumps(values, indent=1) + "\n")


def load_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """The manifest of a folder.

    Raises:
        ReadError: there is none: the run is not complete, or this is another folder.
        FormatError: it is damaged.
    """
    path = Path(folder) / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        entries = tuple(entry_from_json(each) for each in values["entries"])
        return Manifest(values["step"], values["version"], entries)
    except OSError as error:
        raise ReadError(
            f"{path}: no manifest", hint="run the same command again, which completes the folder"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{path}: not a manifest ({error})") from error


def save_entry(folder: Path, entry: Entry) -> None:
    """Enter a part that is done."""
    with atomic_write(folder / PARTS / f"{entry.part}.json") as file:
        file.write(json.dumps(asdict(entry)) + "\n")


def load_entry(folder: Path, part: str) -> Entry | None:
    """The entry of a part, if it is done and its files are there, as large as they were."""
    try:
        entry = entry_from_json(
            json.loads((folder / PARTS / f"{part}.json").read_text(encoding="utf-8"))
        )
        is_there = (folder / f"{part}.parquet").stat().st_size == entry.bytes
        has_lengths = (folder / PARTS / f"{part}.parquet").exists()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return entry if is_there and has_lengths and entry.part == part else None


def remove_others(folder: Path, parts: Iterable[str]) -> int:
    """Remove the parts of earlier inputs, which an entry names; how many there were."""
    kept, removed = set(parts), 0
    for path in sorted((folder / PARTS).glob("*.json")):
        if path.stem not in kept:
            for old in (folder / f"{path.stem}.parquet", path.with_suffix(".parquet"), path):
                with suppress(FileNotFoundError):
                    old.unlink()
            removed += 1
    return removed


@contextmanager
def claim_folder(folder: Path, step: Mapping[str, Any]) -> Iterator[None]:
    """Make a folder for the parts of a run, which is the only one in it meanwhile.

    Raises:
        ConfigError: it has other files, or those of a run with other options, or there is another
            run in it.
    """
    parts = folder / PARTS
    if not parts.is_dir() and folder.is_dir() and any(folder.iterdir()):
        raise ConfigError(f"{folder}: is not empty", hint="name a new or an empty folder")
    parts.mkdir(parents=True, exist_ok=True)
    note, wanted = parts / "step", json.dumps(step, sort_keys=True)
    if not note.exists():
        with atomic_write(note) as file:
            file.write(wanted)
    with claimed(note, parts):
        if note.read_text(encoding="utf-8") != wanted:
            raise ConfigError(
                f"{folder}: has the parts of a run with other options",
                hint="name another folder, or remove this one",
            )
        remove_left(folder)
        remove_left(parts)
        yield


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a folder.

    Attributes:
        path: of the file.
        reason: a phrase.
    """

    path: str
    reason: str


def verify(folder: str | os.PathLike[str]) -> list[Problem]:
    """What is wrong with the files of a complete run: nothing, if the list is empty.

    Reads every file, and compares digests, rows and totals with the manifest.

    Raises:
        ReadError, FormatError: as `load_manifest`.
    """
    from pyarrow import parquet

    root, manifest = Path(folder), load_manifest(folder)
    problems: list[Problem] = []
    wanted = {MANIFEST, PARTS}
    for entry in manifest.entries:
        path, lengths = root / f"{entry.part}.parquet", root / PARTS / f"{entry.part}.parquet"
        wanted.add(path.name)
        try:
            if digest_of(path) != entry.digest:
                problems.append(Problem(str(path), "its content is not what was written"))
            elif (rows := parquet.read_metadata(path).num_rows) != entry.rows_out:
                problems.append(Problem(str(path), f"{rows:,} rows, not {entry.rows_out:,}"))
            if digest_of(lengths) != entry.lengths:
                problems.append(Problem(str(lengths), "its content is not what was written"))
        except OSError as error:
            problems.append(Problem(str(error.filename or path), "missing, or cannot be read"))
    for path in sorted(root.iterdir()):
        if path.name not in wanted:
            problems.append(Problem(str(path), "not in the manifest"))
    return problems


def entry_from_json(values: Mapping[str, Any]) -> Entry:
    """The entry of an object of JSON.

    Raises:
        KeyError, TypeError: it is none.
    """
    names = [each.name for each in fields(Entry)]
    groups = values["row_groups"]
    return Entry(
        **{
            **{name: values[name] for name in names},
            "row_groups": None if groups is None else tuple(groups),
        }
    )
