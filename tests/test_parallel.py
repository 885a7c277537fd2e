"""`map_ordered`: in order, lazily, and where the system gives no threads."""

import threading
import time
from itertools import count, islice
from typing import Any

import pytest

from ctxtools.parallel import map_ordered


@pytest.mark.parametrize("threads", [0, 1, 3, 10**9])
@pytest.mark.parametrize("share", [1, 7])
def test_results_are_in_order_and_items_are_taken_as_needed(threads: int, share: int) -> None:
    assert list(map_ordered(abs, range(-500, 500), threads, share=share)) == [
        abs(n) for n in range(-500, 500)
    ]
    assert list(islice(map_ordered(abs, count(), threads, share=share), 3)) == [0, 1, 2]


@pytest.mark.parametrize("given", [0, 1, 5])
def test_a_system_that_gives_no_more_threads(given: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at a limit on processes: the work is done with the threads that there are."""
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def start_some(thread: Any) -> None:
        if len(started) == given:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_some)

    def work(n: int) -> int:
        time.sleep(0.001)  # so that none is idle, and each task asks for a new thread
        return n * n

    assert list(map_ordered(work, range(300), 20)) == [n * n for n in range(300)]
    assert len(started) == given
