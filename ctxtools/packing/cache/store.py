"""The file of the cache: rows of bytes by key, in SQLite, which several runs may use at once.

Whatever is wrong with it costs time alone: where it is damaged it is written anew, and where it
cannot be read or written, or another run holds it, there is no cache.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import time

from ctxtools.packing.cache.folder import FILE

MAX_BYTES = 128 << 20  # of the file
_MAX_ROW = 1 << 20  # bytes; a longer one is not kept
_VERSION = 1  # of the table
_PATIENCE = 0.25  # seconds to wait for another run
_AT_ONCE = 500  # keys of a query
_CHECK = 8  # bytes of a value's checksum
_DAY = 86_400  # seconds
_TABLE = "CREATE TABLE rows (key BLOB PRIMARY KEY, used INTEGER NOT NULL, value BLOB NOT NULL)"


class Store:
    """The rows.

    Args:
        folder: where the file is; it is made when something is written.
        max_bytes: of the file. Beyond it, what was not used for the longest time is removed.
    """

    def __init__(self, folder: str | os.PathLike[str], max_bytes: int = MAX_BYTES) -> None:
        self._path = Path(folder, FILE)
        self._max_bytes = max_bytes
        self._today = int(time()) // _DAY
        self._stale: list[bytes] = []  # keys that were read, and not used before today

    def read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that have one."""
        found: dict[bytes, bytes] = {}
        if not os.path.isfile(self._path):
            return found
        with suppress(sqlite3.Error, OSError, ValueError), self._open() as file:
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, used, value FROM rows WHERE key IN ({marks})"
                for key, used, checked in file.execute(query, some):
                    value = _unchecked(checked)
                    if value is not None and isinstance(key, bytes):
                        found[key] = value
                        if used != self._today:
                            self._stale.append(key)
        return found

    def write(self, rows: Mapping[bytes, bytes]) -> None:
        """Keep rows, in place of those of the same keys, and that those read were used today."""
        if not rows and not self._stale:
            return
        try:
            self._write(rows)
        except (sqlite3.OperationalError, OSError, ValueError):
            return  # it is locked, the disk is full, or the folder cannot be written to
        except sqlite3.Error:  # it is damaged, or of another version
            with suppress(sqlite3.Error, OSError):
                self._remove()
                self._write(rows)

    def _write(self, rows: Mapping[bytes, bytes]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Outlines are of the user's files: nobody else may read them.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._open() as file, file:
            file.execute("BEGIN IMMEDIATE")
            _prepare(file)
            file.executemany(
                "UPDATE rows SET used = ? WHERE key = ?",
                ((self._today, key) for key in self._stale),
            )
            file.executemany(
                "INSERT OR REPLACE INTO rows VALUES (?, ?, ?)",
                ((key, self._today, _checked(value)) for key, value in self._affordable(rows)),
            )
        if self._path.stat().st_size > self._max_bytes:
            self._evict()

    def _affordable(self, rows: Mapping[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
        """As many of the rows as one run may keep."""
        remaining = self._max_bytes // 2
        for key, value in rows.items():
            remaining -= len(key) + len(value)
            if remaining < 0:
                return
            if len(value) <= _MAX_ROW:
                yield key, value

    def _evict(self) -> None:
        """Remove the half that was not used for the longest time."""
        with self._open() as file:
            with file:
                file.execute(
                    "DELETE FROM rows WHERE rowid IN (SELECT rowid FROM rows ORDER BY used, rowid"
                    " LIMIT (SELECT (count(*) + 1) / 2 FROM rows))"
                )
            file.execute("VACUUM")

    def _remove(self) -> None:
        for ending in ("", "-journal"):
            with suppress(FileNotFoundError):
                os.remove(f"{self._path}{ending}")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        connected = sqlite3.connect(address, timeout=_PATIENCE, isolation_level=None, uri=True)
        with closing(connected) as file:
            # A crash of the machine may damage the file, which the checksums show.
            file.execute("PRAGMA synchronous = OFF")
            yield file


def _prepare(file: sqlite3.Connection) -> None:
    """Make the table in a new file.

    Raises:
        sqlite3.DatabaseError: the file is of another version.
    """
    (version,) = file.execute("PRAGMA user_version").fetchone()
    (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version == 0 and tables == 0:
        file.execute(_TABLE)
        file.execute(f"PRAGMA user_version = {_VERSION}")
    elif version != _VERSION:
        raise sqlite3.DatabaseError(f"version {version}")


def _checked(value: bytes) -> bytes:
    return sha256(value).digest()[:_CHECK] + value


def _unchecked(checked: object) -> bytes | None:
    """The value, None if it is not what was written."""
    if not isinstance(checked, bytes):
        return None
    value = checked[_CHECK:]
    return value if checked == _checked(value) else None
