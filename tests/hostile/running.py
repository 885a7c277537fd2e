"""Runs ``ctx`` in a sandbox folder, and checks what has to hold for every run."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

SECRET = "correct horse battery staple"
"""What is in a file of the user's, beside the sandbox's current folder: ``../home/secret.txt``."""

NAMED_SHELL = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
"""Typer: the shell is the one named, not the one that the tests are run from."""

# Controls but tabs and line ends, separators of lines, marks and overrides of direction, and what
# has no width but the joiners.
UNSAFE = re.compile(
    "\r(?!\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CRASHED = re.compile(rb"Traceback \(most recent|panicked at|lost sys\.std|Fatal Python error")
_PROGRAMS = ("git", os.path.basename(sys.executable))
_LARGE = 1 << 20  # bytes of a file that is compared by its size


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run has done.

    Attributes:
        exit_code: below zero for a signal.
        in_time: it ended before the limit of time.
        stdout, stderr: what was printed; with a terminal all is in stdout.
        events: programs that were run, and connections.
    """

    arguments: tuple[str, ...]
    exit_code: int
    in_time: bool
    stdout: bytes
    stderr: bytes
    events: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(
            (
                f"ctx {' '.join(map(ascii, self.arguments))[:500]}",
                f"exit code {self.exit_code}" + ("" if self.in_time else ", not done in time"),
                f"stdout: {self.stdout[-4000:]!r}",
                f"stderr: {self.stderr[-4000:]!r}",
                *self.events,
            )
        )


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A folder with a current folder, a home, a folder for temporary files and one for output."""

    folder: Path
    here: Path = field(init=False)
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        for name in ("here", "home", "tmp", "out", "streams"):
            (self.folder / name).mkdir()
        object.__setattr__(self, "here", self.folder / "here")
        object.__setattr__(self, "out", self.folder / "out")
        for folder in (".config", ".cache"):
            (self.folder / "home" / folder).mkdir()
        (self.folder / "home" / "secret.txt").write_text(SECRET)

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        terminal: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run ``ctx`` with arguments in the current folder."""
        streams = self.folder / "streams"
        for stale in streams.iterdir():
            stale.unlink()
        (streams / "stdin").write_bytes(stdin)
        request = {
            "arguments": arguments,
            "here": str(self.here),
            "streams": str(streams),
            "terminal": terminal,
            "environment": self._environment() | dict(environment or {}),
        }
        answer = _server().ask(request)
        return Ran(
            arguments,
            answer["exit_code"],
            answer["in_time"],
            (streams / "stdout").read_bytes(),
            (streams / "stderr").read_bytes(),
            tuple((streams / "events").read_text(errors="replace").splitlines()),
        )

    def check(
        self,
        *arguments: str,
        stdin: bytes = b"",
        terminal: bool = False,
        raw: bool = False,
        writes: str = "out",
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run ``ctx``, and fail unless everything holds that has to.

        Args:
            arguments: of the command line.
            stdin: what it reads there.
            terminal: whether its streams are one; else they are pipes.
            raw: the result is a text of the stranger's, which a pipe gets byte for byte.
            writes: the folder of the sandbox that it may write to.
            environment: in addition to the sandbox's own.
        """
        before = self._snapshot(writes)
        ran = self.run(*arguments, stdin=stdin, terminal=terminal, environment=environment)
        assert ran.in_time, f"did not end: {ran}"
        assert ran.exit_code in (0, 1, 2), ran
        for stream in (ran.stdout, ran.stderr):
            assert not _CRASHED.search(stream), ran
            assert SECRET.encode() not in stream, f"shows the user's secret: {ran}"
        for shown in [ran.stderr] if raw and not terminal else [ran.stdout, ran.stderr]:
            unsafe = UNSAFE.search(shown.decode(errors="surrogateescape"))
            assert not unsafe, f"prints {unsafe.group()!a}: {ran}"
        for event in ran.events:
            verb, _, program = event.partition(" ")
            expected = os.path.isabs(program) and os.path.basename(program) in _PROGRAMS
            assert verb == "ran" and expected, f"{event}: {ran}"
        after = self._snapshot(writes)
        changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        assert not changed, f"changed {sorted(changed)}: {ran}"
        for path in (*_paths(self.folder / writes), *_paths(self.folder / "home/.cache")):
            assert not re.search(r"(^|/)\.[^/]*\.tmp|ctxtools-tmp", path), f"left {path}: {ran}"
            if os.path.isfile(path) and os.path.getsize(path) < _LARGE:
                assert SECRET.encode() not in Path(path).read_bytes(), f"{path}: {ran}"
        return ran

    def _environment(self) -> dict[str, str]:
        dead = "http://127.0.0.1:9"
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        kept = ("PATH", "LANG", "CTXTOOLS_KERNEL", "PYTHONPATH", "LD_PRELOAD", "ASAN_OPTIONS")
        home = str(self.folder / "home")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **dict.fromkeys(names, dead),
            "HOME": home,
            "XDG_CONFIG_HOME": f"{home}/.config",
            "XDG_CACHE_HOME": f"{home}/.cache",
            "TMPDIR": str(self.folder / "tmp"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "TERM": "dumb",  # no colors, so that any escape is a stranger's
            "COLUMNS": "100",
        }

    def _snapshot(self, writes: str) -> dict[str, tuple[object, ...]]:
        """What is in the sandbox but in what may be written to: a change of it changes this."""
        cache = "home/.cache/ctxtools"  # of packs
        apart = tuple(str(self.folder / each) for each in (writes, "streams", cache))
        states = {}
        for path in _paths(self.folder):
            if not path.startswith(apart):
                timeless = (str(self.folder / "tmp"), str(self.folder / "home/.cache"))
                states[path] = _state(path, times=path not in timeless)
        return states


def _paths(folder: Path) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            yield os.path.join(parent, name)


def _state(path: str, *, times: bool) -> tuple[object, ...]:
    status = os.lstat(path)
    state: tuple[object, ...] = (status.st_mode, status.st_size if times else 0)
    if times:
        state = (*state, status.st_mtime_ns)
    if stat.S_ISLNK(status.st_mode):
        return (*state, os.readlink(path))
    if stat.S_ISREG(status.st_mode) and status.st_size < _LARGE and status.st_mode & 0o400:
        return (*state, sha256(Path(path).read_bytes()).digest())
    return state


class _Server:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        )
        assert self._process.stdin and self._process.stdout
        self._requests: IO[str] = self._process.stdin
        self._answers: IO[str] = self._process.stdout

    def ask(self, request: dict[str, object]) -> dict[str, Any]:
        self._requests.write(json.dumps(request) + "\n")
        self._requests.flush()
        answer: dict[str, Any] = json.loads(self._answers.readline())
        return answer

    def stop(self) -> None:
        self._requests.close()
        self._process.wait()
        self._answers.close()


@cache
def _server() -> _Server:
    return _Server()


def stop_server() -> None:
    """End the process that forks, if there is one."""
    if _server.cache_info().currsize:
        _server().stop()
        _server.cache_clear()
