"""`ctx check` beside `ctx count`, from start to end: what limits cost over counting.

Of many files all are checked, each and together; of one that changed it alone, as pre-commit names
it. Both commands run in turn, so that a busy machine slows both.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory

import pytest

_FILES, _QUICK_FILES = 2_000, 20
_WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "lazy", "dogs", "while", "rain", "falls"]
_CONFIGURATION = """[check]
"docs/**" = { each = "25k", all = "10M" }
"docs/1*/**" = "20k"
"*.md" = { all = "10M" }
"""

_Used = tuple[float, float]
"""Seconds by the clock, and seconds of the processor."""


@pytest.fixture(scope="module")
def tree(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A folder of generated files, of 0.5 to 12 kB, with limits that all keep."""
    chosen = random.Random(27)
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "ctxtools.toml").write_text(_CONFIGURATION)
        for number in range(_QUICK_FILES if pytestconfig.getoption("--quick") else _FILES):
            lines = (" ".join(chosen.choices(_WORDS, k=12)) for _ in range(chosen.randint(8, 200)))
            path = root / f"docs/{number % 40}/{number}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines))
        yield root


def _run(arguments: Sequence[str], folder: Path) -> _Used:
    command = [sys.executable, "-m", "ctxtools", *arguments]
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root, "XDG_CONFIG_HOME": str(folder / "none")}
    start, before = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
    seconds, after = time.perf_counter() - start, getrusage(RUSAGE_CHILDREN)
    assert ran.returncode == 0, ran.stderr
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize(("what", "rounds"), [("tree", 11), ("file", 31)])
def bench_check(tree: Path, what: str, rounds: int, pytestconfig: pytest.Config) -> None:
    """The medians of both ratios: at most 1.2 is wanted of all files, 1.3 of one."""
    paths = ["docs/7/7.md"] if what == "file" else []
    check, count = ["check", *paths], ["count", *(paths or ["."])]
    _run(check, tree)  # the files are in the page cache from here on
    runs = [
        (_run(check, tree), _run(count, tree))
        for _ in range(1 if pytestconfig.getoption("--quick") else rounds)
    ]
    clock, processor = (median(a[i] / b[i] for a, b in runs) for i in (0, 1))
    seconds = median(each[0][0] for each in runs)
    print(
        f"\n{what}: {seconds:.3f} s, {clock:.2f} times ctx count by the clock, {processor:.2f} of "
        "the processor"
    )
