import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from ctxtools.errors import ConfigError, ReadError
from ctxtools.regular_file import is_inside, open_regular, read_regular
from tests.hanging import no_hang

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev, /proc and pipes")


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_up_to_the_limit_all_of_a_file_is_read(tmp_path: Path, size: int) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"x" * size)
    assert read_regular(file, 100) == b"x" * size
    link = tmp_path / "link"
    link.symlink_to(file)
    assert read_regular(str(link), 100) == b"x" * size


def test_a_descriptor_of_a_regular_file(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"x" * 10)
    (tmp_path / "link").symlink_to(file)
    for path in (file, tmp_path / "link"):
        descriptor, size = open_regular(path, within=tmp_path)
        try:
            assert (os.read(descriptor, 100), size) == (b"x" * 10, 10)
        finally:
            os.close(descriptor)
    for path, message in (
        (tmp_path, "is a directory"),
        (tmp_path / "missing", "no such file"),
        (Path("a\0b"), "not a path"),
        (Path(os.devnull), "a device, not a regular file"),
    ):
        with pytest.raises(ReadError, match=message):
            open_regular(path)
    with pytest.raises(ReadError, match="leads out of its folder"):
        open_regular(file, within=tmp_path / "other")


def test_a_large_file_is_read_in_blocks(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "f").write_bytes(data)
    assert read_regular(tmp_path / "f", 3_000_000) == data


def test_a_larger_file_is_an_error_and_not_read(tmp_path: Path) -> None:
    file = tmp_path / "sparse"
    with open(file, "wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(ReadError, match=r"sparse: larger than 1.0 MB\n\nhint: at most 1.0 MB"):
        read_regular(file, 1_000_000)


@linux
def test_a_file_that_claims_to_be_empty_is_read_to_the_limit() -> None:
    path = "/proc/self/environ" if os.stat("/proc/self/environ").st_size == 0 else "/proc/version"
    assert os.stat(path).st_size == 0
    assert read_regular(path, 1 << 24) == Path(path).read_bytes()
    with pytest.raises(ReadError, match="larger than 3 B"):
        read_regular("/proc/self/stat", 3)


@linux
def test_what_is_no_regular_file_is_an_error_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket"))
    kinds: dict[str | Path, str] = {
        tmp_path / "pipe": "a named pipe, not a regular file",
        tmp_path / "link": "a device, not a regular file",
        tmp_path / "socket": "a socket, not a regular file",
        tmp_path: "is a directory",
        tmp_path / "loop": "too many levels of symbolic links",
        tmp_path / "none": "no such file or directory",
        tmp_path / "a\0b": "not a path",
        "/dev/stdin/x": "not a directory|no such file",
    }
    with server, no_hang():
        for path, reason in kinds.items():
            with pytest.raises(ConfigError, match=f": ({reason})"):
                read_regular(path, 100, raises=ConfigError)


@linux
def test_a_pipe_that_the_user_named_is_read_to_the_limit(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"x" * 100,))
    writer.start()
    assert read_regular(pipe, 100, pipes=True) == b"x" * 100
    writer.join()
    with no_hang(), pytest.raises(ReadError, match="larger than 100 B"):
        read_regular("/dev/zero", 100, pipes=True)
    with pytest.raises(ReadError, match="is a directory"):
        read_regular(tmp_path, 100, pipes=True)


def test_a_name_cannot_break_the_line_of_its_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as raised:
        read_regular(tmp_path / "a\nb\x1b[31m", 100)
    assert raised.value.message.endswith("a\\nb\\x1b[31m: no such file or directory")


def test_a_link_out_of_the_folder_that_a_file_must_be_in(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "sub").mkdir(parents=True)
    (project / "own").write_text("own")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "project2").write_text("a name that starts alike")
    (project / "sub" / "in").symlink_to("../own")
    assert read_regular(project / "sub" / "in", 100, within=project) == b"own"
    (project / "up").symlink_to(tmp_path)
    outside = (str(tmp_path / "secret"), "../secret", "../none", "../project2", "sub/../../secret")
    for number, target in enumerate(outside):
        link = project / f"out{number}"
        link.symlink_to(target)
        with pytest.raises(ReadError, match=f"out{number}: leads out of its folder"):
            read_regular(link, 100, within=project)
    for path in ("up/secret", "../secret", "sub/../../secret", tmp_path / "secret"):
        with pytest.raises(ReadError, match="leads out of its folder"):
            read_regular(project / path, 100, within=project)


def test_a_folder_that_is_itself_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "f").write_text("x")
    (tmp_path / "link").symlink_to("real")
    assert read_regular(tmp_path / "link" / "f", 100, within=tmp_path / "link") == b"x"
    assert is_inside(tmp_path / "real" / "f", tmp_path / "link")
    assert is_inside(tmp_path, "/")
    assert not is_inside(tmp_path, tmp_path / "link")


def test_in_a_very_deep_folder_links_are_not_followed(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a"] * 250)
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    (deep / "link").symlink_to("file")
    assert read_regular(deep / "file", 10, within=deep) == b"x"
    with pytest.raises(ReadError, match="very deep folder"):
        read_regular(deep / "link", 10, within=deep)
