"""Functions from an Arrow table to an Arrow table: what every engine runs. Needs pyarrow.

All keep the columns and the order of the rows, and make no Python object for a row (`fit_table`
does for the texts that it cuts). The same table gives the same table, on any number of threads.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ctxtools.checks import check_choice, check_integer
from ctxtools.chunking.integrations.arrow import chunk_table
from ctxtools.chunking.integrations.tables import as_table, strings_of
from ctxtools.encodings import Encoding, Side, get_encoding
from ctxtools.errors import UnknownEncodingError, UnknownModelError, UsageError, import_extra
from ctxtools.models import encoding_for_model

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Named", "Overlong", "chunk_table", "count_table", "encode_table", "fit_table"]

Named: TypeAlias = Encoding | str
"""An encoding, or the name of one or of a model."""

Overlong: TypeAlias = Literal["truncate", "drop", "keep"]
"""What becomes of a text above a limit."""

_OVERLONG: tuple[Overlong, ...] = ("truncate", "drop", "keep")


def count_table(
    table: Any,
    column: str = "text",
    encodings: Named | Sequence[Named] = "o200k_base",
    *,
    threads: int = 0,
) -> "pyarrow.Table":
    """The table with a further column of token counts for each encoding.

    Args:
        table: a Table, a RecordBatch, anything that exports Arrow's C interface, or a mapping from
            names to lists.
        column: the name of the column of texts.
        encodings: one or several, or names of them or of models. The column of a count has the name
            that was asked for: ``o200k_base``, ``qwen3-8b``.
        threads: see Encoding.

    Returns:
        The columns of the input, then those of the counts (``int64``); null for null.

    Raises:
        UsageError: not a table, or it lacks the column, or that is not of strings; or it has a
            column of that name already.
        UnknownEncodingError: a name is neither an encoding nor a model.
        FormatError: a text is not UTF-8.
        MissingExtraError: pyarrow is not installed.
    """
    arrow = _import()
    table = as_table(table)
    texts = strings_of(table, column)
    for name, encoding in named_encodings(encodings).items():
        counts = _integers(arrow, encoding.count_arrow(texts, threads=threads))
        table = _appended(table, name, _null_like(arrow, texts, counts))
    return table


def encode_table(
    table: Any,
    column: str = "text",
    encodings: Named | Sequence[Named] = "o200k_base",
    *,
    into: str = "input_ids",
    add_special_tokens: bool = False,
    max_length: int | None = None,
    threads: int = 0,
) -> "pyarrow.Table":
    """The table with a further column of token ids for each encoding.

    Args:
        table, column, encodings, threads: as of `count_table`.
        into: the name of the new column; of several what their names start with: `ids_columns`.
        add_special_tokens, max_length: as of ``Encoding.encode_arrow``.

    Returns:
        The columns of the input, then those of the ids (``large_list<uint32>``); null for null.

    Raises:
        UsageError, UnknownEncodingError, FormatError, MissingExtraError: as `count_table`.
    """
    arrow = _import()
    table = as_table(table)
    texts = strings_of(table, column)
    found = named_encodings(encodings)
    for name, encoding in zip(ids_columns(into, [*found]), found.values(), strict=True):
        lists = encoding.encode_arrow(
            texts, add_special_tokens=add_special_tokens, max_length=max_length, threads=threads
        )
        ids = arrow.chunked_array(lists)
        table = _appended(table, name, ids.cast(arrow.large_list(arrow.uint32())))
    return table


def ids_columns(into: str, encodings: Sequence[str]) -> tuple[str, ...]:
    """The names of columns of ids: ``input_ids`` for one encoding, ``input_ids_NAME`` of several.

    Args:
        into: the name of one, or what the names of several start with.
        encodings: by the names that they were asked for by.
    """
    return (into,) if len(encodings) == 1 else tuple(f"{into}_{name}" for name in encodings)


def fit_table(
    table: Any,
    column: str = "text",
    encoding: Named = "o200k_base",
    *,
    limit: int,
    overlong: Overlong = "truncate",
    side: Side = "right",
    threads: int = 0,
) -> "pyarrow.Table":
    """The table with each text inside a limit, and its tokens.

    Args:
        table, column, threads: as of `count_table`.
        encoding: one, or the name of one or of a model.
        limit: the maximum tokens of a text.
        overlong: "truncate" cuts longer texts, "drop" leaves their rows out, "keep" leaves them as
            they are.
        side: as of ``Encoding.truncate``.

    Returns:
        The columns of the input; then the tokens of each text as it is now, named as the encoding
        was asked for (``int64``, null for null), and whether it was above the limit, as
        ``is_overlong``.

    Raises:
        UsageError, UnknownEncodingError, FormatError, MissingExtraError: as `count_table`.
    """
    limit = check_integer("limit", limit, 0)
    check_choice("overlong", overlong, _OVERLONG)
    arrow = _import()
    compute: Any = import_extra("pyarrow.compute", "a table", "parquet")
    table = as_table(table)
    texts = strings_of(table, column)
    ((name, named),) = named_encodings(encoding).items()
    counts = _integers(arrow, named.count_arrow(texts, threads=threads))
    counts = _null_like(arrow, texts, counts)
    above = compute.fill_null(compute.greater(counts, limit), False)
    if overlong == "drop":
        kept = compute.invert(above)
        table, counts, above = table.filter(kept), counts.filter(kept), above.filter(kept)
    elif overlong == "truncate" and compute.any(above).as_py():
        rows = compute.indices_nonzero(above)
        cut = [named.truncate(text, limit, side=side) for text in texts.take(rows).to_pylist()]
        cut_texts = arrow.array(cut, texts.type)
        whole = texts.combine_chunks() if texts.num_chunks != 1 else texts.chunk(0)
        texts = compute.replace_with_mask(whole, above, cut_texts)
        table = table.set_column(table.column_names.index(column), column, texts)
        lengths = arrow.array(named.count_batch(cut), arrow.int64())
        counts = compute.replace_with_mask(counts, above, lengths)
    return _appended(_appended(table, name, counts), "is_overlong", above)


def named_encodings(encodings: Named | Iterable[Named]) -> dict[str, Encoding]:
    """Encodings by the names that they were asked for by.

    Raises:
        UnknownEncodingError: a name is neither an encoding nor a model.
        UsageError: none, or one twice.
    """
    listed = [encodings] if isinstance(encodings, str | Encoding) else list(encodings)
    found: dict[str, Encoding] = {}
    for each in listed:
        name = each if isinstance(each, str) else each.name
        if name in found:
            raise UsageError(f"encoding {name!r} is named twice", hint="name each of them once")
        found[name] = _find(each) if isinstance(each, str) else each
    if not found:
        raise UsageError("no encoding is named", hint='name one, such as "o200k_base"')
    return found


def _find(name: str) -> Encoding:
    try:
        return get_encoding(name)
    except UnknownEncodingError as error:
        try:
            return encoding_for_model(name)
        except UnknownModelError:
            raise error from None


def _integers(arrow: Any, counts: memoryview) -> Any:
    return arrow.Array.from_buffers(arrow.int64(), len(counts), [None, arrow.py_buffer(counts)])


def _null_like(arrow: Any, texts: Any, values: Any) -> Any:
    """The values, null where a text is."""
    if not texts.null_count:
        return values
    compute: Any = import_extra("pyarrow.compute", "a table", "parquet")
    return compute.if_else(texts.combine_chunks().is_valid(), values, None)


def _appended(table: Any, name: str, values: Any) -> Any:
    if name in table.column_names:
        raise UsageError(
            f"the table has a column {name!r} already", hint="rename it, or leave it out"
        )
    return table.append_column(name, values)


def _import() -> Any:
    return import_extra("pyarrow", "a table", "parquet")
