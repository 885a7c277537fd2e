"""What ``ctx chunk`` does: documents into chunks, one document after the other."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from ctxtools.chunking import Chunk, Chunker
from ctxtools.chunking.build import Chunks
from ctxtools.chunking.integrations.distinct import DistinctIds
from ctxtools.chunking.summary import Summary
from ctxtools.cli.output.progress import Progress
from ctxtools.documents import File, Reader, ReadOptions, Skipped, Text, each_document
from ctxtools.documents.file import STDIN, display_name, record_name
from ctxtools.documents.filetypes import ChunkFormat, file_type, unknown_format
from ctxtools.documents.readers.fields import FieldsOfRun
from ctxtools.escape import one_line
from ctxtools.models import Model
from ctxtools.units import format_count

MAX_LOG = 1 << 26  # characters of a log that is parsed
_MAX_NAMED = 8  # suffixes of unknown formats in the note on them


class ChunkRun:
    """Chunks files, and keeps the figures.

    Attributes:
        files: how many were read to their end.
        documents: how many were chunked, including the first part of one that then failed.
        sizes: the tokens of each chunk of the largest size, in order.
        summaries: of all documents together, for each size, the largest first.
        skipped: files that were not chunked, or not to their end.
    """

    def __init__(self, chunker: Chunker, options: ReadOptions, progress: Progress) -> None:
        self.files = self.documents = 0
        self.sizes = array("Q")
        self.summaries: list[Summary] = []
        self.skipped: list[Skipped] = []
        self._notes: dict[str, None] = {}  # in order, each once
        self._unknown: dict[str, int] = {}  # suffixes of unknown formats: how many files
        self._chunker, self._options, self._progress = chunker, options, progress
        self._done = 0, 0  # documents and chunks of the previous files
        self._fields = FieldsOfRun()
        # Several records may have the same source.
        self._distinct = None if options.source_field is None else DistinctIds()
        self._in_records = False  # whether this file's last document was a record

    def note(self, notes: Iterable[str]) -> None:
        """Add notes on the run as a whole, before the others."""
        self._notes = {**dict.fromkeys(notes), **self._notes}

    @property
    def notes(self) -> list[str]:
        """Notes on the run, and on how the files were read and chunked."""
        return [*self._notes, *self._unknown_formats()]

    def _unknown_formats(self) -> Iterator[str]:
        """A note that says once which files were cut as plain text."""
        if self._unknown:
            counts = self._unknown
            names, files = (
                sorted(counts, key=lambda name: (-counts[name], name)),
                sum(counts.values()),
            )
            more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
            shown = one_line(", ".join(names[:_MAX_NAMED]) + more)
            subject = f"{format_count(files)} files" if files > 1 else "1 file"
            verb = "were" if files > 1 else "was"
            yield f"{subject} of unknown format ({shown}) {verb} cut as plain text"

    def run(self, files: Iterable[File | Skipped], take: Callable[[Chunk], None]) -> None:
        """Chunk each file, and pass each chunk on.

        Raises:
            OversizeError: a character has more tokens than a chunk.
            UsageError: at the end, a field was to be kept that no record has.
        """

        def chunk_file(reader: Reader) -> Iterator[None]:
            self._chunk_file(reader, take)
            yield None

        for result in each_document(files, chunk_file, self._options):
            if isinstance(result, Skipped):
                self.skipped.append(self._with_what_was_kept(result))
            else:
                self.files += 1
            self._progress.file_done()
            self._done = self.documents, len(self.sizes)
        self._fields.check()

    def _chunk_file(self, reader: Reader, take: Callable[[Chunk], None]) -> None:
        for text in reader.texts():
            self._in_records = text.record is not None
            self._chunk(reader, text, take)
        self._fields.add(reader.kept)
        path = reader.file.path
        is_guessed = self._chunker.format == "auto" and reader.container is None
        if is_guessed and path != STDIN and (name := unknown_format(path)):
            self._unknown[name] = self._unknown.get(name, 0) + 1
        notes = [*reader.notes]
        if reader.charset == "utf-8-sig":
            notes.append("byte order mark removed: byte offsets start after its 3 bytes")
        self._notes.update((f"{display_name(reader.file.path)}: {note}", None) for note in notes)

    def _with_what_was_kept(self, skipped: Skipped) -> Skipped:
        """Why a file was skipped, and that its first chunks were written nevertheless.

        Holding back a file's chunks until its end would take memory for all of them.
        """
        documents, chunks = self._done
        if len(self.sizes) == chunks:
            return skipped
        noun, kept = "chunk", len(self.sizes) - chunks
        if self._in_records:
            noun, kept = "record", self.documents - documents
        firsts = f"{format_count(kept)} {noun}s were" if kept > 1 else f"{noun} was"
        return skipped._replace(reason=f"{skipped.reason}; its first {firsts} kept")

    def _chunk(self, reader: Reader, text: Text, take: Callable[[Chunk], None]) -> None:
        source = text.source or record_name(reader.file.path, text.record)
        blocks = self._watched(reader, text)
        is_auto = self._chunker.format == "auto"
        format: ChunkFormat | None = text.format if is_auto else None
        if is_auto and file_type(source).format == "log":
            blocks, format = self._log(reader, blocks)
        elif self._chunker.is_parsed(source):
            blocks = self._watched(reader, text.held())
        chunks = self._chunker.chunk_stream(
            blocks,
            source,
            format=format,
            pages=text.pages,
            headings=text.headings,
            metadata=text.metadata,
        )
        complete = False
        try:
            for chunk in chunks if self._distinct is None else self._distinct.of(chunks):
                if chunk.parent_id is None:
                    self.sizes.append(chunk.token_count)
                take(chunk)
            complete = True
        finally:
            self._count(chunks, complete)

    def _log(
        self, reader: Reader, blocks: Iterator[str]
    ) -> tuple[Iterator[str], ChunkFormat | None]:
        """The blocks of a log, and its format: a long one is cut as the text that it also is, in
        bounded memory."""
        first, length = [], 0
        for block in blocks:
            first.append(block)
            length += len(block)
            if length > MAX_LOG:
                name = display_name(reader.file.path)
                what = f"it is a log of more than {MAX_LOG >> 20} Mi characters"
                self._notes[f"{name}: cut as plain text: {what}"] = None
                return chain(first, blocks), "text"
        return iter(first), None

    def _count(self, chunks: Chunks, complete: bool) -> None:
        """Add a document's figures; if reading it failed, those of the chunks before that."""
        summaries = chunks.summaries
        self.documents += complete or summaries[0].chunks > 0
        if notes := summaries[0].notes:
            # Not in the sums, where all of them would be copied for each document.
            self._notes.update(dict.fromkeys(notes))
            summaries = tuple(replace(each, notes=()) for each in summaries)
        if self.summaries:
            self.summaries = [a + b for a, b in zip(self.summaries, summaries, strict=True)]
        else:
            self.summaries = list(summaries)

    def _watched(self, reader: Reader, text: Iterable[str]) -> Iterator[str]:
        """The blocks of a text, each reported as progress."""
        seen = 0
        for block in text:
            self._progress.read(reader.size - seen)
            seen = reader.size
            yield block


def oversize_notes(model: Model | None, size: int, added: int = 0) -> Iterator[str]:
    """A note if chunks may be larger than the model's own limit, which would cut their ends off.

    Args:
        model: for which they are cut.
        size: the most tokens of a chunk.
        added: those that the tokenizer adds to that.
    """
    if model is None:
        return
    limits = [each for each in (model.context, model.max_input) if each is not None]
    if limits and size + added > min(limits):
        nouns = "token that its tokenizer adds" if added == 1 else "tokens that its tokenizer adds"
        total = f", with the {added:,} {nouns}," if added else ""
        yield (
            f"--size {format_count(size)}{total} is above the limit of {model.name}, "
            f"{format_count(min(limits))} tokens: it would not see the end of such a chunk"
        )
