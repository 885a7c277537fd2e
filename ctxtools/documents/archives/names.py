"""Which names of members may be used: those of files below the archive, and no others."""

import re

from ctxtools.documents.archives.limits import MAX_FOLDERS, MAX_NAME

_DRIVE = re.compile(r"[A-Za-z]:")


def safe_name(name: str) -> tuple[str, str]:
    """A member's name with a single "/" between names, and what is wrong with it; one is "".

    Args:
        name: as the archive has it; a "/" at its end does not matter.
    """
    if len(name) > MAX_NAME:
        return "", f"its name is longer than {MAX_NAME:,} characters"
    if name.startswith("/"):
        return "", "its name is an absolute path"
    if _DRIVE.match(name):
        return "", "its name starts with a drive"
    names = [each for each in name.split("/") if each not in ("", ".")]
    if ".." in names:
        return "", "its name may lead out of the archive"
    if "\0" in name:
        return "", "there is a NUL in its name"
    if len(names) > MAX_FOLDERS:
        return "", f"its name has more than {MAX_FOLDERS} folders"
    return "/".join(names), "" if names else "it has no name"
