"""Archives on the command line: named ones are walked by every command, found ones are listed."""

import json
from pathlib import Path

import pytest

from ctxtools import get_encoding
from tests.cli.conftest import Run
from tests.documents.archives.made import archive_of, zip_of

FILES = {"src/a.py": b"def area(w, h):\n    return w * h\n", "README.md": b"# Areas\n\nWords.\n"}
TOTAL = sum(get_encoding("o200k_base").count(data.decode()) for data in FILES.values())


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.whl", "without a suffix"])
def test_each_command_walks_it(name: str, run: Run, folder: Path) -> None:
    (folder / name).write_bytes(archive_of(FILES, ".tar.gz" if "tar" in name else ".zip"))
    counted = json.loads(run("count", name, "--json").stdout)
    assert [each["path"] for each in counted["files"]] == [f"{name}/{each}" for each in FILES]
    assert counted["total"]["tokens"]["o200k_base"] == TOTAL

    assert run("fits", name, "-l", str(TOTAL)).exit_code == 0
    assert run("fits", name, "-l", str(TOTAL - 1)).exit_code == 1

    chunks = [json.loads(line) for line in run("chunk", name, "--size", "100").stdout.splitlines()]
    assert {each["source"] for each in chunks} == {f"{name}/{each}" for each in FILES}

    packed = run("pack", name, "--limit", "1000")
    assert packed.exit_code == 0
    for path, data in FILES.items():
        assert data.decode() in packed.stdout
        assert f'source="{path}"' in packed.stdout  # as in a folder that is named


def test_a_found_archive(run: Run, folder: Path) -> None:
    (folder / "lib").mkdir()
    (folder / "lib/a.jar").write_bytes(zip_of(FILES))
    (folder / "b.txt").write_text("words")
    ran = run("count", ".")
    assert "lib/a.jar: archive, which is read if it is named, or with --archives" in ran.stderr
    assert ran.exit_code == 0
    counted = json.loads(run("count", ".", "--archives", "--include", "*.py", "--json").stdout)
    assert [each["path"] for each in counted["files"]] == ["lib/a.jar/src/a.py"]


def test_a_damaged_archive_is_an_error(run: Run, folder: Path) -> None:
    (folder / "a.zip").write_bytes(zip_of(FILES)[:-40])
    (folder / "b.txt").write_text("words")
    ran = run("count", "a.zip", "b.txt")
    assert ran.exit_code == 2
    assert "a.zip: not a readable zip archive" in ran.stderr
    ran = run("pack", "a.zip", "b.txt", "--limit", "1000")
    assert (ran.exit_code, ran.stdout) == (2, "")


def test_a_member_that_is_named(run: Run, folder: Path) -> None:
    (folder / "a.zip").write_bytes(zip_of(FILES))
    path, data = next(iter(FILES.items()))
    assert run("count", f"a.zip/{path}").stdout == run("count", "-", input=data).stdout
    assert run("count", f"a.zip/{path}", "a.zip/none").exit_code == 2
    packed = run("pack", f"a.zip/{path}", "--limit", "1000")
    assert data.decode() in packed.stdout and f'source="a.zip/{path}"' in packed.stdout
    assert run("fits", f"a.zip/{path}", "--limit", "1000").exit_code == 0
    assert "hint: ctx count, fits, chunk and pack look into an archive that is named" in (
        run("count", "-", input=zip_of(FILES)).stderr
    )
