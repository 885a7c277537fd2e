"""Which messages of a conversation belong together, and where a history may begin."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from ctxtools.messages.request import Content, Message, Request, Text, ToolCall, ToolResult

_INSTRUCTION_ROLES = ("system", "developer")
_ANSWER_ROLES = ("assistant", "model")
# Interfaces that refuse a history which does not begin with the user's message.
_USER_FIRST = ("anthropic", "gemini")


@dataclass(slots=True)
class _Item:
    """A message as it was given.

    Attributes:
        role: of it.
        content: all of it.
    """

    role: str = ""
    content: list[Content] = field(default_factory=list)

    @property
    def is_question(self) -> bool:
        """Whether it is a message of the user: results of tools alone are none."""
        results = (isinstance(each, ToolResult) for each in self.content)
        return self.role == "user" and not any(results)

    @property
    def is_instruction(self) -> bool:
        """Whether it tells the model what to do, in the name of who runs it."""
        return self.role in _INSTRUCTION_ROLES

    @property
    def is_result(self) -> bool:
        """Whether it begins with what a tool returned."""
        return bool(self.content) and isinstance(self.content[0], ToolResult)

    @property
    def is_thought(self) -> bool:
        """Whether it is only what the model thought, which goes with what follows."""
        thoughts = (isinstance(each, Text) and each.kind == "thinking" for each in self.content)
        return self.role in _ANSWER_ROLES and bool(self.content) and all(thoughts)


class Unit(NamedTuple):
    """Messages that stay together: one, or calls with their results and the thoughts before them.

    Attributes:
        first: the number of the first message.
        end: that after the last one.
        question: the number of the unit that begins the turn; None before the first question.
        must: it is always kept.
    """

    first: int
    end: int
    question: int | None
    must: bool

    @property
    def numbers(self) -> range:
        """Those of its messages."""
        return range(self.first, self.end)


@dataclass(frozen=True, slots=True)
class Turns:
    """A conversation as units, and the units at which a history may begin.

    Attributes:
        units: in order.
        starts: numbers of units; a history is the units from one of them on, and those that must
            stay. None is in the middle of a turn, unless the turn's question stays anyway; none is
            what the interface refuses at the beginning: a result without its call, and with some
            an answer. The last one is the end.
        roles: of the messages.
    """

    units: tuple[Unit, ...]
    starts: tuple[int, ...]
    roles: tuple[str, ...]

    def latest(self) -> set[int]:
        """The numbers of the messages of the last question and of the last unit."""
        if not self.units:
            return set()
        last = self.units[-1]
        question = range(0) if last.question is None else self.units[last.question].numbers
        return {*question, *last.numbers}

    def kept(self, start: int) -> list[int]:
        """The numbers of the messages that stay, with the history from a unit on."""
        return [
            number
            for position, unit in enumerate(self.units)
            if unit.must or position >= start
            for number in unit.numbers
        ]


def read_turns(request: Request, size: int, pins: Iterable[int]) -> Turns:
    """The units of a conversation.

    Instructions, pinned messages, the last question and the last unit must stay; if the interface
    wants a history to begin with the user's message, so must the question before each of these.

    Args:
        request: as it was read.
        size: the number of messages that were given.
        pins: the numbers of those that must stay.
    """
    items = _items(request.messages, size)
    spans = [*_joined(items)]
    questions = [items[first].is_question for first, _ in spans]
    before: list[int | None] = [None] * len(spans)
    for position, is_question in enumerate(questions):
        before[position] = position if is_question else before[position - 1] if position else None
    must = _must(items, spans, set(pins))
    if before and before[-1] is not None:
        must[before[-1]] = True
    user_first = request.shape in _USER_FIRST
    if user_first:
        _keep_questions(items, spans, before, must)
    units = tuple(
        Unit(*span, question, stays)
        for span, question, stays in zip(spans, before, must, strict=True)
    )
    starts = (*_starts(items, units, user_first=user_first), len(units))
    return Turns(units, starts, tuple(item.role for item in items))


def _items(messages: Sequence[Message], size: int) -> list[_Item]:
    items = [_Item() for _ in range(size)]
    for message in messages:
        if message.number is not None:
            items[message.number].role = message.role
            items[message.number].content += message.content
    return items


def _joined(items: Sequence[_Item]) -> Iterator[tuple[int, int]]:
    """The spans of messages that stay together, in order."""
    begins = [*range(len(items))]  # for each message, the first of those that it stays with
    calls: dict[str, int] = {}
    last_call: int | None = None
    for number, item in enumerate(items):
        if item.is_question or item.is_instruction:
            last_call = None
        for each in item.content:
            if isinstance(each, ToolCall):
                last_call = calls[each.id] = number
            elif isinstance(each, ToolResult):
                # A result without an id, or with an unknown one, is of the calls before it.
                known = calls.get(each.id) if each.id else None
                call = last_call if known is None else known
                if call is not None:
                    begins[number] = min(begins[number], call)
        if number and items[number - 1].is_thought and item.role in _ANSWER_ROLES:
            begins[number] = min(begins[number], number - 1)
    # A span begins where no later message reaches further back.
    reach = [*accumulate(reversed(begins), min)][::-1]
    first = 0
    for number in range(1, len(items) + 1):
        if number == len(items) or reach[number] >= number:
            yield first, number
            first = number


def _must(items: Sequence[_Item], spans: Sequence[tuple[int, int]], pins: set[int]) -> list[bool]:
    must = [
        any(number in pins or items[number].is_instruction for number in range(*span))
        for span in spans
    ]
    if must:
        must[-1] = True
    return must


def _keep_questions(
    items: Sequence[_Item],
    spans: Sequence[tuple[int, int]],
    before: Sequence[int | None],
    must: list[bool],
) -> None:
    """Keeps the question before each message that must stay."""
    for position, (first, _) in enumerate(spans):
        question = before[position]
        if must[position] and question is not None and not items[first].is_instruction:
            must[question] = True


def _starts(items: Sequence[_Item], units: Sequence[Unit], *, user_first: bool) -> Iterator[int]:
    """Where a history may begin: at a question, or within a turn whose question stays anyway."""
    any_question = any(unit.question is not None for unit in units)
    for position, unit in enumerate(units):
        question = unit.question
        if unit.must:
            continue  # it is kept in any case
        if question is None:
            allowed = not items[unit.first].is_result and not (user_first and any_question)
        else:
            allowed = question == position or units[question].must
        if allowed:
            yield position
