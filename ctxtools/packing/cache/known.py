"""What is known of each text, by kind."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ctxtools

if TYPE_CHECKING:
    from ctxtools.packing.cache.store import Store

Json = (
    Any  # what `json` writes and reads as it was: None, bool, int, float, str, lists, dicts of str
)
_MAX_KINDS = 64  # of one text; the oldest give way
_KEY = 20  # bytes
# What entries are computed by, beside the kernel.
_COMPUTING = ("_core", "chunking", "documents", "packing", "possessive")


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


class Known:
    """What is known of texts: `get`, or compute it and `put` it. It is kept by `save`.

    Args:
        store: where it is kept; None is nowhere, and nothing is known.
    """

    def __init__(self, store: "Store | None" = None) -> None:
        self._store = store
        # By the identity of the text, which is held so that no other text gets it.
        self._keys: dict[int, tuple[str, bytes]] = {}
        self._rows: dict[bytes, bytes] = {}
        self._values: dict[bytes, dict[str, Json]] = {}
        self._changed: set[bytes] = set()

    @classmethod
    def open(cls, folder: "str | os.PathLike[str] | Known | None") -> "Known":
        """What the cache in a folder knows; None is no cache, and what is open stays so."""
        if isinstance(folder, Known):
            return folder
        if folder is None:
            return cls()
        try:
            from ctxtools.packing.cache.store import Store
        except ImportError:  # a Python that was built without SQLite
            return cls()
        return cls(Store(folder))

    @property
    def is_kept(self) -> bool:
        """Whether anything is known, or will be."""
        return self._store is not None

    def load(self, texts: Iterable[str]) -> None:
        """Read what is known of some texts, all at once."""
        if self._store is None:
            return
        new = {id(text): text for text in texts if id(text) not in self._keys}
        self._keys |= {number: (text, _key(text)) for number, text in new.items()}
        keys = {self._keys[number][1] for number in new} - self._rows.keys() - self._values.keys()
        self._rows |= self._store.read(sorted(keys))

    def get(self, kind: str, text: str) -> Json | _Missing:
        """A value that was put; `MISSING` if there is none.

        Args:
            kind: what it is, with everything but the text that it depends on.
            text: what it is of.
        """
        if self._store is None:
            return MISSING
        return self._of(self._key(text)).get(kind, MISSING)

    def has_any(self, start: str) -> bool:
        """Whether a value whose kind starts like that was looked up, and is known of some text."""
        return any(kind.startswith(start) for values in self._values.values() for kind in values)

    def put(self, kind: str, text: str, value: Json) -> None:
        """Remember a value; arguments are those of `get`."""
        if self._store is None:
            return
        key = self._key(text)
        values = self._of(key)
        values[kind] = value
        if len(values) > _MAX_KINDS:
            del values[next(iter(values))]
        self._changed.add(key)

    def save(self) -> None:
        """Keep what was put since."""
        if self._store is None:
            return
        write = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
        self._store.write({key: write(self._values[key]).encode() for key in sorted(self._changed)})
        self._changed.clear()

    def _key(self, text: str) -> bytes:
        found = self._keys.get(id(text))
        if found is None:
            self.load([text])
            found = self._keys[id(text)]
        return found[1]

    def _of(self, key: bytes) -> dict[str, Json]:
        values = self._values.get(key)
        if values is None:
            values = self._values[key] = _parsed(self._rows.pop(key, b"{}"))
        return values


UNKNOWN = Known()
"""Of no text anything is known, and nothing is kept."""


def _parsed(row: bytes) -> dict[str, Json]:
    with suppress(ValueError, RecursionError):
        values = json.loads(row)
        if isinstance(values, dict):
            return values
    return {}


def _key(text: str) -> bytes:
    digest = _revision().copy()
    digest.update(text.encode("utf-8", "surrogatepass"))
    key: bytes = digest.digest()
    return key[:_KEY]


@cache
def _revision() -> Any:
    """A hash of what computes entries: so those of another version are not found.

    The version does not tell states of a working copy apart, and times of change do.
    """
    package = Path(ctxtools.__file__).parent
    facts = [ctxtools.__version__, sys.version]
    with suppress(OSError):
        facts += sorted(f"{each.path} {each.stat().st_mtime_ns}" for each in _sources(package))
    # Other packages parse code and find secrets: installing one changes its folder.
    for folder in sys.path:
        if folder.endswith(("site-packages", "dist-packages")):
            with suppress(OSError):
                facts.append(f"{folder} {os.stat(folder).st_mtime_ns}")
    from hashlib import sha256  # 2 ms

    return sha256("\n".join(facts).encode("utf-8", "surrogateescape") + b"\0")


def _sources(package: Path) -> Iterator[os.DirEntry[str]]:
    """The files that compute entries."""
    with os.scandir(package) as entries:
        yield from (each for each in entries if each.name.startswith("_kernel."))
    waiting = [os.fspath(package / folder) for folder in _COMPUTING]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for each in entries:
                if each.name.endswith(".py"):
                    yield each
                elif each.name != "__pycache__" and each.is_dir():
                    waiting.append(each.path)
