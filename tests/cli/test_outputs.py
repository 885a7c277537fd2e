"""An output in a folder that is missing is refused before any work, in every command alike."""

import os
import subprocess
import sys
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
        "count --html new/dir/x.html",
        "chunk --html new/dir/x.html",
        "pack --html new/dir/x.html",
        "show --html new/dir/x.html",
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


@pytest.mark.parametrize("command", ["pack", "pack-sequences -w 10"])
def test_figures_are_not_written_to_a_file_called_like_stdout(
    command: str, run: Run, folder: Path
) -> None:
    ran = run(*command.split(), "--stats", "-", input="text")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "error: --stats takes a file, not stdout" in ran.stderr
    assert list(folder.iterdir()) == []


def test_stdout_and_devices_are_in_a_folder(run: Run, folder: Path) -> None:
    assert run("truncate", "-l", "10", "-o", "-", input="a b").stdout == "a b"
    assert run("truncate", "-l", "10", "-o", "/dev/null", input="a b").exit_code == 0
    assert run("truncate", "-l", "10", "-o", "x.txt", input="a b").exit_code == 0
    assert run("chunk", "-o", "x/", input="a b").exit_code == 0
    assert (folder / "x").is_dir()
    ran = run("truncate", "-l", "10", "-o", "x.txt/y.txt", input="a b")
    assert "error: x.txt/y.txt: there is no folder x.txt" in ran.stderr


WRITERS = [
    "chunk -o",
    "pack -o",
    "pack --stats",
    "pack-sequences -w 10 -o",
    "pack-sequences -w 10 --stats",
    "truncate -l 10 -o",
    "encode -o",
    "decode -o",
    "count --html",
    "chunk --html",
    "pack --html",
    "show --html",
]
posix = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes, /dev")


@posix
@pytest.mark.parametrize("command", WRITERS)
def test_a_link_out_of_its_folder_is_not_followed(command: str, run: Run, folder: Path) -> None:
    """A repository had pack.xml as a link to a start-up file of the shell."""
    victim = folder.parent / "victim"
    for target in (victim, Path("../victim"), Path("../here/../victim")):
        for content in (None, "precious"):
            victim.unlink(missing_ok=True)
            if content is not None:
                victim.write_text(content)
            (folder / "x.jsonl").unlink(missing_ok=True)
            (folder / "x.jsonl").symlink_to(target)
            ran = run(*command.split(), "x.jsonl", input="1")
            assert (ran.exit_code, ran.stdout) == (2, "")
            assert ran.stderr == (
                f"error: x.jsonl is a link to {victim}, which is not in its folder\n\n"
                "hint: remove the link, or name what is to be written itself\n"
            )
            assert (victim.read_text() if victim.exists() else None) == content
    assert [each.name for each in folder.iterdir()] == ["x.jsonl"]


@posix
def test_a_link_at_the_name_of_a_part_is_not_followed(run: Run, folder: Path) -> None:
    victim = folder.parent / "victim"
    victim.write_text("precious")
    (folder / "a.txt").write_text("some text " * 100)
    (folder / "b.txt").write_text("some text " * 100)
    (folder / "pack.2-of-2.xml").symlink_to(victim)
    ran = run("pack", "a.txt", "b.txt", "--parts", "2", "-o", "pack.xml")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("error: pack.2-of-2.xml is a link to ")
    assert victim.read_text() == "precious"
    assert not (folder / "pack.1-of-2.xml").exists()


@posix
@pytest.mark.parametrize("command", WRITERS)
def test_links_that_are_no_harm_are_followed(command: str, run: Run, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "same").symlink_to("sub")
    (folder / "new.jsonl").symlink_to("same/new")
    for name in ("new.jsonl", "new.jsonl", "same/x.jsonl"):
        assert run(*command.split(), name, input="1").exit_code == 0
        assert sorted(each.name for each in folder.iterdir()) == ["new.jsonl", "same", "sub"]
    assert (folder / "new.jsonl").is_symlink() and (folder / "sub/new").is_file()
    assert (folder / "sub/x.jsonl").stat().st_size


