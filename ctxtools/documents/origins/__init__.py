"""What nobody of a project wrote: generated, vendored and built files, lock files, environments.

Known by

1. `.gitattributes`: ``linguist-generated`` and ``linguist-vendored``, which may also say that a
   file is neither, whatever the rest says (`attributes`);
2. a folder on its path: the folder's name, what is beside it and what is in it (`folders`);
3. the file's name;
4. its text: a marker such as ``@generated`` in a comment at its start, or lines that nobody writes
   (`markers`).

And inside of files the content of data URIs (`data_uris`).

Names of files and folders are in `ctxtools.documents.filetypes`. Which markers there are was
learned from github-linguist's generated.rb and from the output of the generators that it names.
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache

from ctxtools.documents.filetypes import NAMED_KINDS, Kind, is_readme
from ctxtools.documents.origins.folder_types import MARKED_FOLDERS
from ctxtools.documents.origins.folders import Folders
from ctxtools.documents.origins.origin import Origin

__all__ = ["Folders", "Origin", "find_origin"]


def find_origin(
    path: str,
    text: str | None,
    folders: Folders,
    marks: Collection[str] = (),
    named: int = 0,
    look: Callable[[str, str], Origin | None] | None = None,
) -> Origin | None:
    """How a file came about; None if somebody of the project wrote it, as far as one can tell.

    Args:
        path, named: as `Folders.origins` takes them.
        text: its content; None where that is not the content of a file, as of a record.
        folders: of all files.
        marks: what `attributes` found.
        look: what says how a file came about by its path and text; `markers.by_text` by default.
    """
    if look is None:
        from ctxtools.documents.origins.markers import by_text  # its patterns take time to compile

        look = by_text
    doubtful = None
    for origin in _origins(path, text, folders, marks, named, look):
        if origin.certain:
            return origin
        doubtful = doubtful or origin
    return doubtful


def _origins(
    path: str,
    text: str | None,
    folders: Folders,
    marks: Collection[str],
    named: int,
    look: Callable[[str, str], Origin | None],
) -> Iterator[Origin]:
    """What each source says, the most reliable first."""
    may_be_generated = "-linguist-generated" not in marks
    may_be_vendored = "-linguist-vendored" not in marks
    if "linguist-vendored" in marks:
        yield Origin("vendored", "linguist-vendored")
    if may_be_generated and may_be_vendored:
        yield from folders.origins(path, named)
        yield from _marked(marks)
    known = _by_name(path)
    if known and (may_be_vendored if known.kind == "vendored" else may_be_generated):
        yield known
    if "linguist-generated" in marks:
        yield Origin("generated", "linguist-generated", certain=False)
    if text is not None and may_be_generated and not is_readme(path):
        said = look(path, text)
        if said:
            yield said


def _marked(marks: Collection[str]) -> Iterator[Origin]:
    return (Origin(kind, mark) for mark, kind in MARKED_FOLDERS.items() if mark in marks)


@cache
def _named_kinds() -> tuple[re.Pattern[str], list[tuple[re.Pattern[str], Kind]]]:
    """What any name of a kind matches, and the names of each.

    They are compiled: asking `re` for each file takes longer than a search.
    """
    kinds = [(re.compile(pattern), kind) for pattern, kind in NAMED_KINDS]
    scoped = (
        f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else pattern
        for pattern, _ in NAMED_KINDS
    )
    return re.compile("|".join(scoped)), kinds


def _by_name(path: str) -> Origin | None:
    """What a file's name says."""
    any_kind, kinds = _named_kinds()
    # They are names without folders, but for those in a wrapper of Gradle.
    if any_kind.match(path, max(path.rfind("/"), 0)) is None and "gradle/wrapper/" not in path:
        return None
    for pattern, kind in kinds:
        if pattern.search(path):
            return Origin(kind, "name", certain=kind not in ("generated", "vendored"))
    return None
