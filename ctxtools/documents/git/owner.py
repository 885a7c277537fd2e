"""Whether git may be asked about a repository: by git's own rule, whether it is the user's.

Somebody else's repository, as one in a folder that is shared, is not read unless the user's own
configuration lists it as ``safe.directory``.
"""

import os

from ctxtools.documents.git.repository import Repository

_TIMEOUT = 2.0  # seconds


def is_trusted(repository: Repository) -> bool:
    """Whether the work tree and the repository are the user's, or are listed as safe."""
    paths = {repository.root, repository.directory}
    if not repository.bare:
        paths.add(os.path.join(repository.root, ".git"))
    return all(map(_is_owned, paths)) or _is_safe(repository.root)


def _is_owned(path: str) -> bool:
    if not hasattr(os, "geteuid"):  # in Windows owners are of another kind
        return True
    user = os.geteuid()
    try:
        owner = os.lstat(path).st_uid
    except OSError:
        return False
    started_by = os.environ.get("SUDO_UID", "")
    return owner == user or (user == 0 and started_by.isascii() and started_by == str(owner))


def _is_safe(root: str) -> bool:
    from ctxtools.documents.git.run import Run

    try:
        run = Run(["config", "--get-all", "-z", "--type=path", "safe.directory"])
    except (OSError, ValueError):
        return False
    listed = run.output(_TIMEOUT)
    safe = False
    for value in os.fsdecode(listed or b"").split("\0")[:-1]:
        if not value:  # forgets those before it
            safe = False
        elif value == "*":
            safe = True
        elif value.endswith("/*"):
            safe = safe or root.startswith(os.path.join(os.path.realpath(value[:-2]), ""))
        elif os.path.isabs(value):
            safe = safe or os.path.realpath(value) == root
    return safe
