"""Where the user's cache is, and its size."""

import os
import sys
from contextlib import suppress

FILE = "packs.sqlite"


def user_cache_folder() -> str | None:
    """The folder of the user's caches of ctxtools, whether it exists or not; None without one."""
    if sys.platform == "linux":
        # What platformdirs returns on Linux, without the time to import it.
        folder = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")
        return os.path.join(folder, "ctxtools") if os.path.isabs(folder) else None
    from platformdirs import user_cache_path

    try:
        return str(user_cache_path("ctxtools", appauthor=False))
    except RuntimeError:  # there is no home
        return None


def size_of(folder: str | os.PathLike[str]) -> int | None:
    """The bytes of the file in a folder; None if there is none."""
    with suppress(OSError):
        return os.stat(os.path.join(folder, FILE)).st_size
    return None
