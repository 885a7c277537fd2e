"""Folders: names, links, pipes, ignore files, repositories. Each has a ``text.txt`` of its own."""

import os
from pathlib import Path

from tests.hostile.builders import Input, folder_into

FOLDERS: list[Input] = []
folder = folder_into(FOLDERS)

NAMES = (
    "a\x1b]0;title\x07.md",
    "b\nc: error.md",
    "d\x1b[2J\u202egpj.md",
    "e\u2066f\u2028\x9b31m.md",
)


@folder()
def names_with_escapes(here: Path) -> None:
    for name in NAMES:
        (here / name).write_text("# A heading\n\nWords.\n")
        (here / f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
        (here / f"{name}.ipynb").write_text("{")
        (here / f"folder {name}").mkdir()
        (here / f"folder {name}" / "in it.txt").write_text("words")


@folder()
def name_that_is_not_utf8(here: Path) -> None:
    Path(os.fsdecode(bytes(here) + b"/\xff\xfe.txt")).write_text("words")


@folder()
def links_to_the_users_files(here: Path) -> None:
    (here / "link.txt").symlink_to("../home/secret.txt")
    (here / "folder").symlink_to("../home")
    (here / "loop").symlink_to(".")
    (here / "devices").symlink_to("/dev")


@folder()
def files_that_rules_and_settings_are_read_from(here: Path) -> None:
    (here / "pyproject.toml").symlink_to("/dev/zero")
    (here / "text.txt").touch()
    for place, make in (
        (here, lambda path: path.symlink_to("../home/secret.txt")),
        (here / "a", os.mkfifo),
        (here / "b", lambda path: path.symlink_to("/dev/zero")),
        (here / "c", lambda path: (path.touch(), os.truncate(path, 1 << 40))),
    ):
        place.mkdir(exist_ok=True)
        (place / "words.txt").write_text("words")
        for name in (".ignore", ".gitignore", ".gitattributes", ".gitmodules"):
            make(place / name)


@folder()
def pipe_among_the_files(here: Path) -> None:
    os.mkfifo(here / "pipe.txt")


def _repository(here: Path) -> Path:
    """A repository without a commit, as git makes it but without git; the folder `.git`."""
    (here / ".gitignore").write_text("*.log\n")
    (here / "a.log").write_text("words")
    made = here / ".git"
    for name in ("objects/info", "objects/pack", "refs/heads", "info", "hooks"):
        (made / name).mkdir(parents=True)
    (made / "HEAD").write_text("ref: refs/heads/m\n")
    (made / "config").write_text("[core]\n\trepositoryformatversion = 0\n")
    return made


@folder()
def repository_that_names_programs(here: Path) -> None:
    made = _repository(here)
    program = here / "program"
    program.write_text("#!/bin/sh\n: > ran\n")
    program.chmod(0o755)
    (here / "git").symlink_to("program")
    (made / "hooks" / "post-index-change").symlink_to(program)
    (made / "refs/heads/m").write_text("1" * 40)
    (made / "config").write_text(
        "[core]\n\trepositoryformatversion = 1\n"
        f"\tfsmonitor = {program}\n\tsshCommand = {program}\n\tpager = {program}\n"
        "[extensions]\n\tpartialClone = origin\n"
        f'[remote "origin"]\n\turl = {here}/x\n\tpromisor = true\n\tuploadpack = {program}\n'
        f'[alias]\n\tls-files = "!{program}"\n\tlog = "!{program}"\n'
    )


@folder()
def repository_of_pipes(here: Path) -> None:
    made = _repository(here)
    for name in ("index", "packed-refs", "shallow", "commondir", "info/exclude"):
        os.mkfifo(made / name)
    for name in ("config", "HEAD"):
        (made / name).unlink()
        (made / name).symlink_to("/dev/zero")
    os.mkfifo(made / "objects/info/alternates")
    (here / "sub").mkdir()
    os.mkfifo(here / "sub/.git")


@folder()
def repository_that_is_the_users(here: Path) -> None:
    private = here.parent / "home" / "private"
    private.mkdir()
    made = _repository(private)
    (made / "refs/heads/m").symlink_to(here.parent / "home" / "secret.txt")
    (here / ".git").write_text(f"gitdir: {made}\n")
    for name in ("one", "two"):
        (here / name).mkdir()
        other = _repository(here / name)
        (other / "commondir").write_text(f"{made}\n")
        (other / "objects/info/alternates").write_text(f"{made}/objects\n")
        (other / "index").symlink_to(here.parent / "home" / "secret.txt")
        (other / "info/exclude").symlink_to(here.parent / "home" / "secret.txt")


@folder()
def repositories_in_repositories(here: Path) -> None:
    deep = here
    for _ in range(20):
        deep = deep / "in"
        deep.mkdir()
        _repository(deep)
        (deep / "empty").mkdir()
        (deep / "empty/.git").mkdir()
        (deep / "text.txt").write_text("words")


@folder()
def patterns_that_explode(here: Path) -> None:
    explode = ["*a" * 40 + "b", "*a?" * 60 + "[!a]b", "**/a*/" * 300 + "b", "*" * 50_000 + "b?"]
    odd = [
        "[",
        "[[:no:]]",
        "[" * 5_000,
        "\\",
        "!",
        "/",
        "a\0b",
        "[z-a]",
        "[[" + ":" * 5_000,
        "\xff",
    ]
    many = [f"*a{number}*{'a?' * (number % 50)}b*" for number in range(500)]
    lines = "\n".join([*explode, *odd, *many]).encode("latin-1")
    (here / ".ignore").write_bytes(lines)
    (here / ".gitignore").write_bytes(lines)
    marked = [line + b" linguist-generated" for line in lines.split(b"\n")]
    (here / ".gitattributes").write_bytes(b"\n".join(marked))
    (here / "pyproject.toml").write_text(
        f"[tool.ctxtools]\nexclude = {[*explode, '{a,b}' * 9, '{' * 5_000]}\n"
    )
    for number in range(20):
        (here / f"{'a' * 240}{number}").write_text("words")


@folder()
def tree_as_deep_as_a_path_may_be_long(here: Path) -> None:
    descriptor = os.open(here, os.O_RDONLY)
    for level in range(380):
        for name in (".ignore", ".gitattributes", "text.txt") if level % 50 == 0 else ():
            with open(name, "w", opener=lambda *a: os.open(*a, dir_fd=descriptor)) as file:  # noqa: B023
                file.write("*a*b*c linguist-vendored\n")
        os.mkdir("aaaaaaaaa", dir_fd=descriptor)
        inner = os.open("aaaaaaaaa", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = inner
    os.close(descriptor)


@folder()
def names_of_every_byte(here: Path) -> None:
    for byte in range(1, 256):
        name = b"x" + bytes([byte]) * (254 if byte % 8 == 3 else 1)
        if byte != ord("/"):
            Path(os.fsdecode(bytes(here) + b"/" + name)).write_text("words")
