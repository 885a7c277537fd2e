"""Running ``ctx`` in this process, in an empty folder, with no configuration but the test's."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ctxtools.cli.app import app
from ctxtools.cli.boundary import BUG


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str
    stdout_bytes: bytes


Run = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: empty."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "100")
    for variable in ("CTXTOOLS_CONFIG", "CTXTOOLS_MODEL", "CTXTOOLS_ENCODING", "CTXTOOLS_LIMIT"):
        monkeypatch.delenv(variable, raising=False)
    return here


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``ctx`` with arguments and an input."""

    def run(*arguments: str | Path, input: str | bytes = b"") -> Ran:
        # A bug ends with an exit code of its own and a line; here its traceback is wanted.
        monkeypatch.setenv("CTXTOOLS_TRACEBACK", "1")
        result = CliRunner().invoke(app, [str(each) for each in arguments], input=input)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code != BUG, result.stderr
        return Ran(result.exit_code, result.stdout, result.stderr, result.stdout_bytes)

    return run
