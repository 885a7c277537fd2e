"""A project to pack."""

from pathlib import Path

import pytest

CODE = "".join(
    f"def f{i}(x: int) -> int:\n    y = x + {i}\n    return y * 2\n\n" for i in range(60)
)


@pytest.fixture
def tree(folder: Path) -> Path:
    """A small project, with a binary file and an ignored one."""
    (folder / "src").mkdir()
    (folder / "src" / "main.py").write_text(CODE)
    (folder / "src" / "util.py").write_text("x = 1\n" * 20)
    (folder / "README.md").write_text("# A project\n\nIt does things.\n")
    (folder / "notes.txt").write_text("word " * 300)
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (folder / "left_out.log").write_text("log\n")
    (folder / ".gitignore").write_text("*.log\n")
    return folder
