"""What is not in a folder that is served cannot be read, however it is named."""

import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import UnreadableError, UsageError
from ctxtools.services.mcp.jail import Jail
from ctxtools.services.mcp.make import make_server
from ctxtools.services.mcp.server import Server
from tests.services.mcp.calling import ask, call, error_of, text_of
from tests.services.mcp.conftest import SECRET

posix = pytest.mark.skipif(os.name == "nt", reason="links, pipes and descriptors")

# {out} is the folder beside the one that is served, {root} that one.
OUTSIDE = {
    "parent": "..",
    "parent's file": "../secret/hidden.txt",
    "nothing there": "../secret/nothing.txt",
    "far parents": "../../../../../../../../../../etc/passwd",
    "parents inside": "docs/../../secret/hidden.txt",
    "parents of nothing": "nothing/../../secret/hidden.txt",
    "dots": "./././../secret/./hidden.txt",
    "slashes": "..//secret///hidden.txt",
    "absolute": "{out}/hidden.txt",
    "absolute folder": "{out}",
    "a name that starts alike": "{root}-other/file.txt",
    "absolute with parents": "{root}/../secret/hidden.txt",
    "two slashes": "//etc/passwd",
    "root of the disk": "/",
    "system file": "/etc/passwd",
    "case": "/ETC/PASSWD",
    "process": "/proc/self/cwd/README.md",
    "process's root": "/proc/self/root/etc/passwd",
    "its environment": "/proc/self/environ",
    "descriptor": "/dev/fd/0",
    "device": "/dev/zero",
    "standard input": "/dev/stdin",
    "file address": "file:///etc/passwd",
    "file address of the root": "file://{root}/README.md",
    "short file address": "file:README.md",
    "web address": "https://example.com/README.md",
    "repository": "ssh://git@example.com/repo.git",
    "encoded parents": "%2e%2e/secret/hidden.txt",
    "encoded slash": "..%2fsecret%2fhidden.txt",
    "encoded twice": "%252e%252e%252fsecret/hidden.txt",
    "encoded often": "%25252525252e./x",
    "encoded end": "README.md%00.txt",
    "backslashes": "..\\secret\\hidden.txt",
    "backslashes inside": "docs\\guide.md",
    "drive": "C:\\Windows\\win.ini",
    "drive with slashes": "C:/Windows/win.ini",
    "drive without slash": "C:win.ini",
    "share": "\\\\server\\share\\file.txt",
    "device of Windows": "\\\\.\\PhysicalDrive0",
    "long path of Windows": "\\\\?\\C:\\file.txt",
    "home": "~/.ssh/id_rsa",
    "another's home": "~root/.bashrc",
    "end of a text": "README.md\0.png",
    "long": "a/" * 3000 + "x",
    "long name": "x" * 5000,
    "nothing": "",
    "link to a file": "link.txt",
    "link to a folder": "out/hidden.txt",
    "link to nothing in it": "out/nothing.txt",
    "link to a folder itself": "out",
    "link of links": "chain/hidden.txt",
    "link to a device": "zero",
    "link to the process": "process/../secret/hidden.txt",
    "dangling link": "dangling",
}


@pytest.fixture
def linked(root: Path) -> Path:
    """The folder with links out of it."""
    out = root.parent / "secret"
    for name, target in (
        ("link.txt", out / "hidden.txt"),
        ("out", out),
        ("chain", root / "out"),
        ("zero", Path("/dev/zero")),
        ("process", Path("/proc/self/cwd")),
        ("dangling", out / "not there"),
    ):
        (root / name).symlink_to(target)
    (root.parent / "served-other").mkdir()
    (root.parent / "served-other" / "file.txt").write_text(SECRET)
    return root


@posix
@pytest.mark.parametrize("form", OUTSIDE.values(), ids=OUTSIDE)
def test_a_path_that_leads_out_is_refused(form: str, linked: Path) -> None:
    path = form.format(out=linked.parent / "secret", root=linked)
    server = make_server([linked])
    for tool, arguments in (
        ("count", {"paths": [path]}),
        ("count", {"paths": ["README.md", path]}),
        ("fits", {"model": "gpt-5", "paths": [path]}),
        ("chunk", {"path": path}),
        ("pack", {"paths": [path]}),
    ):
        if not path and tool == "chunk":
            continue  # no path is no argument
        message = error_of(server, tool, **arguments)
        assert ": not in a folder that is served\n\nhint: " in message
        said = message.partition(": not in")[0]
        assert len(message) < 400 and "secret" not in message.replace(said, "")


@posix
def test_that_there_is_something_outside_is_not_told(linked: Path) -> None:
    server = make_server([linked])
    for here, nothing in (
        ("../secret/hidden.txt", "../secret/nothing"),
        ("/etc/passwd", "/etc/nothing"),
        ("out/hidden.txt", "out/nothing"),
    ):
        messages = [error_of(server, "count", paths=[path]) for path in (here, nothing)]
        assert messages[0].replace(here, "") == messages[1].replace(nothing, "")


@posix
def test_what_is_inside_is_found_in_any_spelling(root: Path) -> None:
    (root / "100%.md").write_text("a")
    (root / "a b.md").write_text("a")
    (root / "[id]").mkdir()
    (root / "[id]" / "{x,y}.md").write_text("a")
    (root / "inner").symlink_to("docs")
    server = make_server([root])
    for path in (
        *("README.md", "./README.md", "docs/../README.md", "docs/./guide.md", f"{root}/README.md"),
        *("docs//guide.md", "100%.md", "a b.md", "[id]/{x,y}.md", "inner/guide.md", "docs/", "."),
    ):
        assert ask(server, "count", paths=[path])["totals"][0]["tokens"] > 0
    assert "README.mdx: no such file or folder" in error_of(server, "count", paths=["README.mdx"])
    for pattern in ("*.md", "{README,x}.md", "{docs,../secret}", "{docs,../secret/hidden.txt}"):
        message = error_of(server, "count", paths=[pattern])
        assert message.startswith(f"{pattern}: no such file or folder")


