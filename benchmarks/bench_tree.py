"""A folder of many files, from start to end: `ctx count` compared with ripgrep matching every word.

ripgrep decodes nothing and counts no token, so it stands for the time that reading every file of a
tree takes. Name the folder, an installation of Python with its packages say, in ``CTX_TREE``.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

import pytest

_RUNS = 5
_COUNT = ["-m", "ctxtools", "count", "--no-ignore", "--json", "--threads", "2"]


def _run(command: Sequence[str]) -> tuple[float, float, bytes]:
    """Seconds by the clock, seconds of the processor, and what was printed."""
    start, before = time.perf_counter(), os.times()
    printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    return time.perf_counter() - start, used, printed


def bench_tree() -> None:
    """The ratio of both times, alternating, after one run of each."""
    tree, rg = os.environ.get("CTX_TREE"), shutil.which("rg")
    if tree is None or rg is None:
        pytest.skip("CTX_TREE names no folder, or ripgrep is not installed")
    ours = [sys.executable, *_COUNT, tree]
    theirs = [rg, "--no-ignore", "--count-matches", r"\w+", "-j2", tree]
    total = json.loads(_run(ours)[2])["total"]
    _run(theirs)
    runs = [(_run(ours)[:2], _run(theirs)[:2]) for _ in range(_RUNS)]
    clock, processor = (median(a[i] / b[i] for a, b in runs) for i in (0, 1))
    print(f"\n{total}: {clock:.2f} times ripgrep by the clock, {processor:.2f} of the processor")
