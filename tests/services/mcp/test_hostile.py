"""Tools on what strangers leave: an answer or an error that says what is wrong, never a crash."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from ctxtools.services.mcp.make import make_server
from tests.hostile.conversations import CONVERSATIONS
from tests.hostile.files import FILES
from tests.hostile.folders import FOLDERS
from tests.hostile.media import MEDIA
from tests.hostile.running import SECRET
from tests.services.mcp.calling import run, text_of

pytest.importorskip("termios", reason="what strangers leave is made for other systems")

INPUTS = [*FILES, *FOLDERS, *CONVERSATIONS, *MEDIA][::2]
"""Half of them: the command line reads all."""


@pytest.mark.parametrize("part", range(4))
def test_what_strangers_leave(part: int, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret.txt").write_text(SECRET)
    for number, of in enumerate(INPUTS[part::4]):
        here = tmp_path / f"{number}"
        here.mkdir()
        of.build(here)
        path = of.target
        calls: list[tuple[str, dict[str, Any]]] = [
            ("count", {"paths": [path], "max_tokens": 2000}),
            ("pack", {"paths": [path], "budget": 1000, "query": "text", "max_tokens": 2000}),
            ("chunk", {"path": path, "chunk_size": 200, "max_tokens": 2000}),
            ("fits", {"paths": [path], "model": "claude-opus-4-8", "max_tokens": 2000}),
        ]
        tool, arguments = calls[number % len(calls)]
        said = ask(here, tool, arguments)
        assert not said.startswith("Error executing tool"), (of.name, tool, said)
        assert SECRET not in said and str(tmp_path) not in said, (of.name, tool, said)


def ask(here: Path, tool: str, arguments: dict[str, Any]) -> str:
    async def use(client: Client) -> str:
        return text_of(await client.call_tool(tool, arguments))

    return run(make_server([here]), use, mode="legacy")
