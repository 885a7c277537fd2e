"""The README is true: its commands print what it says, and its Python runs."""

import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from zlib import compress, crc32

import pytest

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
COMMANDS = [
    (command, output)
    for language, block in BLOCKS
    if language == "console"
    for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]
EXAMPLES = [block for language, block in BLOCKS if language == "python"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the README's commands speak of."""
    chapters = (
        f"## Chapter {n}\n\nIt was the best of times, it was the worst.\n" for n in range(99)
    )
    (tmp_path / "book.md").write_text("# A book\n\n" + "\n".join(chapters))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "todo.md").write_text("- [ ] write the next chapter, soon\n" * 43)
    (tmp_path / "notes" / "中文.md").write_text("深度求索，通义千问。\n" * 12)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add_files(folder: Path, command: str) -> None:
    """What only some commands speak of."""
    if "chat.json" in command:
        (folder / "photo.png").write_bytes(png(1920, 1080))
        (folder / "chat.json").write_text(json.dumps(CHAT))
    if "archive" in command:
        (folder / "archive").mkdir()
        for number in range(20):
            line = (
                "It was the best of times, it was the worst of times, it was the age of wisdom.\n"
            )
            (folder / "archive" / f"report_{number:02}.md").write_text(line * 1650)
        for number in range(765):
            (folder / "archive" / f"scan_{number:03}.png").write_bytes(png(2480, 3508))


def png(width: int, height: int) -> bytes:
    """An image without pixels, which counting does not look at."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", compress(b"")) + IEND


IEND = b"\0\0\0\0IEND\xaeB`\x82"
QUERY = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
SEARCH = {"name": "search", "description": "Search the archive.", "parameters": QUERY}
CALL = {"name": "search", "arguments": '{"query": "red cover, 1953"}'}
CHAT = {
    "messages": [
        {"role": "system", "content": "You are a librarian."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Which book has this cover?"},
                {"type": "image", "image": "photo.png"},
            ],
        },
        {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": CALL}]},
        {"role": "tool", "tool_call_id": "1", "content": "Three books have a red cover."},
    ],
    "tools": [{"type": "function", "function": SEARCH}],
}


@pytest.mark.parametrize(("command", "expected"), COMMANDS, ids=[c for c, _ in COMMANDS])
def test_commands_print_what_the_readme_says(command: str, expected: str, project: Path) -> None:
    add_files(project, command)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("CTXTOOLS_") or "KERNEL" in k},
        "XDG_CONFIG_HOME": str(project / "none"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, env=environment)
    assert ran.returncode == 0
    printed = (ran.stdout + ran.stderr).rstrip("\n")
    pattern = re.escape(expected.rstrip("\n")).replace("…", ".*")
    assert re.fullmatch(pattern, printed), printed


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_python_runs(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(example, "README.md", "exec"), {})
    for call, value in re.findall(r"^(encoding\.count.*?)  # (\d+)$", example, re.MULTILINE):
        scope: dict[str, object] = {}
        exec(compile(f"{example}\nresult = {call}", "README.md", "exec"), scope)
        assert scope["result"] == int(value)


def test_the_readme_shows_commands_and_code() -> None:
    assert len(COMMANDS) >= 4
    assert len(EXAMPLES) >= 2
