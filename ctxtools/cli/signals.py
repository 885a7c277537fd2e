"""What stops a run from outside, Ctrl-C and SIGTERM: both clean up, and end the process at once."""

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import NoReturn


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived: what ``kill``, ``timeout`` and a container that is stopped send."""


def catch_termination() -> None:
    """Let SIGTERM raise `Terminated`, where whoever started the process left it to its default.

    For the process that is the command, not for one that imports it. Windows ends a process
    without asking it, so that nothing is caught there.
    """
    with suppress(ValueError):  # this is not the main thread
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    # timeout(1) sends it twice, and the second one must not stop the cleaning up.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


def exit_interrupted(error: KeyboardInterrupt) -> NoReturn:
    """Exit with 130, or 143 for SIGTERM, as shells do.

    At once: a thread may be waiting for a pipe, and a normal exit would wait for it.
    """
    os._exit(143 if isinstance(error, Terminated) else 130)
