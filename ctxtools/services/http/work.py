"""Threads that count while the event loop goes on, and how many requests may wait for them."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from ctxtools.services.http.answers import Answer, Refused
from ctxtools.services.http.bodies import RETRY, Gone, Receive


class Workers:
    """Runs functions in threads, a bounded number at once.

    A request that timed out, or whose client hung up, leaves the queue. One that is running keeps
    its slot until it is done: Python cannot stop a thread.

    Args:
        max_concurrency: functions that are running or waiting.
        timeout: seconds in which one has to return.

    Attributes:
        threads: functions that run at once.
        busy: functions that are running or waiting.
    """

    def __init__(self, max_concurrency: int, timeout: float) -> None:
        self._max = max_concurrency
        self._timeout = timeout
        self.threads = min(32, (os.cpu_count() or 1) + 1)
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="ctx-serve")
        self.busy = 0

    def check(self) -> None:
        """Raise Refused if there are as many requests as there may be."""
        if self.busy >= self._max:
            raise Refused(503, "too many requests at once", headers=RETRY)

    async def run(self, function: Callable[[], Answer], receive: Receive) -> Answer:
        """What a function returns, or raises.

        Raises:
            Refused: there are too many, or it takes too long.
            Gone: the client hung up.
        """
        self.check()
        loop = asyncio.get_running_loop()
        self.busy += 1
        working = self._pool.submit(function)

        def done(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._done)

        working.add_done_callback(done)
        future = asyncio.wrap_future(working)
        hanging_up = asyncio.ensure_future(_hung_up(receive))
        try:
            await asyncio.wait(
                (future, hanging_up), timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if future.done():
                return future.result()
            if hanging_up.done():
                raise Gone
            raise Refused(504, f"counting took more than {self._timeout:g} seconds")
        finally:
            hanging_up.cancel()
            future.cancel()  # and with it the function, if it still waits for a thread

    def _done(self) -> None:
        self.busy -= 1

    def close(self) -> None:
        """Start nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def _hung_up(receive: Callable[[], Awaitable[object]]) -> None:
    while True:
        message = await receive()
        if isinstance(message, dict) and message["type"] == "http.disconnect":
            return
