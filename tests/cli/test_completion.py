"""``ctx --install-completion`` where there is no home to install it into."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Typer: the shell is the one named, not the one that the tests are run from.
NAMED = ("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")


def install(shell: str, home: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ctxtools", "--install-completion", shell],
        capture_output=True,
        text=True,
        env={**os.environ, NAMED[0]: NAMED[1], "HOME": str(home), "USERPROFILE": str(home)},
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_is_installed(shell: str, tmp_path: Path) -> None:
    ran = install(shell, tmp_path)
    assert ran.returncode == 0
    assert f"{shell} completion installed in {tmp_path}" in ran.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_an_unusable_home_is_an_error(shell: str, tmp_path: Path) -> None:
    home = tmp_path / "a file"
    home.write_text("")
    ran = install(shell, home)
    assert ran.returncode == 2
    assert ran.stdout == ""
    message, hint = ran.stderr.strip().split("\n\n")
    assert message.startswith("error: shell completion cannot be installed: ")
    assert str(home) in message
    assert hint.startswith("hint: set HOME to a folder that you can write to, ")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    ran = install("bash", tmp_path)
    assert ran.returncode == 2
    assert "permission denied" in ran.stderr


def test_an_unknown_home_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under a user id that has no entry in the password database."""
    from typer.testing import CliRunner

    from ctxtools.cli.app import app

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.setenv(*NAMED)
    ran = CliRunner().invoke(app, ["--install-completion", "bash"])
    assert ran.exit_code == 2
    assert "shell completion cannot be installed: Could not determine home" in ran.stderr
