"""A guard against inputs on which a function would hang: no test of speed."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

CPU_SECONDS = 60
"""Far above what the guarded calls take, and far below what quadratic ones do."""


@contextmanager
def no_hang() -> Iterator[None]:
    """Fail if the body takes a minute of processor time, rather than wait for its end."""
    if not hasattr(signal, "SIGPROF"):
        pytest.skip("this system has no timer of processor time")

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"not done after {CPU_SECONDS} s of processor time")

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)
