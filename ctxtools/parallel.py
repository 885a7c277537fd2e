"""``map`` over threads: in order, and no further ahead than keeps them busy."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

from ctxtools.checks import check_threads

_In = TypeVar("_In")
_Out = TypeVar("_Out")

_AHEAD = 64  # tasks in flight: enough that a long one does not idle the other threads


def map_ordered(
    function: Callable[[_In], _Out], items: Iterable[_In], threads: int, *, share: int = 1
) -> Iterator[_Out]:
    """The results of a function for some items, in the order of the items.

    Args:
        function: called on any of the threads, or on the calling thread if there is only one.
        items: its arguments; at most ``64 * share`` are taken ahead of the results.
        threads: how many threads call it, as `check_threads` takes it.
        share: items in one task, if an item alone is too little work for one.
    """
    threads = check_threads(threads)
    if threads == 1:
        yield from map(function, items)
        return
    from concurrent.futures import Future, ThreadPoolExecutor

    def run(task: list[_In]) -> list[_Out]:
        return [function(item) for item in task]

    remaining = iter(items)
    waiting: deque[Future[list[_Out]]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        while task := list(islice(remaining, share)):
            try:
                waiting.append(pool.submit(run, task))
            except RuntimeError as error:
                if "new thread" not in str(error):
                    raise
                # The system gives no more threads: the rest is done on this one.
                while waiting:
                    yield from waiting.popleft().result()
                yield from map(function, chain(task, remaining))
            if len(waiting) == _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
