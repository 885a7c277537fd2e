"""A folder of many files, from start to end: `ctx count` beside ripgrep.

Of all of its files, ripgrep matches every word: it decodes nothing and counts no token, so it
stands for the time that reading every file takes. Of a repository that ignores some, ripgrep lists
the others, and a folder that has nothing but those is counted: what remains is what ignoring takes.

Name the folder, an installation of Python with its packages say, in ``CTX_TREE``.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest

_RUNS = 5
_COUNT = [sys.executable, "-m", "ctxtools", "count", "--json", "--threads", "2"]
_IGNORED = 10_000  # files of the folder that is ignored

_Used = tuple[float, float]
"""Seconds by the clock, and seconds of the processor."""


def _run(command: Sequence[str]) -> tuple[_Used, bytes]:
    """What a command takes, and what it prints."""
    start, before = time.perf_counter(), os.times()
    printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    after = os.times()
    return (time.perf_counter() - start, sum(after[2:4]) - sum(before[2:4])), printed


def _total(command: Sequence[str]) -> dict[str, object]:
    return json.loads(_run(command)[1])["total"]  # type: ignore[no-any-return]


def _compare(ours: Callable[[], _Used], theirs: Callable[[], _Used]) -> str:
    """The medians of both ratios, alternating."""
    runs = [(ours(), theirs()) for _ in range(_RUNS)]
    clock, processor = (median(a[i] / b[i] for a, b in runs) for i in (0, 1))
    return f"{clock:.2f} times theirs by the clock, {processor:.2f} of the processor"


@pytest.fixture
def tree() -> Path:
    named = os.environ.get("CTX_TREE")
    if named is None or shutil.which("rg") is None:
        pytest.skip("CTX_TREE names no folder, or ripgrep is not installed")
    return Path(named).absolute()


def bench_tree(tree: Path) -> None:
    """All files of a tree; ripgrep matches words."""
    ours = [*_COUNT, "--no-ignore", str(tree)]
    theirs = ["rg", "--no-ignore", "--count-matches", r"\w+", "-j2", str(tree)]
    total = _total(ours)
    _run(theirs)
    print(f"\n{total}: {_compare(lambda: _run(ours)[0], lambda: _run(theirs)[0])}")


def bench_ignored(tree: Path) -> None:
    """A repository with the tree and a `target` folder that it ignores; ripgrep lists its files,
    and these alone are counted."""
    with TemporaryDirectory() as folder:
        repository, listed = Path(folder, "repository"), Path(folder, "listed")
        _make_repository(repository, tree)
        listing = ["rg", "--files", "-0", "-j2", str(repository)]
        for name in filter(None, _run(listing)[1].split(b"\0")):
            _link(os.fsdecode(name), str(listed / Path(os.fsdecode(name)).relative_to(repository)))
        ours = [*_COUNT, str(repository)]
        counting = [*_COUNT, "--no-ignore", str(listed)]
        total = _total(ours)
        assert total == _total(counting)

        def theirs() -> _Used:
            (clock, processor), (seconds, used) = _run(listing)[0], _run(counting)[0]
            return clock + seconds, processor + used

        print(f"\n{total}: {_compare(lambda: _run(ours)[0], theirs)}")


def _make_repository(root: Path, tree: Path) -> None:
    shutil.copytree(tree, root, symlinks=True, copy_function=_link)
    files = [str(each) for each in tree.rglob("*") if each.is_file() and not each.is_symlink()]
    for number, path in enumerate(islice(cycle(files), _IGNORED)):
        _link(path, str(root / f"target/{number % 97}/{number}"))
    rules = root / ".gitignore"
    rules.unlink(missing_ok=True)  # it may be a link to the tree's
    rules.write_text("target/\n*.pyc\n__pycache__/\n")
    subprocess.run(["git", "init", "-q", root], check=True)


def _link(source: str, target: str) -> None:
    """A hard link, or a copy where there can be none."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
