"""Arrow's structures, whole and broken in every way that can be seen: an error in words each time.

Each test of a broken one runs in this process: one that is believed ends it.
"""

import ctypes
import struct
from collections.abc import Callable
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError, FormatError, UsageError
from tests.core import needs_kernel
from tests.encodings.engines.arrow_structures import (
    GET,
    RELEASE,
    Chunks,
    Column,
    Stream,
    array_of,
    capsule_of,
    schema_of,
)

TEXTS = ["", "one two", "a longer text, which no view holds"]
COUNTS = [0, 2, 8]
DATA = "".join(TEXTS).encode()

pytestmark = needs_kernel


def count(column: Any) -> list[int]:
    return ctx.get_encoding("o200k_base").count_arrow(column).tolist()


def offsets(*numbers: int, code: str = "i") -> bytes:
    return struct.pack(f"={len(numbers)}{code}", *numbers)


def view(text: bytes, buffer: int = 0, start: int = 0, length: int | None = None) -> bytes:
    n = len(text) if length is None else length
    if n <= 12:
        return struct.pack("=i12s", n, text)
    return struct.pack("=i4sii", n, text[:4], buffer, start)


def strings(layout: str = "u") -> Any:
    """The texts as an array of this layout."""
    if layout == "vu":
        starts = [0, 0, 7]
        views = b"".join(view(t.encode(), 0, s) for t, s in zip(TEXTS, starts, strict=True))
        return array_of(3, [None, views, DATA, offsets(len(DATA), code="q")])
    ends = offsets(0, 0, 7, len(DATA), code="i" if layout == "u" else "q")
    return array_of(3, [None, ends, DATA])


def in_struct(layout: str = "u") -> tuple[Any, Any]:
    schema = schema_of(b"+s", [schema_of(layout.encode())])
    return schema, array_of(3, [None], [strings(layout)])


@pytest.mark.parametrize("layout", ["u", "U", "vu"])
def test_whole_structures(layout: str) -> None:
    assert count(Column(schema_of(layout.encode()), strings(layout))) == COUNTS
    assert count(Column(*in_struct(layout))) == COUNTS
    assert (
        count(Chunks(schema_of(layout.encode()), [strings(layout) for _ in range(3)])) == COUNTS * 3
    )
    sliced = strings(layout)
    sliced.offset, sliced.length = 1, 2
    assert count(Column(schema_of(layout.encode()), sliced)) == COUNTS[1:]
    nothing = array_of(0, [])
    assert count(Column(schema_of(layout.encode()), nothing)) == []


def with_fields(**fields: Any) -> Callable[[Any], None]:
    def change(structure: Any) -> None:
        for name, value in fields.items():
            setattr(structure, name, value)

    return change


def null_buffer(number: int) -> Callable[[Any], None]:
    return lambda array: array.buffers.__setitem__(number, None)


def nothing_at(field: str) -> Callable[[Any], None]:
    return lambda structure: setattr(structure, field, type(getattr(structure, field))())


def moved(field: str) -> Callable[[Any], None]:
    """One byte further, where nothing of its type can be."""

    def change(structure: Any) -> None:
        pointer = getattr(structure, field)
        address = ctypes.cast(pointer, ctypes.c_void_p).value or 0
        setattr(structure, field, ctypes.cast(address + 1, type(pointer)))

    return change


BROKEN = [
    *[with_fields(length=n) for n in (-1, 2**62, 2**63 - 1, -(2**63))],
    *[with_fields(offset=n) for n in (-1, 2**62, 2**63 - 1, -(2**63))],
    *[with_fields(null_count=n) for n in (-2, 4, 1, 2**63 - 1)],
    *[with_fields(n_buffers=n) for n in (-1, 0, 1, 2, 2**31 + 9, 2**63 - 1)],
    *[with_fields(n_children=n) for n in (1, -1)],
    null_buffer(1),
    nothing_at("buffers"),
    nothing_at("release"),
    moved("buffers"),
    lambda array: setattr(array, "dictionary", ctypes.pointer(strings())),
]


@pytest.mark.parametrize("layout", ["u", "U", "vu"])
@pytest.mark.parametrize("change", BROKEN)
def test_broken_arrays(layout: str, change: Callable[[Any], None]) -> None:
    array = strings(layout)
    change(array)
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema_of(layout.encode()), array))
    schema, table = in_struct(layout)
    change(table.kept[0])
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema, table))


@pytest.mark.parametrize(
    "change",
    [
        *[with_fields(length=n) for n in (-1, 4, 2**62)],
        *[with_fields(offset=n) for n in (-1, 1, 2**63 - 1)],
        *[with_fields(n_buffers=n) for n in (-1, 0, 2)],
        *[with_fields(n_children=n) for n in (-1, 0, 2, 2**62)],
        *[nothing_at(field) for field in ("buffers", "children", "release")],
        *[moved(field) for field in ("buffers", "children")],
        lambda table: table.children.__setitem__(0, type(table.children[0])()),
    ],
)
def test_broken_structs(change: Callable[[Any], None]) -> None:
    schema, table = in_struct()
    change(table)
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema, table))


@pytest.mark.parametrize(
    "ends",
    [(0, 0, 7, -1), (-5, 0, 7, 9), (0, 9, 7, 20), (5, 4, 4, 4), (-(2**31), 0, 0, 0)],
)
@pytest.mark.parametrize("code", ["i", "q"])
def test_offsets_never_decrease(ends: tuple[int, ...], code: str) -> None:
    format = b"u" if code == "i" else b"U"
    array = array_of(3, [None, offsets(*ends, code=code), DATA])
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema_of(format), array))
    nulls = array_of(3, [b"\0", offsets(*ends, code=code), DATA])  # of which none is read
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema_of(format), nulls))


