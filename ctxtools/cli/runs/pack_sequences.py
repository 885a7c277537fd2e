"""What ``ctx pack-sequences`` reads: the lengths of documents, from files of several kinds."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from ctxtools.cli.output.progress import Progress
from ctxtools.documents import (
    DocumentCount,
    File,
    Reader,
    ReadOptions,
    Skipped,
    count_documents,
    each_document,
)
from ctxtools.documents.file import display_name
from ctxtools.documents.filetypes import file_type, is_jsonl, uncompressed_name
from ctxtools.documents.readers.bad import BadRecords
from ctxtools.encodings import Encoding
from ctxtools.errors import FormatError
from ctxtools.packing.training.records import jsonl_lengths, number_lengths, parquet_lengths


@dataclass(frozen=True, slots=True)
class LengthOptions:
    """Where the lengths of documents come from.

    Attributes:
        model, encoding: what texts are counted with; loaded if there are any.
        field, column: where the records of JSONL and of Parquet have their text, ids or number.
        numbers: files are lists of lengths.
        charset: of the files.
        max_tokens: texts with more tokens are split at boundaries; None if they are not.
        skip_bad_records: pass over lines of JSONL that have no length.
        quiet: without notes on the configuration.
    """

    model: str | None
    encoding: str | None
    field: str | None
    column: str | None
    numbers: bool
    charset: str | None
    max_tokens: int | None
    skip_bad_records: bool = False
    quiet: bool = False


class LengthReader:
    """Reads files, each of which is a document or several.

    Attributes:
        lengths: the tokens of each document, in the order of the files.
        files: for each file its ``path``, the number of its ``first`` document, and of
            ``documents``.
        skipped: what was not read.
        boundaries: of each text that is too long, by the number of its document: see
            `token_boundaries`.
    """

    def __init__(self, options: LengthOptions, progress: Progress) -> None:
        self.lengths = array("q")
        self.boundaries: dict[int, array[int]] = {}
        self.files: list[dict[str, Any]] = []
        self.skipped: list[Skipped] = []
        self._numbers_only: bool | None = None  # whether every text of a record is a number
        self._notes: list[str] = []
        self._options = options
        self._read_options = ReadOptions(options.charset)
        self._progress = progress

    @property
    def notes(self) -> list[str]:
        """Remarks on what was read."""
        notes = list(self._notes)
        if self._numbers_only:
            found = "every text is a number, and was counted as a text"
            notes.append(f"{found}: numbers of tokens have no quotes")
        return notes

    @cached_property
    def _encoding(self) -> Encoding:
        from ctxtools.cli.targets import resolve_exact

        options = self._options
        return resolve_exact(options.model, options.encoding, quiet=options.quiet).encoding

    def read(self, files: Iterable[File | Skipped]) -> None:
        """Read all files.

        Raises:
            CtxtoolsError: an unknown encoding, or a missing package.
        """
        for has_records, group in groupby(files, self._has_records):
            results: Iterable[tuple[str, Sequence[int]] | DocumentCount | Skipped]
            if has_records:
                results = each_document(group, self._read_records, self._read_options)
            elif self._options.max_tokens is not None:
                results = each_document(group, self._read_text, self._read_options)
            else:
                results = count_documents(
                    group, [self._encoding], self._read_options, progress=self._progress.read
                )
            for result in results:
                if isinstance(result, Skipped):
                    self.skipped.append(result)
                elif isinstance(result, DocumentCount):
                    self._notes += [f"{display_name(result.path)}: {n}" for n in result.notes]
                    self._add(result.path, result.counts)
                else:
                    self._add(*result)

    def _has_records(self, file: File | Skipped) -> bool:
        options = self._options
        if isinstance(file, Skipped) or options.numbers:
            return options.numbers
        container = file_type(file.path).container
        if container == "parquet":
            return options.column is not None
        if options.field is not None:
            records = is_jsonl(uncompressed_name(file.path))
            return records or (file.explicit and options.column is None)
        return options.column is not None and file.explicit

    def _read_records(self, reader: Reader) -> Iterator[tuple[str, Sequence[int]]]:
        options, file = self._options, reader.file
        bad = BadRecords(file.path, skip=options.skip_bad_records)
        if options.numbers:
            lengths = number_lengths(reader)
        elif options.field is not None and not self._has_columns(file):
            lengths = jsonl_lengths(reader, options.field, self._count_texts, bad)
        else:
            _refuse_other_formats(file, options.column or "")
            lengths = parquet_lengths(reader, options.column or "", self._count_texts)
        shown = display_name(file.path)
        self._notes += [f"{shown}: {note}; they have no tokens in the plan" for note in bad.notes]
        yield file.path, lengths

    def _has_columns(self, file: File) -> bool:
        """Whether --column is meant for a file where --field was given too."""
        return self._options.column is not None and not is_jsonl(uncompressed_name(file.path))

    def _read_text(self, reader: Reader) -> Iterator[tuple[str, Sequence[int]]]:
        """Count a file whose text may have to be split."""
        text = "".join(text.read() for text in reader.texts())
        self._progress.read(reader.size)
        tokens = self._encoding.count(text)
        self._find_boundaries(text, len(self.lengths), tokens, reader.file.path)
        yield reader.file.path, [tokens]

    def _count_texts(self, texts: list[str], numbers: Sequence[int]) -> Sequence[int]:
        self._progress.read(sum(map(len, texts)))
        if self._numbers_only is not False and any(texts):
            self._numbers_only = all(text.isdecimal() for text in texts if text)
        counts = self._encoding.count_batch(texts)
        for text, number, tokens in zip(texts, numbers, counts, strict=True):
            self._find_boundaries(text, len(self.lengths) + number, tokens)
        return counts

    def _find_boundaries(self, text: str, document: int, tokens: int, source: str = "") -> None:
        limit = self._options.max_tokens
        if limit is None or tokens <= limit:
            return
        from ctxtools.packing.training.split_points import token_boundaries

        self.boundaries[document] = token_boundaries(text, self._encoding, limit, source=source)

    def _add(self, path: str, lengths: Sequence[int]) -> None:
        first = len(self.lengths)
        self.files.append({"path": path, "first": first, "documents": len(lengths)})
        self.lengths.extend(lengths)


def _refuse_other_formats(file: File, column: str) -> None:
    """Raise FormatError if the columns of a file have no types, or it has no columns."""
    name = uncompressed_name(file.path)
    if is_jsonl(name):
        raise FormatError(
            f"{file.path}: JSONL has fields, and no columns", hint=f"name it with --field {column}"
        )
    if file_type(name).format in ("csv", "tsv"):
        raise FormatError(
            f"{file.path}: a table does not say whether a column is of texts, ids or lengths",
            hint="write it as Parquet or JSONL; a list of lengths alone is read with --lengths",
        )
