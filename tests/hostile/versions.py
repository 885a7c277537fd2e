"""Repositories and folders of archives, for the options that look into them; earlier packs."""

import io
import tarfile
import zipfile
from pathlib import Path

from tests.documents.git.repositories import git, make
from tests.hostile.builders import Input, file_into, folder_into
from tests.hostile.files import FILES

REPOSITORIES: list[Input] = []
folder = folder_into(REPOSITORIES)


def _repository(here: Path) -> None:
    """Two commits, with a change that is staged and one that is not."""
    make(here, "text.txt", "a.py", "uv.lock", text="words\n")
    git(here, "init", "-q")
    git(here, "add", "-A")
    git(here, "commit", "-qm", "one")
    make(here, "a.py", "uv.lock", text="other words\n")
    git(here, "commit", "-qam", "two\n\ndiff --git a/x b/x\ncommit 1\n\x1b[2Jtitle\u202e")
    make(here, "a.py", text="staged\n")
    git(here, "add", "-A")
    make(here, "text.txt", text="changed\n")


@folder()
def merge_that_is_not_done(here: Path) -> None:
    _repository(here)
    git(here, "stash", "-q")
    git(here, "checkout", "-qb", "side", "HEAD~1")
    make(here, "a.py", text="another\n")
    git(here, "commit", "-qam", "aside")
    git(here, "checkout", "-q", "m")
    (here / ".git" / "MERGE_HEAD").write_text(git(here, "rev-parse", "side"))
    names = [git(here, "rev-parse", f"{each}:a.py").strip() for each in ("m~1", "m", "side")]
    entries = "".join(f"100644 {name} {n}\ta.py\n" for n, name in enumerate(names, 1))
    git(here, "update-index", "--index-info", text=f"0 {'0' * 40}\ta.py\n{entries}")


@folder()
def objects_that_are_damaged(here: Path) -> None:
    _repository(here)
    commits = git(here, "log", "--format=%H").split()
    for path in (here / ".git" / "objects").glob("??/*"):
        if f"{path.parent.name}{path.name}" not in commits:
            path.unlink()
            path.write_bytes(b"x\x9c\x1b]0;title\x07" * 9)


@folder()
def index_and_shallow_that_are_damaged(here: Path) -> None:
    _repository(here)
    (here / ".git" / "index").write_bytes(b"DIRC\0\0\0\2\xff\xff\xff\xff" + b"\0" * 90)
    (here / ".git" / "shallow").write_text("../home/secret.txt\n")


@folder()
def tree_of_names_that_lead_out(here: Path) -> None:
    _repository(here)
    name = git(here, "hash-object", "-w", "--stdin", text="words").strip()
    tree = b""
    for mode, path in (
        ("100644", "../../home/secret.txt"),
        ("120000", "link.txt"),
        ("160000", "module"),
        ("100644", "c\x1b[2J\n\u202e.txt"),
        ("100644", ".."),
        ("177777", "odd"),
        ("100644", "same"),
        ("100644", "same"),
    ):
        tree += f"{mode} {path}\0".encode() + bytes.fromhex(name)
    (here / "tree").write_bytes(tree)
    tree_name = git(here, "hash-object", "-t", "tree", "-w", "--literally", "tree").strip()
    commit = f"tree {tree_name}\nparent {git(here, 'rev-parse', 'm')}author \x1b[2J <> -1 +9999\n"
    command = ("hash-object", "-t", "commit", "-w", "--literally", "--stdin")
    commit = git(here, *command, text=f"{commit}encoding utf-99\n\n\x1b]0;title\x07\n")
    (here / ".git" / "refs" / "heads" / "m").write_text(commit)


@folder()
def refs_that_go_around(here: Path) -> None:
    _repository(here)
    (here / ".git" / "HEAD").write_text("ref: refs/heads/around\n")
    (here / ".git" / "refs" / "heads" / "around").write_text("ref: refs/heads/around\n")
    (here / ".git" / "packed-refs").symlink_to("../../home/secret.txt")


def _members(names: list[str], data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


def _archives(here: Path) -> None:
    """Those of `FILES`, and others that are damaged or name their bytes twice."""
    for each in FILES:
        if each.target.endswith((".zip", ".tgz", ".gz")):
            each.build(here)
    data = _members(["a.txt", "b/c.py"], b"words\n" * 99)
    nested = data
    for _ in range(9):
        nested = _members(["in.zip", "also.zip"], nested)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    directory, end = data.index(b"PK\1\2"), data.index(b"PK\5\6")
    again = data[: end + 8] + b"\4\0\4\0" + (2 * (end - directory)).to_bytes(4, "little")
    again = again[:end] + data[directory:end] + again[end:] + data[end + 16 :]
    for name, content in {
        "again.zip": again,
        "cut.whl": data[:-30],
        "nested.jar": nested,
        "encrypted.zip": data.replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"),
        "size.tar": tar.getvalue().replace(b"00000000000\0", b"77777777777\0", 1),
        "start.tar.gz": b"\x1f\x8b\x08" + bytes(90),
        "start.tar.zst": b"\x28\xb5\x2f\xfd" + bytes(range(90)),
        "end.zip": b"PK\5\6" + b"\xff" * 18,
    }.items():
        (here / name).write_bytes(content)
    (here / "text.txt").write_text("words")


ARCHIVES = [Input("archives", _archives)]

PACKS: list[Input] = []
file = file_into(PACKS)


@file("cut.xml")
def pack_that_is_cut() -> str:
    return '<documents>\n<document index="1" source="text.txt">\nwo'


@file("escapes.xml")
def pack_of_escapes() -> bytes:
    return b"<documents>\n\x1b[2J\xff\xfe\0" * 99


@file("bomb.xml")
def pack_of_many_starts() -> str:
    return '<documents>\n<document index="1" source="text.txt">\nwords' * 20_000
