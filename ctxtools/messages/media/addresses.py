"""Which strings are paths of files that are here."""

import os
import re

from ctxtools.errors import ReadError, UsageError
from ctxtools.escape import one_line

_LONGEST_PATH = 32_767 if os.name == "nt" else 4_096  # characters
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # one letter is a drive


def require_path(source: str, measures: str) -> None:
    """Refuse what is no path, before it is opened.

    Args:
        source: the path.
        measures: what can be given instead of the file: "its width and height".

    Raises:
        UsageError: it is the address of something that is not here.
        ReadError: it is too long, as the content of a file is.
    """
    if found := _SCHEME.match(source):
        is_file = found[0].lower() == "file://"
        raise UsageError(
            f"{one_line(source[:200])}: not fetched",
            hint="name the path alone" if is_file else f"download it, or give {measures}",
        )
    if len(source) > _LONGEST_PATH:
        raise ReadError(
            f"{one_line(source[:40])}…: {len(source):,} characters are no path",
            hint="give the content as bytes, or as a data URI: data:image/png;base64,…",
        )
