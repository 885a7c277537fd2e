"""Names that could deceive a reader, named pipes, and configuration files with a mark."""

import json
import os
import re
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Run

NAMES = ["a\u202egpj.txt", "b\x1b[31m.txt", "c\nd.txt", "e\u2066f.txt"]


def test_names_cannot_reverse_or_hide_what_is_printed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a table, a tree, notes, errors and what was skipped; JSON keeps them exactly."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        Path(name).write_bytes("слово за слово, и так весь день".encode("cp1251"))
        Path(f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    gone = "gone\u202e\x1b[2J"
    for options in ([], ["--tree"], ["--by", "dir"], ["-m", "gpt-5"]):
        for arguments in (["count", ".", gone], ["fits", ".", gone, "-l", "1k"]):
            ran = run(*arguments, *(options if arguments[0] == "count" else []))
            shown = ran.stdout + ran.stderr
            assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", shown), shown
            assert "\nd.txt" not in shown
    for arguments in (["pack", ".", "--limit", "1k", "-o", "p"], ["chunk", ".", "-o", "c.jsonl"]):
        ran = run(*arguments)
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", ran.stderr), ran.stderr
    ran = run("truncate", gone, "--limit", "3")
    assert "\u202e" not in ran.stderr and "\x1b" not in ran.stderr
    paths = [each["path"] for each in json.loads(run("count", ".", "--json").stdout)["files"]]
    assert set(NAMES) <= set(paths)


def test_a_pipe_that_was_named_is_one_input(run: Run, tmp_path: Path) -> None:
    """``ctx count <(echo hi)`` was a table."""
    for command in (["count"], ["fits", "--limit", "10"], ["chunk"], ["pack"]):
        pipe = tmp_path / f"pipe-{command[0]}"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_text, args=("hi\n",))
        writer.start()
        ran = run(command[0], str(pipe), *command[1:])
        writer.join()
        assert ran.exit_code == 0, ran.stderr
        if command == ["count"]:
            assert ran.stdout == "2\n"


def test_a_configuration_with_a_byte_order_mark(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("text")
    Path("ctxtools.toml").write_bytes(b'\xef\xbb\xbfencoding = "cl100k_base"\n')
    assert run("count", "a.txt").stdout == "1\n"
    Path("ctxtools.toml").write_bytes('encoding = "cl100k_base"'.encode("utf-16"))
    ran = run("count", "a.txt")
    assert ran.exit_code == 2 and "UTF-16" in ran.stderr
