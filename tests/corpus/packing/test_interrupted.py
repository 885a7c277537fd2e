"""Packings that are stopped anywhere and started again: the same bytes."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")

from ctxtools.corpus import PackOptions, Progress, load_manifest, pack, verify
from ctxtools.corpus.packing import pack as module
from ctxtools.errors import ConfigError, UsageError
from tests.corpus.packing.packing import (
    EOS,
    FIRST,
    Inline,
    Row,
    digests,
    done,
    windows_of,
    write_file,
    write_files,
)

pytestmark = pytest.mark.usefixtures("unsynced")

OPTIONS: dict[str, Any] = {"column": "ids", "eos": EOS, "pad": 0, "group_by": "language"}
STEPS = ("replace", "rename", "unlink")  # after which a run may have been stopped


def rows_of(number: int, rows: int = 12) -> list[Row]:
    first = FIRST + 1000 * number
    return [
        {
            "ids": [first + 30 * row + token for token in range(row * 2)],
            "mask": [1] * (row * 2),
            "weights": None,
            "language": ("de", "en")[row % 2],
            "source": f"{number}",
            "tags": [],
        }
        for row in range(rows)
    ]


@pytest.fixture(autouse=True)
def several_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SHARD", 2000)
    monkeypatch.setattr(module, "_GATHERED", 10)


class Stopped(BaseException):
    """The process was killed: nothing of it runs any more."""


@contextmanager
def stopping(step: int) -> Iterator[list[int]]:
    """Stop before the step of this number that changes the names of files."""
    seen = [0]

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            seen[0] += 1
            if seen[0] > step:  # what is cleaned up after an error would not be either
                raise Stopped
            return method(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            patch.setattr(Path, name, counted(getattr(Path, name)))
        yield seen


@pytest.mark.parametrize("format", ["parquet", "gathered"])
def test_stopped_at_each_step(tmp_path: Path, format: Any) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(number) for number in range(3)])
    options = PackOptions(20, format=format, **OPTIONS)
    with stopping(10**9) as steps:
        done(pack([inputs], tmp_path / "once", options, engine=Inline()))
    expected = digests(tmp_path / "once")
    assert len(load_manifest(tmp_path / "once").entries) > 2
    out = tmp_path / "out"
    for step in range(0, steps[0], 2):
        shutil.rmtree(out, ignore_errors=True)
        with stopping(step), pytest.raises(Stopped):
            pack([inputs], out, options, engine=Inline())
        done(pack([inputs], out, options, engine=Inline()))
        assert digests(out) == expected, step


def test_stopped_again_and_again(tmp_path: Path) -> None:
    """Each time a few steps further, without a start from nothing."""
    inputs = write_files(tmp_path / "in", [rows_of(number) for number in range(3)])
    options = PackOptions(20, **OPTIONS)
    done(pack([inputs], tmp_path / "once", options, engine=Inline()))
    chosen = random.Random(1)
    for _ in range(100):
        try:
            with stopping(chosen.randrange(1, 12)):
                done(pack([inputs], tmp_path / "out", options, engine=Inline()))
            break
        except Stopped:
            pass
    assert digests(tmp_path / "out") == digests(tmp_path / "once")


def test_killed(tmp_path: Path) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(number, 60) for number in range(4)])
    code = (
        "import sys; from ctxtools.corpus import PackOptions, pack; "
        "from tests.corpus.packing.packing import Inline; "
        f"result = pack([sys.argv[1]], sys.argv[2], PackOptions(20, **{OPTIONS!r}), "
        "engine=Inline()); sys.exit(str(result.failed) if result.failed else 0)"
    )

    def started(out: Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-c", code, inputs, out])

    with started(tmp_path / "once") as process:
        assert process.wait() == 0
    expected = digests(tmp_path / "once")
    chosen = random.Random(2)
    for wanted in ("_ids/_parts/*.json", "_exchange/_parts/*.json", "_parts/*.json"):
        out = tmp_path / wanted.partition("/")[0]
        with started(out) as process:
            while not list(out.glob(wanted)) and process.poll() is None:
                time.sleep(0.002)
            time.sleep(chosen.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
        with started(out) as process:
            assert process.wait() == 0
        assert digests(out) == expected


def test_a_changed_input(tmp_path: Path) -> None:
    files = [rows_of(number) for number in range(3)]
    inputs = write_files(tmp_path / "in", files)
    options = PackOptions(20, keep_ids=True, **OPTIONS)
    out = tmp_path / "out"
    done(pack([inputs], out, options, engine=Inline()))
    again = done(pack([inputs], out, options, engine=Inline()))
    assert again.reused == len(load_manifest(out).entries)
    files[0] = rows_of(7)
    write_file(inputs / "0", files[0], "parquet")
    phases: list[str] = []
    done(pack([inputs], out, options, engine=Inline(), progress=lambda p: phases.append(p.phase)))
    assert phases.count("ids") == 1
    tokens = {id for window in windows_of(out) for id in window["input_ids"] if id >= FIRST}
    assert tokens == {id for rows in files for row in rows for id in row["ids"]}
    assert verify(out) == []
    done(pack([inputs], tmp_path / "once", options, engine=Inline()))
    assert digests(out) == digests(tmp_path / "once")


def test_what_is_gone_is_made_again(tmp_path: Path) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(number) for number in range(3)])
    out, options = tmp_path / "out", PackOptions(20, **OPTIONS)
    done(pack([inputs], out, options, engine=Inline()))
    expected = digests(out)
    (out / load_manifest(out).entries[1].files[0].name).unlink()
    assert [problem.reason for problem in verify(out)] == ["missing, or cannot be read"]
    done(pack([inputs], out, options, engine=Inline()))
    assert digests(out) == expected
    (out / "windows.json").write_text("{}")
    assert [problem.path for problem in verify(out)] == [str(out / "windows.json")]


@pytest.mark.parametrize("format", ["parquet", "gathered"])
@pytest.mark.parametrize("how", ["gone", "cut"])
def test_ids_that_are_kept_are_made_again(tmp_path: Path, format: Any, how: str) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(number) for number in range(3)])
    out, options = tmp_path / "out", PackOptions(20, format=format, keep_ids=True, **OPTIONS)
    done(pack([inputs], out, options, engine=Inline()))
    expected, windows = digests(out), windows_of(out)
    ids = sorted((out / "_ids").glob("*.arrow"))[1]
    if how == "gone":
        ids.unlink()
    else:
        ids.write_bytes(ids.read_bytes()[:-1])
    assert [problem.path for problem in verify(out)] == [str(ids)]
    phases: list[str] = []
    done(pack([inputs], out, options, engine=Inline(), progress=lambda p: phases.append(p.phase)))
    assert (phases.count("ids"), phases.count("shard")) == (1, 0)
    assert digests(out) == expected
    assert windows_of(out) == windows
    assert verify(out) == []


def test_a_part_that_fails_is_done_by_the_next_run(tmp_path: Path) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(number) for number in range(3)])
    out, options = tmp_path / "out", PackOptions(20, **OPTIONS)
    good = (inputs / "2.arrow").read_bytes()
    (inputs / "2.arrow").write_bytes(good[:100])
    result = pack([inputs], out, options, engine=Inline())
    assert [str(inputs / "2.arrow") in str(error) for error in result.failed] == [True]
    assert not (out / "_manifest.json").exists()
    (inputs / "2.arrow").write_bytes(good)
    assert done(pack([inputs], out, options, engine=Inline())).reused == 2


def test_other_options_where_no_part_is_finished(tmp_path: Path) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(number) for number in range(3)])
    out, options = tmp_path / "out", PackOptions(20, **OPTIONS)
    wrong = {**OPTIONS, "column": "nope", "loss_mask": "no mask", "group_by": None}
    assert len(pack([inputs], out, PackOptions(20, **wrong), engine=Inline()).failed) == 3
    with pytest.raises(UsageError, match=r"loss_mask: column .tags. has no number"):
        pack([inputs], out, PackOptions(20, **{**OPTIONS, "loss_mask": "tags"}), engine=Inline())
    phases: list[str] = []
    done(pack([inputs], out, options, engine=Inline(), progress=lambda p: phases.append(p.phase)))
    assert "ids" not in phases  # which do not depend on the loss mask
    done(pack([inputs], tmp_path / "once", options, engine=Inline()))
    assert digests(out) == digests(tmp_path / "once")


@pytest.mark.parametrize("keep_ids", [True, False])
def test_a_folder_of_quite_other_inputs_stays(tmp_path: Path, keep_ids: bool) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(0)])
    others = write_files(tmp_path / "others", [rows_of(1)])
    out, options = tmp_path / "out", PackOptions(20, keep_ids=keep_ids, **OPTIONS)
    done(pack([inputs], out, options, engine=Inline()))
    expected = digests(out)
    with pytest.raises(ConfigError, match="out: has the parts of other inputs"):
        pack([others], out, options, engine=Inline())
    assert digests(out) == expected
    done(pack([inputs, others], out, options, engine=Inline()))
    done(pack([others], out, options, engine=Inline()))

    def stop(progress: Progress) -> None:
        if progress.phase == "exchange":  # there are ids, but no manifest
            raise Stopped

    with pytest.raises(Stopped):
        pack([others], tmp_path / "stopped", options, engine=Inline(), progress=stop)
    with pytest.raises(ConfigError, match="stopped: has the parts of other inputs"):
        pack([inputs], tmp_path / "stopped", options, engine=Inline())


def test_folders_and_inputs_that_are_refused(tmp_path: Path) -> None:
    inputs = write_files(tmp_path / "in", [rows_of(0)])
    out = tmp_path / "out"
    done(pack([inputs], out, PackOptions(20, **OPTIONS), engine=Inline()))
    with pytest.raises(ConfigError, match="other options"):
        pack([inputs], out, PackOptions(21, **OPTIONS), engine=Inline())
    with pytest.raises(UsageError, match="named twice"):
        pack([inputs, inputs / "0.parquet"], out, PackOptions(20, **OPTIONS), engine=Inline())
