"""Where text comes from: paths to files, files to texts.

`find_files` turns what a user names into files, `open_document` a file into texts in bounded
memory, and `read_documents` does both for texts that fit in memory.
"""

from ctxtools.documents.document import Document, File, skipped_by
from ctxtools.documents.read import (
    Documents,
    Reader,
    ReadOptions,
    Text,
    open_document,
    read_documents,
)
from ctxtools.documents.tally import Tally, tally_documents
from ctxtools.documents.walk import find_files, read_files0
from ctxtools.errors import Skipped, UnreadableError

__all__ = [
    "Document",
    "Documents",
    "File",
    "ReadOptions",
    "Reader",
    "Skipped",
    "Tally",
    "Text",
    "UnreadableError",
    "find_files",
    "open_document",
    "read_documents",
    "read_files0",
    "skipped_by",
    "tally_documents",
]
