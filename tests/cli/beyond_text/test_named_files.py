"""Media that a conversation names: opened in its folder alone, and never fetched."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from tests.cli.beyond_text.samples import png
from tests.cli.conftest import Run

GPT = "gpt-4o"
IMAGE = int(ctx.image_tokens(GPT, 640, 480))


def naming(url: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]


@pytest.fixture
def chat(folder: Path) -> Path:
    """A conversation's file, in a folder with a photo, and photos around it."""
    inner = folder / "chats"
    (inner / "photos").mkdir(parents=True)
    for place in (folder, inner, inner / "photos"):
        (place / "photo.png").write_bytes(png())
    os.symlink("../photo.png", inner / "link.png")
    os.symlink("photo.png", inner / "inside.png")
    os.symlink("..", inner / "up")
    os.mkfifo(inner / "pipe.png")
    (inner / "text.png").write_text("Hello")
    return inner / "chat.json"


@pytest.mark.parametrize(
    "name", ["photo.png", "photos/photo.png", "./photo.png", "photos/../photo.png", "inside.png"]
)
@pytest.mark.parametrize("command", ["count", "show", "fits"])
def test_files_of_its_folder_are_measured(command: str, name: str, run: Run, chat: Path) -> None:
    chat.write_text(json.dumps(naming(name)))
    ran = run(command, "chats/chat.json", "-m", GPT)
    assert ran.exit_code == 0, ran.stderr
    total = ctx.count_messages(naming(name), model=GPT, files=chat.parent).total
    assert total > IMAGE
    assert f"{total}" in ran.stdout


@pytest.mark.parametrize(
    "name",
    ["../photo.png", "/etc/hostname", "link.png", "up/photo.png", "pipe.png", "text.png",
     "file:///etc/hostname", "missing.png", "/dev/zero", "photos", "x\0.png", "", "~/photo.png",
     "https://example.org/photo.png", "http://169.254.169.254/", "ftp://example.org/a.png"],
)  # fmt: skip
@pytest.mark.parametrize("command", ["count", "show", "fits"])
def test_others_are_refused(command: str, name: str, run: Run, chat: Path) -> None:
    chat.write_text(json.dumps(naming(name)))
    ran = run(command, "chats/chat.json", "--messages", "-m", GPT)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: chats/chat.json: messages[0].content[0]")
    assert ran.stderr.count("chats/chat.json") == 1
    assert "media_sizes" not in ran.stderr
    if name.startswith("http"):
        assert "not fetched" in ran.stderr
        assert "hint: " in ran.stderr


@pytest.mark.parametrize("command", ["count", "show", "fits"])
def test_what_comes_through_a_pipe_opens_nothing(command: str, run: Run, chat: Path) -> None:
    os.chdir(chat.parent)
    ran = run(command, "--messages", "-m", GPT, input=json.dumps(naming("photo.png")))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: stdin: messages[0].content[0]")
    uri = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    assert run(command, "--messages", "-m", GPT, input=json.dumps(naming(uri))).exit_code == 0


def test_a_text_only_model_refuses_them(run: Run, chat: Path) -> None:
    chat.write_text(json.dumps(naming("photo.png")))
    ran = run("count", "chats/chat.json", "-m", "deepseek-v3")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: chats/chat.json: messages[0]")


def test_one_conversation_that_cannot_be_counted_does_not_stop_the_others(
    run: Run, chat: Path
) -> None:
    chat.write_text(json.dumps(naming("../photo.png")))
    (chat.parent / "other.json").write_text(json.dumps([{"role": "user", "content": "Hi"}]))
    ran = run("count", "chats/chat.json", "chats/other.json", "-m", GPT)
    assert ran.exit_code == 2
    assert "total of 1 file" in ran.stdout