@posix
@pytest.mark.parametrize("command", WRITERS)
def test_what_is_no_output_is_refused_before_any_work(command: str, run: Run, folder: Path) -> None:
    (folder / "loop.jsonl").symlink_to("other")
    (folder / "other").symlink_to("loop.jsonl")
    (folder / "sub.jsonl").mkdir()
    (folder / "sub.jsonl/kept").touch()
    (folder / "folder.jsonl").symlink_to("sub.jsonl")
    (folder / "file.jsonl").touch()
    for name, reason in (
        ("loop.jsonl", "too many levels of symbolic links"),
        ("sub.jsonl", "is a folder"),
        ("folder.jsonl", "is a folder"),
        ("file.jsonl/", "is a f"),  # "a file, not a folder" of chunk, which takes a folder
        ("x" * 252 + ".jsonl", "file name too long"),
        ("loop.jsonl/x.jsonl", "there is no folder loop.jsonl"),
    ):
        ran = run(*command.split(), name, input="no ids, and no numbers")
        assert (ran.exit_code, ran.stdout) == (2, ""), name
        assert ran.stderr.startswith(f"error: {name.rstrip('/')}"), ran.stderr
        assert reason in ran.stderr


@posix
def test_a_name_may_be_as_long_as_the_system_allows(run: Run, folder: Path) -> None:
    """The temporary one was longer."""
    for name in ("x" * 249 + ".jsonl", "深" * 83 + ".jsonl"):
        assert run("chunk", "-o", name, input="text").exit_code == 0
        assert run("chunk", "-o", name[:-6] + "/", input="text").exit_code == 0
        assert len(os.listdir(folder)) == 2
        (folder / name).unlink()
        (folder / name[:-6] / "chunks.jsonl").unlink()
        (folder / name[:-6] / "000001-stdin.txt").unlink()
        (folder / name[:-6]).rmdir()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no such folder")
def test_a_file_below_dev_is_replaced(run: Run, folder: Path) -> None:
    """Two runs doubled it: everything below /dev was taken for a stream."""
    output = Path("/dev/shm") / f"ctxtools-{os.getpid()}.jsonl"
    try:
        for _ in range(2):
            assert run("chunk", "-o", output, input="text").exit_code == 0
            assert len(output.read_text().splitlines()) == 1
    finally:
        output.unlink(missing_ok=True)


@posix
@pytest.mark.parametrize("output", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/fd/3"])
def test_what_the_shell_opened_is_written_where_it_stands(output: str, folder: Path) -> None:
    """The commands before and after write to the same file."""
    if not os.path.exists(os.path.dirname(output)):
        pytest.skip("no such folder")
    (folder / "old").write_text("old\n")
    for redirection, before in (("> new", ""), (">> old", "old\n")):
        shell = (
            f"exec 3>&1; echo first; echo text | {sys.executable} -m ctxtools truncate -l 9 -o "
            f"{output}; echo last"
        )
        ran = subprocess.run(f"({shell}) {redirection}", shell=True, capture_output=True)
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert (folder / redirection.split()[1]).read_text() == f"{before}first\ntext\nlast\n"


@posix
def test_a_pipe_without_a_reader_is_not_waited_for_forever(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctxtools.atomic._WAIT", 0.1)
    os.mkfifo(folder / "pipe.jsonl")
    ran = run("truncate", "-l", "9", "-o", "pipe.jsonl", input="text")
    assert ran.exit_code == 2
    assert ran.stderr == (
        "error: pipe.jsonl: no program has opened this pipe to read it\n\n"
        "hint: start the reader first\n"
    )
    with subprocess.Popen(["cat", "pipe.jsonl"], stdout=subprocess.PIPE) as reader:
        monkeypatch.setattr("ctxtools.atomic._WAIT", 30)  # it may take a while to start
        assert run("truncate", "-l", "9", "-o", "pipe.jsonl", input="text").exit_code == 0
        assert reader.stdout and reader.stdout.read() == b"text"
