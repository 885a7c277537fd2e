"""The input files of a corpus: paths, globs, folders and URIs, each file once, in order."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from ctxtools.corpus.inputs.datasets import rows_of_datasets
from ctxtools.corpus.inputs.filesystems import Location, open_filesystem, split_query
from ctxtools.corpus.inputs.patterns import matches, split_pattern
from ctxtools.corpus.inputs.walk import Found, is_in_hub, walk
from ctxtools.documents.filetypes import TABLES, TableFormat, file_type, is_archive, is_extracted
from ctxtools.errors import CtxtoolsError, ReadError, Skipped, UsageError, os_reason
from ctxtools.units import format_items

__all__ = ["COMPRESSIONS", "Input", "list_inputs", "open_filesystem"]

COMPRESSIONS = {"gz": "gzip", "zst": "zstd", "bz2": "bz2"}
"""The codecs of pyarrow that a compressed file is read with, by its suffix."""

_SUFFIXES = ", ".join(f".{suffix}" for suffix in TABLES)
InputFormat = TableFormat | Literal["document"]
"""How an input is read: as a table, or as a document whose text is extracted, such as a PDF."""

_KNOWN = f"names end in {_SUFFIXES}, or are of documents, such as .pdf and .docx"
_UNPACK = "unpack archives, and name their folders"
_NO_INPUT = "neither a table nor a document whose text is extracted"
_TEXTS = "ctx count, ctx chunk and ctx pack take files of text"
_LINK = "a link to a folder, which is not followed"
_IGNORED = ("_", ".")  # what Spark, Hive and ctxtools itself write beside data


class Input(NamedTuple):
    """A file of a corpus.

    Attributes:
        uri: its absolute path, or its URI.
        size: in bytes.
        version: what changes when its content does: the time of the last change, in nanoseconds.
        format: how it is read.
        compression: a value of `COMPRESSIONS`; "" for none.
    """

    uri: str
    size: int
    version: str
    format: InputFormat
    compression: str


def list_inputs(
    named: Iterable[str | os.PathLike[str]],
    *,
    output: str | os.PathLike[str] | None = None,
    skipped: list[Skipped] | None = None,
) -> list[Input]:
    """The files of a corpus, sorted by path.

    Args:
        named: files, folders, patterns (``data/**/*.parquet``), or URIs of these
            (``s3://bucket/folder``). Of a folder, the files whose names end as `TABLES` says, at
            any depth; names that start with ``_`` or ``.`` are left out, and what is no data.
            PDFs and other documents whose text is extracted are inputs too, of a folder without
            tables; of one with both, a pattern has to say which.
            Links are followed only where they are named, and in the cache of Hugging Face's hub.
            Of datasets that ``save_to_disk`` wrote, the files that they list.
        output: a folder whose files are none of them.
        skipped: takes the files of folders and patterns that are no inputs, with the reason:
            archives, and what is neither a table nor a document whose text is extracted.

    Raises:
        ReadError: something is missing, or cannot be read.
        UsageError: a file is there twice, or a link or of no known format, or there is none; or a
            folder that was named has tables and documents.
        FormatError: a dataset's list of files is damaged.
        MissingExtraError: pyarrow is not installed.
    """
    left_out = None if output is None else os.path.join(os.path.realpath(output), "")
    found: dict[str, Input] = {}
    for each in named:
        name = os.fspath(each)
        others: list[Skipped] = []
        files = [*_files(name, left_out, others)]
        if os.path.isdir(name):
            _refuse_mixed(name, files)
        if not files:
            archives = any(is_archive(each.path) for each in others)
            raise UsageError(
                f"{name}: no file of a known format", hint=_UNPACK if archives else _KNOWN
            )
        if skipped is not None:
            skipped += others
        for file in files:
            path = file.uri if "://" in file.uri else os.path.realpath(file.uri)
            if path in found:
                raise UsageError(
                    f"{file.uri} is named twice", hint="name each file, folder or pattern once"
                )
            found[path] = file
    if not found:
        raise UsageError("no input is named", hint="name files, folders or patterns")
    return sorted(found.values())


def _refuse_mixed(name: str, files: Sequence[Input]) -> None:
    """Refuse a folder of tables and documents: leaving one of them out would go unnoticed.

    Raises:
        UsageError: it is one.
    """
    documents = [file for file in files if file.format == "document"]
    if documents and len(documents) < len(files):
        suffix = documents[0].uri.rpartition(".")[2]
        raise UsageError(
            f"{name} has tables, and {format_items(len(documents), 'document')} whose text would "
            f"be extracted, such as {documents[0].uri}",
            hint=f"name what to read by patterns, such as '{name.rstrip('/')}/**/*.{suffix}'",
        )


def _files(name: str, left_out: str | None, others: list[Skipped]) -> Iterator[Input]:
    """The inputs that a name is for; others takes what is there beside them."""
    start, query = split_query(name)
    base, pattern = split_pattern(start)
    location = open_filesystem(f"{base}{query}")
    try:
        files = [*walk(location)]
        if not pattern:
            files = rows_of_datasets(name, files, lambda file: _content(location, file))
        for file in files:
            if not file.inside:
                found = _input(location, location.path, file)
                if found is None and not location.scheme:  # the name of a link may say more
                    found = _input(location, os.path.abspath(base), file)
                if found is None and is_archive(name):
                    raise UsageError(f"{name}: an archive", hint=_UNPACK)
                if found is None:
                    raise UsageError(f"{name}: unknown format", hint=_KNOWN)
                yield found
            elif _is_data(file.inside) and (not pattern or matches(file.inside, pattern)):
                path = f"{location.path.rstrip('/')}/{file.inside}"
                is_output = left_out is not None and not location.scheme
                if is_output and os.path.realpath(path).startswith(str(left_out)):
                    continue
                found = _input(location, path, file)
                if found is None or file.is_folder:
                    others.append(_skipped(location.uri(path), file))
                    continue
                if file.is_link:
                    raise UsageError(
                        f"{path}: a link, which is not followed where a folder is named",
                        hint="name what it leads to",
                    )
                yield found
    except CtxtoolsError:
        raise
    except OSError as error:
        hint = "check the network, the endpoint, the region and the credentials"
        reason = os_reason(error)
        raise ReadError(
            f"{name}: {reason}", hint=hint if location.scheme and not error.errno else None
        ) from error


def _skipped(uri: str, file: Found) -> Skipped:
    """Why a file is no input."""
    if file.is_folder:
        return Skipped(uri, _LINK, hint="name what it leads to")
    if is_archive(uri):
        return Skipped(uri, "an archive", hint=_UNPACK)
    return Skipped(uri, _NO_INPUT, hint=_TEXTS)


def _content(location: Location, file: Found) -> bytes:
    path = f"{location.path.rstrip('/')}/{file.inside}"
    with location.filesystem.open_input_stream(path) as stream:
        return bytes(stream.read())


def _is_data(inside: str) -> bool:
    return not any(step.startswith(_IGNORED) for step in inside.split("/"))


def _input(location: Location, path: str, file: Found) -> Input | None:
    """The file as an input; None if it is of no known format.

    Raises:
        UsageError: its name is not UTF-8.
    """
    format = _format(path)
    if format is None:
        return None
    compression = COMPRESSIONS.get(path.lower().rpartition(".")[2], "")
    uri = location.uri(path) if location.scheme or is_in_hub(path) else os.path.realpath(path)
    try:
        uri.encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"{uri!a}: the name is not UTF-8, which pyarrow cannot open", hint="rename the file"
        ) from None
    return Input(uri, file.size, file.version, format, compression)


def _format(path: str) -> InputFormat | None:
    """What a file is read as, by its name; None if that is unknown."""
    name = path.lower()
    stem, _, suffix = name.rpartition(".")
    if is_extracted(file_type(path).container):
        return "document"
    return TABLES.get((stem if suffix in COMPRESSIONS else name).rpartition(".")[2])
