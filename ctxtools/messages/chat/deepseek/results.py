"""Whether each tool call has its result, and each result its call; turns of several items."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek.turns import Turn


def checked_results(turns: Sequence[Turn]) -> list[Turn]:
    """The turns, results with the names of their tools.

    Raises:
        UsageError: calls are not followed by one result each, or a result answers none of them.
    """
    checked: list[Turn] = []
    position = 0
    while position < len(turns):
        turn = turns[position]
        if turn.role == "tool":
            raise UsageError(
                f"{turn.message.where} is the result of a tool, but answers no call",
                hint="put it right after the assistant message that called the tool",
            )
        checked.append(turn)
        position += 1
        if turn.calls:
            results = turns[position : position + len(turn.calls)]
            checked += _answers(turn, results)
            position += len(results)
    return checked


def _answers(turn: Turn, results: Sequence[Turn]) -> list[Turn]:
    open_ = Counter(call.id for call in turn.calls)
    if any(count > 1 and id_ for id_, count in open_.items()):
        raise UsageError(
            f"{turn.message.where} has two tool calls of one id",
            hint="give each its own: a result names its call by it",
        )
    names = {call.id: call.name for call in turn.calls}
    checked = []
    for number, call in enumerate(turn.calls):
        result = results[number] if number < len(results) else None
        if result is None or result.role != "tool":
            missing = next(each for each in turn.calls if open_[each.id])
            raise UsageError(
                f"{turn.message.where} calls the tool {missing.name!r:.100}, but no result of it "
                "follows",
                hint="put the results of all calls right after the message that makes them",
            )
        if not open_[result.call_id]:
            raise UsageError(
                f"{result.message.where} answers {result.call_id!r:.100}, which is no open call "
                f"of {turn.message.where}",
                hint="a result has the id of its call, and each call has one result",
            )
        open_[result.call_id] -= 1
        name = names[result.call_id] if result.call_id else call.name
        checked.append(replace(result, tool=result.tool or name))
    return checked


def merged_items(turns: Sequence[Turn]) -> list[Turn]:
    """Turns of the Responses interface: what the model said in several items is one turn."""
    merged: list[Turn] = []
    for turn in turns:
        both = _both(merged[-1], turn) if merged else None
        if both:
            merged[-1] = both
        else:
            merged.append(turn)
    return merged


def _both(first: Turn, second: Turn) -> Turn | None:
    """Two turns as one; None if they are two."""
    if first.role != "assistant" or second.role != "assistant":
        return None
    if second.thinking and any(first.content):
        return None
    if any(second.content) and first.calls:
        return None
    contents = [each.content for each in (first, second) if any(each.content)]
    thoughts = [each for each in (first.thinking, second.thinking) if each]
    return replace(
        first,
        content=(*contents[0], "\n\n", *contents[1]) if len(contents) > 1 else sum(contents, ()),
        thinking="\n".join(thoughts) if thoughts else None,
        calls=tuple(sorted((*first.calls, *second.calls), key=lambda call: call.id)),
    )
