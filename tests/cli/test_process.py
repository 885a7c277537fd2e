"""``ctx`` as a separate process: signals, pipes, full disks, memory, and no network."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CTX = [sys.executable, "-m", "ctxtools"]
TEXT = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. 深度求索。\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and /dev")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def test_a_closed_pipe_exits_0(folder: Path) -> None:
    for i in range(300):
        (folder / f"{i}.txt").write_text(TEXT)
    ctx = subprocess.Popen(
        [*CTX, "count", ".", "--jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert ctx.stdout and ctx.stderr
    ctx.stdout.readline()
    ctx.stdout.close()
    assert ctx.wait(60) == 0
    assert ctx.stderr.read() == b""
    ctx.stderr.close()


def test_a_table_whose_reader_ends_exits_0(folder: Path) -> None:
    """As in ``ctx count . | head -1``: the table is one write, and the totals are others."""
    for i in range(2000):
        (folder / f"{i:0200}.txt").write_text("x")
    with subprocess.Popen(
        [*CTX, "count", ".", "-m", "gpt-4", "--top", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as ctx:
        assert ctx.stdout and ctx.stderr
        ctx.stdout.readline()
        ctx.stdout.close()
        assert ctx.wait(60) == 0
        assert ctx.stderr.read() == b""


@pytest.mark.parametrize(
    "arguments", [["count"], ["count", "endless"], ["fits", "endless", "-l", "1G"]]
)
def test_ctrl_c_exits_130(arguments: list[str], folder: Path) -> None:
    """While counting, and while a thread waits for what never comes."""
    os.mkfifo(folder / "endless")
    stdin = subprocess.PIPE if arguments == ["count"] else subprocess.DEVNULL
    with (
        subprocess.Popen(
            [*CTX, *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell that runs these tests in the background ignores the signal, and so would ctx.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as ctx,
        # Opening a named pipe waits for its reader, so that ctx is at work from here on.
        ctx.stdin or open(folder / "endless", "wb") as pipe,
    ):
        pipe.write(TEXT.encode() * 10_000)
        pipe.flush()
        time.sleep(1)
        ctx.send_signal(signal.SIGINT)
        assert ctx.wait(timeout=30) == 130
        assert ctx.stdout and ctx.stderr
        assert ctx.stdout.read() == b""
        assert b"Traceback" not in ctx.stderr.read()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("output", ["out.jsonl", "out/"])
def test_a_run_that_is_stopped_leaves_no_file(
    output: str, number: int, code: int, folder: Path
) -> None:
    """``kill`` left the hidden temporary file."""
    with subprocess.Popen(
        [*CTX, "chunk", "-o", output],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as ctx:
        assert ctx.stdin and ctx.stderr
        for _ in range(300):
            if any(folder.glob(".out*.ctxtools-tmp")):
                break
            time.sleep(0.1)
        else:
            pytest.fail("it never began to write")
        ctx.stdin.write(TEXT.encode() * 1000)
        ctx.stdin.flush()
        time.sleep(1)  # then it waits; Python may lose a signal that comes in a clean-up
        ctx.send_signal(number)
        if number == signal.SIGTERM:
            ctx.send_signal(number)  # as timeout(1) does
        assert ctx.wait(timeout=30) == code
        assert ctx.stderr.read() == b""
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("raised", "code"), [("KeyboardInterrupt", 130), ("Terminated", 143)])
def test_a_signal_after_the_command_has_ended(raised: str, code: int) -> None:
    """It was a traceback, with 1."""
    script = (
        "from ctxtools.cli import boundary\n"
        "from ctxtools.cli.signals import Terminated\n"
        "def late():\n"
        f"    raise {raised}\n"
        "boundary.gc.freeze = late\n"
        "boundary.run(lambda: None)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (code, "")


def test_a_library_has_no_handlers(folder: Path) -> None:
    """Nor does a process that was told to ignore the signal."""
    code = (
        "import signal; from ctxtools.cli.app import app\n"
        "app(['--version'], standalone_mode=False)\n"
        "assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "from ctxtools.cli.signals import catch_termination\n"
        "catch_termination()\n"
        "assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [["count", "a.txt"], ["truncate", "a.txt", "-l", "3"]])
def test_a_full_disk(arguments: list[str], folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT)
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([*CTX, *arguments], stdout=full, stderr=subprocess.PIPE)
    assert ran.returncode == 2
    assert b"error: stdout: no space left on device" in ran.stderr
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", ["chunk", "truncate -l 9", "pack"])
def test_a_full_disk_while_writing_an_output(command: str, folder: Path) -> None:
    """The message did not say what could not be written."""
    (folder / "a.txt").write_text(TEXT)
    ran = subprocess.run([*CTX, *command.split(), "a.txt", "-o", "/dev/full"], capture_output=True)
    assert ran.returncode == 2
    assert b"error: /dev/full: no space left on device\n" in ran.stderr


def test_a_file_that_gets_too_large(folder: Path) -> None:
    """For any output: the error names it, and no temporary file remains."""
    (folder / "a.txt").write_text("".join(f"{TEXT} {n}\n" for n in range(9000)))
    for output in ("o.jsonl", "o.parquet", "o/"):
        ran = subprocess.run(
            [*CTX, "chunk", "a.txt", "-s", "16", "-o", output],
            capture_output=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        )
        assert ran.returncode == 2
        assert f"error: {output.rstrip('/')}: file too large\n".encode() in ran.stderr
        assert [each.name for each in folder.iterdir()] == ["a.txt"]


def test_the_network_is_not_used(folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT)
    (folder / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('the network was used')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
    )
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    for encoding in ("o200k_base", "o200k_harmony", "cl100k_base", "deepseek_v3", "qwen2"):
        ran = subprocess.run(
            [*CTX, "count", "a.txt", "-e", encoding], env=environment, capture_output=True
        )
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert int(ran.stdout) > 0


def test_a_pipe_is_counted_in_bounded_memory(folder: Path) -> None:
    """60 MB, of which neither the text nor its ids may be held: they take 240 MB and more."""
    n = 1_000_000
    code = (
        "import resource, subprocess, sys\n"
        f"ctx = subprocess.Popen({[*CTX, 'count']!r}, stdin=subprocess.PIPE, stdout=sys.stdout)\n"
        f"block = {TEXT!r}.encode() * 1000\n"
        f"for _ in range({n // 1000}): ctx.stdin.write(block)\n"
        "ctx.stdin.close()\n"
        "assert ctx.wait() == 0\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    count, peak = map(int, ran.stdout.split())
    small = subprocess.run([*CTX, "count"], input=TEXT * 2, capture_output=True, text=True)
    assert count == int(small.stdout) // 2 * n
    assert peak < 250 * 1024  # kilobytes
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > 0


def test_names_that_are_not_text(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \n.txt")
    try:
        (folder / name).write_text(TEXT)
    except OSError:
        pytest.skip("the file system takes no such name")
    for options in ([], ["--json"], ["--csv"], ["--jsonl"]):
        ran = subprocess.run([*CTX, "count", ".", *options], capture_output=True)
        assert ran.returncode == 0, ran.stderr
        shown = [b"caf\xe9", b"caf\\udce9"] if options else [rb"caf\xe9 \n.txt"]
        assert any(each in ran.stdout for each in shown), "exact for programs, visible for people"


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_closed_stream(closed: str, folder: Path) -> None:
    ran = subprocess.run(["bash", "-c", f"{' '.join(CTX)} count {closed}"], capture_output=True)
    assert ran.returncode == 2
    assert ran.stderr.startswith(b"error: ")


@pytest.mark.parametrize("width", ["9" * 5000, "999999999", "-1", "x" * 100])
def test_a_width_that_no_terminal_has_does_not_count(folder: Path, width: str) -> None:
    (folder / "a.txt").write_text(TEXT)
    environment = {**os.environ, "COLUMNS": width, "LINES": width}
    for arguments in (["--help"], ["count", "a.txt", "."]):
        ran = subprocess.run(
            [*CTX, *arguments], env=environment, capture_output=True, timeout=60, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert len(ran.stdout) < 100_000
