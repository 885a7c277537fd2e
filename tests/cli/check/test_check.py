"""`ctx check`: options, exit codes, what it prints."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.documents.git.repositories import git
from tests.limits.conftest import write


@pytest.fixture
def project(folder: Path) -> Path:
    (folder / "ctxtools.toml").write_text(
        '[check]\n"AGENTS.md" = "30"\n"docs/**" = { each = "20", all = "30" }\n'
    )
    write(folder / "AGENTS.md", 30)
    write(folder / "docs/a.md", 10)
    write(folder / "docs/b.md", 20)
    return folder


def test_it_fits_and_it_does_not(project: Path, run: Run) -> None:
    ran = run("check")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert [re.split(r"  +", line.strip()) for line in ran.stdout.splitlines()] == [
        ["Tokens", "Limit", "Of limit", "Files"],
        ["─" * 51],
        ["30", "30", "100.0%", "AGENTS.md"],
        ["20", "20", "100.0%", "docs/b.md"],
        ["10", "20", "50.0%", "docs/a.md"],
        ["30", "30", "100.0%", "docs/**: all 2 files"],
        ["3 files checked: no limit is exceeded"],
    ]
    write(project / "docs/a.md", 11)
    ran = run("check")
    assert ran.exit_code == 1
    assert "31      30     103.3%   OVER   docs/**: all 2 files\n" in ran.stdout
    assert ran.stdout.endswith("3 files checked: 1 limit is exceeded\n")
    ran = run("check", "docs/a.md")
    assert (ran.exit_code, ran.stdout) == (0, "docs/a.md: 11 of 20 tokens (55.0%)\n")
    assert (
        ran.stderr
        == "note: limits on all files of a rule are not checked, since files were named\n"
    )
    write(project / "docs/a.md", 21)
    ran = run("check", "docs/a.md", "-q")
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert ran.stdout == "docs/a.md has 21 o200k_base tokens, 1 over the limit of 20 (docs/**)\n"


def test_options_are_in_place_of_the_configuration(project: Path, run: Run) -> None:
    assert run("check", "--limit", "AGENTS.md=29").exit_code == 1
    ran = run("check", "-l", "*.md=each:30,all:60", "-l", "docs/a.md=10", "--format", "json")
    assert ran.exit_code == 0
    found = json.loads(ran.stdout)
    assert [(each["path"], each["limit"]) for each in found["files"]] == [
        ("AGENTS.md", 30),
        ("docs/a.md", 10),
        ("docs/b.md", 30),
    ]
    assert found["totals"] == [
        {"pattern": "*.md", "files": 3, "tokenizer": "o200k_base", "tokens": 60, "limit": 60}
    ]
    assert (found["fits"], found["exceeded"], found["skipped"]) == (True, [], [])
    assert (
        run("check", "-l", "*.md=30", "--json").stdout
        == run("check", "-l", "*.md=30", "--format", "json").stdout
    )


def test_what_counts(project: Path, run: Run) -> None:
    (project / "AGENTS.md").write_text("深度求索" * 10)
    counts = {
        option: json.loads(run("check", *option.split(), "--json").stdout)["files"][0]
        for option in ("-e qwen2", "-m qwen3-8b", "-e cl100k_base", "-m claude-opus-4-8")
    }
    assert counts["-e qwen2"] == counts["-m qwen3-8b"]
    assert counts["-e cl100k_base"]["tokens"] > counts["-e qwen2"]["tokens"]
    low, high = counts["-m claude-opus-4-8"]["interval"]
    assert low <= counts["-m claude-opus-4-8"]["tokens"] <= high
    ran = run("check", "-m", "claude-opus-4-8")
    assert "is an estimate (~)" in ran.stderr and "~" in ran.stdout
    refused = run("check", "-m", "gpt-4o", "-e", "qwen2")
    assert refused.exit_code == 2


def test_a_model_of_the_project_is_told_if_it_changes_a_known_one(project: Path, run: Run) -> None:
    with (project / "ctxtools.toml").open("a") as file:
        file.write('[models.gpt-4o]\nencoding = "qwen2"\n')
    ran = run("check", "-m", "gpt-4o")
    assert f"note: gpt-4o is as the configuration in {project} defines it\n" in ran.stderr


def test_names_from_a_list(project: Path, run: Run) -> None:
    (project / "list").write_text("docs/a.md\nlist\n")
    ran = run("check", "--files-from", "list")
    assert (ran.exit_code, ran.stdout) == (0, "docs/a.md: 10 of 20 tokens (50.0%)\n")
    assert "note: 1 named file without a limit\n" in ran.stderr
    ran = run("check", "--files0-from", "-", input=b"")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert ran.stderr == "note: nothing is checked: the list of files is empty\n"


def test_the_nearest_to_their_limits_are_shown(folder: Path, run: Run) -> None:
    for number in range(1, 31):
        write(folder / f"{number:02}.md", number)
    shown = run("check", "-l", "*.md=28").stdout
    assert [line.split()[-1] for line in shown.splitlines()[2:-1]] == [
        *("29.md", "30.md"),
        *(f"{number:02}.md" for number in range(28, 18, -1)),
    ]
    assert len(run("check", "-l", "*.md=28", "--top", "0").stdout.splitlines()) == 2 + 2 + 1
    assert len(run("check", "-l", "*.md=28", "--top", "99").stdout.splitlines()) == 2 + 30 + 1


def test_changes_are_shown(folder: Path, run: Run) -> None:
    git(folder, "init", "-q")
    write(folder / "a.md", 100)
    write(folder / "gone.md", 9)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    write(folder / "a.md", 110)
    write(folder / "new.md", 9)
    (folder / "gone.md").unlink()
    ran = run("check", "-l", "*.md=each:1k,all:1k", "--against", "HEAD", "--max-growth", "5%")
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[:2] == ["new: new.md", "removed: gone.md"]
    assert " 110     105     104.8%   +10 (+10.0%)   OVER   a.md\n" in ran.stdout
    assert re.search(r" 9 +1,000 +0.9% +new +new.md\n", ran.stdout)
    assert re.search(r" 119 +1,000 +11.9% +\+10 \(\+9.2%\) +\*.md: all 2 files\n", ran.stdout)
    ran = run("check", "-l", "*.md=1k", "a.md", "--against", "HEAD")
    assert ran.stdout == "a.md: 110 of 1,000 tokens (11.0%, +10 (+10.0%))\n"


def test_a_baseline(folder: Path, run: Run) -> None:
    write(folder / "a.md", 100)
    options = ("check", "-l", "*.md=1k", "--baseline", "base.json")
    missing = run(*options)
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "error: base.json: no such file" in missing.stderr
    assert "hint: --update-baseline writes it" in missing.stderr
    assert run(*options, "--update-baseline").exit_code == 0
    write(folder / "a.md", 120)
    ran = run(*options, "--max-growth", "10%")
    assert (ran.exit_code, ran.stdout) == (
        1,
        "a.md grew by 20 to 120 o200k_base tokens (from 100, 20.0%), and may grow by 10%\n",
    )
    assert run(*options, "--update-baseline", "--max-growth", "10%").exit_code == 0
    assert run(*options, "--max-growth", "0").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        ([], "there are no limits to check", '"AGENTS.md" = "4k"'),
        (["-l", "x"], "--limit 'x' is not a pattern and a size", "AGENTS.md=4k"),
        (["-l", "a=each:4k,al:5"], "has a limit 'al'", "did you mean all?"),
        (["-l", "../a=4"], '"../a" leads out of the folder', "below the folder"),
        (["-l", "a=4"], "nothing was checked: no file matches 'a'", "what is there"),
        (["-l", "**=4", "-"], "stdin has no name", "name files"),
        (["-l", "**=4", "--max-growth", "x"], "--max-growth needs something", "--against"),
        (["--max-growth", "x", "--against", "HEAD"], "--max-growth: 'x' is no percentage", "10%"),
        (["-l", "**=4", "--against", "HEAD"], "not in a repository", ""),
        (["-l", "**=4", "--baseline", "b", "--against", "x"], "--baseline and --against", ""),
        (["-l", "**=4", "--update-baseline"], "--update-baseline needs a --baseline", "name"),
        (["-l", "**=4", "--json", "--format", "sarif"], "--json and --format sarif", ""),
        (["-l", "**=4", "-o", "x"], "--output needs --format json or sarif", "--summary"),
        (["-l", "**=4", "-o", "no/x", "--json"], "there is no folder no", "mkdir"),
        (["-l", "**=4", "--summary", "no/x"], "there is no folder no", "mkdir"),
        (["-l", "**=4", "--baseline", ""], "is an empty name", ""),
        (["-l", "**=4", "-m", "nothing-of-this-name"], "unknown model", ""),
        (["-l", "**=4", "--exclude", ""], "is an empty pattern", "leave it out"),
    ],
)
def test_what_cannot_be_checked(
    folder: Path, run: Run, arguments: list[str], error: str, hint: str
) -> None:
    write(folder / "b", 3)
    ran = run("check", *arguments)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: ") and error in ran.stderr.splitlines()[0]
    assert f"{hint}" in (ran.stderr.partition("hint: ")[2] if hint else "")


def test_the_configuration_excludes_and_the_rules_include(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ctxtools.toml").write_text(
        'include = ["*.py"]\nexclude = ["sub/built/", "gone/"]\n[check]\n"*.md" = 5\n'
    )
    for name in ("a.md", "sub/b.md", "sub/built/c.md", "sub/gone.txt"):
        write(folder / name, 3)
    ran = run("check", "--json", "--strict")
    assert [each["path"] for each in json.loads(ran.stdout)["files"]] == ["a.md", "sub/b.md"]
    assert ran.exit_code == 0
    assert f"note: no file matches exclude 'gone/' ({folder}/ctxtools.toml)" in ran.stderr
    monkeypatch.chdir(folder / "sub")
    for arguments in (["-l", "*.md=5"], ["b.md", "built/c.md"], []):
        found = json.loads(run("check", "--json", *arguments).stdout)["files"]
        assert "built/c.md" not in {each["path"] for each in found}
    ran = run("check", "-l", "*.md=5", "--exclude", "nothing")
    assert "note: no file matches --exclude 'nothing'" in ran.stderr


def test_strict_and_what_was_skipped(folder: Path, run: Run) -> None:
    write(folder / "a.md", 3)
    (folder / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))
    ran = run("check", "-l", "**=4")
    assert (ran.exit_code, ran.stdout) == (0, "a.md: 3 of 4 tokens (75.0%)\n")
    assert "skipped: b.png: binary (PNG image)" in ran.stderr
    assert run("check", "-l", "**=4", "--strict").exit_code == 2
    assert run("check", "-l", "*.md=4", "--strict").exit_code == 0
    ran = run("check", "-l", "*.md=4", "-l", "*.txt=4")
    assert ran.exit_code == 0 and "note: no file matches the limit '*.txt'" in ran.stderr
    assert run("check", "-l", "*.md=4", "-l", "*.txt=4", "--strict").exit_code == 2


def test_how_files_were_read_is_said(folder: Path, run: Run) -> None:
    (folder / "a.ipynb").write_text("{")
    assert "note: a.ipynb: not a notebook" in run("check", "-l", "*=4").stderr


def test_a_missing_file_is_an_error_and_the_others_are_checked(folder: Path, run: Run) -> None:
    write(folder / "a.md", 3)
    ran = run("check", "-l", "*.md=2", "a.md", "gone.md")
    assert ran.exit_code == 2
    assert ran.stdout == "a.md has 3 o200k_base tokens, 1 over the limit of 2 (*.md)\n"
    assert "error: gone.md: no such file" in ran.stderr
    ran = run("check", "-l", "*.md=3", "gone.md")
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_results_to_a_file(project: Path, run: Run) -> None:
    for format in ("json", "sarif"):
        printed = run("check", "--format", format)
        written = run("check", "--format", format, "-o", "out.json")
        assert (written.exit_code, written.stdout) == (0, "")
        assert (project / "out.json").read_text() == printed.stdout


def test_the_help_shows_every_word_of_it(run: Run) -> None:
    shown = run("check", "--help").stdout
    assert "tool.ctxtools.check of pyproject.toml" in re.sub(r"\s+", " ", shown)
