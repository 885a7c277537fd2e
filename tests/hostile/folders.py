"""Folders: names, links, pipes, ignore files, repositories. Each has a ``text.txt`` of its own."""

import os
from pathlib import Path

from tests.hostile.builders import Input, folder_into

FOLDERS: list[Input] = []
folder = folder_into(FOLDERS)

NAMES = (
    "a\x1b]0;title\x07.md",
    "b\nc: error.md",
    "d\x1b[2J\u202egpj.md",
    "e\u2066f\u2028\x9b31m.md",
)


@folder()
def names_with_escapes(here: Path) -> None:
    for name in NAMES:
        (here / name).write_text("# A heading\n\nWords.\n")
        (here / f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
        (here / f"{name}.ipynb").write_text("{")
        (here / f"folder {name}").mkdir()
        (here / f"folder {name}" / "in it.txt").write_text("words")


@folder()
def name_that_is_not_utf8(here: Path) -> None:
    Path(os.fsdecode(bytes(here) + b"/\xff\xfe.txt")).write_text("words")


@folder()
def links_to_the_users_files(here: Path) -> None:
    (here / "link.txt").symlink_to("../home/secret.txt")
    (here / "folder").symlink_to("../home")
    (here / "loop").symlink_to(".")
    (here / "devices").symlink_to("/dev")


@folder()
def pipe_among_the_files(here: Path) -> None:
    os.mkfifo(here / "pipe.txt")
