"""Names of files in everything that is printed, on a pipe and on a terminal.

Beside what `running` checks of every run, a line break in a name begins no line: nobody can forge
an error or a figure with it.
"""

import json
import re
from pathlib import Path

import pytest

from tests.hostile.running import NAMED_SHELL, UNSAFE, Ran, Sandbox

pytest.importorskip("termios", reason="runs are forked")

FORGED = "FORGED: 0 tokens"
NAMES = (
    f"title \x1b]0;owned\x07\n{FORGED}",
    f"screen \x1b[2J\x1b[H\r\n{FORGED}",
    f"C1 \x9b2J\x85{FORGED}",
    f"reversed \u202etxt.exe\u2066\u2069\u200f\u2028{FORGED}",
    f"hidden \u200b\ufeff\u2060\U000e0041\n{FORGED}",
    f"markup [red]x[bold]\n{FORGED}",
)
ONE = f"x\x1b[2J\u202e\n{FORGED}"

FOUND = """
count .
count . --tree
count . --by dir --sort path
count . --by type
count . -m gpt-5 -m claude-sonnet-4-5 --color always
count . --json
count . --jsonl
count . --strict --max-file-size 1
fits . -l 10
fits . -l 1M --json
check . -l **=each:1,all:1
check . -l **=1 --json
check . -l **=1 --format github --summary {out}/summary.md
check . -l **=1 --format sarif
check . -l **=1 --update-baseline --baseline {out}/base.json
chunk . --size 64 --dry-run
chunk . --size 64 --dry-run --json
chunk . --size 64
pack . --limit 10k --explain -o {out}/pack.xml
pack . --limit 1k --explain --dry-run --json
pack . --limit 200 --tree --format markdown -o {out}/pack.md
pack . --limit 20 -o {out}/none.md
pack . --limit 10k --secrets fail
pack-sequences . --window 64
"""
NAMED = """
count {name}
count {name}.text {name}.gz {name}.bin {name}.ipynb nowhere/{name}
count -e {name} text.txt
count -e ./{name}.json text.txt
count -e ./{name}.tiktoken#{name} text.txt
check -l **=1 {name} {name}.text {name}.bin nowhere/{name}
check -l **=1 --format github {name} nowhere/{name}
check -l {name}=1 text.txt
check -l text.txt={name} .
check -l text.txt=1 --baseline {name} .
check -l text.txt=1 --against {name} .
check -l text.txt=1 --max-growth {name} --against HEAD .
count -m {name} text.txt
count -l {name} text.txt
count --include {name} .
count --field zz keys.jsonl
count --field b keys.jsonl
count --column zz {name}.csv
count --files-from {name}
count --charset {name} text.txt
count --by {name}
count -j {name}
count --{name}
{name}
fits {name}.md -m gpt-5 -m gpt-4 -l 1
chunk text.txt --format {name}
chunk text.txt -o {name}/x
pack . --limit 1k --pin {name} --dry-run
pack . --limit 1k --requires text.txt={name}.md --dry-run --explain
pack . --limit 1k --template {name}.json
pack {name}.bin --limit 10
pack-sequences --lengths {name}.json --window 8
truncate {name} -l 1
encode text.txt -o {name}/x
decode {name}.json
show {name}
models {name}
models import {name}.json
info {name}
bench --engine {name}
"""


def _lines(commands: str) -> list[str]:
    return commands.strip().split("\n")


def _run(arguments: list[str], sandbox: Sandbox) -> None:
    for terminal in (False, True):
        if "always" in arguments:
            ran = sandbox.run(*arguments, terminal=terminal)
            assert not UNSAFE.search(re.sub(r"\x1b\[[\d;]*m", "", _printed(ran))), ran
        else:
            ran = sandbox.check(*arguments, terminal=terminal)
        assert f"\n{FORGED}" not in f"\n{_printed(ran)}", ran


def _printed(ran: Ran) -> str:
    return (ran.stdout + b"\n" + ran.stderr).decode(errors="surrogateescape")


