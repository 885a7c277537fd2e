"""Files and streams to texts, in the memory of one block.

A text file is one text, delivered in blocks; a file of records (JSONL with a field, Parquet with a
column) is one text per record. Notebooks are read as a whole: they are one JSON value.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, TypeVar

from ctxtools.documents.container import (
    find_container,
    find_extracted,
    is_parquet,
    named_format,
)
from ctxtools.documents.decode import HEAD, Decoder
from ctxtools.documents.file import STDIN, File
from ctxtools.documents.filetypes import (
    ExtractedContainer,
    is_extracted,
    is_jsonl,
    uncompressed_name,
)
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.documents.readers.fields import KeptFields, Record
from ctxtools.documents.readers.options import DEFAULT, ReadOptions
from ctxtools.documents.source import Source, open_source, standard_input
from ctxtools.documents.text import Text, refuse_more
from ctxtools.errors import (
    FormatError,
    NotTextError,
    ReadError,
    Skipped,
    UnreadableError,
    os_reason,
)
from ctxtools.escape import one_line
from ctxtools.signatures import (
    binary_type,
    compression,
    has_controls,
    has_escapes,
    is_lfs_pointer,
)
from ctxtools.units import format_count

_Item = TypeVar("_Item")

_LARGE = 4 << 20  # bytes


class Reader:
    """An open document: created by `open_document`, used in a ``with`` statement.

    Attributes:
        file: what is being read.
        size: bytes read so far; the file's size once `texts` is exhausted.
        at_end: the last bytes were read, so that what remains of `texts` takes no more waiting.
        container: what holds the texts; None if the file is a text.
        options: how it is read.
        bad: what is wrong with its records.
        kept: the fields of its records that go along with their texts.
    """

    def __init__(self, file: File, options: ReadOptions, source: Source) -> None:
        self.file = file
        self.size = 0
        self.at_end = False
        self.container = find_container(file, options, source)
        self.options = options
        self._source = source
        self._decoder = Decoder(options.charset, explicit=file.has_to_be_text)
        self.bad = BadRecords(file.path, skip=options.skip_bad_records)
        self.kept = KeptFields(options)
        self._notes: tuple[str, ...] = ()
        self._is_compressed = False
        if self.container is None and is_jsonl(uncompressed_name(file.path)):
            self._notes = ("read as one text; --field reads a field of each line instead",)

    @property
    def descriptor(self) -> int | None:
        """Of the open file; None if it is a pipe, or if its bytes are in memory."""
        return self._source.descriptor

    def held(self) -> bytes:
        """All bytes of what has no descriptor.

        Raises:
            ReadError: a pipe has more than memory should hold.
        """
        if (data := self._source.data) is not None:
            self.size, self.at_end = len(data), True
            return data
        blocks, final = [], False
        while not final:
            block, final = self._source.block()
            blocks.append(block)
            refuse_more(self._source.position, self.file.path)
        self.size, self.at_end = self._source.position, True
        return b"".join(blocks)

    def head(self) -> bytes:
        """The first bytes, up to 8,192. A pipe is waited for."""
        return self._source.peek(HEAD)

    @property
    def charset(self) -> str:
        """What the text is decoded from; final once `texts` is exhausted."""
        return self._decoder.charset

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on how it was read; complete once `texts` is exhausted."""
        return self._decoder.notes + self._notes + self.bad.notes + self.kept.notes

    def is_large_text(self) -> bool:
        """Whether this is a large file and, judging by its start, text in UTF-8.

        An engine may then read it by its path, on several threads; if it turns out not to be
        UTF-8, ``texts`` detects what it is.
        """
        descriptor = self._source.descriptor
        if descriptor is None or self._source.size < _LARGE or self.options.charset is not None:
            return False
        if self.container is not None:
            return False
        head = os.pread(descriptor, HEAD, 0)
        return not (has_controls(head) or has_escapes(head) or binary_type(head))

    @property
    def path_of_open_file(self) -> str:
        """A path by which the open file can be opened again, whatever its own path leads to now.

        Where the system has no such path it is the file's own.
        """
        path = f"/proc/self/fd/{self._source.descriptor}"
        return path if os.path.exists(path) else self.file.path

    @property
    def file_size(self) -> int:
        """The bytes of what has a size: of a regular file when it was opened. Else 0."""
        return self._source.size

    @property
    def unsized(self) -> str | None:
        """The path of what has no size that is known: a pipe, a device, what is compressed."""
        known = self._source.is_sized and not self._is_compressed
        return None if known else self.file.path

    def texts(self) -> Iterator[Text]:
        """The texts of the document. Each has to be consumed before the next is requested.

        Raises:
            UnreadableError: the file is binary, or reading failed half-way.
            FormatError: the file does not have its format, or no such field or column.
            MissingExtraError: it is a Parquet file, and pyarrow is not installed.
        """
        self._look_into_pipe()
        if self.container == "parquet":
            from ctxtools.documents.readers.parquet import read_rows

            yield from self._records(self._parquet(partial(read_rows, kept=self.kept)))
        elif self.container == "jsonl":
            from ctxtools.documents.readers.jsonl import read_records

            field = self.options.field or ""
            blocks = self._text().lines()
            found = read_records(self.file.path, blocks, field, self.bad, self.kept)
            yield from self._records(found)
        elif self.container == "table":
            from ctxtools.documents.readers.table import read_cells

            if is_parquet(self._source):
                raise self._no_parquet()
            column, blocks = self.options.column or "", self._text().lines()
            delimiter = "\t" if named_format(self.file) == "tsv" else None
            path, bad, kept = self.file.path, self.bad, self.kept
            yield from self._records(read_cells(path, blocks, column, bad, kept, delimiter))
        elif self.container == "notebook":
            from ctxtools.documents.readers.notebook import read_notebook

            content, self._notes = read_notebook(self._text().read(), self.options.outputs)
            yield Text((content,))
        elif self.container == "page":
            from ctxtools.documents.html import html_text

            markdown = self.options.render == "markdown"
            content = html_text(self._text().read(), markdown=markdown)
            yield Text((content,), format="markdown" if markdown else "text")
        elif is_extracted(self.container):
            yield from self._extracted(self.container)
        else:
            yield self._text()

    def blocks(self) -> Iterator[str]:
        """The file as one text, whatever it holds; a pipe is held as far as memory should.

        Raises:
            CtxtoolsError: what ``texts`` raises.
        """
        yield from self._text().held()

    def _text(self) -> Text:
        return Text(self._blocks(self._decoder.decode), unsized=lambda: self.unsized)

    def countable_texts(self) -> Iterable[Iterable[str | bytes]]:
        """The texts for a `Counter`: like `texts`, but UTF-8 is passed on undecoded.

        Raises:
            CtxtoolsError: what ``texts`` raises.
        """
        self._look_into_pipe()
        return (self._blocks(self._decoder.utf8),) if self.container is None else self.texts()

    def close(self) -> None:
        """Close the file. Standard input stays open."""
        self._source.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _blocks(self, decode: Callable[[bytes, bool], _Item]) -> Iterator[_Item]:
        names = None
        if self.file.path == STDIN:  # a pipe that holds names of files was meant for --files-from
            from ctxtools.documents.listing import ListDetector

            names = ListDetector()
        try:
            final = False
            source = self._uncompressed()
            self._is_compressed = source is not self._source
            while not final:
                data, final = source.block()
                self.at_end = final
                self.size = self._source.position
                if names:
                    names.feed(data)
                if text := decode(data, final):
                    yield text
            if names and (found := names.finish()):
                self._notes = (found,)
            elif names and not self.size:  # what was to write into the pipe may have failed
                self._notes = ("empty",)
        except NotTextError as error:
            raise self.refused(error) from error
        except OSError as error:
            raise _unreadable(self.file.path, error) from error

    def refused(self, error: NotTextError) -> UnreadableError:
        """The error of a file that is no text, which only matters if the user named it."""
        named, hint = self.file.has_to_be_text, error.hint
        if hint and self.file.path != STDIN:
            import shlex

            hint = hint.replace("FILE", shlex.quote(one_line(self.file.path)))
        skipped = Skipped(self.file.path, error.message, named, hint if named else None)
        return UnreadableError(skipped, hint=skipped.hint)

    def _uncompressed(self) -> Source:
        """The source or, if it is compressed and to be read, what it holds."""
        name = uncompressed_name(self.file.path)
        if not self.file.explicit and not (name != self.file.path and is_jsonl(name)):
            return self._source
        first = self._source.peek()
        if (kind := compression(first)) is None:
            return self._source
        from ctxtools.documents.readers.compressed import decompressed

        return decompressed(self._source, kind, self.file.path)

    def columns(self) -> Iterator[Any]:
        """The texts of a Parquet file as Arrow arrays, each of many texts.

        Raises:
            CtxtoolsError: what ``texts`` raises.
        """
        from ctxtools.documents.readers.parquet import read_column

        return self._parquet(read_column)

    def _records(self, records: Iterable[Record]) -> Iterator[Text]:
        any_good = False
        for number, text, metadata, source in records:
            any_good = True
            yield Text((text,), number, metadata=metadata, source=source)
        self.kept.finish()
        self.bad.finish(any_good=any_good)

    def _look_into_pipe(self) -> None:
        """Find what a pipe holds, which only its bytes tell."""
        if self.container is None and not self._source.is_sized:
            self.container = find_extracted(self.file, self.options, self._source)

    def _extracted(self, container: ExtractedContainer) -> Iterator[Text]:
        """The documents of a file whose text is extracted."""
        from ctxtools.documents.readers.extraction.run import read_texts

        if is_lfs_pointer(self._source.peek(200)):
            raise self.refused(NotTextError("Git LFS pointer, its content is not here"))
        if self._source.descriptor is None:
            found = read_texts(container, self.file, None, self.held())
        else:
            self.size = self._source.size
            stream = open(self._source.descriptor, "rb", closefd=False)  # noqa: SIM115
            found = read_texts(container, self.file, stream)
        for text, notes in found:
            self._notes += tuple(each for each in notes if each not in self._notes)
            yield text

    @contextmanager
    def parquet(self) -> Iterator[BinaryIO]:
        """The bytes of a Parquet file, which is read from its end.

        Raises:
            FormatError: it is a pipe.
        """
        stream = self._source.seekable()
        if stream is None:
            raise self._no_parquet()
        self.size = self._source.size
        with stream:
            yield stream

    def _no_parquet(self) -> FormatError:
        return FormatError(
            f"{self.file.path}: Parquet cannot be read from a pipe", hint="save it to a file first"
        )

    def _parquet(
        self, read: Callable[[str, BinaryIO, str, BadRecords], Iterator[_Item]]
    ) -> Iterator[_Item]:
        if is_lfs_pointer(self._source.peek(200)):
            raise self.refused(NotTextError("Git LFS pointer, its content is not here"))
        with self.parquet() as stream:
            if self.options.column is not None:
                yield from read(self.file.path, stream, self.options.column, self.bad)
            elif self.file.has_to_be_text:
                from ctxtools.documents.readers.parquet import column_names

                path = self.file.path
                names = column_names(path, stream)
                raise FormatError(
                    f"{path}: a Parquet file, but no column was named",
                    hint=f"name the one that holds the text with --column{names}",
                )
            else:
                raise UnreadableError(Skipped(self.file.path, "Parquet, but no column was named"))


