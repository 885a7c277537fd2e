"""Files that are memory-mapped, and numbers in them, with sizes that are checked before."""

import mmap
import os
from pathlib import Path
from typing import Any

from ctxtools.errors import FormatError, ReadError, os_reason
from ctxtools.packing.windows.tables import pyarrow_module
from ctxtools.regular_file import open_regular

HINT = "the file is damaged, or was not written by ctxtools: write the windows again"


def map_file(path: Path) -> memoryview:
    """The bytes of a file, which are read when they are looked at.

    Raises:
        ReadError: it cannot be opened, or is not a regular file.
        FormatError: it is empty.
    """
    descriptor, size = open_regular(path)
    try:
        if not size:
            raise damaged(path, "it is empty")
        return memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ))
    except OSError as error:
        raise ReadError(f"{path}: {os_reason(error)}") from error
    finally:
        os.close(descriptor)


def damaged(path: Path, reason: object) -> FormatError:
    """The error of a file that is not what it should be."""
    text = str(reason).partition("\n")[0]
    return FormatError(f"{path}: no windows ({text})", hint=HINT)


class Numbers:
    """Numbers of one type, one after the other, in the bytes of a file.

    Args:
        data: their bytes.
        kind: their type, as Arrow calls it.
    """

    def __init__(self, data: memoryview, kind: str) -> None:
        arrow = pyarrow_module()
        self.kind = arrow.type_for_alias(kind)
        self._array = arrow.Array.from_buffers(
            self.kind, len(data) * 8 // self.kind.bit_width, [None, arrow.py_buffer(data)]
        )

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, number: int) -> int:
        found: int = self._array[number].as_py()
        return found

    def span(self, start: int, stop: int) -> Any:
        """Some of them, as an array of Arrow."""
        return self._array.slice(start, stop - start)
