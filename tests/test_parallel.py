"""`map_ordered`: in order, lazily, and where the system gives no threads. And `meanwhile`."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.parallel import map_ordered, meanwhile


@pytest.mark.parametrize("threads", [0, 1, 3, 10**9])
@pytest.mark.parametrize("share", [1, 7])
def test_results_are_in_order_and_items_are_taken_as_needed(threads: int, share: int) -> None:
    assert list(map_ordered(abs, range(-500, 500), threads, share=share)) == [
        abs(n) for n in range(-500, 500)
    ]
    assert list(islice(map_ordered(abs, count(), threads, share=share), 3)) == [0, 1, 2]


@given(st.lists(st.integers(-9, 9), max_size=60), st.integers(1, 5), st.integers(2, 3))
def test_inline_items_are_done_in_order_on_the_calling_thread(
    items: list[int], share: int, threads: int
) -> None:
    here = threading.get_ident()
    on: dict[bool, set[int]] = {True: set(), False: set()}

    def work(n: int) -> int:
        on[n < 0].add(threading.get_ident())
        return n * n

    found = map_ordered(work, items, threads, share=share, inline=lambda n: n < 0)
    assert list(found) == [n * n for n in items]
    assert on[True] <= {here}
    assert len(items) <= share or here not in on[False]  # one task alone is done here


def test_an_error_of_an_inline_item_comes_in_its_turn() -> None:
    def work(n: int) -> int:
        return 1 // n

    found = map_ordered(work, [1, 1, 0, 1], 2, inline=lambda n: n == 0)
    assert [next(found), next(found)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)


@pytest.mark.parametrize("inline", [None, lambda n: n % 3 == 0], ids=["none", "some"])
@pytest.mark.parametrize("allowed", [0, 1, 5])
def test_a_system_that_gives_no_more_threads(
    allowed: int, inline: Callable[[int], bool] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at a limit on processes: the work is done with the threads that there are."""
    start = threading.Thread.start
    started: list[threading.Thread] = []

    def start_some(thread: Any) -> None:
        if len(started) == allowed:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_some)

    def work(n: int) -> int:
        time.sleep(0.001)  # so that none is idle, and each task asks for a new thread
        return n * n

    assert list(map_ordered(work, range(300), 20, inline=inline)) == [n * n for n in range(300)]
    # With inline work in between, a thread may be idle by the next task.
    assert len(started) == allowed if inline is None else len(started) <= allowed


@pytest.mark.parametrize("threads", [1, 2])
def test_items_are_taken_meanwhile(threads: int) -> None:
    here, on = threading.get_ident(), set[int]()

    def items() -> Iterator[int]:
        for n in range(5):
            on.add(threading.get_ident())
            yield n

    with meanwhile(items(), threads) as found:
        assert found() == [0, 1, 2, 3, 4]
    assert (on == {here}) == (threads == 1)


def test_no_more_items_are_taken_once_the_block_is_left() -> None:
    taken, may_go_on = [], threading.Event()

    def items() -> Iterator[int]:
        for n in count():
            taken.append(n)
            yield n
            assert may_go_on.wait(60)

    with pytest.raises(KeyboardInterrupt), meanwhile(items(), 2):
        raise KeyboardInterrupt
    may_go_on.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(60)
    assert len(taken) <= 2


def test_an_error_meanwhile_is_that_of_the_items() -> None:
    with meanwhile((1 // n for n in (1, 0)), 2) as found, pytest.raises(ZeroDivisionError):
        found()


def test_items_of_a_system_that_gives_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with meanwhile(range(3), 2) as found:
        assert found() == [0, 1, 2]