@pytest.mark.parametrize("command", _lines(FOUND))
def test_names_that_are_found(command: str, sandbox: Sandbox) -> None:
    for number, name in enumerate(NAMES):
        path = sandbox.here / name
        Path(f"{path}.md").write_text(f"# {name}\n\nWords {number}.\n")
        Path(f"{path}.{name[:5]}\x1b").write_text("words")
        Path(f"{path}.ipynb").write_text("{")
        Path(f"{path}.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
        Path(f"{path}.gz").write_bytes(b"\x1f\x8b\x08\0")
        Path(f"{path}.env").write_text("key = 'AKIAQYLPMN5HHHFPZAM2'\n")
        (sandbox.here / f"link {name}").symlink_to(f"nowhere {name}")
        (sandbox.here / f"folder {name}").mkdir()
        (sandbox.here / f"folder {name}" / "in it.txt").write_text("words " * 50)
        (sandbox.here / f"folder {name}" / "package-lock.json").write_text("{}\n" * 50)
    _run([word.format(out=sandbox.out) for word in command.split()], sandbox)


@pytest.mark.parametrize("command", _lines(NAMED))
def test_names_on_the_command_line(command: str, sandbox: Sandbox) -> None:
    for suffix, content in {
        "md": "words\n",
        "json": "{",
        "tiktoken": "x y z",
        "csv": f'"{ONE}",b\n1,2\n',
        "ipynb": "{",
        "bin": "\x7fELF\2\1\1\0\0",
        "gz": "\x1f\x08",
    }.items():
        (sandbox.here / f"{ONE}.{suffix}").write_text(content)
    (sandbox.here / "keys.jsonl").write_text(json.dumps({ONE: 1, "b": {ONE: 2}}))
    _run([word.format(name=ONE) for word in command.split()], sandbox)


def test_csv_is_exact_on_a_pipe(sandbox: Sandbox) -> None:
    """It is data: a program that reads it finds the file. On a terminal it is text."""
    (sandbox.here / ONE).write_text("words")
    assert f'"{ONE}",5,1\n'.encode() in sandbox.run("count", ".", "--csv").stdout
    sandbox.check("count", ".", "--csv", terminal=True)


def test_the_configuration_of_a_folder_with_such_a_name(sandbox: Sandbox) -> None:
    """It is part of where each setting comes from, and of errors."""
    folder = sandbox.here / ONE
    folder.mkdir()
    (folder / "text.txt").write_text("words")
    object.__setattr__(sandbox, "here", folder)
    for content in (
        'limit = "8k"\n[check]\n"*.txt" = { all = 0 }\n',
        f'limit = "{ONE}'.replace("\n", "\\n") + '"\n',
        "x =\n",
    ):
        (folder / "ctxtools.toml").write_text(content.replace("\x1b", "\\u001b"))
        for arguments in (["info"], ["count", "text.txt"], ["fits", "text.txt"]):
            _run(arguments, sandbox)
        for format in ("table", "github"):
            _run(["check", "--format", format], sandbox)


def test_what_is_shown_of_a_text(sandbox: Sandbox) -> None:
    """Tokens that join what is before them, or have no width, are seen as well."""
    marks = "e\u0301\u0301\u0301 👩\u200d💻 \u200dx \x1b[31m\r\n\t\u202e"
    (sandbox.here / "text.txt").write_text(marks)
    for arguments in (["show", "text.txt"], ["show", "text.txt", "--ids"]):
        _run(arguments, sandbox)
    assert "│◌\u0301│" in _printed(sandbox.run("show", "text.txt"))
    colored = _printed(sandbox.run("show", "text.txt", "--color", "always"))
    assert not UNSAFE.search(re.sub(r"\x1b\[[\d;]*m", "", colored))


def test_completion_is_installed_without_colors(sandbox: Sandbox) -> None:
    for terminal in (False, True):
        environment = {"TERM": "xterm-256color", **NAMED_SHELL}
        arguments = ("--install-completion", "bash")
        ran = sandbox.run(*arguments, terminal=terminal, environment=environment)
        assert b"bash completion installed in" in ran.stdout, ran
