"""Git without the configuration of whoever runs the tests, and without a hook's environment."""

import os
import shutil
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def user_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's configuration of git, which is empty."""
    if shutil.which("git") is None:
        pytest.skip("git is the oracle")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    path = home / "gitconfig"
    path.write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(path))
    return path
