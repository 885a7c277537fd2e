"""Vectors of texts, kept in a file from run to run."""

import sqlite3
from array import array
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

Vectors = Callable[[Sequence[str]], Sequence[Sequence[float]]]


class KeptVectors:
    """Vectors of texts by their hash, in an SQLite file; each is made once.

    Args:
        path: of the file.
        make: makes those that are missing.
    """

    def __init__(self, path: Path, make: Vectors) -> None:
        self._make = make
        self._file = sqlite3.connect(path)
        self._file.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB)")

    def __call__(self, texts: Sequence[str]) -> list[bytes]:
        """The vectors, as 32-bit floats."""
        keys = [blake2b(text.encode(errors="replace"), digest_size=16).digest() for text in texts]
        known = {key: value for key in {*keys} if (value := self._known(key))}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            vectors = self._make([*missing.values()])
            made = {
                key: array("f", vector).tobytes()
                for key, vector in zip(missing, vectors, strict=True)
            }
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", made.items())
            known |= made
        return [known[key] for key in keys]

    def _known(self, key: bytes) -> bytes | None:
        found = self._file.execute("SELECT value FROM vectors WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None
