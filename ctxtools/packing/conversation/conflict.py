"""The error that says why what has to be kept does not fit."""

from ctxtools.errors import ConflictError
from ctxtools.messages.parts import CountedMessages, Part
from ctxtools.packing.conversation.turns import Turns
from ctxtools.units import format_count

_OTHER = {
    "framing": "the framing of the reply",
    "tools": "the tools",
    "response format": "the response format",
}


def conflict(counted: CountedMessages, turns: Turns, limit: int) -> ConflictError:
    """The fewest things that do not fit: what is not of a message, then the largest messages.

    Args:
        counted: what has to be kept, with the numbers of all messages.
        turns: of the conversation.
        limit: of the tokens.
    """
    beside: dict[str, int] = {}
    messages: dict[int, int] = {}
    for part in counted.parts:
        if part.message is None:
            name = _name(part)
            beside[name] = beside.get(name, 0) + part.interval.high
        else:
            messages[part.message] = messages.get(part.message, 0) + part.interval.high
    units = (
        (sum(messages.get(number, 0) for number in unit.numbers), unit.first)
        for unit in turns.units
        if unit.first in messages
    )
    found = [
        *beside.items(),
        *(
            (f"message {first} ({turns.roles[first]})", size)
            for size, first in sorted(units, reverse=True)
        ),
    ]
    fewest: list[tuple[str, int]] = []
    for each in found:
        if sum(size for _, size in fewest) > limit:
            break
        fewest.append(each)
    listed = ", ".join(f"{name} ({format_count(size)})" for name, size in fewest)
    return ConflictError(
        f"what has to be kept exceeds the limit of {format_count(limit)} tokens: {listed}",
        conflict=tuple(fewest),
        available=limit,
        hint="pin less, reserve less, or raise the limit",
    )


def _name(part: Part) -> str:
    if part.role in ("system", "developer"):
        return "the system text"
    return _OTHER.get(part.kind, f"the {part.kind}")
