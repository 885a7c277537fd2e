"""Repositories elsewhere that a URL names: the newest commit of one, in a cache.

Nothing is checked out: git fetches into a bare repository of ours, and files are read from there,
so no filter, hook or link of theirs matters. Git runs with the user's own configuration, which
knows of proxies, certificates and credentials, over the protocol of the URL alone, and never asks
anything.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from ctxtools.documents.git.repository import Repository
from ctxtools.documents.git.run import EMPTY, end_git, git_environment, limit_git
from ctxtools.documents.git.versions.named import Named, Objects
from ctxtools.errors import NetworkError, UsageError
from ctxtools.escape import one_line
from ctxtools.programs import find_program
from ctxtools.units import format_bytes

_URL = re.compile(r"(https?|ssh|git|file)://[^\s\x00-\x1f]+")
_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[^\s\x00-\x1f]+")  # as ssh names a host
_USER = re.compile(r"(?<=://)[^/@]*@")
_NAME = re.compile(r"(?![-.])[^\s\x00-\x20\x7f~^:?*\[\\]+")
_STEPS = re.compile(r"[~^].*", re.DOTALL)
_STEP = re.compile(r"~(\d*)|\^")

_STALLED = 30.0  # seconds without a word of git's progress
_TIMEOUT = 600.0  # seconds of one fetch
_PROCESSOR_TIME = 600  # seconds of that
_MAX_MEMORY = 1 << 32  # bytes that git may allocate for it
_MAX_FETCHED = 1 << 31  # bytes that may come
_MAX_DEPTH = 10_000  # commits
_STALE = 3600.0  # seconds after which what a fetch has left behind is nobody's
_KEPT_WORDS = 1 << 12  # bytes of what git says
# Of the user's variables for git, those on how to connect, without those on whom to ask.
_CONNECTING = ("GIT_SSH", "GIT_SSL_", "GIT_PROXY_", "GIT_HTTP_")
_SETTINGS = (
    f"core.hooksPath={os.devnull}",
    *(
        "core.fsmonitor=false",
        "credential.interactive=false",
        "gc.auto=0",
        "maintenance.auto=false",
    ),
    *("fetch.recurseSubmodules=false", "fetch.fsckObjects=false", "transfer.bundleURI=false"),
    *("http.lowSpeedLimit=1", f"http.lowSpeedTime={int(_STALLED)}", "fetch.writeCommitGraph=false"),
)


class CachedRepository(NamedTuple):
    """A repository in the cache.

    Attributes:
        url: what it was fetched from, without a name of a user.
        path: its folder.
        size: bytes.
    """

    url: str
    path: str
    size: int


def is_url(path: str) -> bool:
    """Whether a path names a repository elsewhere."""
    if _URL.fullmatch(path):
        return True
    return bool(_ACCOUNT.fullmatch(path)) and not os.path.lexists(path)


def url_folder(url: str) -> str:
    """What the files of a repository elsewhere are listed below: ``github.com/org/repository``."""
    name = re.sub(r"^[a-z]+:/+", "", _USER.sub("", url))
    if "://" not in url:
        name = url.partition("@")[2].replace(":", "/", 1)
    return one_line(re.sub(r"//+", "/", name).strip("/").removesuffix(".git"))


def cache_folder() -> Path:
    """Where repositories are kept. It may not exist."""
    from platformdirs import user_cache_path

    return user_cache_path("ctxtools") / "git"


def cached_repositories() -> list[CachedRepository]:
    """What the cache holds."""
    found = []
    with suppress(OSError, RuntimeError):  # RuntimeError: there is no home
        for each in sorted(cache_folder().iterdir()):
            with suppress(OSError):
                url = (each / "url").read_text(encoding="utf-8")
                found.append(CachedRepository(url, str(each), _size(each)))
    return found


def open_remote(
    url: str, revisions: Iterable[str], commits: int, *, cache: bool, notes: list[str]
) -> Named:
    """A repository that a URL names, with the commits that revisions name.

    Args:
        url: where it is.
        revisions: branches, tags, full names of commits, or ``HEAD``; and steps from there.
        commits: how many of each.
        cache: whether to keep it, and to read a kept one if it cannot be fetched again.
        notes: remarks are added.

    Raises:
        NetworkError: it cannot be fetched.
        UsageError: a revision is none that can be fetched; or there is no git.
    """
    shown = one_line(_USER.sub("", url))
    if find_program("git") is None:
        raise UsageError(f"{shown}: git is not installed", hint="install git")
    names = [_fetched_name(revision, shown) for revision in revisions]
    depth = max([commits, *(_depth(revision) for revision in revisions)])
    folder = _cached(url, shown, names, depth, notes) if cache else None
    keep: _Temporary | None = None
    if folder is None:
        keep = _Temporary()
        folder = os.path.join(keep.path, "repository")
        _create(folder, shown)
        _fetch(folder, url, shown, names, depth)
    repository = Repository(folder, folder, folder, bare=True)
    objects = Objects(repository, os.path.join(folder, "objects"), shown, shown, keep)
    return Named(objects, "", f"{url_folder(url)}/")


class _Temporary:
    """A folder that is removed when nobody needs it any more, and at the end of the process."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix="ctxtools-git-")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def _cached(url: str, shown: str, names: Sequence[str], depth: int, notes: list[str]) -> str | None:
    """The folder of a repository in the cache; None if there can be no cache."""
    try:
        parent = cache_folder()
    except RuntimeError as error:  # there is no home
        notes.append(f"{shown}: it is not kept: {error}")
        return None
    folder = parent / sha256(url.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(parent, folder)
        if not folder.exists():
            new = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
            try:
                _create(str(new / "repository"), shown)
                _fetch(str(new / "repository"), url, shown, names, depth)
                with suppress(OSError):  # another process was first
                    (new / "repository").rename(folder)
            finally:
                shutil.rmtree(new, ignore_errors=True)
            return str(folder) if folder.exists() else None
    except NetworkError:
        raise
    except OSError as error:
        notes.append(f"{shown}: it is not kept: {error.strerror}: {one_line(str(parent))}")
        return None
    try:
        _fetch(str(folder), url, shown, names, depth)
        with suppress(OSError):
            os.utime(folder / "url")
    except NetworkError as error:
        repository = Repository(str(folder), str(folder), str(folder), bare=True)
        if any(repository.ref(_ref(name)) is None for name in names):
            raise
        fetched = time.strftime("%Y-%m-%d %H:%M", time.localtime((folder / "url").stat().st_mtime))
        reason = error.message.removeprefix(f"{shown}: ")
        notes.append(f"{shown}: {reason}; what was fetched on {fetched} is read")
    return str(folder)


def _fetched_name(revision: str, shown: str) -> str:
    """What is to be fetched for a revision."""
    name = _STEPS.sub("", revision)
    name = "HEAD" if name in ("", "@") else name
    if not _NAME.fullmatch(name) or ".." in name or "@{" in name:
        raise UsageError(
            f"{shown}: {one_line(revision)!r} cannot be fetched",
            hint="name a branch, a tag or the full name of a commit",
        )
    return name


def _depth(revision: str) -> int:
    """How many commits lead to a revision."""
    steps = found[0] if (found := _STEPS.search(revision)) else ""
    numbers = (each[1] for each in _STEP.finditer(steps))
    return min(1 + sum(int(number[:6]) if number else 1 for number in numbers), _MAX_DEPTH)


def _ref(name: str) -> str:
    """The ref under which a name is kept."""
    return f"refs/tags/{'fetched-HEAD' if name == 'HEAD' else name}"


def _create(folder: str, shown: str) -> None:
    """An empty bare repository, with the URL in a file."""
    shutil.copytree(EMPTY["sha1"], folder)
    os.mkdir(os.path.join(folder, "objects"))
    Path(folder, "HEAD").write_text(f"ref: {_ref('HEAD')}\n", encoding="utf-8")
    Path(folder, "url").write_text(shown, encoding="utf-8")


def _fetch(folder: str, url: str, shown: str, names: Sequence[str], depth: int) -> None:
    """Fetch what names stand for.

    Raises:
        NetworkError: that failed, or took too long.
    """
    program = find_program("git")
    scheme = url.partition("://")[0] if "://" in url else "ssh"
    settings = [each for setting in _SETTINGS for each in ("-c", setting)]
    command = ["fetch", f"--depth={depth}", "--no-tags", "--no-recurse-submodules", "--progress"]
    command += [
        "--no-write-fetch-head",
        "--update-head-ok",
        "--",
        url,
        *(f"+{name}:{_ref(name)}" for name in names),
    ]
    connecting = {name: value for name, value in os.environ.items() if name.startswith(_CONNECTING)}
    environment = {
        **git_environment(),
        **connecting,
        "GIT_DIR": folder,
        "GIT_ALLOW_PROTOCOL": scheme,
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
        "LC_ALL": "C",
    }
    try:
        process = subprocess.Popen(
            [str(program), *settings, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise NetworkError(f"{shown}: git cannot be started: {error}") from error
    limit_git(process, _PROCESSOR_TIME, _MAX_MEMORY)
    words = _Words(process)
    try:
        stopped = _wait(process, words, folder)
    finally:
        end_git(process)
        words.join()
    if stopped:
        raise NetworkError(f"{shown}: {stopped}", hint="clone it yourself, and name the folder")
    if process.returncode:
        reason = words.reason().replace(url, shown)
        raise NetworkError(f"{shown}: {reason}", hint=_hint(reason))


class _Words:
    """What git says on its progress, of which the end is kept."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.last = time.monotonic()
        self._end = b""
        self._thread = Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None  # it is a pipe
        with process.stderr as pipe, suppress(OSError):
            while block := os.read(pipe.fileno(), _KEPT_WORDS):
                self.last = time.monotonic()
                self._end = (self._end + block)[-_KEPT_WORDS:]

    def join(self) -> None:
        """Wait for the last ones."""
        self._thread.join(1.0)

    def reason(self) -> str:
        """Why it failed."""
        lines = re.split(r"[\r\n]+", self._end.decode("utf-8", "replace").strip())
        fatal = [line for line in lines if line.startswith(("fatal:", "error:", "ERROR:"))]
        line = (fatal or lines[-1:])[0]
        if "Could not read from remote" in line and lines.index(line):
            line = lines[lines.index(line) - 1]  # ssh has said why
        return one_line(line.removeprefix("fatal: ").removeprefix("error: "))[:300]


def _wait(process: "subprocess.Popen[bytes]", words: _Words, folder: str) -> str:
    """Wait for a fetch; why it was stopped, or "" if it ended."""
    start = measured = time.monotonic()
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            return ""
        now = time.monotonic()
        if now - words.last > _STALLED:
            return f"nothing came for {_STALLED:.0f} seconds"
        if now - start > _TIMEOUT:
            return f"not done in {_TIMEOUT:.0f} seconds"
        if now - measured > 1.0:
            measured = now
            if _size(Path(folder)) > _MAX_FETCHED:
                return f"more than {format_bytes(_MAX_FETCHED)}"


def _hint(reason: str) -> str:
    if "find remote ref" in reason or "not our ref" in reason:
        return "--ref takes a branch, a tag or the full name of a commit there"
    if "could not read Username" in reason or "Authentication" in reason or "denied" in reason:
        return "it is private, or there is none: git's own credentials and ssh keys are used"
    return "check the URL and the network"


def _size(folder: Path) -> int:
    """Bytes of the files below a folder."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    for parent, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                yield os.lstat(os.path.join(parent, name)).st_size


def _remove_stale(parent: Path, folder: Path) -> None:
    """Remove what fetches that were killed have left behind."""
    old = time.time() - _STALE
    for each in [*parent.glob(".new-*"), *folder.rglob("*.lock"), *folder.rglob("tmp_pack_*")]:
        with suppress(OSError):
            if each.lstat().st_mtime < old:
                shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink()
