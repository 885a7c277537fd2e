"""Links in a stranger's folder: what they lead to is not read in silence."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run

SECRET = "the user's own words"


@pytest.fixture
def linked(folder: Path) -> Path:
    """The current folder, with links to a file and a folder that are the user's, and to its own."""
    private = folder.parent / "private"
    private.mkdir()
    (private / "key").write_text(SECRET)
    (folder / "a.md").write_text("hello")
    (folder / "notes.md").symlink_to("../private/key")
    (folder / "folder").symlink_to("../private")
    (folder / "own.md").symlink_to("a.md")
    return folder


@pytest.mark.parametrize("named", [".", "**/*.md", "*", "{notes,a}*"])
def test_a_walk_follows_no_link(linked: Path, run: Run, named: str) -> None:
    packed = run("pack", named, "-o", "-")
    assert packed.exit_code == 0
    assert SECRET not in packed.stdout
    assert "skipped: notes.md: symbolic link, not followed" in packed.stderr


def test_a_list_that_a_program_made_of_the_folder_follows_none(linked: Path, run: Run) -> None:
    names = "a.md\nfolder\nfolder/\nnotes.md\nown.md\n"
    for listing in (names, names.replace("\n", "\0")):
        option = "--files0-from" if "\0" in listing else "--files-from"
        packed = run("pack", option, "-", "-o", "-", input=listing)
        assert packed.exit_code == 0
        assert SECRET not in packed.stdout and packed.stdout.count("hello") == 1
        for name in ("folder", "notes.md", "own.md"):
            assert f"skipped: {name}: symbolic link in a list, not followed" in packed.stderr
    counted = run("count", "notes.md", "--files-from", "-", input=names)
    assert "notes.md" in counted.stdout, "it was named, too"


def test_only_links_in_a_list_are_no_input(linked: Path, run: Run) -> None:
    counted = run("count", "--files-from", "-", input="notes.md\n")
    assert counted.exit_code == 2
    assert "there is no input" in counted.stderr
    assert "symbolic link in a list, not followed" in counted.stderr


def test_a_named_link_is_followed_and_where_it_leads_is_said(linked: Path, run: Run) -> None:
    real = os.path.realpath(linked.parent / "private")
    for name, target in (
        ("notes.md", f"{real}/key"),
        ("folder", real),
        ("folder/key", f"{real}/key"),
    ):
        counted = run("count", name, "a.md", "own.md")
        assert counted.exit_code == 0
        assert f"note: {name} is a link, and leads to {target}" in counted.stderr
        assert counted.stderr.count("note:") == 1
        assert run("count", name, "a.md", "-q").stderr == ""
    for name in ("../private/key", f"{real}/key", "./own.md"):
        assert "note:" not in run("count", name).stderr
