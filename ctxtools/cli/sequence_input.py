"""What ``ctx pack-sequences`` reads: the lengths of documents, from files of several kinds."""

from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from ctxtools.cli.output.progress import Progress
from ctxtools.documents import (
    File,
    ReadOptions,
    Skipped,
    count_documents,
    open_document,
    skipped_by,
)
from ctxtools.documents.filetypes import file_type, is_jsonl
from ctxtools.encodings import Encoding
from ctxtools.errors import FormatError, ReadError
from ctxtools.packing.training.records import jsonl_lengths, number_lengths, parquet_lengths


class Input:
    """Reads files, each a document or several.

    Args:
        model, encoding: what texts are counted with; loaded where there are any.
        field, column: where the records of JSONL and of Parquet have their text, ids or number.
        numbers: whether files are lists of lengths.
        charset: of the files.
        progress: is told of what was read.
        window: where texts of more tokens than this, those behind them included, are to be cut at
            boundaries, else None.
        eos: tokens behind each document.

    Attributes:
        lengths: the tokens of each document, in the order of the files.
        files: for each file its ``path``, the number of its ``first`` document, and of
            ``documents``.
        skipped: what was not read.
        boundaries: of each text that is too long, by its document's number: see
            `token_boundaries`.
    """

    def __init__(
        self,
        model: str | None,
        encoding: str | None,
        field: str | None,
        column: str | None,
        numbers: bool,
        charset: str | None,
        progress: Progress,
        window: int | None = None,
        eos: int = 0,
    ) -> None:
        self.lengths = array("q")
        self.boundaries: dict[int, array[int]] = {}
        self.files: list[dict[str, Any]] = []
        self.skipped: list[Skipped] = []
        self._field, self._column, self._numbers = field, column, numbers
        self._options = ReadOptions(charset)
        self._progress = progress
        self._window, self._eos = window, eos

        @cache
        def tokenizer() -> Encoding:
            from ctxtools.cli.targets import resolve_exact

            return resolve_exact(model, encoding).encoding

        self._tokenizer = tokenizer

    def read(self, files: Iterable[File | Skipped]) -> None:
        """Reads all files.

        Raises:
            CtxtoolsError: the encoding is not there, or a package to read with.
        """
        plain: list[File | Skipped] = []
        for file in files:
            if isinstance(file, Skipped) or not (self._numbers or self._has_records(file)):
                plain.append(file)
                continue
            self._count(plain)
            plain = []
            try:
                self._add(file.path, self._records(file))
            except (ReadError, FormatError) as error:
                self.skipped.append(skipped_by(file.path, error))
        self._count(plain)

    def _has_records(self, file: File) -> bool:
        container = file_type(file.path).container
        if container == "parquet":
            return self._column is not None
        if self._field is not None:
            return container == "jsonl" or (file.explicit and self._column is None)
        return self._column is not None and file.explicit

    def _records(self, file: File) -> Sequence[int]:
        if self._numbers:
            return number_lengths(file)
        if self._column is not None and not is_jsonl(file.path):
            return parquet_lengths(file, self._column, self._texts)
        return jsonl_lengths(file, self._field or "", self._options.charset, self._texts)

    def _texts(self, texts: list[str], places: Sequence[int]) -> Sequence[int]:
        self._progress.read(sum(map(len, texts)))
        counts = self._tokenizer().count_batch(texts)
        for text, place, tokens in zip(texts, places, counts, strict=True):
            self._find_boundaries(text, len(self.lengths) + place, tokens)
        return counts

    def _find_boundaries(self, text: str, document: int, tokens: int, source: str = "") -> None:
        if self._window is None or tokens + self._eos <= self._window:
            return
        from ctxtools.packing.training.split_points import token_boundaries

        encoding = self._tokenizer()
        found = token_boundaries(text, encoding, self._window - self._eos, source=source)
        self.boundaries[document] = found

    def _count(self, files: list[File | Skipped]) -> None:
        """Counts files that are a document each."""
        if not files:
            return
        if self._window is not None:
            for file in files:
                self._count_text(file)
            return
        progress = self._progress.read
        for document in count_documents(
            files, [self._tokenizer()], self._options, progress=progress
        ):
            if isinstance(document, Skipped):
                self.skipped.append(document)
            else:
                self._add(document.path, [document.counts[0]])

    def _count_text(self, file: File | Skipped) -> None:
        """Counts a file whose text may be needed once more."""
        if isinstance(file, Skipped):
            self.skipped.append(file)
            return
        try:
            with open_document(file, self._options) as reader:
                text = "".join(text.read() for text in reader.texts())
        except (ReadError, FormatError) as error:
            self.skipped.append(skipped_by(file.path, error))
            return
        self._progress.read(reader.size)
        tokens = self._tokenizer().count(text)
        self._find_boundaries(text, len(self.lengths), tokens, file.path)
        self._add(file.path, [tokens])

    def _add(self, path: str, lengths: Sequence[int]) -> None:
        first = len(self.lengths)
        self.files.append({"path": path, "first": first, "documents": len(lengths)})
        self.lengths.extend(lengths)
