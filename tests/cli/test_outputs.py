"""An output in a folder that is missing is refused before any work, in every command alike."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "command",
    [
        "chunk -o new/dir/x.jsonl",
        "chunk -o new/dir/x/",
        "chunk -o new/dir/x.parquet",
        "pack -o new/dir/x.xml",
        "pack --stats new/dir/x.json",
        "pack-sequences -w 10 -o new/dir/x.jsonl",
        "pack-sequences -w 10 --stats new/dir/x.json",
        "truncate -l 10 -o new/dir/x.txt",
        "encode -o new/dir/x.txt",
        "decode -o new/dir/x.txt",
    ],
)
def test_a_missing_folder_is_named(command: str, run: Run, folder: Path) -> None:
    ran = run(*command.split(), input="1")
    assert (ran.exit_code, ran.stdout) == (2, "")
    name = command.split()[-1]
    assert ran.stderr == (
        f"error: {name}: there is no folder new/dir\n\nhint: make it first: mkdir -p new/dir\n"
    )
    assert list(folder.iterdir()) == []
    (folder / "new/dir").mkdir(parents=True)
    assert run(*command.split(), input="1").exit_code == 0


def test_stdout_and_devices_are_in_a_folder(run: Run, folder: Path) -> None:
    assert run("truncate", "-l", "10", "-o", "-", input="a b").stdout == "a b"
    assert run("truncate", "-l", "10", "-o", "/dev/null", input="a b").exit_code == 0
    assert run("truncate", "-l", "10", "-o", "x.txt", input="a b").exit_code == 0
    assert run("chunk", "-o", "x/", input="a b").exit_code == 0
    assert (folder / "x").is_dir()
    ran = run("truncate", "-l", "10", "-o", "x.txt/y.txt", input="a b")
    assert "error: x.txt/y.txt: there is no folder x.txt" in ran.stderr
