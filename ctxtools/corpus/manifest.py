"""The manifest of an output folder: which parts there are, of which inputs, with their digests.

FOLDER/<part>.parquet             the rows of a unit
FOLDER/_parts/<part>.parquet      the histogram of its lengths
FOLDER/_parts/<part>.json         its entry, written after them: from then on the part is done
FOLDER/_manifest.json             all entries in the order of the inputs, and their totals: the run
                                  is complete

Names that start with ``_`` are no data to Spark, Daft, DuckDB and the like.
"""

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from ctxtools.atomic import atomic_write, naming, remove_left
from ctxtools.corpus.locks import claimed
from ctxtools.errors import ConfigError, FormatError, ReadError

PARTS = "_parts"
MANIFEST = "_manifest.json"
_BLOCK = 1 << 20
_PART = re.compile(r"(?:\d{6,}-)?[0-9a-f]{24}\..+")  # a file of a part


class WrittenFile(NamedTuple):
    """A file of a folder.

    Attributes:
        name: its path in the folder, with ``/``.
        bytes: its size.
        digest: its SHA-256.
    """

    name: str
    bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a part that is done.

    Attributes:
        part: its name, without an ending.
        input: the path or URI of its input.
        row_groups: those of the input that it has; None for all.
        rows_in, rows_out: the rows of the input, and those that were written.
        nulls: rows without a text.
        tokens: of all rows.
        files: those that it has, the rows first.
        counts: what else a step counts, by name.
        bad_records: rows of the input that could not be read, and were passed over.
        first_bad: what is wrong with the first of them, each in a line.
    """

    part: str
    input: str
    row_groups: tuple[int, int] | None
    rows_in: int
    rows_out: int
    nulls: int
    tokens: int
    files: tuple[WrittenFile, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    bad_records: int = 0
    first_bad: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """The size of its files."""
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A complete run.

    Attributes:
        step: what was done, as an object of JSON.
        version: of ctxtools.
        entries: of the parts, in the order of the inputs.
        files: others that belong to it.
        folders: of complete runs, that belong to it.
        facts: of all parts, for JSON.
    """

    step: Mapping[str, Any]
    version: str
    entries: tuple[Entry, ...]
    files: tuple[WrittenFile, ...] = ()
    folders: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def totals(self) -> dict[str, int]:
        """The sums of all parts."""
        names = ("rows_in", "rows_out", "nulls", "bad_records", "tokens", "bytes")
        return {name: sum(getattr(entry, name) for entry in self.entries) for name in names}

    def save(self, folder: Path) -> None:
        """Write it, completely or not at all."""
        values = {
            "step": self.step,
            "version": self.version,
            "parts": len(self.entries),
            "totals": self.totals(),
            "facts": self.facts,
            "files": self.files,
            "folders": self.folders,
            "entries": [asdict(entry) for entry in self.entries],
        }
        with atomic_write(folder / MANIFEST) as file:
            file.write(json.dumps(values, indent=1) + "\n")


def load_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """The manifest of a folder.

    Raises:
        ReadError: there is none: the run is not complete, or this is another folder, or none.
        FormatError: it is damaged.
    """
    path = Path(folder) / MANIFEST
    if not path.parent.exists():
        hint = "name the folder that a run was given as its output"
        raise ReadError(f"{path.parent}: no such folder", hint=hint)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        entries = tuple(entry_from_json(each) for each in values["entries"])
        files = tuple(WrittenFile(*each) for each in values["files"])
        folders, facts = tuple(map(str, values["folders"])), values["facts"]
        return Manifest(values["step"], values["version"], entries, files, folders, facts)
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


def load_entry(folder: Path, part: str, *, bad_records: bool = True) -> Entry | None:
    """The entry of a part, if it is done and its files are there, as large as they were.

    Args:
        folder, part: where, and its name.
        bad_records: whether bad records may have been passed over.
    """
    try:
        entry = entry_from_json(
            json.loads((folder / PARTS / f"{part}.json").read_text(encoding="utf-8"))
        )
        are_there = all((folder / f.name).stat().st_size == f.bytes for f in entry.files)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if entry.bad_records and not bad_records:
        return None
    return entry if are_there and entry.part == part else None


