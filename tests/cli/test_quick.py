"""A command line that is read without typer means what it means to typer."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.cli import app as application
from ctxtools.cli.declarations import Command, Parameter, parameters_of
from ctxtools.cli.quick import COMMANDS, find_command, read_call, split_name
from ctxtools.errors import CtxtoolsError
from tests.core import needs_kernel

pytestmark = pytest.mark.skipif(os.name != "posix", reason="typer reads everything there")


def read_by_typer(words: list[str]) -> Any:
    """The values of the options, or None for an error."""
    found: list[dict[str, Any]] = []

    def keep(command: Command, values: dict[str, Any]) -> int:
        found.append(values)
        return 0

    group: Any = typer.main.get_command(application.app)
    name, rest = split_name(words)
    command = group.get_command(typer.Context(group), words[0])
    if " " in name:
        command = command.get_command(typer.Context(command), words[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "call", keep)
        try:
            with command.make_context("ctx", [*rest]) as context:
                command.invoke(context)
        except Exception as error:
            if isinstance(error, CtxtoolsError):
                raise
            return None
    return found[0]


def spellings(parameter: Parameter) -> list[str]:
    if parameter.option.is_argument:
        return []
    default = (f"--{parameter.name.replace('_', '-')}",)
    return "/".join(parameter.option.spellings or default).split("/")


SPELLINGS = {
    name: [word for each in parameters_of(find_command(name)) for word in spellings(each)]
    for name in COMMANDS
}
VALUES = st.sampled_from(
    (
        "",
        "-",
        "--",
        "a.txt",
        "0",
        "7",
        "07",
        "-1",
        "+3",
        "1_0",
        "٣",
        "1.5",
        "x=y",
        "--limit=9",
        "=",
        "file",
        "dir",
        "tokens",
        "auto",
        "never",
        "right",
        "json",
        "lines",
        "optimal",
        "head",
        "xml",
    )
)


@given(st.data())
def test_what_is_read_is_what_typer_reads(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(COMMANDS)))
    spelled = st.sampled_from(SPELLINGS[name])
    word = st.one_of(
        VALUES,
        spelled,
        st.builds("{}={}".format, spelled, VALUES),
        st.builds("{}{}".format, spelled, VALUES),
    )
    words = [*name.split(), *data.draw(st.lists(word, max_size=6))]
    try:
        call = read_call(words)
    except CtxtoolsError:
        with pytest.raises(CtxtoolsError):
            read_by_typer(words)
        return
    if call is not None:
        assert call.values == read_by_typer(words)


@pytest.mark.parametrize(
    "words",
    [
        ["count", "README.md"],
        ["count", "-", "--json", "-m", "gpt-5", "-e", "cl100k_base", "--no-media"],
        ["count", "--by", "dir", "--top", "3", "-j", "2", "--color=never", "a", "--", "-b"],
        ["fits", "a", "b", "--limit=9k", "--no-messages", "--strict"],
        ["chunk", "--size", "512", "--overlap=64", "--header", "a.md"],
        ["pack", ".", "-l", "8k", "--include", "*.py", "--include", "*.md", "-q"],
        ["pack-sequences", "-w", "8k", "--overlong", "split", "a.jsonl"],
        ["truncate", "-l", "10", "--side", "left"],
        ["encode", "a", "--format", "json"],
        ["models"],
        ["corpus", "pack", "a", "-e", "gpt-5", "-w", "4k", "--eos", "none", "-o", "b"],
        ["corpus", "count", "data", "-o", "counts", "-e", "gpt-5", "--engine", "ray", "-j", "2"],
        ["info"],
    ],
    ids=" ".join,
)
def test_usual_command_lines_are_read_without_typer(words: list[str]) -> None:
    call = read_call(words)
    assert call is not None
    assert call.values == read_by_typer(words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--version"],
        ["-h"],
        ["count", "--help"],
        ["count", "-h"],
        ["cuont"],
        ["count", "--lmit", "9"],
        ["count", "--limit"],
        ["count", "--top", "x"],
        ["count", "--top", "-1"],
        ["count", "--by", "nothing"],
        ["count", "--json=1"],
        ["count", "-qj2"],
        ["encode", "a", "b"],
        ["pack-sequences", "a"],
    ],
    ids=" ".join,
)
def test_all_else_is_left_to_typer(words: list[str]) -> None:
    assert read_call(words) is None


def test_completion_is_left_to_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CTX_COMPLETE", "complete_bash")
    assert read_call(["count", "a"]) is None


def imported_by(folder: Path, *words: str) -> set[str]:
    """The modules that a command line imports; it prints nothing to stdout."""
    code = (
        f"import sys; from ctxtools.cli import main; sys.argv = ['ctx', *{words!r}]\n"
        "import atexit; atexit.register(lambda: print(*sys.modules)); main()"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    return {*ran.stdout.split()}


NEVER = {"typer", "rich.console", "click", "tokenizers", "tiktoken", "numpy", "chardet"}
OF_PACKS = {"regex", "logging", "multiprocessing", "concurrent.futures", "detect_secrets"}
OF_PACKS |= {"statistics", "tree_sitter", "ctxtools.models.model", "ctxtools.chunking.build"}


@needs_kernel  # the fallback counts with tokenizers, which imports a command line of its own
@pytest.mark.parametrize(
    ("words", "others"),
    [
        (["count", "a.txt"], {"dataclasses", "rich", "ctxtools.packing"}),
        (["count", "."], {"dataclasses", "ctxtools.packing"}),
        (["pack", ".", "-o", "../out.xml", "--no-cache"], {*OF_PACKS, "hashlib"}),
        (["pack", ".", "-o", "../out.xml", "--no-cache", "--query", "text"], OF_PACKS),
        (["pack", ".", "-o", "../out.xml", "-l", "40"], OF_PACKS),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_command_imports_what_it_needs(
    words: list[str], others: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("a.txt", "b.txt", "c.md"):
        (folder / name).write_text("some text\n")
    assert imported_by(folder, *words).isdisjoint(NEVER | others)