def open_document(file: File | str | os.PathLike[str], options: ReadOptions = DEFAULT) -> Reader:
    """Open a file for reading.

    Args:
        file: from `find_files`, or a path, which then is one that the user named; "-" is
            standard input.
        options: how to read it.

    Raises:
        UnreadableError: it is missing, unreadable, a directory, or larger than it may be.
        CtxtoolsError: what its `Content` raises.
    """
    if not isinstance(file, File):
        file = File(os.fsdecode(file))
    if file.path == STDIN:
        return Reader(file, options, standard_input())
    limit = options.max_file_size
    try:
        if limit is not None and file.content is not None and file.content.size > limit:
            raise _too_large(file.path, file.content.size, limit)
        source = open_source(file)
        if limit is not None and source.size > limit:
            source.close()
            raise _too_large(file.path, source.size, limit)
        try:
            return Reader(file, options, source)
        except FormatError:
            source.close()
            raise
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise _unreadable(file.path, error) from error


def _too_large(path: str, size: int, max_size: int) -> UnreadableError:
    maximum = format_count(max_size)
    reason = f"{format_count(size)} bytes, above the maximum file size of {maximum}"
    return UnreadableError(Skipped(path, reason))


def _unreadable(path: str, error: OSError) -> UnreadableError:
    return UnreadableError(Skipped(path, os_reason(error), error=True))
