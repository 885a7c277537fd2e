"""What ``--html`` writes: results of commands as pages of `ctxtools.report`."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ctxtools.chunking import Chunk, Chunker
from ctxtools.cli.output.console import dollars
from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Skipped
from ctxtools.messages import CountedMessages
from ctxtools.messages.chat.pieces import Piece
from ctxtools.packing import Pack
from ctxtools.report import (
    CountColumn,
    CountedFile,
    count_page,
    messages_page,
    pack_page,
    save_report,
)
from ctxtools.report.chunk import ChunkPageBuilder
from ctxtools.report.tokens import group_page, text_group

if TYPE_CHECKING:
    from ctxtools.cli.runs.chunk import ChunkRun


def write_count_page(
    path: str,
    targets: Sequence[Target],
    counted: Iterable[FileCount],
    totals: Sequence[int],
    skipped: Sequence[Skipped],
    notes: Sequence[str],
) -> None:
    """Write the page of ``ctx count``.

    Args:
        path: where to.
        targets: what was counted for.
        counted: the files.
        totals: of all files, for each target, as `Target.interval` takes them.
        skipped: files that were not counted.
        notes: on files and on the run.
    """
    columns = [_column(target, n) for target, n in zip(targets, totals, strict=True)]
    files = (_file(each, targets) for each in counted)
    save_report(count_page(files, columns, skipped=skipped, notes=notes), path)


def pack_report(
    packs: Sequence[Pack],
    target: Target,
    total: int,
    skipped: Sequence[Skipped],
    notes: Sequence[str],
) -> str:
    """The page of ``ctx pack``.

    Args:
        packs: one, or one for each part.
        target: what was packed for.
        total: the tokens of all of them, as `Target.interval` takes it.
        skipped: files that were not read.
        notes: on everything.
    """
    column = _column(target, total)
    if len(packs) > 1:  # the limit is that of each
        column = column._replace(available=None, limit="")
    return pack_page(packs, column=column, skipped=skipped, notes=notes)


class ChunkReport:
    """The page of ``ctx chunk``.

    Args:
        path: where to.
        chunker: that cuts.
        target: what it cuts for.
    """

    def __init__(self, path: str, chunker: Chunker, target: Target) -> None:
        self._path = path
        self._builder = ChunkPageBuilder(chunker.chunk_sizes, encoding=target.name)

    def beside(self, take: Callable[[Chunk], None]) -> Callable[[Chunk], None]:
        """What takes each chunk for the page, and passes it on."""

        def take_both(chunk: Chunk) -> None:
            self._builder.add(chunk)
            take(chunk)

        return take_both

    def write(self, run: "ChunkRun") -> None:
        """Write the page of all chunks, and note what it does not have."""
        save_report(self._builder.page(run.skipped, run.notes), self._path)
        run.note(f"{self._path}: {note}" for note in self._builder.notes)


def write_tokens_page(path: str, tokens: Sequence[int], target: Target, title: str) -> None:
    """Write the page of ``ctx show`` on a text.

    Args:
        path: where to.
        tokens: the ids.
        target: what they are those of.
        title: the text's name.
    """
    group = text_group(tokens, target.encoding)
    save_report(group_page([group], CountColumn(target.name), len(tokens), title=title), path)


def write_messages_page(
    path: str,
    counted: CountedMessages,
    pieces: Iterable[Piece] | None,
    target: Target,
    title: str,
) -> None:
    """Write the page of ``ctx show`` on a conversation.

    Args:
        path: where to.
        counted: its parts.
        pieces: as the model sees it; None where only the parts are known.
        target: the model.
        title: the conversation's name.
    """
    from ctxtools.cli.output.reports.show.conversation import grouped_tokens

    if pieces is None:
        page = messages_page(counted, title=title)
    else:
        groups = grouped_tokens(pieces, counted, target.encoding)
        column = CountColumn(target.name, total=counted.interval)
        page = group_page(groups, column, counted.total, notes=counted.notes, title=title)
    save_report(page, path)


def _column(target: Target, total: int) -> CountColumn:
    cost = target.cost(total)
    limit = target.format_available() if target.available is not None else ""
    price = "" if cost is None else dollars(cost)
    return CountColumn(target.name, target.available, limit, target.interval(total), price)


def _file(file: FileCount, targets: Sequence[Target]) -> CountedFile:
    tokens = tuple(
        n if target.is_exact(n) else target.interval(n)
        for target, n in zip(targets, file.counts, strict=True)
    )
    return CountedFile(file.path, file.size, tokens, file.kind, file.notes)
