"""What is measured beside ctxtools, where it is installed.

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

from ctxtools.bench.engines import ENGINES, Engine, Vocabulary
from ctxtools.bench.measure import Outcome, installed_engines

# tiktoken's cache names a vocabulary by the SHA-1 of its URL.
_TIKTOKEN_CACHE_NAMES = {
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A program that counts the tokens of a file.

    Attributes:
        name: the distribution on PyPI.
        arguments: the command, which the file's path follows.
        environment: variables that it needs.
    """

    name: str
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()

    def run(self, path: Path) -> Outcome:
        """Its count of a file in UTF-8, and the seconds from its start to its end."""
        start = perf_counter()
        result = subprocess.run(
            [*self.arguments, str(path)],
            env=os.environ | dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        seconds = perf_counter() - start
        if result.returncode:
            lines = result.stderr.strip().splitlines() or ["no message"]
            return Outcome("error", detail=lines[-1])
        return Outcome("ok", seconds, tokens=int(result.stdout.replace(",", "").split()[0]))

    def version(self) -> str:
        """The installed version."""
        return version(self.name)


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


def choose_commands(vocab: Vocabulary, wanted: Iterable[str], cache: Path) -> list[Command]:
    """The commands to measure that are installed beside this Python."""
    wanted = list(wanted)
    folder = cache / "tiktoken"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(vocab.tiktoken_path, folder / _TIKTOKEN_CACHE_NAMES[vocab.encoding])
    model = {"o200k_base": "gpt-4o", "cl100k_base": "gpt-4"}[vocab.encoding]
    commands = (
        Command("ctxtools", (_program("ctx"), "count", "--encoding", vocab.encoding)),
        Command(
            "ttok",
            (_program("ttok"), "--model", model, "--input"),
            (("TIKTOKEN_CACHE_DIR", str(folder)),),
        ),
    )
    return [
        command
        for command in commands
        if (not wanted or command.name in wanted) and _is_installed(command)
    ]


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _is_installed(command: Command) -> bool:
    try:
        command.version()
    except PackageNotFoundError:
        return False
    return shutil.which(command.arguments[0]) is not None
