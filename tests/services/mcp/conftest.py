"""A folder that is served, beside one that is not."""

from pathlib import Path

import pytest

from ctxtools.services.mcp.make import make_server
from ctxtools.services.mcp.server import Server

SECRET = "the text of a file that is not served"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder that is served."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "hidden.txt").write_text(SECRET)
    root = tmp_path / "served"
    (root / "docs").mkdir(parents=True)
    (root / "README.md").write_bytes(b"# Title\n\nSome words here.\n\n## Part\n\nMore of them.\n")
    (root / "docs" / "guide.md").write_bytes(b"A guide. " * 50)
    (root / "docs" / "code.py").write_bytes(b"def double(x):\n    return 2 * x\n")
    return root


@pytest.fixture
def server(root: Path) -> Server:
    """A server of that folder."""
    return make_server([root])
