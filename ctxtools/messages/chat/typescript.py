"""JSON schemas as TypeScript types, in the way of OpenAI's harmony: how gpt-oss sees tools.

The same text as that of ``openai-harmony`` 0.0.8, whose three ways to write a default are kept.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_SIMPLE = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean"}


def typescript_type(schema: Any, indent: str = "") -> str:
    """A schema as a type.

    Args:
        schema: a JSON schema; anything that is none is ``any``.
        indent: of the lines after the first.
    """
    if not isinstance(schema, Mapping):
        return "any"
    if isinstance(variants := schema.get("oneOf"), list):
        return "".join(
            f"\n{indent} | {_nullable(each, f'{indent}   ')}{_variant_comment(each)}"
            for each in variants
        )
    kind = schema.get("type")
    if isinstance(kind, list) and (names := [each for each in kind if isinstance(each, str)]):
        return " | ".join("number" if name == "integer" else name for name in names)
    if kind == "object":
        return "".join(_object(schema, indent))
    if kind == "array":
        if "items" in schema:
            return f"{typescript_type(schema['items'], indent)}[]"
        return "Array<any>"
    values = schema.get("enum") if kind == "string" else None
    if quoted := [f'"{each}"' for each in _list(values) if isinstance(each, str)]:
        return " | ".join(quoted)
    return _SIMPLE.get(kind, "any") if isinstance(kind, str) else "any"


def rust_lines(text: str) -> list[str]:
    r"""The lines of a text without their ends, which are ``\n`` or ``\r\n``, and no others."""
    lines = text.split("\n")
    if not lines[-1]:
        del lines[-1]
    ends = len(lines) - (not text.endswith("\n"))  # the last line may have no end
    return [line.removesuffix("\r") if number < ends else line for number, line in enumerate(lines)]


def _object(schema: Mapping[str, Any], indent: str) -> Iterator[str]:
    if (description := _text(schema, "description")) is not None:
        yield f"{indent}// {description}\n"
    yield "{\n"
    properties = schema.get("properties")
    needed = {each for each in _list(schema.get("required")) if isinstance(each, str)}
    for key, value in properties.items() if isinstance(properties, Mapping) else ():
        name = str(key) if key in needed else f"{key}?"
        yield from _property(name, value if isinstance(value, Mapping) else {}, indent)
    yield f"{indent}}}"


def _property(name: str, schema: Mapping[str, Any], indent: str) -> Iterator[str]:
    if (title := _text(schema, "title")) is not None:
        yield f"{indent}// {title}\n{indent}//\n"
    description = _text(schema, "description")
    if description is not None and "oneOf" not in schema:
        yield f"{indent}// {description}\n"
    if examples := _list(schema.get("examples")):
        yield f"{indent}// Examples:\n"
        for each in examples:
            if isinstance(each, str):
                yield f'{indent}// - "{each}"\n'
    if isinstance(variants := schema.get("oneOf"), list):
        yield from _alternatives(name, schema, variants, indent)
        return
    yield f"{indent}{name}: {_nullable(schema, f'{indent}    ')},"
    if "oneOf" not in schema and "default" in schema:
        yield f" // default: {_default(schema)}"
    yield "\n"


def _alternatives(
    name: str, schema: Mapping[str, Any], variants: Sequence[Any], indent: str
) -> Iterator[str]:
    """A property that is one of several types: one a line, each with its comment."""
    description = _text(schema, "description")
    above = description is not None and not (
        variants and _text(variants[0], "description") == description
    )
    if above:
        yield f"{indent}// {description}\n"
    if "default" in schema:
        yield f"{indent}// default: {_default(schema)}\n"
    yield f"{indent}{name}:\n"
    for number, variant in enumerate(variants):
        comments = []
        own = _text(variant, "description")
        if own is not None and own != description and not (number == 0 and above):
            comments.append(own)
        if isinstance(variant, Mapping) and "default" in variant:
            comments.append(f"default: {_default(variant)}")
        comment = f" // {' '.join(comments)}" if comments else ""
        yield f"{indent} | {_nullable(variant, f'{indent}   ')}{comment}\n"
    yield f"{indent},\n"


def _nullable(schema: Any, indent: str) -> str:
    written = typescript_type(schema, indent)
    nullable = isinstance(schema, Mapping) and schema.get("nullable") is True
    return f"{written} | null" if nullable and "null" not in written else written


def _variant_comment(schema: Any) -> str:
    """The comment on an alternative of a type that is no property itself."""
    comments = []
    if (description := _text(schema, "description")) is not None:
        comments.append(description)
    if isinstance(schema, Mapping) and "default" in schema:
        default = schema["default"]
        is_plain = isinstance(default, str) and not _is_enum(schema)
        comments.append(f'default: "{default}"' if is_plain else f"default: {as_json(default)}")
    return f" // {' '.join(comments)}" if comments else ""


def _default(schema: Mapping[str, Any]) -> str:
    """The default of a property: text is quoted unless it is one of an enumeration."""
    default = schema["default"]
    if isinstance(default, str):
        return default if _is_enum(schema) else f'"{default}"'
    return as_json(default)


def _is_enum(schema: Mapping[str, Any]) -> bool:
    return bool(_list(schema.get("enum")))


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _text(schema: Any, key: str) -> str | None:
    value = schema.get(key) if isinstance(schema, Mapping) else None
    return value if isinstance(value, str) else None


def as_json(value: Any) -> str:
    """A value as compact JSON, with numbers as serde_json writes them."""
    if isinstance(value, Mapping):
        pairs = (f"{as_json(str(key))}:{as_json(each)}" for key, each in value.items())
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(as_json(each) for each in value)}]"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if -(2**63) <= value < 2**64 else _float(float(value))
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value, ensure_ascii=False)


def _float(value: float) -> str:
    """The shortest digits that are the same number; Python's, but for exponents."""
    digits, _, exponent = repr(value).partition("e")
    if not exponent:
        return digits
    power = int(exponent)
    if power == -5:  # Rust begins with exponents one power later
        sign = "-" if digits.startswith("-") else ""
        return f"{sign}0.0000{digits.removeprefix('-').replace('.', '')}"
    return f"{digits}e{power}"
