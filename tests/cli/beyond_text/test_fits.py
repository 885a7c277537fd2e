"""``ctx fits`` with what is no text: media, conversations, and what a chat adds to a message."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from tests.cli.beyond_text.samples import png
from tests.cli.conftest import Run

GPT = "gpt-4o"
FRAMING = ctx.count_messages([{"role": "user", "content": ""}], model=GPT).total
IMAGE = int(ctx.image_tokens(GPT, 640, 480))
MESSAGES = [{"role": "user", "content": "Hello there"}, {"role": "assistant", "content": "Hi"}]


def column(run: Run, *arguments: str) -> dict[str, Any]:
    answer = json.loads(run("fits", *arguments, "--json").stdout)
    (found,) = answer["columns"]
    assert answer["fits"] == found["fits"]
    return dict(found)


def test_texts_and_images_are_one_message(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text("Hello world")
    (folder / "photo.png").write_bytes(png())
    found = column(run, "a.txt", "photo.png", "-m", GPT)
    assert (found["tokens"], found["framing"]) == (2 + IMAGE + FRAMING, FRAMING)
    assert (found["complete"], found["exact"], found["fits"]) == (True, True, True)
    people = run("fits", "a.txt", "photo.png", "-m", GPT).stdout
    assert people.endswith(f" to spare (with {FRAMING} of a message's framing)\n")
    assert column(run, "photo.png", "-m", GPT)["tokens"] == IMAGE + FRAMING


def test_a_limit_of_the_users_own_is_one_on_the_files(run: Run, folder: Path) -> None:
    (folder / "photo.png").write_bytes(png())
    for arguments in (("-l", "2000"), ("--no-framing",)):
        found = column(run, "photo.png", "-m", GPT, *arguments)
        assert (found["tokens"], found["framing"]) == (IMAGE, 0)
    assert run("fits", "photo.png", "-m", GPT, "-l", str(IMAGE)).exit_code == 0
    ran = run("fits", "photo.png", "-m", GPT, "-l", str(IMAGE - 1))
    assert (ran.exit_code, ran.stdout) == (
        1,
        f"{GPT}: does not fit, {IMAGE} of {IMAGE - 1} tokens, over by 1\n",
    )


def test_a_conversation_has_its_own_framing(run: Run, folder: Path) -> None:
    (folder / "chat.json").write_text(json.dumps(MESSAGES))
    (folder / "a.txt").write_text("Hello world")
    total = ctx.count_messages(MESSAGES, model=GPT).total
    found = column(run, "chat.json", "-m", GPT)
    assert (found["tokens"], found["framing"]) == (total, 0)
    assert column(run, "chat.json", "a.txt", "-m", GPT)["tokens"] == total + 2 + FRAMING
    assert column(run, "chat.json", "-m", GPT, "--messages", "-l", "5")["fits"] is False
    lines = f"{json.dumps(MESSAGES)}\n" * 3
    (folder / "chats.jsonl").write_text(lines)
    assert column(run, "chats.jsonl", "--messages", "-m", GPT)["tokens"] == 3 * total


def test_what_is_not_exact_may_not_fit(run: Run, folder: Path) -> None:
    (folder / "chat.json").write_text(json.dumps(MESSAGES))
    interval = ctx.count_messages(MESSAGES, model="claude-opus-4-8").interval
    assert interval.low < interval.high
    model = ("-m", "claude-opus-4-8")
    assert run("fits", "chat.json", *model, "-l", str(interval.high)).exit_code == 0
    ran = run("fits", "chat.json", *model, "-l", str(interval.high - 1))
    assert ran.exit_code == 1
    assert "may not fit" in ran.stdout
    ran = run("fits", "chat.json", *model, "-l", str(interval.low - 1))
    assert "does not fit" in ran.stdout
    found = column(run, "chat.json", *model)
    assert (found["interval"], found["exact"]) == ([interval.low, interval.high], False)


def test_several_models_have_their_own_numbers(run: Run, folder: Path) -> None:
    (folder / "photo.png").write_bytes(png())
    answer = json.loads(run("fits", "photo.png", "-m", GPT, "-m", "gpt-4o-mini", "--json").stdout)
    assert [each["tokens"] - each["framing"] for each in answer["columns"]] == [
        int(ctx.image_tokens(name, 640, 480)) for name in (GPT, "gpt-4o-mini")
    ]


def test_reading_stops_when_the_answer_is_known(run: Run, folder: Path) -> None:
    text = "one two three four five\n" * 200_000
    (folder / "a.png").write_bytes(png())
    (folder / "b.txt").write_text(text)
    (folder / "c.txt").write_text(text)
    found = column(run, ".", "-m", GPT, "-l", str(IMAGE + 10))
    assert (found["fits"], found["complete"]) == (False, False)
    assert found["tokens"] < ctx.get_encoding("o200k_base").count(text)
    assert 0 < found["share_of_bytes_read"] < 1


def test_what_a_model_does_not_take_is_an_error(run: Run, folder: Path) -> None:
    (folder / "a.txt").write_text("Hello world")
    (folder / "photo.png").write_bytes(png())
    ran = run("fits", "a.txt", "photo.png", "-m", "deepseek-v4-pro")
    assert ran.exit_code == 2
    assert "error: photo.png: an image: deepseek-v4-pro takes no images" in ran.stderr
    assert "what could be read fits" in ran.stdout
    ran = run("fits", ".", "-m", "deepseek-v4-pro")
    assert ran.exit_code == 0
    assert "skipped: photo.png" in ran.stderr


def test_a_missing_library_is_a_note(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    (folder / "a.txt").write_text("Hello world")
    ran = run("fits", "a.txt", "-m", "qwen3-8b")
    assert ran.exit_code == 0
    assert ran.stdout == "qwen3-8b: fits, 2 of 40,960 tokens, 40,958 to spare\n"
    assert "note: qwen3-8b: without a message's framing: " in ran.stderr
    assert "jinja2" in ran.stderr
    assert "chat" in ran.stderr
    assert json.loads(run("fits", "a.txt", "-m", "qwen3-8b", "--json").stdout)["notes"]
