"""Every command that writes: killed at random moments, on a full disk, into a closed pipe.

The old file is whole, or the new one is complete, and no temporary file is left after the next run.
**To add a command that writes**, or an option that names an output: add it to `WRITERS`.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from ctxtools.atomic import is_temporary
from ctxtools.cli import app
from ctxtools.cli.quick import COMMANDS

CTX = [sys.executable, "-m", "ctxtools"]
# What Python says of a signal before anything of ctxtools runs.
BEFORE = (b"Fatal Python error: init", b"Could not import runpy module")
# What is replaced only where an earlier run wrote it starts so.
MARKS = b'<meta name="generator" content="ctxtools"> {"ctxtools_baseline":'
OLD = MARKS + b" what an earlier run wrote\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits")


@dataclass(frozen=True, slots=True)
class Writer:
    """A command that writes; ``{out}`` is its output.

    Attributes:
        arguments: what it is run with.
        output: the file, or the folder with a slash at the end.
        option: that names it; None if it writes where no option says.
        needs: a package.
    """

    arguments: str
    output: str
    option: str | None = "--output"
    needs: str | None = None


WRITERS = (
    Writer("chunk text.md -s 16 -o {out}", "out.jsonl"),
    Writer("chunk text.md -s 16 -o {out}", "out.parquet", needs="pyarrow"),
    Writer("chunk text.md -s 64 -o {out}", "out/"),
    Writer("chunk rows.parquet --column text -s 16 -o {out}", "out.jsonl", needs="pyarrow"),
    Writer("pack . -j 4 --exclude out* -o {out}", "out.xml"),
    Writer("pack text.md --stats {out}", "out.json", "--stats"),
    Writer("count text.md --html {out}", "out.html", "--html"),
    Writer("chunk text.md --dry-run --html {out}", "out.html", "--html"),
    Writer("pack text.md --dry-run --html {out}", "out.html", "--html"),
    Writer("show short.md --html {out}", "out.html", "--html"),
    Writer("check -l **=9M --format sarif -o {out}", "out.sarif"),
    Writer("check -l **=9M --update-baseline --baseline {out}", "out.json", "--baseline"),
    Writer("check -l **=each:9M,all:9M --summary {out}", "out.md", "--summary"),
    Writer("pack-sequences rows.jsonl --field text -w 64 -o {out}", "out.jsonl"),
    Writer("pack-sequences text.md -w 64 --stats {out}", "out.json", "--stats"),
    Writer("pack-sequences ids.txt --lengths -w 8k -o {out}", "out.parquet", needs="pyarrow"),
    Writer("encode text.md -o {out}", "out.ids"),
    Writer("decode ids.txt -o {out}", "out.txt"),
    Writer("truncate text.md -l 20k -o {out}", "out.txt"),
    Writer("encodings export cl100k_base --format tiktoken -o {out}", "out.tiktoken"),
    Writer("models import models.json", "config/ctxtools/models.toml", None),
)
_SHORT = {"--stats", "--baseline", "--summary"}
_OPTIONS = {"--output", "--html", *_SHORT}
_NAMES = [f"{each.arguments.split()[0]}-{each.output}-{n}" for n, each in enumerate(WRITERS)]
each_writer = pytest.mark.parametrize("writer", WRITERS, ids=_NAMES)


def test_every_command_that_writes_is_here() -> None:
    """By its options; ``models import`` is the one that writes without any. Those of ``corpus``
    write folders: see ``tests/corpus/test_driver.py``."""
    group: Any = typer.main.get_command(app.app)
    context = typer.Context(group)
    found = set()
    for name in COMMANDS:
        if name.startswith("corpus "):
            continue
        command = group.get_command(context, name)
        options = {option for each in command.params for option in each.opts}
        found |= {(name, option) for option in options & _OPTIONS}
    listed = {(each.arguments.split()[0], each.option) for each in WRITERS}
    assert listed == {*found, ("models", None)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config/ctxtools").mkdir(parents=True)
    lines = [f"## Part {n}\n\nIt was the best of times, {n}.\n\n" for n in range(4000)]
    (tmp_path / "text.md").write_text("".join(lines))
    (tmp_path / "short.md").write_text("".join(lines[:20]))
    (tmp_path / "ids.txt").write_text("".join(f"{n % 9000}\n" for n in range(60_000)))
    rows = "".join(json.dumps({"text": line}) + "\n" for line in lines)
    (tmp_path / "rows.jsonl").write_text(rows)
    limits = {"max_tokens": 8192, "max_input_tokens": 8192, "max_output_tokens": 2048}
    more = {"mode": "chat", "litellm_provider": "x", "input_cost_per_token": 1e-6}
    table = {f"x/model-{n}": {**limits, **more} for n in range(500)}
    (tmp_path / "models.json").write_text(json.dumps(table))
    return tmp_path


def prepare(writer: Writer, folder: Path) -> list[str]:
    """What the command needs; its arguments."""
    if writer.needs is not None:
        pytest.importorskip(writer.needs)
    if "rows.parquet" in writer.arguments:
        import pyarrow
        from pyarrow import parquet

        lines = (folder / "rows.jsonl").read_text().splitlines()
        texts = [json.loads(line)["text"] for line in lines]
        parquet.write_table(pyarrow.table({"text": texts}), folder / "rows.parquet")
    return [*CTX, *writer.arguments.format(out=writer.output).split()]


def content(path: Path) -> object:
    if path.is_dir():
        return {each.name: each.read_bytes() for each in path.iterdir()}
    return path.read_bytes() if path.exists() else None


def set_old(writer: Writer, path: Path) -> object:
    """The state before a run: a file that an earlier one wrote; of a folder, none."""
    if writer.output.endswith("/"):
        if path.exists():
            for each in path.iterdir():
                each.unlink()
            path.rmdir()
    elif writer.option is None:
        path.unlink(missing_ok=True)  # models import adds to what is there
    else:
        path.write_bytes(OLD)
    return content(path)


def temporaries(folder: Path) -> list[str]:
    return [each.name for each in folder.rglob(".*") if is_temporary(each.name)]


def has_ended(group: int) -> bool:
    """Whether no process of the group is left, so that none writes on."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@each_writer
