"""The chunks of a column of plain texts, which the kernel makes as Arrow arrays."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ctxtools.chunking.build import utf8
from ctxtools.chunking.chunker import Chunker
from ctxtools.chunking.cutting.window import window_options


class PlainTexts(NamedTuple):
    """The chunks of plain texts.

    Attributes:
        tables: of chunks, in the order of the texts.
        rows: of each table the numbers of the texts.
        others: the numbers of texts that have to be chunked alone. If there are none, ids are
            distinct.
    """

    tables: list[Any]
    rows: list[memoryview]
    others: list[int]

    def with_others(self, others: Iterable[tuple[int, Any]]) -> list[Any]:
        """The tables with those of the other texts, which come with their numbers, in order."""
        waiting = [*others][::-1]
        found: list[Any] = []
        for table, rows in zip(self.tables, self.rows, strict=True):
            start = 0
            while waiting and waiting[-1][0] <= rows[-1]:
                number, other = waiting.pop()
                end = bisect_left(rows, number)
                found += [table.slice(start, end - start), other]
                start = end
            found.append(table.slice(start))
        return found + [table for _, table in reversed(waiting)]


def plain_tables(
    arrow: Any, schema: Any, column: Any, sources: Any, chunker: Chunker
) -> PlainTexts | None:
    """The chunks of the texts of a column, if they are plain text; None if they may not be.

    Args:
        arrow: pyarrow.
        schema: of the tables: the number of the text, and the columns of `chunk_schema`.
        column: of strings.
        sources: the same with the name of each text; or None.
        chunker: the chunker.

    Raises:
        UsageError: they are no columns of strings, or not of the same length.
        FormatError: a text is not UTF-8.
    """
    encoding, settings = chunker.encoding, chunker.settings
    is_plain = settings.format == "text" or (sources is None and not chunker.is_parsed(""))
    if not encoding or not is_plain or settings.cohesion:
        return None
    configurations = [utf8(f"{chunker.configuration} {limit} ") for limit in settings.chunk_sizes]
    options = window_options(settings)
    found = encoding.chunk_column(column, sources, options, configurations)
    if found is None:
        return None
    batches, others = found
    is_mapped = settings.is_mapped
    tables = [_table(arrow, schema, batch, is_mapped=is_mapped) for batch in batches]
    return PlainTexts(tables, [batch[0] for batch in batches], others)


def _table(arrow: Any, schema: Any, memory: Sequence[memoryview], *, is_mapped: bool) -> Any:
    buffers = [arrow.py_buffer(each) for each in memory]
    n = len(memory[0])
    integer, string = arrow.int64(), arrow.string()
    rows, ids, id_ends, texts, text_ends, sources, source_ends, *numbers = buffers
    *numbers, has_parent, parents, parent_ends, zeros = numbers

    def strings(ends: Any, data: Any, valid: Any = None) -> Any:
        return arrow.Array.from_buffers(string, n, [valid, ends, data])

    def integers(data: Any) -> Any:
        return arrow.Array.from_buffers(integer, n, [None, data])

    tokens, start, end, start_byte, end_byte, line, index = map(integers, numbers)
    none, nothing = arrow.nulls(n, integer), arrow.array([], string)
    headings = arrow.Array.from_buffers(arrow.list_(string), n, [None, zeros], children=[nothing])
    columns = {
        "row": integers(rows),
        "id": strings(id_ends, ids),
        "text": strings(text_ends, texts),
        "header": strings(zeros, arrow.py_buffer(b"")),
        "token_count": tokens,
        "start_index": start,
        "end_index": end,
        "start_byte": start_byte,
        "end_byte": end_byte,
        "start_line": line,
        "headings": headings,
        "kind": arrow.repeat(arrow.scalar("text", string), n),
        "parent_id": strings(parent_ends, parents, has_parent),
        "index": index,
        "source": strings(source_ends, sources),
        "page_start": none,
        "page_end": none,
        "source_start": start if is_mapped else none,
        "source_end": end if is_mapped else none,
    }
    return arrow.table([columns[name] for name in schema.names], schema=schema)
