"""Values of JSON as Arrow columns, where pyarrow's own reader does not do."""

from collections.abc import Sequence
from typing import Any

from ctxtools.documents.readers.jsonl import kind_of_value
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import FormatError, import_extra


def array_of(values: Sequence[Any], kind: Any = None) -> Any:
    """The Arrow array of some values; lone surrogates in strings become U+FFFD.

    Args:
        values: as ``json.loads`` makes them.
        kind: their type; None finds one. Integers of 64 bits that are above those with a sign are
            unsigned; integers beside floats become floats.

    Raises:
        FormatError: they have no type in common; a phrase.
    """
    arrow = import_extra("pyarrow", "reading JSONL", "parquet")
    known = {type(value) for value in values if value is not None}
    if bool in known and len(known) > 1:  # it would be a number
        raise FormatError("booleans and other values")
    try:
        return arrow.array(values, kind)
    except UnicodeEncodeError:
        return array_of([_encodable(value) for value in values], kind)
    except (OverflowError, arrow.ArrowException) as error:
        reason = str(error).partition("\n")[0]
    try:
        if known == {int}:
            return arrow.array(values, arrow.uint64())
        if known == {int, float}:
            floats = [None if value is None else float(value) for value in values]
            return arrow.array(floats, arrow.float64())
    except (OverflowError, arrow.ArrowException):
        reason = "an integer of more than 64 bits"
    raise FormatError(reason)


def several_types(values: Sequence[Any], lines: Sequence[int]) -> str:
    """Where the first values of two types are, as a phrase; "" if there is one type.

    Args:
        values: as ``json.loads`` makes them.
        lines: the number of the line of each.
    """
    found: dict[str, int] = {}
    for value, line in zip(values, lines, strict=True):
        if value is not None:
            found.setdefault(kind_of_value(value), line)
    if len(found) < 2:
        return ""
    return " and ".join(f"{kind} in line {line:,}" for kind, line in [*found.items()][:2])


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(each) for name, each in value.items()}
    return value
