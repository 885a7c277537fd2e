"""A process that has ``ctx`` loaded, and forks for each run: a start takes 10 ms instead of 100.

``running.py`` starts it and writes a request for each run, as a line of JSON. Streams go to files,
since they are bytes; the answer is a line of JSON.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import pty
import resource
import selectors
import signal
import sys
import termios
import threading
import time
from typing import Any, NoReturn

import ctxtools
from tests.hostile.builders import OPEN_FILES

MEMORY = 3 << 30
"""Bytes of address space: far above what a small input needs, pyarrow's own included."""
CPU_SECONDS = 20
WALL_SECONDS = 40
FILE_SIZE = 256 << 20

# What commands import when they run. Not pyarrow, which starts a thread.
_LIBRARIES = (
    *("rich.console", "rich.table", "rich.status", "rich.progress", "typer.rich_utils"),
    *("pathspec", "chardet", "regex", "tiktoken", "tokenizers", "sentencepiece", "zstandard"),
    *("tree_sitter", "markdown_it", "tomllib", "tomli_w", "platformdirs", "logging", "csv"),
    *("subprocess", "tempfile", "gzip", "bz2", "lzma", "email", "detect_secrets"),
)
_WATCHED = {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.startfile"}
_NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}


def serve() -> None:
    """Answer requests until the input ends."""
    for module in pkgutil.walk_packages(ctxtools.__path__, "ctxtools."):
        if not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # of an extra
                importlib.import_module(module.name)
    for name in _LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # Loads the vocabulary and the patterns of secrets.
    ctxtools.pack({"a.md": "key = 'x'"}, "o200k_base", budget=100, secrets="report", threads=1)
    assert threading.active_count() == 1, "a fork does not copy threads"
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)


def _run(request: dict[str, Any]) -> dict[str, Any]:
    if request["terminal"]:
        master, slave = pty.openpty()
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.OPOST  # "\n" stays as it was written
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        ends = {"stdout": (master, slave), "stderr": (master, slave)}
    else:
        ends = {"stdout": os.pipe(), "stderr": os.pipe()}
    child = os.fork()
    if not child:
        _become_ctx(request, ends["stdout"][1], ends["stderr"][1])
    for _, write_end in {*ends.values()}:
        os.close(write_end)
    streams: dict[int, bytearray] = {read_end: bytearray() for read_end, _ in ends.values()}
    in_time = _read_all(streams)
    if not in_time:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    for name, (read_end, _) in ends.items():
        with open(os.path.join(request["streams"], name), "wb") as file:
            file.write(streams[read_end] if name == "stdout" or not request["terminal"] else b"")
    for read_end in streams:
        os.close(read_end)
    return {"exit_code": os.waitstatus_to_exitcode(status), "in_time": in_time}


def _read_all(streams: dict[int, bytearray]) -> bool:
    """Read until all ends are closed; False if that takes too long."""
    deadline = time.monotonic() + WALL_SECONDS
    with selectors.DefaultSelector() as selector:
        for end in streams:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(deadline - time.monotonic())
            if not ready:
                return False
            for key, _ in ready:
                try:
                    data = os.read(key.fd, 1 << 16)
                except OSError:  # the other end of a terminal is closed
                    data = b""
                streams[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
    return True


def _become_ctx(request: dict[str, Any], stdout: int, stderr: int) -> NoReturn:
    os.setsid()
    events = os.open(os.path.join(request["streams"], "events"), os.O_WRONLY | os.O_CREAT)
    with open(os.path.join(request["streams"], "stdin"), "rb") as stdin:
        os.dup2(stdin.fileno(), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.chdir(request["here"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["ctx", *request["arguments"]]
    for stream, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        mode = "r" if number == 0 else "w"
        setattr(sys, stream, open(number, mode, closefd=False))  # noqa: SIM115
        setattr(sys, f"__{stream}__", getattr(sys, stream))
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(limit, (value, value))

    def record(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _WATCHED:
            os.write(events, f"ran {arguments[0]}\n".encode(errors="replace"))
        elif event in _NETWORK:
            os.write(events, f"{event} {arguments}\n".encode(errors="replace"))

    sys.addaudithook(record)
    os._exit(_call_main())


def _call_main() -> int:
    """Run ``ctx``; the exit code. As the interpreter's end, but without freeing every module."""
    from ctxtools.cli import main

    code: int | str | None = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    serve()
