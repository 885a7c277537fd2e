"""Patches of a log, without those that tell nothing: of lock files, minified code, images."""

import os
import re
from collections.abc import Collection, Iterator

from ctxtools.documents.filetypes import file_type
from ctxtools.documents.git.changes import patched_path
from ctxtools.documents.origins import Folders, find_origin

# Nothing else starts a line like that: those of messages and of hunks start with another character.
_PARTS = re.compile(rb"^(?=diff --git |commit )", re.MULTILINE)
_PATCH = b"diff --git "
_CHANGED = re.compile(rb"^[+-](?!\+\+ |-- )(.*)", re.MULTILINE)
_IMAGES = (".svg", ".xpm", ".pbm", ".pgm", ".ppm", ".eps")  # that are text
_LONG_LINES = 1_500  # characters of a line on average, as in `ctxtools.documents.origins.markers`
_FEW = 1_000  # characters that are shown, whatever they are


def shown_patches(log: bytes, named: Collection[str] = ()) -> tuple[bytes, dict[str, str]]:
    """A log with a line in place of each patch that tells a reader nothing.

    Args:
        log: what ``git log --patch`` prints, messages indented.
        named: paths of files whose patches are shown, whatever they are.

    Returns:
        The log; and the paths of those patches, with what the files are.
    """
    parts = [(part, patched_path(part)) for part in _PARTS.split(log)]
    folders = Folders(path for part, path in parts if part.startswith(_PATCH))
    hidden: dict[str, str] = {}
    shown = []
    for part, path in parts:
        reason = None
        if part.startswith(_PATCH) and path not in named:
            reason = _reason(part, path, folders)
        if reason is not None:
            hidden[path] = reason
            end = b"\n\n" if part.endswith(b"\n\n") else b"\n"
            part = b"%sNot shown: %s%s" % (b"".join(_head(part)), reason.encode(), end)
        shown.append(part)
    return b"".join(shown), hidden


def _head(patch: bytes) -> Iterator[bytes]:
    """The lines of a patch before its hunks: what was renamed, and new or deleted."""
    for line in patch.splitlines(keepends=True):
        if line.startswith((b"--- ", b"index ", b"@@")):
            return
        yield line


def _reason(patch: bytes, path: str, folders: Folders) -> str | None:
    """What a file is whose patch tells nothing; None if it may tell something."""
    changed = _CHANGED.findall(patch)
    size = sum(map(len, changed))
    if not changed:
        return None
    origin = find_origin(path, None, folders)
    if origin is not None and origin.certain:
        return origin.kind
    if path.lower().endswith(_IMAGES):
        return "image"
    if file_type(path).kind == "prose" or size < _FEW:
        return None
    if size > _LONG_LINES * len(changed):
        return "long lines"
    from ctxtools.documents.origins.markers import by_text  # its patterns take time to compile

    text = os.fsdecode(b"\n".join(changed))
    found = by_text(path, text)
    return found.kind if found is not None and found.kind == "minified" else None
