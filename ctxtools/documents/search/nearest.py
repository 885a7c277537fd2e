"""What a pattern that matches nothing may have meant."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ctxtools.documents.search.found import MAX_NAMES
from ctxtools.documents.search.patterns import matcher
from ctxtools.errors import UsageError
from ctxtools.suggestions import closest_names, one_of
from ctxtools.units import format_count

_MAX_COMPARED = 3000  # names that are compared with a misspelled one
_MAX_TRIED = 24  # patterns that are tried on all paths
_MAX_PATTERN = 300  # characters
_MAX_UNKNOWN = 4  # parts of a pattern that are looked for
_MAX_PARTS = 300_000  # of paths, which may be deep
_KINDS = 3


def nearest(pattern: str, files: Sequence[tuple[str, ...]], *, anchored: bool = False) -> str:
    """A hint at the patterns that are most like one and match something; "" without any file.

    Args:
        pattern: one that matches none of the files.
        files: each under its names: as it is listed and, if that differs, from the folder that was
            named. Only the first ``MAX_NAMES`` count.
        anchored: a name without a folder is one in the current folder, as in a shell.
    """
    core = pattern.removeprefix("!").removeprefix("./")
    files = files[:MAX_NAMES]
    names = list(dict.fromkeys(name for found in files for name in found))
    if len(core) > _MAX_PATTERN:
        return _what_is_there(files)
    if parts := _listed(core, files):
        return f"give each pattern an option of its own: {' '.join(map(repr, parts))}"
    tried = 0
    for candidates in _candidates(core, names):
        found: dict[str, int] = {}
        for each in dict.fromkeys(candidates):
            tried += 1
            if tried > _MAX_TRIED:
                break
            if number := _matches(f"/{each.strip('/')}" if anchored else each, files):
                found[each] = number
        if found:
            listed = [f"{each!r} ({_files(n, files)})" for each, n in [*found.items()][:_KINDS]]
            return f"did you mean {one_of(listed)}?"
    return _what_is_there(files)


def _what_is_there(files: Sequence[tuple[str, ...]]) -> str:
    # A folder whose files were searched is one of the names, with a slash at its end.
    kinds = Counter(_kind(names[0]) for names in files if not names[0].endswith("/"))
    common = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))[:_KINDS]
    listed = [f"{kind!r} ({_files(n, files)})" for kind, n in common]
    return f"what is there: {', '.join(listed)}" if listed else ""


def _listed(pattern: str, files: Sequence[tuple[str, ...]]) -> list[str]:
    """The patterns of a list in one, ``*.py,*.md``; empty if it is none."""
    for separator in (",", ";", "|", " "):
        parts = [each.strip() for each in pattern.split(separator) if each.strip()]
        if 1 < len(parts) < _MAX_TRIED and any(_matches(each, files) for each in parts):
            return parts
    return []


def _candidates(pattern: str, names: Sequence[str]) -> Iterator[list[str]]:
    """Patterns like one, in groups, the most likely first."""
    # As on Windows: separators, and quotes that its shell passes on.
    yield [pattern.strip("'\" ").replace("\\", "/")]
    endings = [each for each, _ in Counter(map(_ending, names)).most_common(_MAX_COMPARED)]
    parts = pattern.rstrip("/").split("/")
    folder = "".join(f"{part}/" for part in parts[:-1])
    stem, ending = os.path.splitext(parts[-1])
    if ending:
        yield [f"{folder}{stem}{each}" for each in _closest(ending, endings)]
    else:  # "py" or ".py" for "*.py"
        bare = parts[-1].casefold().removeprefix(".")
        yield [f"{folder}*{each}" for each in endings if each.casefold() == f".{bare}"]
    # Another name for one part, or for each that is unknown.
    every = islice((part for name in names for part in name.split("/")), _MAX_PARTS)
    pool = list(dict.fromkeys(every))[:_MAX_COMPARED]
    known, replaced, others = set(pool), list(parts), []
    unknown = [n for n, part in enumerate(parts) if part and "*" not in part and part not in known]
    for number in unknown[-_MAX_UNKNOWN:]:  # the first ones are the folders of an absolute path
        part = parts[number]
        close = _closest(part, pool)
        others += ["/".join([*parts[:number], each, *parts[number + 1 :]]) for each in close]
        replaced[number : number + 1] = close[:1] or [part]
    yield [*others, "/".join(replaced)]
    if "*" not in pattern:
        yield _closest(pattern.strip("/"), names[:_MAX_COMPARED])
    ends = ["/".join(parts[start:]) for start in range(1, len(parts))]
    yield [f"**/{end}" for end in ends if end.strip("*/")]  # the same elsewhere


def _ending(name: str) -> str:
    return os.path.splitext(name)[1]


def _closest(name: str, known: Iterable[str]) -> list[str]:
    """The closest names, whatever their case."""
    folded: dict[str, str] = {}
    for each in known:
        folded.setdefault(each.casefold(), each)
    if same := folded.get(name.casefold()):
        return [same]
    return [folded[each] for each in closest_names(name.casefold(), folded)]


def _matches(pattern: str, files: Sequence[tuple[str, ...]]) -> int:
    """How many of the files a pattern matches."""
    literal = {name for found in files for name in found}
    try:
        match = matcher(pattern, literal.__contains__)
        return sum(any(map(match, found)) for found in files)
    except UsageError:  # it is not valid, or takes too long
        return 0


def _kind(name: str) -> str:
    ending = os.path.splitext(name)[1]
    return f"*{ending}" if ending else name.rpartition("/")[2]


def _files(number: int, files: Sequence[tuple[str, ...]]) -> str:
    more = " or more" if len(files) == MAX_NAMES else ""
    return f"{format_count(number)} file{'s' * (number != 1 or bool(more))}{more}"
