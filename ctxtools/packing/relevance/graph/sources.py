"""The documents that take part in the graph: code, of files of a size that somebody writes."""

import os
import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from ctxtools.documents.filetypes import ChunkFormat, file_type

MAX_TEXT = 400_000  # characters of a file whose names count; longer ones are rarely written
MAX_TEXTS = 60_000_000  # characters of all files: about two seconds
_MAX_FILES = 50_000

# Languages whose files import each other.
_FAMILIES = {
    "typescript": "javascript", "tsx": "javascript", "vue": "javascript", "svelte": "javascript",
    "astro": "javascript", "kotlin": "java", "scala": "java", "cpp": "c", "objc": "c", "cuda": "c",
    "fsharp": "csharp",
}  # fmt: skip


class Source(NamedTuple):
    """A file of code.

    Attributes:
        number: of the document.
        path: with slashes, normalized.
        format: its language.
        family: the language that stands for all whose files can import each other.
        text: its content; "" of one that is too long to be read.
        size: characters of its content.
    """

    number: int
    path: str
    format: ChunkFormat
    family: str
    text: str
    size: int

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """The path without the suffix of the name."""
        folder, slash, name = self.path.rpartition("/")
        return folder + slash + name.partition(".")[0]

    @property
    def name(self) -> str:
        """The name of the file without suffix."""
        return self.stem.rpartition("/")[2]


def normalized(path: str) -> str:
    """A path with slashes, without "." and ".." where they can be left out."""
    return posixpath.normpath(path.replace(os.sep, "/"))


def family_of(path: str) -> str:
    """The language that stands for all whose files can import each other; of others, the suffix."""
    format = file_type(path).format
    family = _FAMILIES.get(format, format)
    return path.rpartition(".")[2].lower() if family == "text" else family


def code_of(documents: Iterable[tuple[int, str, str]]) -> list[Source]:
    """The code among some documents.

    Args:
        documents: the number, path and text of each.
    """
    found: list[Source] = []
    remaining = MAX_TEXTS
    for number, path, text in documents:
        type = file_type(path)
        if type.kind != "code" or type.container:
            continue
        if len(found) == _MAX_FILES:
            break
        read = text if len(text) <= min(MAX_TEXT, remaining) else ""
        remaining -= len(read)
        name = normalized(path)
        found.append(Source(number, name, type.format, family_of(name), read, len(text)))
    return found
