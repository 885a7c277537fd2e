"""When files were last changed, by the history of git: one call per folder, in the background."""

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

_COMMITS = 500  # the newest ones; what they did not change is old
_TIMEOUT = 5.0  # seconds
_DAY = 86_400.0  # seconds


class History:
    """The ages of files in a folder. The call starts at once, and `ages` waits for it.

    Without git, a repository or a commit there are no ages.

    Args:
        folder: any folder; "" is the current one.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        command = ["git", "-C", folder or ".", "-c", "core.quotePath=false", "log"]
        command += ["--format=format:%x01%ct", "--name-only", "--no-renames", "--relative"]
        command += ["--no-show-signature", f"--max-count={_COMMITS}", "--", "."]
        self._process: subprocess.Popen[bytes] | None = None
        with suppress(OSError, ValueError):  # no git, or a name that cannot be an argument
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            )

    def ages(self) -> tuple[Mapping[str, float], bool]:
        """Path -> days between its last change and the newest of all; and whether git was done.

        Paths are as they are listed below the folder.
        """
        if self._process is None:
            return MappingProxyType({}), True
        try:
            listing, _ = self._process.communicate(timeout=_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return MappingProxyType({}), False
        return MappingProxyType(read_log(listing, self._folder)), True


def read_log(listing: bytes, folder: str) -> dict[str, float]:
    """The ages in what git printed: a line with a time, then a line for each file."""
    prefix = f"{folder.rstrip('/')}/" if folder not in ("", ".") else ""
    newest = time = 0
    ages: dict[str, float] = {}
    for line in os.fsdecode(listing).split("\n"):
        if line.startswith("\x01"):
            time = int(line[1:])
            newest = newest or time
        elif line:
            ages.setdefault(prefix + line, max(newest - time, 0) / _DAY)
    return ages
