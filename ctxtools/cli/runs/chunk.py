"""What ``ctx chunk`` does: documents into chunks, one document after the other."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ctxtools.chunking import Chunk, Chunker
from ctxtools.chunking.chunker import Chunks
from ctxtools.chunking.summary import Summary
from ctxtools.cli.output.progress import Progress
from ctxtools.documents import File, Reader, ReadOptions, Skipped, Text, each_document
from ctxtools.documents.file import display_name, record_name
from ctxtools.models import Model
from ctxtools.units import format_count


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
        self._chunker, self._options, self._progress = chunker, options, progress
        self._done = 0, 0  # documents and chunks of the previous files
        self._in_records = False  # whether this file's last document was a record

    def note(self, notes: Iterable[str]) -> None:
        """Add notes on the run as a whole, before the others."""
        self._notes = {**dict.fromkeys(notes), **self._notes}

    @property
    def notes(self) -> list[str]:
        """Notes on the run, and on how the files were read and chunked."""
        return list(self._notes)

    def run(self, files: Iterable[File | Skipped], take: Callable[[Chunk], None]) -> None:
        """Chunk each file, and pass each chunk on.

        Raises:
            OversizeError: a character has more tokens than a chunk.
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

    def _chunk_file(self, reader: Reader, take: Callable[[Chunk], None]) -> None:
        for text in reader.texts():
            self._in_records = text.record is not None
            self._chunk(reader, text, take)
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
        source = record_name(reader.file.path, text.record)
        blocks = text.held() if self._chunker.is_parsed(source) else text
        chunks = self._chunker.chunk_stream(self._watched(reader, blocks), source)
        complete = False
        try:
            for chunk in chunks:
                if chunk.parent_id is None:
                    self.sizes.append(chunk.token_count)
                take(chunk)
            complete = True
        finally:
            self._count(chunks, complete)

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
