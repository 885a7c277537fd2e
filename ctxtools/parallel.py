"""Work on threads: ``map``, in order and no further ahead than keeps them busy; and work that goes
on while its caller does something else."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

from ctxtools.checks import check_threads

if TYPE_CHECKING:
    from concurrent.futures import Future

_In = TypeVar("_In")
_Out = TypeVar("_Out")

_AHEAD = 64  # tasks in flight: enough that a long one does not idle the other threads


def map_ordered(
    function: Callable[[_In], _Out],
    items: Iterable[_In],
    threads: int,
    *,
    share: int = 1,
    inline: Callable[[_In], bool] | None = None,
) -> Iterator[_Out]:
    """The results of a function for some items, in the order of the items.

    Args:
        function: called on any of the threads, or on the calling thread if there is only one.
        items: its arguments; at most ``64 * share`` are taken ahead of the results. Where they are
            one task, the calling thread does it.
        threads: how many threads call it, as `check_threads` takes it.
        share: items in one task, if an item alone is too little work for one.
        inline: whether an item is less work than handing it to another thread; the calling thread
            then does it.
    """
    threads = check_threads(threads)
    if threads == 1:
        yield from map(function, items)
        return
    first = list(islice(items := iter(items), share + 1))
    if len(first) <= share:
        yield from map(function, first)
        return
    from concurrent.futures import ThreadPoolExecutor

    def run(task: list[_In]) -> list[_Out]:
        return [function(item) for item in task]

    tasks = _tasks(chain(first, items), share, inline)
    waiting: deque[Future[list[_Out]]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for task, is_inline in tasks:
            if is_inline and not waiting:
                yield from run(task)
                continue
            try:
                waiting.append(_done(run, task) if is_inline else pool.submit(run, task))
            except RuntimeError as error:
                if "new thread" not in str(error):
                    raise
                # The system gives no more threads: the rest is done on this one.
                while waiting:
                    yield from waiting.popleft().result()
                yield from map(function, task)
                for task, _ in tasks:
                    yield from map(function, task)
                return
            if len(waiting) == _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def meanwhile(items: Iterable[_In], threads: int) -> Iterator[Callable[[], list[_In]]]:
    """Take items on another thread while the caller does something else.

    Where the block is left early, as for Ctrl-C, no more of them are taken.

    Args:
        items: that take some work each, and leave the GIL to others for most of it.
        threads: with one alone, they are taken when they are asked for.

    Yields:
        What waits for the items, and returns all of them or raises their error.
    """
    if check_threads(threads) == 1:
        yield lambda: list(items)
        return
    from concurrent.futures import ThreadPoolExecutor

    is_left = False

    def take() -> list[_In]:
        found = []
        for item in items:
            found.append(item)
            if is_left:
                break
        return found

    pool = ThreadPoolExecutor(1)
    try:
        try:
            wait: Callable[[], list[_In]] = partial(pool.submit(take).result, None)
        except RuntimeError as error:
            if "new thread" not in str(error):
                raise
            wait = take  # the system gives no more threads
        yield wait
    finally:
        is_left = True
        pool.shutdown(wait=False, cancel_futures=True)


def _tasks(
    items: Iterator[_In], share: int, inline: Callable[[_In], bool] | None
) -> Iterator[tuple[list[_In], bool]]:
    """Up to ``share`` items each, in order, and whether the calling thread does them."""
    if inline is None:
        while task := list(islice(items, share)):
            yield task, False
        return
    task = []
    was_inline = False
    for item in items:
        is_inline = inline(item)
        if task and (is_inline != was_inline or len(task) == share):
            yield task, was_inline
            task = []
        task.append(item)
        was_inline = is_inline
    if task:
        yield task, was_inline


def _done(run: Callable[[list[_In]], list[_Out]], task: list[_In]) -> "Future[list[_Out]]":
    """The results of a task, which is done at once; an error comes when it is its turn."""
    from concurrent.futures import Future

    future: Future[list[_Out]] = Future()
    try:
        future.set_result(run(task))
    except Exception as error:
        future.set_exception(error)
    return future
