"""Finding programs of the system. What lies in the current folder is never one of them.

An empty or relative entry of PATH is the current folder, which may be a stranger's, and Windows
looks there first. Here neither is looked at, nor by a program that is started from here.
"""

import os

_WINDOWS = os.name == "nt"


def find_program(name: str) -> str | None:
    """The absolute path of a program in the folders of PATH; None if there is none."""
    names = [name]
    if _WINDOWS and not name.lower().endswith((".exe", ".com")):
        # No .bat and .cmd: a command line is read by other rules there.
        names = [f"{name}.exe", f"{name}.com"]
    for folder in _folders():
        for each in names:
            path = os.path.join(folder, each)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return None


def program_environment() -> dict[str, str]:
    """The environment for a program, with the absolute folders of PATH alone."""
    return {**os.environ, **_changes()}


def forget_current_folder() -> None:
    """Let what this process starts, libraries included, look in the absolute folders alone."""
    os.environ.update(_changes())


def _changes() -> dict[str, str]:
    changes = {"PATH": os.pathsep.join(_folders())}
    if _WINDOWS:
        changes["NoDefaultCurrentDirectoryInExePath"] = "1"
    return changes


def _folders() -> list[str]:
    folders = [each.strip('"') for each in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    # In Windows a path without a drive depends on the current one.
    return [
        each
        for each in folders
        if os.path.isabs(each) and (not _WINDOWS or os.path.splitdrive(each)[0])
    ]
