"""Signals that stop a run, Ctrl-C and SIGTERM: both clean up and end the process at once."""

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import NoReturn


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived, as sent by ``kill``, ``timeout`` and when a container is stopped."""


def catch_termination() -> None:
    """Let SIGTERM raise `Terminated`, unless the parent process changed its default.

    Only for a process that is the command, not for one that imports it. Windows ends a process
    without notice, so nothing is caught there.
    """
    with suppress(ValueError):  # this is not the main thread
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    # timeout(1) sends it twice, and the second one must not interrupt the clean-up.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def exit_interrupted(error: KeyboardInterrupt) -> NoReturn:
    """Exit with 130, or 143 for SIGTERM, as shells do.

    At once: a thread may be waiting for a pipe, and a normal exit would wait for it.
    """
    os._exit(143 if isinstance(error, Terminated) else 130)
