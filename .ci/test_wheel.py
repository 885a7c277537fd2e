"""Run the whole suite against the installed package, in a copy of the tree without the sources.

In the tree itself a test would import the sources instead of the wheel. Arguments are pytest's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
OF_THE_TREE = ("documents", "release", "scripts", "security", "site")
"""Tests of what is beside the package, or of how the sources were made."""
LEFT_OUT = {"ctxtools", ".git", "build", "dist", "site", "target", "wheelhouse", ".venv"}


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shutil.copytree(ROOT, folder, ignore=left_out, dirs_exist_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]
        command += [f"--ignore=tests/test_{name}.py" for name in OF_THE_TREE]
        environment = {**os.environ, "CTXTOOLS_KERNEL": "require"}
        return subprocess.run([*command, *sys.argv[1:]], cwd=folder, env=environment).returncode


def left_out(folder: str, names: list[str]) -> set[str]:
    """The sources, and what was built; in any folder, what was compiled."""
    of_root = LEFT_OUT if Path(folder) == ROOT else set()
    return {*names} & (of_root | {"__pycache__", "target", ".cache"})


if __name__ == "__main__":
    sys.exit(main())
