"""The folder that the README and the pages of the site speak of, and how their commands run."""

import json
import os
import random
import re
import struct
import subprocess
import sys
from pathlib import Path
from zlib import compress, crc32

import pytest


def write_project(folder: Path) -> None:
    """A book, two notes and an image."""
    chapters = (
        f"## Chapter {n}\n\nIt was the best of times, it was the worst.\n" for n in range(99)
    )
    (folder / "book.md").write_text("# A book\n\n" + "\n".join(chapters))
    (folder / "notes").mkdir()
    (folder / "notes" / "todo.md").write_text("- [ ] write the next chapter, soon\n" * 43)
    (folder / "notes" / "中文.md").write_text("深度求索，通义千问。\n" * 12)
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))


def add_files(folder: Path, text: str) -> None:
    """What only some commands and pages speak of: a conversation, an archive, a corpus."""
    if "data/" in text:
        write_data(folder / "data")
    if "chat.json" in text:
        (folder / "photo.png").write_bytes(png(1920, 1080))
        (folder / "chat.json").write_text(json.dumps(CHAT))
    if "archive -m" in text:
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


WORDS = "the quick brown fox jumps over a lazy dog while rain falls on old stone walls"


def write_data(folder: Path) -> None:
    """The corpus that the pages speak of."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    folder.mkdir()
    for number in range(3):
        chosen = random.Random(number)
        lengths = [chosen.randint(5, 400) for _ in range(200)]
        texts = [" ".join(chosen.choices(WORDS.split(), k=length)) for length in lengths]
        ids = [f"{number}-{row}" for row in range(len(texts))]
        table = pyarrow.table({"id": ids, "text": texts})
        parquet.write_table(table, folder / f"web-{number}.parquet")


def run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A command as a reader types it, without configuration of this machine."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("CTXTOOLS_") or "KERNEL" in k},
        "XDG_CONFIG_HOME": str(home / "none"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    return subprocess.run(command, shell=True, capture_output=True, text=True, env=environment)


def printed(ran: subprocess.CompletedProcess[str]) -> str:
    """What a reader sees of it."""
    return (ran.stdout + ran.stderr).rstrip("\n")


def shows(expected: str, ran: subprocess.CompletedProcess[str]) -> bool:
    """Whether it printed what a page says, in which … stands for anything."""
    pattern = re.escape(expected.rstrip("\n")).replace("…", ".*")
    return re.fullmatch(pattern, printed(ran)) is not None
