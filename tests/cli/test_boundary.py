"""How a run ends that something stops: never with a traceback, and never with 0 or 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CTX = [sys.executable, "-m", "ctxtools"]
linux = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")

# What runs in place of reading the configuration, in the middle of a command.
_FAILING = """
import sys, threading
import typer
import ctxtools.config
from ctxtools.cli import main

class PanicException(BaseException):  # pyo3's, which is no Exception
    pass

def fail(*args, **options):
    {body}
    raise BrokenPipeError(32, 'x', 'pipe')  # exits with 0

ctxtools.config.load_config = fail
sys.argv = ["ctx", "count", "a.txt"]
main()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.txt").write_text("some text\n" * 100)
    return tmp_path


def run_failing(body: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _FAILING.format(body=body)],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )


@pytest.mark.parametrize(
    "body",
    [
        "raise IndexError('a secret of the file \\x1b[31m')",
        "fail()",  # RecursionError
        "raise PanicException('a secret of the file')",
        "raise GeneratorExit",
        "raise SystemExit",  # of a library
        "raise SystemExit(1)",
        "raise SystemExit('a secret of the file')",
        "raise EOFError",
        "raise typer.Abort",
        "raise RuntimeError('a secret of the file')",
        "raise UnicodeEncodeError('utf-8', 'a secret of the file', 0, 1, 'surrogates')",
        "thread = threading.Thread(target=lambda: {}[0]); thread.start(); thread.join()",
    ],
)
def test_a_bug_exits_with_70_and_says_so(body: str, folder: Path) -> None:
    """An uncaught exception exits with 1, which means that a text does not fit."""
    ran = run_failing(body)
    assert (ran.returncode, ran.stdout) == (70, "")
    lines = ran.stderr.splitlines()
    assert lines[0].startswith("error: this is a bug in ctxtools ")
    assert lines[1:] == ["", lines[2]]
    assert lines[2].startswith("hint: please report it with the command")
    assert "secret" not in ran.stderr and "\x1b" not in ran.stderr


def test_a_traceback_is_shown_on_request(folder: Path) -> None:
    ran = run_failing("raise IndexError('\\x1b[31m')", CTXTOOLS_TRACEBACK="1")
    assert ran.returncode == 70
    assert "Traceback" in ran.stderr and r"IndexError: \x1b[31m" in ran.stderr
    assert "\x1b" not in ran.stderr
    assert "IndexError in cli/commands/count.py:" in ran.stderr


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("raise MemoryError", 2, "error: out of memory\n"),
        ("raise OSError(5, 'x')", 2, "error: input/output error\n"),
        ("raise OSError(5, 'x', b'name')", 2, "error: name: input/output error\n"),
        # Of a child process: the own output is open.
        ("raise BrokenPipeError(32, 'x')", 2, "error: broken pipe\n"),
        ("raise BrokenPipeError(32, 'x', 'pipe')", 0, ""),
        ("raise ImportError('No module named x', name='x')", 2, "error: ctxtools is not comp"),
        ("raise KeyboardInterrupt", 130, ""),
        # While a class is made, before Python 3.12.
        ("raise RuntimeError('Error calling __set_name__') from KeyboardInterrupt()", 130, ""),
        ("import atexit; atexit.register(lambda: {}[0])", 0, ""),
        # It waits for what never comes, and so would Python at the exit.
        ("threading.Thread(target=threading.Event().wait).start()", 0, ""),
    ],
)
def test_other_ends(body: str, code: int, message: str, folder: Path) -> None:
    ran = run_failing(body)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert ran.stderr.startswith(message) and "Traceback" not in ran.stderr
    assert bool(message) == bool(ran.stderr)


def test_an_error_before_the_application_is_imported(folder: Path) -> None:
    code = "import sys; sys.modules['typer'] = None; from ctxtools.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: ctxtools is not completely installed: ")
    assert "Traceback" not in ran.stderr


OUTPUTS = [
    "--help",
    "--version",
    "",
    "--show-completion bash",
    "count --help",
    "models",
    "info --json",
    "count . --jsonl",
    "fits a.txt -l 1k",
    "encode a.txt",
    "show a.txt",
    "chunk a.txt",
    "chunk a.txt --dry-run --json",
    "pack-sequences a.txt -w 8",
    "truncate a.txt -l 3",
]


@linux
@pytest.mark.parametrize("command", OUTPUTS)
def test_any_output_to_a_full_disk_and_to_a_closed_pipe(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Typer: the shell is the one named, not the one that the tests are run from.
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([*CTX, *command.split()], stdout=full, stderr=subprocess.PIPE)
    assert ran.returncode == 2
    assert b"\nerror: stdout: no space left on device\n" in b"\n" + ran.stderr
    assert b"Traceback" not in ran.stderr
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([*CTX, *command.split()], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    # What is shown where no command was named is an error.
    assert ran.returncode in ((0, 2) if not command else (0,))
    assert b"Traceback" not in ran.stderr and b"error" not in ran.stderr


@linux
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("count --bad-option", 2),
        ("no-command", 2),
        ("count missing", 2),
        ("fits a.txt -l 1", 1),
        ("fits a.txt -l 1k", 0),
        ("truncate a.txt -l 1", 0),
    ],
)
def test_messages_to_a_full_disk_and_to_a_closed_pipe(
    command: str, code: int, folder: Path
) -> None:
    """What is lost on a full disk is an error; a reader that has ended does not want it."""
    with open("/dev/full", "wb") as full:
        ran = subprocess.run([*CTX, *command.split()], stderr=full, stdout=subprocess.PIPE)
    says_something = not command.startswith("fits")
    assert ran.returncode == (2 if says_something else code)
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([*CTX, *command.split()], stderr=writer, stdout=subprocess.PIPE)
    os.close(writer)
    assert ran.returncode == code


@pytest.mark.skipif(sys.platform == "win32", reason="a shell")
def test_a_closed_stream_is_not_what_is_opened_next(folder: Path) -> None:
    """The output became descriptor 2, to which a library may write."""
    command = f"{' '.join(CTX)} chunk a.txt -s 16 -o"
    ran = subprocess.run(f"{command} b.jsonl", shell=True, capture_output=True)
    assert ran.returncode == 0
    for closed in ("2>&-", "<&-", "<&- 2>&-"):
        (folder / "c.jsonl").unlink(missing_ok=True)
        ran = subprocess.run(f"{command} c.jsonl {closed}", shell=True, capture_output=True)
        assert (ran.returncode, ran.stdout) == (0, b"")
        assert (folder / "c.jsonl").read_bytes() == (folder / "b.jsonl").read_bytes()
    ran = subprocess.run(f"{command} c.jsonl >&- 2>&-", shell=True, capture_output=True)
    assert ran.returncode == 2
