"""Where text comes from: paths to files, files to texts.

`find_files` turns what a user names into files, `open_document` a file into texts in bounded
memory, and `read_documents` does both for texts that fit in memory. `each_document` is the loop
that all of them share.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxtools.documents.count import count_documents
    from ctxtools.documents.document import Document
    from ctxtools.documents.each import Documents, each_document, read_documents
    from ctxtools.documents.file import STDIN, DocumentCount, File, skipped_by
    from ctxtools.documents.git.changes import Changes, changed_lines
    from ctxtools.documents.listing import read_file_list, read_files0
    from ctxtools.documents.read import Reader, open_document
    from ctxtools.documents.readers.options import ReadOptions
    from ctxtools.documents.search.found import FoundFiles, Unmatched
    from ctxtools.documents.text import Text
    from ctxtools.documents.walk import find_files
    from ctxtools.errors import Skipped, UnreadableError

__all__ = [
    "STDIN",
    "Changes",
    "Document",
    "DocumentCount",
    "Documents",
    "File",
    "FoundFiles",
    "ReadOptions",
    "Reader",
    "Skipped",
    "Text",
    "Unmatched",
    "UnreadableError",
    "changed_lines",
    "count_documents",
    "each_document",
    "find_files",
    "open_document",
    "read_documents",
    "read_file_list",
    "read_files0",
    "skipped_by",
]

if not TYPE_CHECKING:
    from ctxtools._lazy import lazy_names
    from ctxtools.errors import Skipped, UnreadableError

    _HOMES = {
        "count": ("count_documents",),
        "document": ("Document",),
        "each": (
            "Documents",
            "each_document",
            "read_documents",
        ),
        "file": (
            "STDIN",
            "DocumentCount",
            "File",
            "skipped_by",
        ),
        "git.changes": ("Changes", "changed_lines"),
        "listing": (
            "read_file_list",
            "read_files0",
        ),
        "read": (
            "Reader",
            "open_document",
        ),
        "readers.options": ("ReadOptions",),
        "search.found": ("FoundFiles", "Unmatched"),
        "text": ("Text",),
        "walk": ("find_files",),
    }
    _RENAMED = {"Tally": "DocumentCount", "tally_documents": "count_documents"}
    __getattr__, __dir__ = lazy_names(globals(), _HOMES, _RENAMED)
