"""OpenAI's hosted models: the framing and the tool constants that OpenAI's cookbook publishes.

"How to count tokens with tiktoken", sections 6 and 7. What it does not cover is an interval: calls
of tools in messages, the form of the answer, and of a tool's schema all that is not a name, a type,
a description or an enumeration of a property.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ctxtools.messages.chat.formats import ChatOptions, Counted
from ctxtools.messages.chat.framing import (
    Figure,
    Framing,
    Ledger,
    count_response_format,
    interval,
    thinks,
    times,
)
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import Basis, merged, sum_intervals
from ctxtools.messages.request import Request, Tool
from ctxtools.models import Interval
from ctxtools.models.interval import exactly

_PROPERTY = 3  # for each property, and once for all of them
_ENUM, _ITEM = -3, 3  # for an enumeration, and for each of its items
_END = 12  # once
# What a tool has beside the constants: its other text as it is, less, or more.
_UNCOVERED = (0.0, 1.0, 1.5)

_THINKING = "what the model thought before is counted, though the API may leave it out"
_CALLS = "OpenAI does not say what calls of tools take in messages: an interval"
_FORM = "OpenAI does not say what the form of the answer takes: an interval"
_SCHEMA = "the cookbook's constants cover flat schemas: the rest of a tool's schema is an interval"
_NEWER = "the framing was published for models up to gpt-4o: for newer ones it is an interval"


def count(
    request: Request,
    meter: Meter,
    options: ChatOptions,
    *,
    source: str,
    rule: str,
    basis: Basis,
    message: Figure,
    reply: Figure,
    speaker: Figure,
    call: Figure,
    result: Figure,
    choice: Figure,
    form: Figure,
    function: int,
    spread: Sequence[float],
) -> Counted:
    """The tokens of a request, by the figures of a row of formats.toml.

    Args:
        request: with messages and tools.
        meter: counts texts and media.
        options: are of no influence: effort and thinking take no input.
        source: of the figures.
        rule: the name of the format.
        basis: how the figures are known.
        message: for each message, beside the role's name; the others are those of `Framing`.
        reply: once.
        speaker: for a name.
        call: for a call.
        result: for a result.
        choice: for a tool that has to be called.
        form: for the form of the answer, beside its schema.
        function: for each function.
        spread: tokens of the tools for each that the constants give: low, typical, high.
    """
    ledger = Ledger(meter, rule, source, basis)
    uncovered = _tools(request, ledger, function, spread)
    if request.tools and request.tool_choice not in (None, "auto"):
        ledger.add(Owner(None, None, "tools"), interval(choice), "estimated")
    count_response_format(request, ledger, extra=form)
    Framing(message, reply, speaker, call, result, role=True).count(request, ledger)
    kinds = {part.kind for part in ledger.parts}
    notes = (
        (uncovered, _SCHEMA),
        ("tool call" in kinds, _CALLS),
        ("response format" in kinds, _FORM),
        (thinks(request), _THINKING),
        (not isinstance(reply, int), _NEWER),
    )
    return Counted(merged(ledger.parts), tuple(note for holds, note in notes if holds))


def _tools(request: Request, ledger: Ledger, function: int, spread: Sequence[float]) -> bool:
    """The parts of the tools; whether one has what the constants do not cover."""
    uncovered = False
    for tool in request.tools:
        covered, rest = _tool(tool, ledger.meter, function)
        found = times(covered, spread)
        if rest:
            uncovered = True
            found += times(ledger.meter.text(rest), _UNCOVERED)
        ledger.add(Owner(None, None, "tools", tool.name), found)
    if request.tools:
        ledger.add(Owner(None, None, "tools"), exactly(_END))
    return uncovered


def _tool(tool: Tool, meter: Meter, function: int) -> tuple[Interval, str]:
    """The tokens that the constants give, and the JSON text of what they do not cover."""
    found = [exactly(function), meter.text(f"{tool.name}:{_described(tool.description)}")]
    rest: list[Any] = []
    schema = tool.parameters or {}
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and properties:
        found.append(exactly(_PROPERTY))
        for key, value in properties.items():
            found += _property(key, value, meter, rest)
    elif properties:
        rest.append(properties)
    # Switches take next to nothing; the schemas of most SDKs say additionalProperties.
    covered = ("type", "object"), ("properties", properties), ("required", _names(properties))
    rest += [
        {key: each}
        for key, each in schema.items()
        if not isinstance(each, bool | int) and not _is_covered(key, each, dict(covered))
    ]
    return sum_intervals(found), " ".join(json.dumps(each, ensure_ascii=False) for each in rest)


def _names(properties: Any) -> list[str]:
    return [*properties] if isinstance(properties, Mapping) else []


def _is_covered(key: str, value: Any, covered: Mapping[str, Any]) -> bool:
    """Whether the constants cover a key of a schema, since it says what they take it to say."""
    if key == "required" and isinstance(value, list):
        return all(each in covered[key] for each in value)
    return key in covered and bool(value == covered[key])


def _property(key: str, value: Any, meter: Meter, rest: list[Any]) -> list[Interval]:
    """The tokens of a property; what is not covered of it is added to ``rest``."""
    if not isinstance(value, Mapping):
        rest.append({key: value})
        return []
    kind, description, items = (value.get(each) for each in ("type", "description", "enum"))
    shown = kind if isinstance(kind, str) else "string"
    text = description if isinstance(description, str) else None
    found = [exactly(_PROPERTY), meter.text(f"{key}:{shown}:{_described(text)}")]
    if isinstance(items, list):
        found.append(exactly(_ENUM + _ITEM * len(items)))
        found += (meter.text(each if isinstance(each, str) else json.dumps(each)) for each in items)
    taken = {"type": isinstance(kind, str), "description": text is not None}
    taken["enum"] = isinstance(items, list)
    other = {name: each for name, each in value.items() if not taken.get(name)}
    rest += [{name: each} for name, each in other.items() if not isinstance(each, bool)]
    return found


def _described(description: str | None) -> str:
    return (description or "").removesuffix(".")
