"""How large a model's weights are, by its files: headers and sizes, no tensor data."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ctxtools.checks import shown
from ctxtools.errors import FormatError, ReadError, UsageError, os_reason
from ctxtools.escape import one_line
from ctxtools.regular_file import is_inside, kind_of_file
from ctxtools.units import parse_size

_MAX_HEADER = 100_000_000  # bytes: the format's own limit
_MAX_FILES = 10_000
_MAX_SIZE = 1 << 50  # bytes
_MIN_SIZE = 1_000_000  # bytes; a smaller number without a unit is one of GB
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


def parse_bytes(value: int | str, name: str) -> int:
    """Bytes, or a size such as ``"6GB"``; a text without a unit means something else.

    Raises:
        UsageError: it is no size, or a number that can hardly be bytes.
    """
    found = parse_size(value, name, whole=False)
    if isinstance(value, str) and 0 < found < _MIN_SIZE and not value.strip().endswith(("b", "B")):
        raise UsageError(
            f"{name}: {value.strip()} would be bytes",
            hint=f"write a unit: {value.strip()}GB, or {value.strip()}GiB as engines print it",
        )
    return found


def size_of_weights(weights: int | str | os.PathLike[str]) -> tuple[int, str]:
    """Bytes of weights, and how they are known.

    Args:
        weights: bytes, a size such as ``"860GB"``, or a path: of a safetensors or GGUF file, a
            ``*.safetensors.index.json``, or a folder of them.

    Raises:
        UsageError: it is neither a size nor a path that exists.
        ReadError: a file cannot be read.
        FormatError: a file is not what its name says.
    """
    if isinstance(weights, bool) or not isinstance(weights, int | str | os.PathLike):
        raise UsageError(f"weights must be a size or a path, got {shown(weights, 50)}")
    if isinstance(weights, int) or (isinstance(weights, str) and _is_size(weights)):
        size = parse_bytes(weights, "weights")
        if 0 < size < _MIN_SIZE:
            raise UsageError(
                f"weights must be at least {_MIN_SIZE:,} bytes, got {shown(weights, 50)}",
                hint="write a unit: '16GB'",
            )
        return size, "as given"
    if isinstance(weights, str) and not os.path.exists(weights):
        raise UsageError(
            f"weights: {weights!r:.200} is neither a size nor a file",
            hint="write a size such as 860GB, or the path of a model's weights",
        )
    path = Path(weights)
    if os.path.isdir(path):
        found = folder_size(path, Path(os.path.realpath(path)))
        if found is None:
            raise ReadError(
                f"{one_line(str(path))} has no weights",
                hint="it needs *.safetensors, *.safetensors.index.json or *.gguf",
            )
        return found, f"the files in {one_line(str(path))}"
    return _file_size(path, None), f"the size of {one_line(path.name)}"


def _is_size(text: str) -> bool:
    try:
        parse_size(text, whole=False)
    except UsageError:
        return False
    return True


def folder_size(folder: Path, root: Path) -> int | None:
    """Bytes of the weights in a folder; None if it has none.

    Args:
        folder: the model's.
        root: the folder that its files must be in, links followed.

    Raises:
        ReadError: a file cannot be read.
        FormatError: a file is not what its name says.
    """
    names = sorted(_names(folder))
    index = [each for each in names if each.endswith(".safetensors.index.json")]
    tensors = [each for each in names if each.endswith(".safetensors")]
    if tensors:
        found = sum(_file_size(folder / each, root) for each in tensors)
        # Some repositories have the weights twice: in shards, and in one file for another program.
        stated = _file_size(folder / index[0], root) if index else 0
        shards = [each for each in tensors if "-of-" in each]
        if stated and shards and len(shards) < len(tensors):
            return sum(_file_size(folder / each, root) for each in shards)
        return max(found, stated) if stated > found else found
    if index:
        return _file_size(folder / index[0], root)
    # Of several quantizations in one folder the largest is taken.
    sizes = [_file_size(folder / each, root) for each in names if each.endswith(".gguf")]
    return max(sizes) if sizes else None


def _names(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number >= _MAX_FILES:
                    raise ReadError(f"{one_line(str(folder))} has more than {_MAX_FILES:,} files")
                yield entry.name
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{one_line(str(folder))}: {os_reason(error)}") from error


def _file_size(path: Path, root: Path | None) -> int:
    """Bytes of the weights that one file has, or lists."""
    name = one_line(str(path))
    try:
        if root is not None and not is_inside(path, root):
            raise ReadError(f"{name}: leads out of its folder", hint="put the file itself there")
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise ReadError(f"{name}: a {kind_of_file(status.st_mode)}, not a regular file")
        if name.endswith(".json"):
            return _index_size(path, name)
        if name.endswith(".safetensors"):
            return _tensors_size(path, name, status.st_size)
        return status.st_size
    except ValueError as error:
        if isinstance(error, FormatError):
            raise
        raise ReadError(f"{name}: not a path") from None
    except OSError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{name}: {os_reason(error)}") from error


def _index_size(path: Path, name: str) -> int:
    from ctxtools.regular_file import read_regular

    values = _parsed(read_regular(path, _MAX_HEADER), name)
    metadata = values.get("metadata")
    size = metadata.get("total_size") if isinstance(metadata, dict) else None
    if isinstance(size, float) and size.is_integer():  # some tools write it so
        size = int(size)
    if type(size) is not int or not 0 <= size <= _MAX_SIZE:
        raise FormatError(
            f"{name}: metadata.total_size must be a number of bytes, got {shown(size, 40)}"
        )
    return size


def _tensors_size(path: Path, name: str, size: int) -> int:
    """The sum of what the header of a safetensors file says of its tensors."""
    descriptor = os.open(path, _FLAGS)
    with open(descriptor, "rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or not 2 <= length <= min(_MAX_HEADER, size - 8):
            raise FormatError(f"{name}: no safetensors file, its header is cut off or missing")
        header = _parsed(file.read(length), name)
    total = 0
    for tensor, facts in header.items():
        if tensor == "__metadata__":
            continue
        offsets = facts.get("data_offsets") if isinstance(facts, dict) else None
        if (
            not isinstance(offsets, list)
            or len(offsets) != 2
            or not all(type(each) is int and 0 <= each <= _MAX_SIZE for each in offsets)
            or offsets[0] > offsets[1]
        ):
            raise FormatError(
                f"{name}: data_offsets of {tensor[:60]!r} must be two positions, "
                f"got {shown(offsets, 40)}"
            )
        total += offsets[1] - offsets[0]
    return total


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except RecursionError:
        raise FormatError(f"{name}: its values are nested too deeply") from None
    except ValueError:
        raise FormatError(f"{name}: its header is not JSON") from None
    if not isinstance(values, dict):
        raise FormatError(f"{name}: its header must be an object, got {type(values).__name__}")
    return values
