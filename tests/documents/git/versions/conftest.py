"""Repositories that tests of versions only read, made once."""

from pathlib import Path

import pytest

from tests.documents.git.repositories import ALLOW_FILES, git, make


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean checkout of everything that a revision can hold; three commits on two branches."""
    folder = tmp_path_factory.mktemp("project")
    root, module = folder / "root", folder / "module"
    make(module, "m.txt")
    git(module, "init", "-q")
    git(module, "add", "-A")
    git(module, "commit", "-qm", "one")
    make(
        root, "a.txt", "b/c.py", "b/c/d.py", "b-c.md", "b.txt", "é/ü.md", 'q"uo\tte.txt', text="x\n"
    )
    make(root, "app/[id]/page.tsx", "old/name.py", "gone.txt", text="1\n2\n3\n4\n5\n")
    make(root, ".github/workflow.yml", "src/.hidden", "src/main.py", "docs/skip/x.md", text="k\n")
    make(root, ".ignore", text="docs/skip\n*.lock\n")
    make(root, "src/.ignore", text="!kept.lock\n")
    make(root, "src/kept.lock", "src/a.lock", "tracked.log")
    make(root, ".gitignore", text="*.log\nbuild/\n")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 3\n"
    make(root, "big.bin.txt", text=pointer)
    (root / "binary").write_bytes(bytes(range(256)))
    (root / "latin.txt").write_bytes(b"caf\xe9 na\xefve d\xe9j\xe0 vu, d'accord\n" * 9)
    (root / "link").symlink_to("a.txt")
    git(root, "init", "-q")
    git(root, *ALLOW_FILES, "submodule", "add", "-q", str(module), "module")
    git(root, "add", "-A")
    git(root, "add", "-f", "tracked.log")
    git(root, "commit", "-qm", "one")
    git(root, "tag", "-a", "v1", "-m", "first")
    git(root, "checkout", "-qb", "side")
    make(root, "side.txt", text="side\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "aside\n\nwith a body")
    git(root, "checkout", "-q", "m")
    git(root, "mv", "old/name.py", "new.py")
    git(root, "rm", "-q", "gone.txt")
    make(root, "b/c.py", text="first\nx\n")
    git(root, "commit", "-qam", "two")
    git(root, "update-ref", "refs/remotes/origin/topic", "side")
    return root
