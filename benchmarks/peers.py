"""What ctxtools is compared with, where it is installed.

The engines' adapters are ctxtools/bench/engines.py, because `ctx bench` must have them where only
the wheel is installed and this folder is not. Here is the choice among them, and the peers that
are full commands. Chunkers are in ctxtools/bench/chunkers.py.
"""

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter

from ctxtools import __version__
from ctxtools.bench.engines import ENGINES, Engine, Vocabulary
from ctxtools.bench.measure import Outcome, installed_engines
from ctxtools.encodings.files.tiktoken_cache import cache_path


@dataclass(frozen=True, slots=True)
class Program:
    """A command that is timed from its start to its end, as a shell sees it.

    Attributes:
        name: its distribution on PyPI, or what it is called.
        arguments: the command; ``{name}`` stands for a value that `run` is given.
        environment: variables that it needs.
        has_limit: of those that pack, whether it takes a limit.
    """

    name: str
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    has_limit: bool = False

    @property
    def path(self) -> str | None:
        """The path, next to this Python first; None if it is not installed."""
        scripts = Path(sys.executable).parent
        return shutil.which(self.arguments[0], path=f"{scripts}{os.pathsep}{os.environ['PATH']}")

    def run(self, **values: object) -> tuple[Outcome, str]:
        """The seconds that it takes, and what it prints."""
        command = [str(self.path), *(each.format(**values) for each in self.arguments[1:])]
        start = perf_counter()
        result = subprocess.run(
            command,
            env=os.environ | dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        seconds = perf_counter() - start
        if result.returncode:
            lines = result.stderr.strip().splitlines() or ["no message"]
            return Outcome("error", detail=lines[-1]), ""
        return Outcome("ok", seconds), result.stdout

    def version(self) -> str:
        """The installed version."""
        if self.name.startswith("ctxtools"):
            return __version__
        try:
            return version(self.name)
        except PackageNotFoundError:
            ran = subprocess.run([str(self.path), "--version"], capture_output=True, text=True)
            return ran.stdout.strip()


def load_adapters(path: Path) -> dict[str, type[Engine]]:
    """The engines that a file defines as ``ENGINES``, as ctxtools/bench/engines.py does."""
    return dict(runpy.run_path(str(path))["ENGINES"])


def choose_engines(encoding: str, wanted: Iterable[str]) -> list[str]:
    """The engines to measure with an encoding: those wanted, or all that are installed.

    Raises:
        ValueError: one that is wanted is unknown or not installed.
    """
    wanted = list(wanted)
    for name in wanted:
        if name not in ENGINES or ENGINES[name].version() is None:
            raise ValueError(
                f"{name} is not an engine that is installed; known: {', '.join(ENGINES)}"
            )
    return installed_engines(encoding, wanted)


def counting_commands(vocab: Vocabulary, cache: Path) -> dict[str, Program]:
    """The commands that count the tokens of a file at ``path``, by name."""
    folder = cache / "tiktoken"
    folder.mkdir(parents=True, exist_ok=True)
    name = cache_path(vocab.encoding)
    if name is not None:
        shutil.copy(vocab.tiktoken_path, folder / name.name)
    model = {"o200k_base": "gpt-4o", "cl100k_base": "gpt-4"}[vocab.encoding]
    ours = Program("ctxtools", ("ctx", "count", "--encoding", vocab.encoding, "{path}"))
    environment = (("TIKTOKEN_CACHE_DIR", str(folder)),)
    ttok = Program("ttok", ("ttok", "--model", model, "--input", "{path}"), environment)
    return {program.name: program for program in (ours, ttok)}
