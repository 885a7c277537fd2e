"""A run that has no input is an error, and a pattern that matches nothing is reported."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

COMMANDS = {
    "count": ["count"],
    "count --json": ["count", "--json"],
    "count --jsonl": ["count", "--jsonl"],
    "count --csv": ["count", "--csv"],
    "count --by": ["count", "--by", "dir"],
    "fits": ["fits", "-l", "100"],
    "fits --json": ["fits", "-l", "100", "--json"],
    "fits -m": ["fits", "-m", "claude-opus-4-1"],
    "chunk": ["chunk"],
    "chunk -o": ["chunk", "-o", "../out.jsonl"],
    "chunk --dry-run": ["chunk", "--dry-run", "--json"],
    "pack": ["pack", "-l", "100"],
    "pack -o": ["pack", "-l", "100", "-o", "../out.jsonl", "--stats", "../stats.json"],
    "pack --parts": ["pack", "--parts", "2", "-o", "../out.jsonl"],
    "pack --dry-run": ["pack", "--dry-run"],
    "pack-sequences": ["pack-sequences", "-w", "100"],
    "pack-sequences -o": ["pack-sequences", "-w", "100", "-o", "../out.jsonl"],
}

every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


@pytest.fixture
def tree(folder: Path) -> Path:
    """Two modules, a guide, and what is left out anyway; beside the folder, an earlier output."""
    for name, text in (
        ("src/a.py", "a = 1\n"),
        ("src/b.py", "b = 2\n"),
        ("guide.md", "# Guide\n"),
        (".hidden", "x"),
        ("build/a.js", "1"),
        ("empty/.keep", ""),
        ("bin/x.bin", "\0\1"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / ".ignore").write_text("build\n")
    (folder.parent / "out.jsonl").write_text("old")
    return folder


@every_command
@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (
            [".", "--include", "*.pyy"],
            "no file matches --include '*.pyy', 4 files are not included",
            "did you mean '*.py' (2 files)?",
        ),
        ([".", "--exclude", "*"], "4 files or folders are excluded", "exclude less"),
        (["build"], "there is no input: no file in build/", "name a file"),
        (["empty"], "1 file or folder is hidden", "--hidden"),
        (["bin"], "nothing that was found is text", ""),
        (["guide.md", "--exclude", "*.md"], "1 file or folder is excluded", "exclude less"),
        (["guide.md", "--include", "*.py"], "no file matches --include '*.py'", "*.md"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_no_input_is_an_error(
    command: list[str], options: list[str], message: str, hint: str, run: Run, tree: Path
) -> None:
    if options == ["build"]:
        (tree / "build/a.js").unlink()
    ran = run(*command, *options)
    assert ran.exit_code == 2
    assert "tokens" not in ran.stdout
    if "--jsonl" not in command:  # a stream has a line for each file that is skipped
        assert ran.stdout == ""
    assert "error: there is no input: " in ran.stderr
    assert message in ran.stderr
    assert hint in ran.stderr.partition("hint: ")[2]
    assert (tree.parent / "out.jsonl").read_text() == "old"
    assert sorted(path.name for path in tree.parent.iterdir()) == ["here", "out.jsonl"]
    assert run(*command, *options, "-q").exit_code == 2


@every_command
def test_an_empty_list_of_files(command: list[str], run: Run, tree: Path) -> None:
    for option in ("--files0-from", "--files-from"):
        ran = run(*command, option, "-", input="")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert "the list of files is empty" in ran.stderr
    assert (tree.parent / "out.jsonl").read_text() == "old"


def test_an_argument_whose_matches_are_excluded(run: Run, tree: Path) -> None:
    ran = run("count", "src/*.py", "--exclude", "src")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "src/*.py: no file matches this pattern" in ran.stderr
    assert "hint: what it matches is left out: 2 excluded" in ran.stderr


def test_an_empty_file_is_an_input(run: Run, tree: Path) -> None:
    (tree / "nothing.txt").write_text("")
    assert run("count", "nothing.txt").stdout == "0\n"
    assert "fits, 0 of 9 tokens, 9 to spare" in run("fits", "nothing.txt", "-l", "9").stdout
    for command in ("count", "chunk"):
        assert run(command, "nothing.txt").exit_code == 0
    ran = run("pack-sequences", "nothing.txt", "-w", "100")
    assert ran.exit_code == 0
    assert "1 document, 0 tokens: no training window" in ran.stderr
    assert "%" not in ran.stderr


def test_an_empty_pipe_is_an_input_with_a_note(run: Run) -> None:
    for command in (["count"], ["fits", "-l", "9"], ["chunk"], ["pack", "-l", "99"]):
        ran = run(*command, input="")
        assert ran.exit_code == 0
        assert "note: stdin: empty\n" in ran.stderr
    assert "note" not in run("count", input="\n").stderr


def test_records_of_nothing(run: Run, tree: Path) -> None:
    (tree / "nothing.jsonl").write_text("")
    assert run("count", "nothing.jsonl", "--field", "text").stdout == "0\n"
    for command in (["pack", "-l", "9"], ["pack-sequences", "-w", "9"]):
        ran = run(*command, "nothing.jsonl", "--field", "text")
        assert ran.exit_code == 2
        assert "there is no input: no record in 1 file" in ran.stderr


def test_what_an_earlier_run_wrote_stays_if_nothing_could_be_read(run: Run, tree: Path) -> None:
    for command in ("chunk", "pack"):
        ran = run(command, "gone.txt", "-o", "../out.jsonl")
        assert ran.exit_code == 2
        assert "gone.txt: no such file or directory" in ran.stderr
        assert (tree.parent / "out.jsonl").read_text() == "old"


@every_command
def test_a_pattern_that_matches_nothing_is_reported(
    command: list[str], run: Run, tree: Path
) -> None:
    options = [".", "--include", "*.py", "--include", "*.pyy", "--exclude", "tset"]
    ran = run(*command, *options)
    assert ran.exit_code == 0
    assert "note: no file matches --include '*.pyy'; did you mean '*.py' (2 files)?" in ran.stderr
    assert "note: no file matches --exclude 'tset'; what is there: " in ran.stderr
    assert "note: " not in run(*command, *options, "-q").stderr
    if "--json" in command:
        assert len(json.loads(ran.stdout)["notes"]) >= 2


def test_patterns_of_the_configuration(run: Run, tree: Path) -> None:
    settings = tree / "ctxtools.toml"
    settings.write_text('include = ["*.py", "*.pyx"]\nexclude = ["docs", "build", "guide.md"]\n')
    lines = run("count", ".").stderr.splitlines()
    assert lines == [
        f"note: no file matches include '*.pyx' ({settings}); did you mean '*.py' (2 files)?",
        f"note: no file matches exclude 'docs' ({settings}); what is there: '*.py' (2 files), "
        "'*.bin' (1 file), '*.toml' (1 file)",
    ]
    assert run("count", "src/a.py").stderr == "", "they are for the whole project"
    assert "docs" in run("count", "src").stderr
    assert "guide.md" not in run("count", "src").stderr, "it is elsewhere"
    ran = run("count", "guide.md")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"skipped: guide.md: excluded by exclude 'guide.md' ({settings})" in ran.stderr


def test_patterns_of_the_environment(run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTXTOOLS_EXCLUDE", "*.mdx")
    assert "exclude '*.mdx' (environment CTXTOOLS_EXCLUDE)" in run("count", ".").stderr


def test_an_excluded_file_among_others_is_listed(run: Run, tree: Path) -> None:
    ran = run("count", "src/a.py", "guide.md", "--exclude", "*.md", "--json")
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["skipped"] == [
        {"path": "guide.md", "reason": "excluded by --exclude '*.md'"}
    ]
    assert "skipped: guide.md: excluded by --exclude '*.md'" in ran.stderr


def test_patterns_of_the_configuration_are_written_for_its_folder(
    run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tree / "ctxtools.toml"
    (tree / "src" / "src").mkdir()
    (tree / "src" / "src" / "c.py").write_text("c = 3\n")

    def counted(*arguments: str) -> list[str]:
        ran = run("count", *arguments, "--json", "--include", "*.py")
        assert "no file matches exclude" not in ran.stderr
        return [each["path"] for each in json.loads(ran.stdout)["files"]]

    settings.write_text('exclude = ["src/a.py"]\n')
    assert counted(".") == ["src/b.py", "src/src/c.py"]
    assert counted(str(tree)) == [f"{tree}/src/b.py", f"{tree}/src/src/c.py"]
    assert counted(str(tree / "src")) == [f"{tree}/src/b.py", f"{tree}/src/src/c.py"]
    monkeypatch.chdir(tree / "src")
    assert counted(".") == ["b.py", "src/c.py"]
    assert counted("..") == ["../src/b.py", "../src/src/c.py"]
    assert counted(".", "--exclude", "src") == ["b.py"], "an option is for the current folder"
    ran = run("count", "a.py")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"skipped: a.py: excluded by exclude 'src/a.py' ({settings})" in ran.stderr
    settings.write_text('include = ["src/b.py"]\n')
    assert [each["path"] for each in json.loads(run("count", ".", "--json").stdout)["files"]] == [
        "b.py"
    ]
    settings.write_text('exclude = ["src/b.py"]\n')
    assert counted(".", "--exclude", "!b.py") == ["a.py", "b.py", "src/c.py"], "taken back"


def test_patterns_of_the_environment_are_for_the_current_folder(
    run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "ctxtools.toml").write_text('include = ["*.py"]\n')
    monkeypatch.chdir(tree / "src")
    monkeypatch.setenv("CTXTOOLS_EXCLUDE", "src")
    assert len(json.loads(run("count", ".", "--json").stdout)["files"]) == 2
    monkeypatch.chdir(tree)
    assert run("count", ".").exit_code == 2


def test_a_folder_that_is_excluded_from_above(
    run: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tree / "pyproject.toml"
    settings.write_text('[tool.ctxtools]\nexclude = ["src/", "*.tmp"]\n')
    monkeypatch.chdir(tree / "src")
    ran = run("count", ".", "--exclude", "*.rst")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"2 files or folders are excluded by exclude 'src/' ({settings}" in ran.stderr


def test_each_of_several_patterns_has_its_hint(run: Run, tree: Path) -> None:
    given = [option for name in ("gide.md", "scr", "*.pyx") for option in ("--exclude", name)]
    for command in COMMANDS.values():
        notes = [line for line in run(*command, ".", *given).stderr.splitlines() if "--ex" in line]
        assert len(notes) == 3
        assert all("did you mean" in note for note in notes)


@pytest.mark.parametrize("patterns", [["!*.md"], ["!guide.md", "!*.txt"]])
def test_patterns_that_only_take_back(patterns: list[str], run: Run, tree: Path) -> None:
    ran = run("count", ".", *(option for each in patterns for option in ("--include", each)))
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "hint: a pattern with ! takes back from those before it; to leave out" in ran.stderr


@pytest.mark.parametrize("pattern", [".md", "MD", ".Md"])
def test_an_ending_alone_is_explained(pattern: str, run: Run, tree: Path) -> None:
    assert "did you mean '*.md' (1 file)?" in run("count", ".", "--include", pattern).stderr
