"""``python -m benchmarks.relevance.speed``: packs of many files beside ``ctx count`` of them.

The first packs of 5,000 files beside the count of them, and of 2,000 files the pack after one of
them changed beside the first. Each command is a process of its own, in turn with the others; the
minimum of the rounds counts.
"""

import argparse
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.packers import make_folder
from benchmarks.peers import Program
from ctxtools.bench.machine import machine_info

_FILES, _FEWER_FILES = 5000, 2000
_QUESTION = "where is a file written so that a crash does not leave half of it?"
_PACK = ("ctx", "pack", "{folder}", "-l", "32k", "-o", "{output}")
FIRST = (
    Program("count", ("ctx", "count", "{folder}")),
    Program("pack --no-cache", (*_PACK, "--no-cache")),
    Program("pack --no-cache --query", (*_PACK, "--no-cache", "--query", _QUESTION)),
)


def first_seconds(folder: Path, rounds: int) -> dict[str, float]:
    """The seconds of a count, and of packs that know nothing."""
    found: dict[str, list[float]] = {}
    with TemporaryDirectory() as temporary:
        for _ in range(rounds):
            for program in FIRST:
                _run(program, program.name, found, folder=folder, output=f"{temporary}/pack.xml")
    return {name: min(each) for name, each in found.items()}


def again_seconds(folder: Path, rounds: int) -> dict[str, float]:
    """The seconds of a first pack, and of that after one file changed."""
    found: dict[str, list[float]] = {}
    with TemporaryDirectory() as temporary:
        copy, output = Path(temporary, "copy"), Path(temporary, "pack.xml")
        shutil.copytree(folder, copy)
        files = sorted(path for path in copy.rglob("*") if path.is_file())
        for number in range(rounds):
            environment = (("XDG_CACHE_HOME", f"{temporary}/cache-{number}"),)
            program = Program("pack", _PACK, environment)
            _run(program, "first", found, folder=copy, output=output)
            with files[(number + 1) * len(files) // (rounds + 2)].open("ab") as file:
                file.write(b"\n# one more line\n")
            _run(program, "again", found, folder=copy, output=output)
    return {name: min(each) for name, each in found.items()}


def _run(program: Program, name: str, found: dict[str, list[float]], **values: object) -> None:
    """Adds the seconds of a command.

    Raises:
        RuntimeError: it failed.
    """
    outcome, _ = program.run(**values)
    if outcome.status != "ok":
        raise RuntimeError(f"{name}: {outcome.detail}")
    found.setdefault(name, []).append(outcome.seconds)


def _facts(folder: Path, seconds: Mapping[str, float], unit: str) -> dict[str, object]:
    return {
        "files": sum(path.is_file() for path in folder.rglob("*")),
        "seconds": {name: round(each, 3) for name, each in seconds.items()},
        f"times {unit}": {name: round(each / seconds[unit], 2) for name, each in seconds.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="of files [generated ones]")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    many = options.folder or make_folder(_FILES)
    fewer = options.folder or make_folder(_FEWER_FILES)
    facts = {
        "machine": machine_info(),
        "first packs": _facts(many, first_seconds(many, options.rounds), "count"),
        "pack again": _facts(fewer, again_seconds(fewer, options.rounds), "first"),
    }
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
