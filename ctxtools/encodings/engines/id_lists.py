"""Lists of token ids as an Arrow column: what is asked for, and how engines in Python make it."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from ctxtools.errors import missing_extra


class Shape(NamedTuple):
    """What becomes of the ids of a text.

    Attributes:
        before, after: the ids around those of a text, in each of its lists.
        max_length: the maximum length of a list, these included; None for no maximum.
        overlap: how many ids a list shares with the one before, if a text goes on in further
            lists; None: it is cut off.
    """

    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    max_length: int | None = None
    overlap: int | None = None


class IdLists(Protocol):
    """Lists of token ids, as Arrow sees them.

    The type is ``list<uint32>``, or ``large_list<uint32>`` of more than 2**31 - 1 ids. pyarrow,
    Polars, nanoarrow and other libraries with Arrow's PyCapsule interface take it without a copy:
    ``pyarrow.chunked_array(lists)``. As a single array (``pyarrow.array(lists)``,
    ``ids`` and ``offsets``) its chunks are put together when that is first asked for.
    """

    def __len__(self) -> int:
        """The number of lists."""
        ...

    @property
    def ids(self) -> memoryview:
        """All ids, one list after another (format ``I``)."""
        ...

    @property
    def offsets(self) -> memoryview:
        """Where the first list starts in ``ids``, and where each ends (format ``i``, or ``q``)."""
        ...

    @property
    def lengths(self) -> memoryview:
        """Of each text, how many ids it would have in one list (format ``Q``); 0 for null."""
        ...

    @property
    def texts(self) -> memoryview:
        """Of each list, the number of its text (format ``Q``)."""
        ...

    def __arrow_c_schema__(self) -> object:
        """The capsule of the type."""
        ...

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """The capsules of the type and of all lists."""
        ...

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The capsule of a stream of chunks."""
        ...


def lists_of(texts: Iterable[Sequence[int] | None], shape: Shape) -> IdLists:
    """The lists that a shape makes of the ids of some texts, None for null; by pyarrow.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise missing_extra(
            "an Arrow column, without the compiled kernel,", "pyarrow", "parquet"
        ) from None
    lists: list[Sequence[int] | None] = []
    lengths, numbers = array("Q"), array("Q")
    added = len(shape.before) + len(shape.after)
    for number, ids in enumerate(texts):
        new = [None] if ids is None else [*_windows(ids, shape, added)]
        lists += new
        lengths.append(0 if ids is None else len(ids) + added)
        numbers.extend([number] * len(new))
    offsets = array("q", [0])
    for each in lists:
        offsets.append(offsets[-1] + (0 if each is None else len(each)))
    ids = array("I", (i for each in lists if each is not None for i in each))
    is_large = offsets[-1] >= 1 << 31
    kind = pyarrow.large_list if is_large else pyarrow.list_
    column = pyarrow.array(lists, kind(pyarrow.uint32()))
    return _Lists(column, ids, offsets if is_large else array("i", offsets), lengths, numbers)


def _windows(ids: Sequence[int], shape: Shape, added: int) -> Iterator[Sequence[int]]:
    """The lists of one text."""
    capacity = len(ids) if shape.max_length is None else shape.max_length - added
    start = 0
    while True:
        yield [*shape.before, *ids[start : start + capacity], *shape.after]
        if shape.overlap is None or start + capacity >= len(ids):
            return
        start += capacity - shape.overlap


class _Lists:
    """See IdLists."""

    def __init__(
        self,
        column: Any,
        ids: "array[int]",
        offsets: "array[int]",
        lengths: "array[int]",
        texts: "array[int]",
    ) -> None:
        self._column = column
        self.ids = memoryview(ids).toreadonly()
        self.offsets = memoryview(offsets).toreadonly()
        self.lengths = memoryview(lengths).toreadonly()
        self.texts = memoryview(texts).toreadonly()

    def __len__(self) -> int:
        return len(self.texts)

    def __arrow_c_schema__(self) -> object:
        return self._column.type.__arrow_c_schema__()

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        return self._column.__arrow_c_array__(requested_schema)  # type: ignore[no-any-return]

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        import pyarrow

        return pyarrow.chunked_array([self._column]).__arrow_c_stream__(requested_schema)
