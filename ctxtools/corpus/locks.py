"""One run at a time in a folder, and none while workers of one that was killed still write.

Locks are of the system and end with the process that holds them. Where there are none (Windows,
some network file systems), two runs in one folder are the user's to avoid.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ctxtools.errors import ConfigError

if sys.platform != "win32":
    import fcntl


@contextmanager
def claimed(lock: Path, workers: Path) -> Iterator[None]:
    """The only run in a folder, once no worker of an earlier one is left.

    Args:
        lock: a file of the folder, which the run holds.
        workers: a folder in it, which `working` holds.

    Raises:
        ConfigError: there is another run.
    """
    descriptor = os.open(lock, os.O_RDONLY)
    try:
        if not _lock(descriptor, wait=False, shared=False):
            raise ConfigError(
                f"{lock.parent.parent}: another run is at work there", hint="wait until it ends"
            )
        with working(workers, alone=True):
            pass
        yield
    finally:
        os.close(descriptor)


@contextmanager
def working(workers: Path, *, alone: bool = False) -> Iterator[None]:
    """A worker writes; ``alone`` waits until no other does."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(workers, os.O_RDONLY)
    try:
        _lock(descriptor, wait=True, shared=not alone)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, wait: bool, shared: bool) -> bool:
    """Lock a file or folder; whether it could be, or there are no locks."""
    if sys.platform == "win32":
        return True
    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    try:
        fcntl.flock(descriptor, kind)
    except BlockingIOError:
        return False
    except OSError:  # there are no locks
        return True
    return True
