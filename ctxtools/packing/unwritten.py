"""What packing makes of documents that nobody wrote: see `ctxtools.documents.origins`."""

from collections.abc import Sequence

from ctxtools.documents.filetypes import Kind
from ctxtools.documents.origins import Folders, Origin, find_origin
from ctxtools.packing.prompt.render import is_packed

# What goes in without its content, at most, where it is certain. Of the last two their paths say
# something: which tools a project uses.
_WITHHELD: frozenset[Kind] = frozenset(
    ("vendored", "virtual environment", "build output", "earlier pack", "lock file", "minified")
)
NAMED_ALONE: frozenset[Kind] = frozenset(("lock file", "minified"))
MAX_LATE = 4_000  # tokens of a document that goes in whole although nobody wrote it


def find_origins(
    names: Sequence[tuple[str, int]],
    contents: Sequence[str | None],
    marks: Sequence[frozenset[str]],
) -> list[Origin | None]:
    """How each document came about; None where somebody wrote it.

    Args:
        names: see `PathMatcher.below`.
        contents: of files; None for records and standard input, whose text is not that of a file.
        marks: see `ctxtools.documents.origins.attributes`.
    """
    folders = Folders(name for name, _ in names)
    return [
        Origin("earlier pack", "its start")
        if content is not None and is_packed(content)
        else find_origin(name, content, folders, marked, named)
        for (name, named), content, marked in zip(names, contents, marks, strict=True)
    ]


def is_withheld(origin: Origin, marks: frozenset[str]) -> bool:
    """Whether the content of such a document stays out."""
    return origin.certain and origin.kind in _WITHHELD and "named" not in marks