@pytest.mark.parametrize(
    "wild",
    [
        *[view(DATA, buffer=n) for n in (1, 2, -1, 2**31 - 1, -(2**31))],
        *[view(DATA, start=n) for n in (1, -1, 2**31 - 1, -(2**31))],
        *[view(DATA, length=n) for n in (len(DATA) + 1, 2**31 - 1)],
        *[struct.pack("=i12s", n, b"") for n in (-1, -(2**31))],
    ],
)
def test_views_are_within_their_buffers(wild: bytes) -> None:
    views = [view(b""), wild, view(b"")]
    array = array_of(3, [None, b"".join(views), DATA, offsets(len(DATA), code="q")])
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema_of(b"vu"), array))


@pytest.mark.parametrize("size", [0, -1, len(DATA) - 1, -(2**63)])
def test_sizes_of_the_buffers_of_views(size: int) -> None:
    array = array_of(1, [None, view(DATA), DATA, offsets(size, code="q")])
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema_of(b"vu"), array))


@pytest.mark.parametrize("null", [1, 2, 3])
def test_null_buffers_of_views(null: int) -> None:
    array = array_of(1, [None, view(DATA), DATA, offsets(len(DATA), code="q")])
    array.buffers[null] = None
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema_of(b"vu"), array))


def test_buffers_need_not_be_aligned() -> None:
    array = strings()
    moved_buffer = ctypes.create_string_buffer(b"\0" + offsets(0, 0, 7, len(DATA)))
    array.buffers[1] = ctypes.addressof(moved_buffer) + 1
    assert count(Column(schema_of(b"u"), array)) == COUNTS


def test_data_may_be_null_where_there_is_none() -> None:
    array = array_of(2, [None, offsets(0, 0, 0), None])
    assert count(Column(schema_of(b"u"), array)) == [0, 0]
    array = array_of(2, [None, offsets(0, 0, 1), None])
    with pytest.raises(FormatError, match="malformed"):
        count(Column(schema_of(b"u"), array))


def schemas() -> list[Any]:
    itself = schema_of(b"+s", [None])
    itself.children[0] = ctypes.pointer(itself)
    deep = schema_of(b"u")
    for _ in range(1000):
        deep = schema_of(b"+s", [deep])
    dictionary = schema_of(b"u")
    dictionary.dictionary = ctypes.pointer(schema_of(b"u"))
    released = schema_of(b"u")
    released.release = RELEASE()
    childless = schema_of(b"+s", [])
    childless.n_children = 1
    return [
        *[schema_of(format) for format in (None, b"", b"i", b"z", b"vz", b"+l", b"n", b"u8")],
        *[schema_of(b"+s", children) for children in ([], [None], [schema_of(b"i")])],
        *[itself, deep, dictionary, released, childless],
    ]


@pytest.mark.parametrize("number", range(16))
def test_broken_schemas(number: int) -> None:
    schema = schemas()[number]
    with pytest.raises((FormatError, UsageError)):
        count(Column(schema, strings()))
    with pytest.raises((FormatError, UsageError)):
        count(Chunks(schema, [strings()]))


def test_a_column_is_consumed_once() -> None:
    column = Column(schema_of(b"u"), strings())
    assert count(column) == COUNTS
    with pytest.raises(FormatError, match="consumed before"):
        count(column)


def test_streams_that_fail() -> None:
    with pytest.raises(FormatError, match="the Arrow stream failed: no such luck"):
        count(Chunks(schema_of(b"u"), [strings()], 5, b"no such luck"))
    with pytest.raises(FormatError, match="the Arrow stream failed with error 5"):
        count(Chunks(schema_of(b"u"), [strings()], 5))
    for field, kind in (("release", RELEASE), ("get_schema", GET), ("get_next", GET)):
        stream = Chunks(schema_of(b"u"), [strings()])
        setattr(stream.stream, field, kind())
        with pytest.raises(FormatError, match="malformed"):
            count(stream)


class Returning:
    """A column whose method returns anything."""

    def __init__(self, value: object) -> None:
        self.__arrow_c_array__ = lambda: value


@pytest.mark.parametrize("value", [None, (), (None,), (1, 2), (1, 2, 3), "ab", object(), [], {}])
def test_what_is_no_pair_of_capsules(value: object) -> None:
    with pytest.raises(CtxtoolsError):
        count(Returning(value))


def test_capsules_of_other_names() -> None:
    memory = ctypes.create_string_buffer(ctypes.sizeof(Stream))
    wrong = capsule_of(ctypes.addressof(memory), b"arrow_array_stream", None)
    with pytest.raises(CtxtoolsError):
        count(Returning((wrong, wrong)))


@pytest.mark.parametrize("code", ["i", "q"])
@pytest.mark.parametrize("ends", [(0, 0, 7, 10**9), (0, 10**8, 7, 9), (0, 0, 7, -1), (-9, 0, 7, 9)])
def test_arrays_of_pyarrow_whose_offsets_are_wrong(code: str, ends: tuple[int, ...]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    memory = bytearray(offsets(0, 0, 7, 9, code=code))
    kind = pyarrow.string() if code == "i" else pyarrow.large_string()
    buffers = [None, pyarrow.py_buffer(memory), pyarrow.py_buffer(DATA)]
    array = pyarrow.Array.from_buffers(kind, 3, buffers)
    columns = array, pyarrow.chunked_array([array]), pyarrow.table({"text": array})
    memory[:] = offsets(*ends, code=code)
    for column in columns:
        with pytest.raises(FormatError, match="cannot be read"):
            count(column)
