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
COPIED = ("tests", "scripts", "benchmarks", "pyproject.toml", "README.md")


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder, name))
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"]
        environment = {**os.environ, "CTXTOOLS_KERNEL": "require"}
        return subprocess.run([*command, *sys.argv[1:]], cwd=folder, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
