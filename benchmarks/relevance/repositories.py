"""The repositories that packs are judged on: pinned archives, and this repository's own history."""

import hashlib
import subprocess
import tarfile
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

_PYPI = "https://files.pythonhosted.org/packages"
_CRATES = "https://static.crates.io/crates"
_TIMEOUT = 120.0  # seconds
_DAY = 86_400.0  # seconds
_COUNTED_COMMITS = 100  # as repomix's ``output.git.sortByChangesMaxCommits``


class UnavailableError(Exception):
    """A repository is not here, and may not or cannot be fetched."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A release as its registry has it.

    Attributes:
        name: of the repository.
        version: the release.
        url: of the archive, whose one top folder is the repository.
        sha256: of the archive.
        held_out: nothing may be tuned on it.
    """

    name: str
    version: str
    url: str
    sha256: str
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """A commit of the repository that this file is in.

    Attributes:
        name: of the repository.
        version: the commit.
        held_out: nothing may be tuned on it.
    """

    name: str
    version: str
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Repository:
    """The files of a release.

    Attributes:
        name: of the repository.
        version: the release or commit.
        files: path -> content, in the order of the paths; paths have forward slashes.
        held_out: nothing may be tuned on it.
        ages: path -> days between its last change and the newest; empty without a history.
        changes: path -> how many of the last 100 commits changed it; empty without a history.
    """

    name: str
    version: str
    files: Mapping[str, bytes]
    held_out: bool = False
    ages: Mapping[str, float] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)


def _sdist(name: str, version: str, folder: str, sha256: str, *, held_out: bool = False) -> Archive:
    url = f"{_PYPI}/{folder}/{name}-{version}.tar.gz"
    return Archive(name, version, url, sha256, held_out)


def _crate(name: str, version: str, sha256: str, *, held_out: bool = False) -> Archive:
    return Archive(name, version, f"{_CRATES}/{name}/{name}-{version}.crate", sha256, held_out)


SOURCES: Mapping[str, Archive | History] = {
    source.name: source
    for source in (
        History("ctxtools", "81dc9ba"),
        _sdist(
            "flask",
            "3.1.3",
            "26/00/35d85dcce6c57fdc871f3867d465d780f302a175ea360f62533f12b27e2b",
            "0ef0e52b8a9cd932855379197dd8f94047b359ca0a78695144304cb45f87c9eb",
        ),
        _sdist(
            "celery",
            "5.7.0",
            "ef/f7/166bfd22cbd0dd4f77715ddd207881c1332cd1f304d79b1a123aff7cdf10",
            "6a5dfcf6662287204f009a02002b9e66c83d4105e47ebabdc7079108772fc6f0",
        ),
        _crate(
            "tokio", "1.47.1", "89e49afdadebb872d3145a5638b59eb0691ea23e46ca484037cfab3b76b95038"
        ),
        _sdist(
            "scrapy",
            "2.19.0",
            "7a/bd/5a65f4d9319bf1533472a446915b941f393f6d2d547bf88cec23207beddf",
            "34130726582b64c91531162ab277c4053e558876d49ba219cb43679e71d80a87",
            held_out=True,
        ),
        _crate(
            "rustls",
            "0.23.31",
            "c0ebcbd2f03de0fc1122ad9bb24b127a5a6cd51d72604a3f3c50ac459762b6cc",
            held_out=True,
        ),
    )
}


def load_repository(name: str, cache: Path, *, download: bool = False) -> Repository:
    """A repository of `SOURCES`.

    Args:
        name: which.
        cache: a folder that keeps archives.
        download: fetch an archive that is not there.

    Raises:
        UnavailableError: it is not there and must not be fetched, has another SHA-256, or git does
            not know its commit.
    """
    source = SOURCES[name]
    if isinstance(source, History):
        return _from_history(source)
    path = cache / source.url.rsplit("/", 1)[1]
    if not path.is_file():
        if not download:
            raise UnavailableError(f"{path.name} is not in {cache}; --download fetches it")
        cache.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_verified(source, _fetch(source.url)))
    files = _unpacked(_verified(source, path.read_bytes()))
    return Repository(name, source.version, files, source.held_out)


def _fetch(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as response:
            data: bytes = response.read()
    except OSError as error:
        raise UnavailableError(f"{url}: {error}") from error
    return data


def _verified(source: Archive, data: bytes) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != source.sha256:
        raise UnavailableError(f"{source.url}: SHA-256 {found}, expected {source.sha256}")
    return data


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The regular files of an archive, without its one top folder."""
    files = {}
    with tarfile.open(fileobj=BytesIO(data)) as archive:
        for member in archive:
            _, _, path = member.name.partition("/")
            if member.isfile() and path and ".." not in path.split("/"):
                content = archive.extractfile(member)
                files[path] = content.read() if content else b""
    return dict(sorted(files.items()))


def _from_history(source: History) -> Repository:
    root = Path(__file__).parents[2]
    commit = source.version
    files = _unpacked(_git(root, "archive", "--format=tar", "--prefix=top/", commit))
    ages, changes = read_history(_git(root, "log", "--format=%x01%ct", "--name-only", commit))
    return Repository(
        source.name,
        commit,
        files,
        source.held_out,
        {path: age for path, age in ages.items() if path in files},
        {path: n for path, n in changes.items() if path in files},
    )


def _git(root: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments]
    try:
        return subprocess.run(command, check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", b"").decode(errors="replace").strip() or error
        raise UnavailableError(f"{' '.join(arguments[:1])} of this repository: {detail}") from error


def read_history(log: bytes) -> tuple[dict[str, float], Counter[str]]:
    """Ages in days since the newest commit, and how often the last commits changed a file.

    Args:
        log: of git, newest first, with ``\\x01`` and the commit's seconds before its files.
    """
    ages: dict[str, float] = {}
    changes: Counter[str] = Counter()
    newest = None
    for number, commit in enumerate(log.decode(errors="surrogateescape").split("\x01")[1:]):
        seconds, *paths = commit.split("\n")
        newest = int(seconds) if newest is None else newest
        for path in filter(None, paths):
            ages.setdefault(path, max(0.0, (newest - int(seconds)) / _DAY))
            if number < _COUNTED_COMMITS:
                changes[path] += 1
    return ages, changes
