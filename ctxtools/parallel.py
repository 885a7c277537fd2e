"""``map`` over threads: in order, and no further ahead than keeps them busy."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from ctxtools.checks import check_integer

_In = TypeVar("_In")
_Out = TypeVar("_Out")

_MAX_THREADS = 1 << 16  # more are as many
_AHEAD = 64  # tasks in flight: enough that a long one does not idle the other threads


def thread_count(threads: int) -> int:
    """The number of threads that an argument means: 0 is one for each core.

    Raises:
        UsageError: it is negative, or not an integer.
    """
    if type(threads) is not int or threads < 0:
        threads = check_integer("threads", threads, 0, hint="0 is one for each core")
    return min(threads, _MAX_THREADS) or os.cpu_count() or 1


def map_ordered(
    function: Callable[[_In], _Out], items: Iterable[_In], threads: int, *, share: int = 1
) -> Iterator[_Out]:
    """The results of a function for some items, in the order of the items.

    Args:
        function: called on any of the threads, or on the calling thread if there is only one.
        items: its arguments; at most ``64 * share`` are taken ahead of the results.
        threads: how many threads call it; 0 is one for each core.
        share: items in one task, if an item alone is too little work for one.
    """
    threads = thread_count(threads)
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
            waiting.append(pool.submit(run, task))
            if len(waiting) == _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
