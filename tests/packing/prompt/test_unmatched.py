"""Patterns of a pack: names of real files, and those that match nothing."""

from pathlib import Path
from typing import Any

import pytest

from ctxtools import pack, read_documents
from ctxtools.errors import UsageError
from tests.cli.conftest import Run
from tests.cli.conftest import folder as folder
from tests.cli.conftest import run as run

ROUTES = {
    "app/[id]/page.tsx": "export default 1",
    "app/i/page.tsx": "export default 2",
    "app/{a,b}/page.tsx": "export default 3",
    "app/(group)/page.tsx": "export default 4",
    "lib/util.ts": "export const x = 5",
    "lib/note.md": "# Note",
}


def packed(**options: Any) -> Any:
    return pack(ROUTES, "o200k_base", budget=10_000, **options)


def pinned(pattern: str) -> set[str]:
    return {each.path for each in packed(pins=[pattern]).documents if each.pinned}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("app/[id]/page.tsx", {"app/[id]/page.tsx"}),
        ("app/[id]", {"app/[id]/page.tsx"}),
        ("app/[id]/*.tsx", {"app/[id]/page.tsx"}),
        ("app/{a,b}/*", {"app/{a,b}/page.tsx"}),
        ("app/(group)/*", {"app/(group)/page.tsx"}),
        ("lib/{util.ts,note.md}", {"lib/util.ts", "lib/note.md"}),
        ("./lib/note.md", {"lib/note.md"}),
        ("app/[ij]/page.tsx", {"app/i/page.tsx"}),
    ],
)
def test_names_of_real_documents_come_first(pattern: str, expected: set[str]) -> None:
    assert pinned(pattern) == expected
    tiers = packed(tiers=[pattern], order="priority").documents
    assert {each.path for each in tiers[: len(expected)]} == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pins": ["lib/utils.ts"]}, "pin: no document matches 'lib/utils.ts'"),
        ({"tiers": ["lib/*.js"]}, "tier: no document matches 'lib/[*].js'"),
        ({"requires": {"lib/util.js": "lib/note.md"}}, "requires: no document matches"),
        ({"requires": {"lib/note.md": "lib/util.js"}}, "requires: no document matches"),
    ],
)
def test_what_has_to_match_and_does_not(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        packed(**options)
    assert "did you mean 'lib/" in str(error.value.hint)


@pytest.mark.parametrize(
    "options",
    [
        {"pins": [None]},
        {"tiers": [5]},
        {"priorities": {None: 1.0}},
        {"requires": {"lib": None}},
        {"requires": {"lib": [None]}},
        {"requires": {None: "lib"}},
    ],
)
def test_patterns_are_texts(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="must be a"):
        packed(**options)


def test_notes_on_what_matches_nothing(tmp_path: Path) -> None:
    assert packed(priorities={"lib/*.tss": 2}).notes == (
        "priority: no document matches 'lib/*.tss'; did you mean 'lib/*.ts' (1 file)?",
    )
    assert packed(values={"lib/utils.ts": 2.0, "lib/note.md": 1.0}).notes == (
        "values: there is no document 'lib/utils.ts'; did you mean lib/util.ts?",
    )
    (tmp_path / "a.md").write_text("a")
    documents = read_documents(tmp_path, exclude=["*.mdx"])
    (note,) = pack(documents, "o200k_base", budget=100).notes
    assert note.startswith("no file matches exclude '*.mdx'; did you mean '*.md' (1 file)?")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pin", "utl.ts"], "error: --pin: no document matches 'utl.ts'"),
        (["--tier", "utl.ts"], "error: --tier: no document matches 'utl.ts'"),
        (["--requires", "utl.ts=note.md"], "error: --requires: no document matches 'utl.ts'"),
        (["--requires", "note.md=utl.ts"], "error: --requires: no document matches 'utl.ts'"),
        (["--priority", "utl.ts=2"], "note: --priority: no document matches 'utl.ts'"),
    ],
)
def test_on_the_command_line(options: list[str], message: str, run: Run, folder: Path) -> None:
    for name in ("util.ts", "note.md"):
        (folder / name).write_text("x")
    (folder / "out.xml").write_text("old")
    ran = run("pack", ".", *options, "-o", "out.xml")
    assert message in ran.stderr
    assert "did you mean 'util.ts' (1 file)?" in ran.stderr
    assert ran.exit_code == (0 if "--priority" in options else 2)
    assert ((folder / "out.xml").read_text() == "old") == (ran.exit_code == 2)


@pytest.mark.parametrize("option", ["--pin", "--tier", "--requires", "--priority"])
@pytest.mark.parametrize("name", ["keys.txt", ".env", "dump.bin", "long.txt", "old.md"])
def test_a_file_that_is_there_but_left_out(option: str, name: str, run: Run, folder: Path) -> None:
    for each in ("note.md", "keys.txt", ".env", "old.md"):
        (folder / each).write_text("x")
    (folder / "dump.bin").write_bytes(b"\0\1\2")
    (folder / "long.txt").write_text("x " * 1000)
    (folder / ".ignore").write_text("keys.txt\n")
    value = {"--requires": f"note.md={name}", "--priority": f"{name}=2"}.get(option, name)
    skipping = ["--max-file-size", "1kB", "--exclude", "old.md"]
    ran = run("pack", str(folder), *skipping, option, value)
    assert f"{option}: no document matches {name!r}" in ran.stderr
    assert "there is such a file, but it was ignored, hidden, excluded or skipped" in ran.stderr
    if name in ("keys.txt", ".env"):
        assert run("pack", ".", name, *skipping, option, value).stderr.count("no document") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pin", ""], "error: --pin: '' is an empty pattern"),
        (["--tier", " "], "error: --tier: ' ' is an empty pattern"),
        (["--priority", "=5"], "error: --priority: '=5' has no pattern"),
        (["--priority", "a.md"], "error: --priority: 'a.md' has no value"),
        (["--requires", "a.md="], "error: --requires: 'a.md=' has no value"),
    ],
)
def test_what_is_no_pattern(options: list[str], message: str, run: Run, folder: Path) -> None:
    (folder / "a.md").write_text("x")
    ran = run("pack", ".", *options)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_an_absolute_path_is_a_document_of_a_relative_one(run: Run, folder: Path) -> None:
    for each in ("note.md", "keys.txt"):
        (folder / each).write_text("x")
    ran = run("pack", ".", "--pin", str(folder / "note.md"), "--dry-run")
    shown = ran.stdout + ran.stderr
    assert "whole, pinned" in next(line for line in shown.splitlines() if "note.md" in line)
    ran = run("pack", ".", "--pin", str(folder / "nte.md"))
    assert "did you mean" in ran.stderr