@posix
def test_a_walk_follows_no_link(linked: Path) -> None:
    server = make_server([linked])
    found = ask(server, "count", paths=["."])
    assert {each["path"] for each in found["files"]} == {
        "README.md", "docs/code.py", "docs/guide.md",
    }  # fmt: skip
    assert len(found["skipped"]) == 6
    assert SECRET not in ask(server, "pack", paths=["."])["text"]


@posix
def test_pipes_and_sockets_are_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe.txt")
    server = make_server([root])
    message = error_of(server, "count", paths=["pipe.txt"])
    assert message.startswith("pipe.txt: a named pipe, not a regular file or a folder")
    [skipped] = ask(server, "count", paths=["."])["skipped"]
    assert skipped == {"path": "pipe.txt", "reason": "named pipe"}


@posix
def test_what_was_swapped_for_a_link_is_not_opened(root: Path) -> None:
    jail = Jail([root])
    file, inner = jail.find("README.md"), jail.find("docs/guide.md")
    (root / "README.md").unlink()
    (root / "README.md").symlink_to(root.parent / "secret" / "hidden.txt")
    (root / "docs").rename(root.parent / "docs")
    (root.parent / "secret" / "guide.md").write_text(SECRET)
    (root / "docs").symlink_to(root.parent / "secret")
    with pytest.raises(UnreadableError) as raised:
        jail.open(file.path)
    assert raised.value.skipped.path == file.path
    with pytest.raises(UnreadableError) as raised:
        jail.open(inner.path)
    assert raised.value.skipped.path == str(root.resolve() / "docs")
    for path in (str(root.parent / "secret" / "hidden.txt"), f"{root.resolve()}/../secret/x"):
        with pytest.raises(UnreadableError, match="leads out of the root"):
            jail.open(path)


@posix
def test_a_race_is_not_won(root: Path) -> None:
    """A folder that is swapped for a link all the time, while it is read."""
    secret, docs, aside = root.parent / "secret", root / "docs", root / "aside"
    for number in range(20):
        (docs / f"{number}.txt").write_text("harmless")
        (secret / f"{number}.txt").write_text(SECRET)
    server, done = make_server([root]), threading.Event()

    def swap() -> None:
        while not done.is_set():
            docs.rename(aside)
            docs.symlink_to(secret)
            docs.unlink()
            aside.rename(docs)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(25):
            for arguments in ({"paths": ["."]}, {"paths": ["docs"]}, {"paths": ["docs/1.txt"]}):
                assert SECRET not in text_of(call(server, "pack", **arguments))
    finally:
        done.set()
        thread.join()


def test_several_folders_are_searched_in_order(root: Path) -> None:
    other = root.parent / "other"
    other.mkdir()
    (other / "README.md").write_text("another text")
    (other / "more.md").write_text("more")
    server = make_server([root, other])
    found = ask(server, "count", paths=["README.md", "more.md", str(other / "README.md")])
    paths = sorted(each["path"] for each in found["files"])
    real = root.resolve().as_posix(), other.resolve().as_posix()
    assert paths == sorted([f"{real[0]}/README.md", f"{real[1]}/more.md", f"{real[1]}/README.md"])
    assert "not in a folder" in error_of(server, "count", paths=["../secret/hidden.txt"])
    assert "no such file" in error_of(server, "count", paths=[f"{other}/nothing"])


def test_a_root_is_a_folder(root: Path) -> None:
    for path in (root / "README.md", root / "nothing"):
        with pytest.raises(UsageError, match="no such folder"):
            make_server([path])


@posix
def test_a_root_may_be_named_by_a_link(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    server = make_server([link])
    for path in ("README.md", f"{link}/README.md", f"{root.resolve()}/README.md"):
        assert ask(server, "count", paths=[path])["files"][0]["path"] == "README.md"


@posix
@settings(max_examples=300)
@given(path=st.text(st.sampled_from("./\\%2eEfF~:\0a{}*[]") | st.characters(), max_size=20))
def test_nothing_that_is_found_is_outside(
    path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.getbasetemp() / "jail"
    (root / "a" / "e").mkdir(parents=True, exist_ok=True)
    try:
        found = Jail([root]).find(path)
    except UsageError as error:
        assert error.hint
    else:
        assert Path(found.path).is_relative_to(root.resolve())


def test_messages_name_no_folder_outside(server: Server, root: Path) -> None:
    (root / "data.bin").write_bytes(bytes(range(256)))
    (root / "bad.json.gz").write_bytes(b"\x1f\x8b\x08\0broken")
    for path in ("data.bin", "bad.json.gz"):
        found: list[Any] = ask(server, "count", paths=[path])["skipped"]
        assert found[0]["path"] == path
        for tool, arguments in (
            ("chunk", {"path": path}),
            ("pack", {"paths": [path]}),
            ("pack", {"paths": ["README.md", path]}),
        ):
            message = error_of(server, tool, **arguments)
            assert message.startswith(f"{path}: ") and str(root.parent) not in message


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors")
def test_nothing_stays_open(server: Server, root: Path) -> None:
    def descriptors() -> int:
        return len(os.listdir("/dev/fd"))

    ask(server, "count", paths=["."])
    before = descriptors()
    for _ in range(3):
        ask(server, "pack", paths=["."])
        ask(server, "count", paths=["docs", "README.md"])
    assert descriptors() <= before
