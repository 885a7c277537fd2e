"""The sandbox, and the end of the process that forks runs in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.running import Sandbox, stop_server


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    yield
    stop_server()


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A sandbox whose current folder has a text, and the ids of another."""
    made = Sandbox(tmp_path)
    (made.here / "text.txt").write_text("Words, and more words.\n")
    (made.here / "ids.txt").write_text("0\n1\n2\n")
    return made
