"""NumPy's file format, ``.npy``, version 1.0: written as a stream, read memory-mapped.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. A file is a magic
string, the version, the size of the header, the header, and the values. The header is a literal of
Python, of which only what `Writer` and NumPy itself write is read.
"""

import re
from contextlib import ExitStack
from math import prod
from pathlib import Path
from typing import IO

from ctxtools.atomic import atomic_write
from ctxtools.packing.windows.formats.mapped import Numbers, damaged, map_file

TYPES = {
    "int8": "|i1", "int16": "<i2", "int32": "<i4", "int64": "<i8",
    "uint8": "|u1", "uint16": "<u2", "uint32": "<u4", "uint64": "<u8",
    "float16": "<f2", "float32": "<f4", "float64": "<f8",
}  # fmt: skip
"""Types as NumPy calls them -> in the header."""

_OF_HEADER = {code: name for name, code in TYPES.items()}
_OF_ARROW = {"halffloat": "float16", "float": "float32", "double": "float64"}
_MAGIC = b"\x93NUMPY\x01\x00"
_SIZE = 128  # bytes of all that is before the values: a multiple of 64, enough for any shape here
_HEADER = re.compile(
    rb"\{'descr': '([<|][iuf][1248])', 'fortran_order': False, "
    rb"'shape': \(([0-9]{1,18}),(?: ([0-9]{1,18}))?\), \} *\n"
)


def numpy_type(kind: object) -> str | None:
    """What NumPy calls a type of Arrow; None if it has no such numbers."""
    name = _OF_ARROW.get(str(kind), str(kind))
    return name if name in TYPES else None


class Writer:
    """A file that values are appended to; it appears when the stack is closed without an error.

    Args:
        stack: that the file is entered into.
        path: of the file.
        kind: the type of the values, as NumPy calls it.
        columns: of an array of two dimensions; None for one.
    """

    def __init__(self, stack: ExitStack, path: Path, kind: str, columns: int | None = None) -> None:
        self.path = path
        self._kind, self._columns = kind, columns
        self._file: IO[bytes] = stack.enter_context(atomic_write(path, "wb"))
        self._file.write(bytes(_SIZE))
        self._written = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append the bytes of some values."""
        self._file.write(data)
        self._written += len(data)

    def finish(self) -> None:
        """Write the header, when there are no more values."""
        code = TYPES[self._kind]
        values = self._written // int(code[2])
        shape = f"({values},)"
        if self._columns is not None:
            shape = f"({values // self._columns}, {self._columns})"
        header = f"{{'descr': '{code}', 'fortran_order': False, 'shape': {shape}, }}".encode()
        start = _MAGIC + (_SIZE - len(_MAGIC) - 2).to_bytes(2, "little")
        self._file.seek(0)
        self._file.write(start + header.ljust(_SIZE - len(start) - 1) + b"\n")


class NpyFile(Numbers):
    """The values of a file, of one dimension or two, row after row.

    Attributes:
        rows: the first dimension.
        columns: the second; None if there is none.

    Raises:
        ReadError: it cannot be read.
        FormatError: it is damaged, or has something else.
    """

    def __init__(self, path: Path) -> None:
        data = map_file(path)
        start = len(_MAGIC) + 2
        if bytes(data[: len(_MAGIC)]) != _MAGIC:
            raise damaged(path, "no .npy file of version 1.0")
        size = start + int.from_bytes(data[len(_MAGIC) : start], "little")
        header = _HEADER.fullmatch(data[start:size])
        if header is None or header[1].decode() not in _OF_HEADER:
            raise damaged(path, "its header is not that of numbers")
        self.rows = int(header[2])
        self.columns = int(header[3]) if header[3] else None
        bytes_wanted = prod((self.rows, self.columns or 1, int(header[1][2:])))
        if len(data) - size != bytes_wanted:
            raise damaged(path, f"{len(data) - size:,} bytes of values, not {bytes_wanted:,}")
        super().__init__(data[size:], _OF_HEADER[header[1].decode()])
