"""Structures of Arrow's C data interface, made by hand, and whatever is wrong with them."""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p, pythonapi
from typing import Any

capsule_of = pythonapi.PyCapsule_New
capsule_of.restype, capsule_of.argtypes = ctypes.py_object, [c_void_p, c_char_p, c_void_p]
RELEASE: Any = CFUNCTYPE(None, c_void_p)


class Schema(Structure):
    """``struct ArrowSchema``."""


Schema._fields_ = [
    ("format", c_char_p),
    ("name", c_char_p),
    ("metadata", c_char_p),
    ("flags", c_int64),
    ("n_children", c_int64),
    ("children", POINTER(POINTER(Schema))),
    ("dictionary", POINTER(Schema)),
    ("release", RELEASE),
    ("private_data", c_void_p),
]


class Array(Structure):
    """``struct ArrowArray``."""


Array._fields_ = [
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(Array))),
    ("dictionary", POINTER(Array)),
    ("release", RELEASE),
    ("private_data", c_void_p),
]


class Stream(Structure):
    """``struct ArrowArrayStream``."""


GET: Any = CFUNCTYPE(c_int, c_void_p, c_void_p)
LAST_ERROR: Any = CFUNCTYPE(c_void_p, c_void_p)
Stream._fields_ = [
    ("get_schema", GET),
    ("get_next", GET),
    ("get_last_error", LAST_ERROR),
    ("release", RELEASE),
    ("private_data", c_void_p),
]


def _releaser(kind: Any) -> Any:
    def release(address: int) -> None:
        kind.from_address(address).release = RELEASE()

    return RELEASE(release)


_release_schema, _release_array = _releaser(Schema), _releaser(Array)
_release_stream = _releaser(Stream)


def buffer_of(data: bytes | None) -> Any:
    """A buffer of these bytes; a null pointer for None."""
    return None if data is None else ctypes.create_string_buffer(data, len(data) + 8)


def schema_of(format: bytes | None, children: Any = None) -> Any:
    """A schema as a library would make it."""
    schema = Schema(format=format, release=_release_schema)
    _adopt(schema, Schema, children)
    return schema


def array_of(length: int, buffers: list[bytes | None], children: Any = None) -> Any:
    """An array as a library would make it."""
    memory = [buffer_of(buffer) for buffer in buffers]
    addresses = [each and ctypes.addressof(each) for each in memory]
    array = Array(length=length, null_count=-1, n_buffers=len(memory), release=_release_array)
    array.buffers = (c_void_p * len(memory))(*addresses)
    array.memory = memory
    _adopt(array, Array, children)
    return array


def _adopt(parent: Any, kind: Any, children: Any) -> None:
    if children is not None:
        pointers = [ctypes.pointer(each) if each is not None else None for each in children]
        parent.n_children = len(children)
        parent.children = (POINTER(kind) * len(children))(*[p or POINTER(kind)() for p in pointers])
        parent.kept = children


class Column:
    """A column of one array."""

    def __init__(self, schema: Any, array: Any) -> None:
        self.schema, self.array = schema, array

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return (
            capsule_of(ctypes.addressof(self.schema), b"arrow_schema", None),
            capsule_of(ctypes.addressof(self.array), b"arrow_array", None),
        )


class Chunks:
    """A column of several arrays; ``code`` is what its functions return."""

    def __init__(self, schema: Any, arrays: list[Any], code: int = 0, reason: bytes = b"") -> None:
        self.given: list[Any] = []
        self.arrays, self.reason = arrays, ctypes.create_string_buffer(reason)

        def get_schema(_: int, target: int) -> int:
            ctypes.memmove(target, ctypes.addressof(schema), ctypes.sizeof(schema))
            return code

        def get_next(_: int, target: int) -> int:
            array = self.arrays.pop(0) if self.arrays else Array()
            ctypes.memmove(target, ctypes.addressof(array), ctypes.sizeof(array))
            self.given.append(array)
            return code

        def last_error(_: int) -> Any:
            return ctypes.addressof(self.reason)

        self.stream = Stream(
            GET(get_schema), GET(get_next), LAST_ERROR(last_error), _release_stream
        )

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return capsule_of(ctypes.addressof(self.stream), b"arrow_array_stream", None)
