"""How documents are read, checked once."""

from collections.abc import Iterable
from typing import NamedTuple

from ctxtools.checks import check_choice, check_integer, check_list
from ctxtools.documents.decode import find_charset
from ctxtools.documents.html import Render
from ctxtools.errors import UsageError


class _ReadOptions(NamedTuple):
    charset: str | None
    field: str | None
    column: str | None
    outputs: bool
    max_file_size: int | None
    skip_bad_records: bool
    keep: tuple[str, ...]
    source_field: str | None
    render: Render


class ReadOptions(_ReadOptions):
    """How to read documents.

    Attributes:
        charset: decode as this instead of detecting it for each file.
        field: read JSONL record by record, the text being this field ("text"; with dots for
            nested ones, "message.content", "messages.0.content").
        column: read Parquet, CSV and TSV row by row, the text being this column.
        outputs: include the text outputs of notebook cells.
        max_file_size: in bytes; larger files are skipped, those that were named too. Pipes have no
            size that is known, and are read.
        skip_bad_records: pass over records that have no text, or are broken, and say how many.
        keep: fields of records, or columns, that go along with their text; named like ``field``.
        source_field: the field or column that names the source of a record, such as its URL.
        render: read HTML as a reader sees it, without its tags: as "text" or "markdown".

    Raises:
        UsageError: the charset is unknown, the size is below zero, or fields are to be kept of
            what is not read record by record.
    """

    __slots__ = ()

    def __new__(
        cls,
        charset: str | None = None,
        field: str | None = None,
        column: str | None = None,
        outputs: bool = False,
        max_file_size: int | None = None,
        skip_bad_records: bool = False,
        keep: Iterable[str] = (),
        source_field: str | None = None,
        render: Render = "source",
    ) -> "ReadOptions":
        if max_file_size is not None:
            check_integer("max_file_size", max_file_size, 0)
        if charset is not None:
            find_charset(charset)
        check_list("keep", keep)
        check_choice("render", render, Render)
        kept = tuple(dict.fromkeys(keep))
        if (kept or source_field is not None) and field is None and column is None:
            raise UsageError(
                f"{'keep' if kept else 'source_field'} is for records, and none are read",
                hint="name the field of JSONL that holds the text, or the column of a table",
            )
        return super().__new__(
            cls,
            charset,
            field,
            column,
            outputs,
            max_file_size,
            skip_bad_records,
            kept,
            source_field,
            render,
        )


DEFAULT = ReadOptions()
