"""What packing makes of documents that nobody wrote: see `ctxtools.documents.origins`."""

from collections.abc import Sequence
from functools import partial

from ctxtools.documents.filetypes import Kind
from ctxtools.documents.origins import Folders, Origin, find_origin
from ctxtools.packing.prompt.options import PackOptions
from ctxtools.packing.prompt.render import is_packed

# What goes in without its content, at most, where it is certain. Of the last two their paths say
# something: which tools a project uses.
_WITHHELD: frozenset[Kind] = frozenset(
    ("vendored", "virtual environment", "build output", "earlier pack", "lock file", "minified")
)
NAMED_ALONE: frozenset[Kind] = frozenset(("lock file", "minified"))
_MIN_START = 12  # characters of a template, by which a pack is known
MAX_LATE = 4_000  # tokens of a document that goes in whole although nobody wrote it


def find_origins(
    names: Sequence[tuple[str, int]],
    contents: Sequence[str | None],
    marks: Sequence[frozenset[str]],
    options: PackOptions,
) -> list[Origin | None]:
    """How each document came about; None where somebody wrote it.

    Args:
        names: see `PathMatcher.below`.
        contents: of files; None for records and standard input, whose text is not that of a file.
        marks: see `ctxtools.documents.origins.attributes`.
        options: with the user's own template, which earlier packs may have been made with.
    """
    start = (options.template or "").partition("{{")[0]
    folders = Folders(name for name, _ in names)
    # Their patterns take time to compile.
    from ctxtools.documents.origins.markers import by_text, may_have_markers

    may_have = set(may_have_markers([content or "" for content in contents], options.threads))
    looks = partial(by_text, may_have_marker=False), by_text
    return [
        Origin("earlier pack", "its start")
        if content is not None and (is_packed(content) or _starts(content, start))
        else find_origin(name, content, folders, marked, named, looks[i in may_have])
        for i, ((name, named), content, marked) in enumerate(
            zip(names, contents, marks, strict=True)
        )
    ]


def _starts(content: str, start: str) -> bool:
    """Whether a text starts as those of a template do, and is not the template itself."""
    return len(start) >= _MIN_START and content.startswith(start) and "{{" not in content[:10_000]


def is_withheld(origin: Origin, marks: frozenset[str]) -> bool:
    """Whether the content of such a document stays out."""
    return origin.certain and origin.kind in _WITHHELD and "named" not in marks
