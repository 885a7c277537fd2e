"""``python -m benchmarks.relevance.speed``: packs of 5,000 files beside ``ctx count`` of them.

Each command is a process of its own, in turn with the others; the minimum of the rounds counts.
"""

import argparse
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.packers import make_folder
from benchmarks.peers import Program
from ctxtools.bench.machine import machine_info

_LIMIT = "32k"
_QUESTION = "where is a file written so that a crash does not leave half of it?"


def programs() -> dict[str, Program]:
    """What is compared, by name."""
    pack = ("ctx", "pack", "{folder}", "-l", _LIMIT, "-o", "{output}")
    listed = [Program("count", ("ctx", "count", "{folder}")), Program("pack", pack)]
    help_text = subprocess.run([str(listed[1].path), "pack", "--help"], capture_output=True)
    if b"--query" in help_text.stdout:
        listed.append(Program("pack --query", (*pack, "--query", _QUESTION)))
    return {program.name: program for program in listed}


def seconds(folder: Path, rounds: int) -> Mapping[str, float]:
    """The minimum of the seconds of each."""
    found: dict[str, list[float]] = {}
    with TemporaryDirectory() as temporary:
        for _ in range(rounds):
            for name, program in programs().items():
                outcome, _ = program.run(folder=folder, output=Path(temporary) / "pack.xml")
                if outcome.status != "ok":
                    raise RuntimeError(f"{name}: {outcome.detail}")
                found.setdefault(name, []).append(outcome.seconds)
    return {name: min(each) for name, each in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="of files [5,000 generated ones]")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    folder = options.folder or make_folder(5000)
    found = seconds(folder, options.rounds)
    facts = {
        "machine": machine_info(),
        "files": sum(path.is_file() for path in folder.rglob("*")),
        "seconds": {name: round(each, 3) for name, each in found.items()},
        "times_count": {name: round(each / found["count"], 2) for name, each in found.items()},
    }
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
