"""Patterns of paths, in which ``**`` is any number of folders."""

import os
from fnmatch import fnmatchcase

_WILDCARDS = frozenset("*?[")


def split_pattern(name: str) -> tuple[str, str]:
    """The folder before the first wildcard of a path or URI, and the pattern from there on.

    Returns:
        The name and "", if it has none, or is that of a file.
    """
    scheme, separator, rest = name.rpartition("://")
    if not _WILDCARDS & set(rest) or (not scheme and os.path.lexists(name)):
        return name, ""
    steps = rest.split("/")
    first = next(i for i, step in enumerate(steps) if _WILDCARDS & set(step))
    folder = "/".join(steps[:first]) or ("/" if rest.startswith("/") else ".")
    return f"{scheme}{separator}{folder}", "/".join(steps[first:])


def matches(path: str, pattern: str) -> bool:
    """Whether a path in a folder is of a pattern."""
    return _match(path.split("/"), pattern.split("/"))


def _match(path: list[str], pattern: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_match(path[i:], pattern[1:]) for i in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _match(path[1:], pattern[1:])
