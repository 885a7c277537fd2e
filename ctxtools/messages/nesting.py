"""How deeply a JSON value may be nested, for functions that call themselves at each level."""

from collections.abc import Mapping
from typing import Any

from ctxtools.errors import UsageError

DEEPEST = 100  # levels; OpenAI allows 10 of objects in a schema, serde_json reads 128 of JSON


def check_nesting(value: Any, name: str) -> None:
    """Refuses a value that is nested more than 100 levels deep.

    Raises:
        UsageError: it is; the message says ``name``.
    """
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level for inner in _inner(each)]
        if not level:
            return
    raise UsageError(f"{name} is nested more than {DEEPEST} levels deep", hint="flatten it")


def _inner(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [each for each in value.values() if isinstance(each, Mapping | list | tuple)]
    if isinstance(value, list | tuple):
        return [each for each in value if isinstance(each, Mapping | list | tuple)]
    return []