def inputs_of_parts(folder: Path) -> Iterator[str]:
    """The input of each part that is done, by its entry."""
    for path in (folder / PARTS).glob("*.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            yield entry_from_json(json.loads(path.read_text(encoding="utf-8"))).input


def check_inputs(folder: Path, earlier: Iterable[str], named: Collection[str]) -> None:
    """Refuse to replace a run by one over quite other inputs.

    Args:
        folder: of the run.
        earlier: the inputs of the parts that it has.
        named: those that are named now.

    Raises:
        ConfigError: there are parts, and of none of these inputs.
    """
    first = None
    for each in earlier:
        if each in named:
            return
        first = first or each
    if first is not None:
        raise ConfigError(
            f"{folder}: has the parts of other inputs, such as {first}, none of which is named now",
            hint="name another folder, or remove this one",
        )


def written(folder: Path, *paths: Path) -> tuple[WrittenFile, ...]:
    """What is known of files of a folder."""
    return tuple(
        WrittenFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest_of(path))
        for path in paths
    )


def remove_others(folder: Path, entries: Iterable[Entry]) -> int:
    """Remove the parts of earlier inputs, with or without an entry; how many had one.

    And what workers that were lost have left.
    """
    remove_left(folder)
    remove_left(folder / PARTS)
    kept: set[str] = set()
    for entry in entries:
        kept.update((f"{PARTS}/{entry.part}.json", *(file.name for file in entry.files)))
    removed = 0
    for path in sorted([*folder.iterdir(), *(folder / PARTS).iterdir()]):
        name = path.relative_to(folder).as_posix()
        if _PART.fullmatch(path.name) and name not in kept:
            removed += path.suffix == ".json"
            path.unlink()
    return removed


def output_folder(folder: str | os.PathLike[str]) -> Path:
    """The folder of a run.

    Raises:
        ConfigError: it is a URI: files are renamed when they are complete, and locked meanwhile,
            which object stores do not do.
    """
    name = os.fspath(folder)
    if "://" in name:
        raise ConfigError(
            f"{name}: cannot be written, only read",
            hint="name a folder that all workers see, and copy it when the run is complete",
        )
    return Path(name)


@contextmanager
def claim_folder(folder: Path, step: Mapping[str, Any]) -> Iterator[None]:
    """Make a folder for the parts of a run, which is the only one in it meanwhile.

    A folder without a finished part takes any options.

    Raises:
        ConfigError: it has other files, or finished parts of a run with other options, or there is
            another run in it.
        OSError: it cannot be written.
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
        if note.read_bytes() != wanted.encode():
            if (folder / MANIFEST).exists() or any(parts.glob("*.json")):
                raise ConfigError(
                    f"{folder}: has the parts of a run with other options",
                    hint="name another folder, or remove this one",
                )
            # In the file itself, which is locked. If this stops halfway, the next run writes it.
            with naming(note):
                note.write_bytes(wanted.encode())
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
        is_rewritten: the same run writes the file again, once it is removed.
    """

    path: str
    reason: str
    is_rewritten: bool = True


def verify(folder: str | os.PathLike[str]) -> list[Problem]:
    """What is wrong with the files of a complete run: nothing, if the list is empty.

    Reads every file, and compares digests and rows with the manifest.

    Raises:
        ReadError, FormatError: as `load_manifest`.
    """
    root, manifest = Path(folder), load_manifest(folder)
    problems: list[Problem] = []
    wanted = {MANIFEST, PARTS}
    rows = {
        entry.files[0].name: entry.rows_out
        for entry in manifest.entries
        if entry.files[0].name.endswith(".parquet")
    }
    files = [file for entry in manifest.entries for file in entry.files]
    for file in (*files, *manifest.files):
        wanted.add(file.name)
        path = root / file.name
        try:
            if digest_of(path) != file.digest:
                problems.append(Problem(str(path), "its content is not what was written"))
            elif (found := _rows_of(path)) != rows.get(file.name, found):
                reason = f"{found:,} rows, not {rows[file.name]:,}"
                problems.append(Problem(str(path), reason))
        except OSError:
            problems.append(Problem(str(path), "missing, or cannot be read"))
    for name in manifest.folders:
        wanted.add(name)
        try:
            problems += verify(root / name)
        except (ReadError, FormatError) as error:
            problems.append(Problem(str(root / name), error.message))
    for path in sorted(root.iterdir()):
        if path.name not in wanted:
            problems.append(Problem(str(path), "not in the manifest", is_rewritten=False))
    return problems


def _rows_of(path: Path) -> int:
    """The rows of a Parquet file; 0 of others."""
    from pyarrow import parquet

    rows: int = parquet.read_metadata(path).num_rows if path.suffix == ".parquet" else 0
    return rows


def entry_from_json(values: Mapping[str, Any]) -> Entry:
    """The entry of an object of JSON.

    Raises:
        KeyError, TypeError: it is none.
    """
    groups = values["row_groups"]
    changed = {
        "row_groups": None if groups is None else tuple(groups),
        "first_bad": tuple(values["first_bad"]),
        "files": tuple(WrittenFile(*each) for each in values["files"]),
    }
    return Entry(**{**values, **changed})
