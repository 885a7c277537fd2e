"""Jobs in a child process, which may end in any way."""

import gc
import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ctxtools.errors import FormatError
from ctxtools.isolated import Ended, Run, prepare
from ctxtools.isolated.child import PASSES_FILES
from ctxtools.isolated.run import _idle


def run(job: str, request: dict[str, Any] | None = None, **arguments: Any) -> Run:
    limits: dict[str, Any] = {"memory": 1 << 29, "seconds": 30, **arguments}
    return Run(f"tests.jobs:{job}", request or {}, **limits)


def process(job: Run) -> int:
    """The id of the process that works on an `echo`."""
    return int(next(job)[0]["process"])


def test_results_come_in_order_with_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"in the file")
    with open(tmp_path / "f", "rb") as file:
        file.read(3)
        first, second, third = run(
            "echo", {"é\udc80": [1, None]}, file=file, path=str(tmp_path / "f"), data=b"\0\xff"
        )
    assert first[0]["request"] == {"é\udc80": [1, None]} and first[0]["process"] != os.getpid()
    assert (first[0]["number"], second[0]["number"]) == (0, 1)
    assert first[1] == second[1] == b"\0\xff"
    assert third == ({}, b"in the file")


@pytest.mark.skipif(not PASSES_FILES, reason="there files are opened by their paths")
def test_a_file_without_a_descriptor_is_refused_at_once() -> None:
    with pytest.raises(OSError):
        run("echo", file=io.BytesIO(b"text"))


def test_a_child_serves_one_job_after_the_other() -> None:
    numbers = set()
    for _ in range(3):
        job = run("echo")
        numbers.add(process(job))
        assert len(list(job)) == 1
    assert len(numbers) == 1


def test_jobs_at_once_have_children_of_their_own() -> None:
    one, other = run("echo"), run("echo")
    assert process(one) != process(other)
    assert len(list(one)) == len(list(other)) == 1


def test_what_a_library_prints_is_no_result() -> None:
    assert [len(data) for _, data in run("write")] == [1 << 22] * 5


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ("crash", "the library crashed"),
        ("fail", "^a fault$"),
        ("panic", "^a panic$"),
        ("take_memory", "it takes too much memory"),
        ("take_time", "it takes too long"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="not all limits hold there")
def test_a_job_that_does_not_end_well(job: str, reason: str) -> None:
    found = run(job, seconds=1)
    with pytest.raises(Ended, match=reason):
        assert [data for _, data in found] == [b"first"]
    assert list(found) == []
    assert len(list(run("echo"))) == 2


LIMITS: dict[str, Any] = {"memory": 1 << 29, "seconds": 30}


def test_a_dialogue_has_limits_for_each_request() -> None:
    talk = run("talk", memory=1 << 26, dialogue=True)
    assert next(talk)[0] == {"count": 0}
    large = bytes(1 << 28)  # takes more than the first limit
    for count, data in enumerate((b"a", b"", large, b"\0"), 1):
        assert talk.send({"size": 1}, data, **LIMITS) == ({"count": count}, data)
    assert talk.send({"size": 1 << 28}, **LIMITS) == ({"count": 5}, b"")
    assert talk.is_alive
    if sys.platform == "linux":
        with pytest.raises(Ended, match="too much memory"):
            talk.send({"size": 1 << 28}, memory=1 << 26, seconds=30)
    talk.close()
    assert not talk.is_alive
    with pytest.raises(Ended):
        talk.send({}, **LIMITS)


@pytest.mark.skipif(sys.platform != "linux", reason="not all limits hold there")
def test_slack_is_for_all_requests_together() -> None:
    talk = run("talk", slack=0.5, dialogue=True)
    next(talk)
    with pytest.raises(Ended, match="it takes too long"):
        for _ in range(10):
            talk.send({"size": 1, "seconds": 0.2}, memory=1 << 29, seconds=0.1)
    assert run("talk", dialogue=True, slack=0.5).is_alive


