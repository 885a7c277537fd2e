"""Schemas of strict tools, as DeepSeek's interface rewrites them before the model sees them.

A schema keeps the keywords that strict decoding knows, in an order of its own; all properties of an
object are required, and no others are allowed.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.json_text import MAX_DEPTH


def strict_schema(schema: Any, what: str) -> dict[str, Any]:
    """The schema of a strict tool's parameters as the model is shown it.

    Args:
        schema: None if the tool has none.
        what: it is, for messages: "the tool 'search'".

    Raises:
        UsageError: DeepSeek's interface refuses it.
    """
    schema = {"type": "object"} if schema is None else schema
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        raise UsageError(f"{what} is strict, but its parameters are no object")
    return _typed(schema, f"the parameters of {what}, which is strict,", 0)


def _any(schema: Any, what: str, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise UsageError(f"{what} are nested too deeply: at most {MAX_DEPTH} deep")
    if not isinstance(schema, Mapping):
        raise UsageError(f"{what} have a {type(schema).__name__} for a schema")
    if isinstance(schema.get("type"), list | tuple):
        if any(each not in _SIMPLE for each in schema["type"]):
            raise UsageError(f"{what} have a list of types with others than {', '.join(_SIMPLE)}")
        return {"type": [*schema["type"]], **_kept(schema, ("description",), what)}
    if "type" in schema:
        return _typed(schema, what, depth)
    if "anyOf" in schema:
        if not isinstance(schema["anyOf"], list | tuple):
            raise UsageError(f"{what} have an anyOf that is no list")
        choices = [_typed(each, what, depth + 1) for each in schema["anyOf"]]
        return {"anyOf": choices, **_kept(schema, ("description",), what)}
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"]}
    raise UsageError(f"{what} have a schema without type, anyOf and $ref")


def _typed(schema: Any, what: str, depth: int) -> dict[str, Any]:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind == "object":
        return _object(schema, what, depth)
    if kind == "array":
        inner = _any(schema.get("items"), what, depth + 1)
        return {"type": kind, "items": inner, **_kept(schema, ("description",), what)}
    if kind not in _SIMPLE:
        raise UsageError(f"{what} have a schema of the type {kind!r:.100}")
    return {"type": kind, **_kept(schema, _KEYWORDS.get(kind, ("description",)), what)}


def _object(schema: Mapping[str, Any], what: str, depth: int) -> dict[str, Any]:
    properties = _schemas(schema, "properties", what, depth)
    if not properties and depth:
        raise UsageError(f"{what} have an object without properties")
    definitions = _schemas(schema, "$def", what, depth)
    required = schema.get("required")
    if required is not None and (
        not isinstance(required, list | tuple)
        or len(required) != len(properties)
        or any(not isinstance(each, str) for each in required)
        or {*required} != {*properties}
    ):
        raise UsageError(f"{what} have an object of which not all properties are required")
    if schema.get("additionalProperties") not in (None, False):
        raise UsageError(f"{what} have an object with additionalProperties")
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "required": [*properties],
        **_kept(schema, ("description",), what),
        **({} if schema.get("$def") is None else {"$def": definitions}),
    }


def _schemas(schema: Mapping[str, Any], key: str, what: str, depth: int) -> dict[str, Any]:
    found = schema.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise UsageError(f"{what} have {key} that are no object")
    return {name: _any(each, what, depth + 1) for name, each in found.items()}


def _kept(schema: Mapping[str, Any], keywords: tuple[str, ...], what: str) -> dict[str, Any]:
    kept = {key: schema[key] for key in keywords if schema.get(key) is not None}
    for key, value in kept.items():
        is_good = _is_integer if schema.get("type") == "integer" else _is_number
        if not _CHECKS.get(key, is_good)(value):
            raise UsageError(f"{what} have a {key} that is {value!r:.100}")
    return kept


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_format(value: Any) -> bool:
    return value in ("email", "hostname", "ipv4", "ipv6", "uuid")


_SIMPLE = ("string", "number", "integer", "boolean", "null")
_OF_NUMBERS = (
    *("description", "const", "default", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)
_KEYWORDS = {
    "string": ("description", "pattern", "format", "enum"),
    "number": _OF_NUMBERS,
    "integer": _OF_NUMBERS,
}
_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "description": _is_text,
    "pattern": _is_text,
    "format": _is_format,
    "enum": _is_list_of_texts,
}