def test_a_run_that_is_ended_leaves_the_old_file_or_the_new(writer: Writer, folder: Path) -> None:
    """At some moments of the run, among them while the temporary file is there."""
    command, path = prepare(writer, folder), folder / writer.output
    old = set_old(writer, path)
    start = time.monotonic()
    ran = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seconds = time.monotonic() - start
    assert ran.returncode == 0, ran.stderr
    new = content(path)
    assert new != old and not temporaries(folder)
    moments = random.Random(writer.arguments)
    for number, code in (
        (signal.SIGKILL, -9),
        (signal.SIGKILL, -9),
        (signal.SIGTERM, 143),
        (signal.SIGINT, 130),
    ):
        assert set_old(writer, path) == old
        left = temporaries(folder)  # by the kill before
        # Once while it writes, if that can be seen, and then at any time after Python's start.
        waits_for_file = moments.random() < 0.5
        moment = seconds * moments.uniform(0.3, 1)
        with subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as ctx:
            begun = time.monotonic()
            while ctx.poll() is None and time.monotonic() < begun + moment:
                if waits_for_file and temporaries(path.parent):
                    time.sleep(seconds * moments.uniform(0, 0.05))
                    break
                time.sleep(0.002)
            with suppress(ProcessLookupError):
                ctx.send_signal(number)
            assert ctx.stderr
            said = ctx.stderr.read()
            ctx.wait(30)
            if not any(each in said for each in BEFORE):
                assert ctx.returncode in (code, -number, 0), said  # -number: before it is caught
                assert b"Traceback" not in said or ctx.returncode == -number
            assert has_ended(ctx.pid)
        assert content(path) in ((old, new) if ctx.returncode else (new,))
        if number != signal.SIGKILL and ctx.returncode == code:
            assert {*temporaries(folder)} <= {*left}
    set_old(writer, path)
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert content(path) == new
    assert not temporaries(folder)


@each_writer
def test_a_full_disk_leaves_the_old_file(writer: Writer, folder: Path) -> None:
    import resource

    command, path = prepare(writer, folder), folder / writer.output
    old = set_old(writer, path)
    limit = 100 if writer.option in _SHORT else 2000  # bytes
    ran = subprocess.run(
        command,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert (ran.returncode, ran.stdout) == (2, b"")
    name = str(path) if writer.option is None else writer.output.rstrip("/")
    assert f"error: {name}: file too large\n".encode() in ran.stderr
    assert b"Traceback" not in ran.stderr
    assert content(path) == old and not temporaries(folder)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@each_writer
def test_a_device_and_a_pipe_as_the_output(writer: Writer, folder: Path) -> None:
    if writer.option is None or writer.output.endswith((".parquet", "/")):
        pytest.skip("it writes files of its own")
    command = prepare(writer, folder)[:-1]
    named = folder / f"full{Path(writer.output).suffix}"  # plans go by the name
    named.symlink_to("/dev/full")
    full = "/dev/full" if "pack-sequences" not in writer.arguments else None
    if full is not None:
        ran = subprocess.run([*command, full], capture_output=True)
        assert ran.returncode == 2
        assert b"error: /dev/full: no space left on device\n" in ran.stderr
    ran = subprocess.run([*command, named.name], capture_output=True)
    assert ran.returncode == 2 and b"is a link to /dev/full" in ran.stderr
    if full is not None:
        reader, pipe = os.pipe()
        os.close(reader)
        ran = subprocess.run([*command, f"/dev/fd/{pipe}"], pass_fds=[pipe], capture_output=True)
        os.close(pipe)
        assert (ran.returncode, b"error" in ran.stderr) == (0, False), ran.stderr
