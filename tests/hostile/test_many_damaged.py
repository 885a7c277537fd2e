"""A folder of files that were damaged at random: each is counted, or named with its reason."""

import json
import random
import re
import zlib
from pathlib import Path

import pytest

from tests.hostile.builders import OPEN_FILES
from tests.hostile.damages import DAMAGES, Sample, samples
from tests.hostile.running import Sandbox

pytest.importorskip("termios", reason="runs are forked")

_FILES = OPEN_FILES  # so that none may be left open


def _cut(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data[: chance.randrange(len(data) + 1)])


def _flip(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 3, 10))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _insert(data: bytearray, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return bytes(data[:at]) + chance.randbytes(chance.randrange(1, 60)) + bytes(data[at:])


def _leave_out(data: bytearray, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    return bytes(data[:start] + data[end:])


def _repeat(data: bytearray, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    return bytes(data[:end] + data[start:end] * chance.randrange(1, 9) + data[end:])


def _any_other(data: bytearray, chance: random.Random) -> bytes:
    return chance.choice([*DAMAGES.values()])(bytes(data))


_CHANGES = (_cut, _flip, _insert, _leave_out, _repeat, _any_other)


@pytest.mark.parametrize(("name", "sample"), samples().items(), ids=samples())
def test_each_file_is_counted_or_named(name: str, sample: Sample, tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    chance = random.Random(zlib.crc32(name.encode()))
    paths = [f"{number}{sample.suffix}" for number in range(_FILES)]
    for path in paths:
        change = chance.choice(_CHANGES)
        (sandbox.here / path).write_bytes(change(bytearray(sample.data), chance))
    paths.append("whole.txt")
    (sandbox.here / "whole.txt").write_text("words")
    for explicit in (False, True):
        named = paths if explicit else ["."]
        ran = sandbox.check("count", *named, "--json", *sample.options)
        report = json.loads(ran.stdout)
        counted = {each["path"] for each in report["files"]}
        skipped = {each["path"] for each in report["skipped"]}
        assert counted | skipped == set(paths) and not counted & skipped
        assert all(each["reason"] for each in report["skipped"])
        errors = set(re.findall(r"^error: ([^:]+): .", ran.stderr.decode(), re.MULTILINE))
        assert ran.exit_code == (2 if errors else 0) and errors <= skipped
    sandbox.check("chunk", ".", "--size", "64", "-o", str(sandbox.out / "c.jsonl"), *sample.options)