def test_a_module_is_loaded_alone() -> None:
    from tests import jobs

    assert jobs.__file__
    _idle.clear()  # a child that has done another job has the package
    [(modules, _)] = run("modules", alone=True)
    assert "tests.jobs" in modules["names"] and "tests" not in modules["names"]


def test_an_error_that_the_user_is_to_see() -> None:
    with pytest.raises(FormatError, match="not that format") as raised:
        list(run("refuse"))
    assert raised.value.hint == "take another"


def test_a_job_that_nobody_waits_for_is_ended() -> None:
    job = run("take_time")
    next(job)
    child = job._child
    assert child is not None
    job.close()
    assert child.process.poll() is not None
    assert list(job) == []


def test_a_job_in_a_cycle_ends_without_a_warning() -> None:
    """The garbage collector may come to the process before it comes to what ends it."""
    for _ in range(5):
        job = run("talk")
        next(job)
        cycle: list[Any] = [job]
        cycle.append(cycle)
        del job, cycle
        gc.collect()  # pytest fails for what it warns of


def test_an_idle_child_that_was_ended_is_replaced() -> None:
    job = run("echo")
    number = process(job)
    list(job)
    os.kill(number, signal.SIGTERM)
    for child in _idle:
        if child.process.pid == number:
            child.process.wait()
    assert process(run("echo")) != number


@pytest.fixture
def none_idle() -> None:
    while _idle:
        _idle.pop().end()


@pytest.mark.parametrize("job", ["echo", "refuse", "fail"])
def test_a_child_that_was_prepared_is_the_next_one(job: str, none_idle: None) -> None:
    prepare(f"tests.jobs:{job}", {}, memory=1 << 29, seconds=30)
    (child,) = _idle
    assert process(run("echo")) == child.process.pid
    assert not _idle


def test_one_that_died_meanwhile_is_replaced(none_idle: None) -> None:
    prepare("tests.jobs:crash", {}, memory=1 << 29, seconds=30)
    (child,) = _idle
    assert process(run("echo")) != child.process.pid


def test_nothing_is_started_while_a_child_is_idle(
    none_idle: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(run("echo"))
    prepare("tests.jobs:echo", {}, memory=1 << 29, seconds=30)
    assert len(_idle) == 1
    _idle.pop().end()
    monkeypatch.setattr(sys, "executable", "/nothing/is/there")
    prepare("tests.jobs:echo", {}, memory=1 << 29, seconds=30)
    monkeypatch.setattr(sys, "executable", "")
    prepare("tests.jobs:echo", {}, memory=1 << 29, seconds=30)
    assert not _idle


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_has_children_of_its_own() -> None:
    """Two processes that ask one child would get each other's answers."""
    list(run("echo"))
    assert _idle
    number = os.fork()
    if not number:
        os._exit(len(_idle))
    assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 0


def test_a_program_that_is_no_interpreter_does_the_work_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert process(run("echo")) == os.getpid()
    for job, reason in (("fail", "a fault"), ("panic", "a panic")):
        with pytest.raises(Ended, match=reason):
            list(run(job))
    talk = run("talk", dialogue=True)
    assert next(talk) == ({"count": 0}, b"")
    assert talk.send({"size": 1}, b"a", **LIMITS) == ({"count": 1}, b"a")


def test_threads() -> None:
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(len(list(run("echo", data=b"x" * 100_000)))))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [2] * 6


def test_nothing_is_imported_from_the_current_folder(tmp_path: Path) -> None:
    """Nor does a child live longer than its parent."""
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    code = (
        "import sys; sys.path = [*sys.path[1:], sys.argv[1]]\n"
        "from ctxtools.isolated import Run\n"
        "sys.path.insert(0, '')\n"
        "job = Run('tests.jobs:echo', {}, memory=1 << 29, seconds=30)\n"
        "print(next(job)[0]['process'])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parents[1])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    if os.path.isdir("/proc/self"):
        assert not os.path.exists(f"/proc/{int(found.stdout)}")
