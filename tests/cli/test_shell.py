"""Manual pages and completions: all that the commands declare, and shells that take them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ctxtools
from ctxtools.cli import quick
from ctxtools.cli.shell import shell_files
from ctxtools.cli.shell.__main__ import main
from ctxtools.cli.shell.words import ROOT, Words, all_commands
from tests.cli.test_options import COMMANDS as TYPER
from tests.cli.test_options import found_command

COMMANDS = all_commands()
FILES = shell_files()
SOURCES = Path(ctxtools.__file__).parent.parent
BASH = "bash-completion/completions/ctx"
ZSH = "zsh/site-functions/_ctx"
FISH = "fish/vendor_completions.d/ctx.fish"


def program(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


def output_of(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def spellings(command: Words) -> list[str]:
    return [spelling for each in command.options for spelling in each.spellings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    main([str(tmp_path)])
    return tmp_path


@pytest.mark.parametrize("command", [ROOT, *COMMANDS], ids=lambda command: command.name)
def test_options_are_those_that_typer_takes(command: Words) -> None:
    parameters = (found_command(command.name) if command.name else TYPER).params
    known = [*(s for each in parameters for s in [*each.opts, *each.secondary_opts])]
    options = [each for each in known if each.startswith("-")]
    assert sorted(spellings(command)) == sorted([*options, "--help", "-h"])
    choices = {
        each.opts[0]: each.type.choices for each in parameters if hasattr(each.type, "choices")
    }
    given = {each.spellings[0]: each.choices for each in command.options if each.choices}
    assert given == {name: tuple(values) for name, values in choices.items()}


def test_a_build_needs_no_package(tmp_path: Path) -> None:
    """`setup.py` runs this in an environment that has only what builds."""
    code = f"""if True:
        import sys
        sys.path.insert(0, {str(SOURCES)!r})
        from ctxtools.cli.shell.__main__ import main
        main([{str(tmp_path)!r}])"""
    output_of(sys.executable, "-I", "-S", "-c", code)
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.relative_to(tmp_path).as_posix() for path in paths} == {*FILES}
    assert all((tmp_path / name).read_text("utf-8") == text for name, text in FILES.items())


def test_a_folder_has_to_be_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([]) == main(["--help"]) == 2
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file")]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


def test_there_is_a_page_for_each_command() -> None:
    pages = {name for name in FILES if name.startswith("man/")}
    names = ["", *(f"-{name.replace(' ', '-')}" for name in quick.COMMANDS)]
    assert pages == {f"man/man1/ctx{name}.1" for name in names}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_page_has_all_that_the_help_says(command: Words) -> None:
    page = FILES[f"man/man1/ctx-{command.name.replace(' ', '-')}.1"]
    for roff, text in (("\\-", "-"), ("\\e", "\\"), ("\\&", ""), ("\\fB", ""), ("\\fR", "")):
        page = page.replace(roff, text)
    for each in [*command.options, *command.arguments]:
        assert each.help.replace("`", "") in page
        assert ", ".join(each.spellings) in page


def test_pages_are_printed_without_warnings(folder: Path) -> None:
    for page in sorted((folder / "man/man1").iterdir()):
        groff = program("groff")
        assert output_of(groff, "-wmac", "-man", "-Kutf8", "-Tutf8", "-z", str(page)) == ""


def completed_by_bash(file: Path, *lines: str) -> list[list[str]]:
    """The words that the last word of each line may become; it may be empty."""
    script = f"source '{file}'\n"
    for line in lines:
        words = " ".join(f"'{word}'" for word in line.split(" "))
        script += f"COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        script += '_ctx; echo "${COMPREPLY[*]}"\n'
    return [line.split() for line in output_of(program("bash"), "-c", script).splitlines()]


@pytest.mark.skipif(sys.platform == "win32", reason="bash there is often that of WSL")
def test_bash(folder: Path) -> None:
    given = completed_by_bash(folder / BASH, *(f"ctx {each.name} -" for each in COMMANDS))
    assert given == [spellings(each) for each in COMMANDS]
    firsts = list(dict.fromkeys(name.split()[0] for name in quick.COMMANDS))
    kinds = ["file", "dir", "type", "kind"]
    expected = {
        "ctx ": firsts,
        "ctx corpus ver": ["verify"],
        "ctx count --by ": kinds,
        "ctx -q count a.md --by = f": ["file"],
        "ctx count --by =": kinds,
        "ctx count ": [],  # then bash completes names of files
        "ctx count --limit ": [],
        "ctx count --no-m": ["--no-media", "--no-messages"],
        "ctx --ver": ["--version"],
        "ctx none -": [],
    }
    assert completed_by_bash(folder / BASH, *expected) == [*expected.values()]


def completed_by_fish(file: Path, *lines: str) -> list[list[str]]:
    parts = [f"complete -C '{line}'; echo ---" for line in lines]
    printed = output_of(program("fish"), "-N", "-c", f"source '{file}'; {'; '.join(parts)}")
    return [re.findall(r"^(\S+)", part, re.MULTILINE) for part in printed.split("---\n")[:-1]]


def test_fish(folder: Path) -> None:
    given = completed_by_fish(folder / FISH, *(f"ctx {each.name} -" for each in COMMANDS))
    for words, command in zip(given, COMMANDS, strict=True):
        assert {*words} >= {each for each in spellings(command) if each.startswith("--")}
    by, verify, firsts = completed_by_fish(
        folder / FISH, "ctx count --by ", "ctx corpus ver", "ctxtools pack-"
    )
    assert sorted(by) == ["dir", "file", "kind", "type"]
    assert (verify, firsts) == (["verify"], ["pack-sequences"])


def test_zsh(folder: Path) -> None:
    """The function that takes what may follow is replaced by one that prints it."""
    zsh = program("zsh")
    output_of(zsh, "-n", str(folder / ZSH))
    for command in COMMANDS:
        function = f"_ctx_{re.sub('[ -]', '_', command.name)}"
        script = (
            f"_arguments() {{ print -rl -- $@ }}; source {folder / ZSH} > /dev/null; {function}"
        )
        specs = output_of(zsh, "-f", "-c", script).splitlines()[2:]  # after -s and -S
        found = [
            match[1] for each in specs if (match := re.match(r"(?:\(.*?\)|\*)?(-[\w-]+)\[", each))
        ]
        assert found == spellings(command)
        arguments = [each for each in specs if re.match(r"[1*]:", each)]
        assert len(found) + len(arguments) == len(specs)
        assert len(arguments) == len(command.arguments)
