"""DeepSeek V4 and V4.1, as DeepSeek's own encoder renders them (PyPI: deepseek-recipe 0.2.0)."""

from collections.abc import Iterable
from typing import Final

from ctxtools.messages.chat.deepseek import prompts
from ctxtools.messages.chat.deepseek.dsml import Tags, recipe_arguments, write_calls, write_tools
from ctxtools.messages.chat.deepseek.json_text import Numbers, recipe_number, rust_number, to_json
from ctxtools.messages.chat.deepseek.turns import Dialogue, Turn
from ctxtools.messages.chat.deepseek.writer import (
    ASSISTANT,
    BOS,
    END_THINK,
    EOS,
    REMINDER,
    SYSTEM,
    THINK,
    USER,
    Writer,
)
from ctxtools.messages.chat.pieces import Owner, Piece

V4_TAGS: Final = Tags(
    "tool_calls", "invoke", "parameter", rust_number, recipe_arguments, blank_line=False
)
V41_TAGS: Final = Tags(" calls", " invoke", " parameter", recipe_number, recipe_arguments)

_FRAME = Owner(None, None, "framing")
_TOOLS = Owner(None, None, "tools")
_ANSWER = Owner(None, None, "response format")
_EFFORTS = {
    None: prompts.EFFORT_HIGH,
    "low": "",
    "high": prompts.EFFORT_HIGH,
    "xhigh": prompts.EFFORT_HIGH,
    "max": prompts.EFFORT_MAX,
}
_SCORES = {None: 75, "low": 50, "high": 75, "xhigh": 75, "max": 100}


def render_v4(dialogue: Dialogue, *, open_turn: bool) -> list[Piece]:
    """The pieces of a conversation with V4.

    System texts come first, without a token of their own, then the tools and what the answer
    should be.

    Args:
        open_turn: the model's turn is opened at the end.
    """
    writer = Writer()
    writer.template(BOS, _FRAME)
    if dialogue.thinking:
        writer.template(_EFFORTS[dialogue.effort], _FRAME)
    systems = [turn for turn in dialogue.turns if turn.role == "system" and any(turn.content)]
    for number, turn in enumerate(systems):
        writer.template("\n\n" if number else "", turn.owner())
        _contents(writer, turn)
    if dialogue.tools:
        writer.template("\n\n", _FRAME)
        _tools(writer, dialogue, V4_TAGS)
    if dialogue.json:
        writer.template("\n\n" + prompts.JSON_OBJECT, _ANSWER)
    elif dialogue.schema is not None:
        _schema(writer, dialogue.schema, rust_number)
    others = [turn for turn in dialogue.turns if turn.role != "system"]
    previous: Turn | None = None
    said = False  # something in the user's turn
    for turn in _sorted_results(others, by_id=True):
        joins = previous is not None and (previous.role, turn.role) in _JOINED_V4
        if turn.role == "user" and previous is not None and previous.role == "user":
            writer.template("\n\n" if said and any(turn.content) else "", turn.owner())
        elif turn.role in ("user", "tool"):
            writer.template("\n\n" if joins else USER, turn.owner())
            said = False
        said = said or any(turn.content)
        if turn.role == "assistant":
            _assistant_v4(writer, turn, dialogue)
        else:
            _write(writer, turn)
        previous = turn
    if open_turn:
        _open(writer, dialogue, V4_TAGS)
    return writer.pieces


_JOINED_V4 = {("tool", "user"), ("tool", "tool")}


def _assistant_v4(writer: Writer, turn: Turn, dialogue: Dialogue) -> None:
    frame = turn.owner()
    writer.template(ASSISTANT, frame)
    if turn.thinking is not None and (turn.prefix or dialogue.tools):
        writer.template(THINK, frame)
        writer.answer(turn.thinking, turn.owner("thinking"))
    if not dialogue.thinking or not turn.prefix or any(turn.content):
        writer.template(END_THINK, frame)
    _said(writer, turn, dialogue, V4_TAGS)
    writer.template("" if turn.prefix else EOS, frame)


def render_v41(dialogue: Dialogue, *, open_turn: bool) -> list[Piece]:
    """The pieces of a conversation with V4.1.

    System texts stay where they are; the first one goes on with the tools and what the answer
    should be.

    Args:
        open_turn: the model's turn is opened at the end.
    """
    writer = Writer()
    writer.template(BOS, _FRAME)
    turns = [*_sorted_results([*_first_reminders(dialogue.turns)], by_id=False)]
    begins_with_system = turns[0].role == "system"
    addition = bool(dialogue.tools) or dialogue.json or dialogue.schema is not None
    if dialogue.thinking or begins_with_system or addition:
        writer.template(SYSTEM, turns[0].owner() if begins_with_system else _FRAME)
    if dialogue.thinking:
        score = _SCORES[dialogue.effort]
        writer.template(prompts.EFFORT_SCORE.format(score=score), _FRAME)
    if begins_with_system:
        _contents(writer, turns[0])
    if dialogue.tools:
        writer.template("\n\n", _FRAME)
        _tools(writer, dialogue, V41_TAGS)
    if dialogue.json or dialogue.schema is not None:
        schema = {"type": "json_object"} if dialogue.json else dialogue.schema
        _schema(writer, schema, recipe_number)
    previous = turns[0] if begins_with_system else None
    for turn in turns[1:] if begins_with_system else turns:
        if turn.role == "system":
            writer.template(SYSTEM, turn.owner())
        elif turn.role in ("user", "tool"):
            joins = previous is not None and previous.role in ("user", "tool")
            writer.template("\n\n" if joins else USER, turn.owner())
        if turn.role == "assistant":
            first = previous is None and not addition
            _assistant_v41(writer, turn, dialogue, first=first)
        else:
            _write(writer, turn)
        previous = turn
    if open_turn:
        _open(writer, dialogue, V41_TAGS)
    return writer.pieces


def _assistant_v41(writer: Writer, turn: Turn, dialogue: Dialogue, *, first: bool) -> None:
    frame = turn.owner()
    writer.template(ASSISTANT, frame)
    if dialogue.thinking and not first and (turn.prefix or dialogue.tools):
        writer.template(THINK, frame)
        writer.answer(turn.thinking or "", turn.owner("thinking"))
        if not turn.prefix or any(turn.content) or turn.calls:
            writer.template(END_THINK, frame)
    else:
        writer.template(END_THINK, frame)
    _said(writer, turn, dialogue, V41_TAGS)
    writer.template("" if turn.prefix else EOS, frame)


# ------------------------------------------------------------------------------------------ common


def _said(writer: Writer, turn: Turn, dialogue: Dialogue, tags: Tags) -> None:
    """What an assistant said, and the tools that it called."""
    for each in turn.content:
        assert isinstance(each, str)
        writer.answer(each, turn.owner("text"))
    if turn.calls:
        by_id = tags is V4_TAGS
        calls = sorted(turn.calls, key=lambda call: call.id) if by_id else turn.calls
        write_calls(writer, turn, calls, tags)


def _write(writer: Writer, turn: Turn) -> None:
    """What a system, a user, a tool or a reminder says."""
    if turn.role == "tool":
        writer.template("<tool_result>", turn.owner())
    elif turn.role == "reminder":
        writer.template(REMINDER, turn.owner())
    _contents(writer, turn)
    if turn.role == "tool":
        writer.template("</tool_result>", turn.owner())


def _contents(writer: Writer, turn: Turn) -> None:
    owner = turn.owner("tool result", turn.tool) if turn.role == "tool" else turn.owner("text")
    writer.contents(turn.content, owner, turn.owner("image"))


def _tools(writer: Writer, dialogue: Dialogue, tags: Tags) -> None:
    before, after = prompts.tools_prompt(tags.block, tags.call, tags.parameter)
    writer.template(before, _TOOLS)
    write_tools(writer, dialogue.tools, tags)
    writer.template(after, _TOOLS)


def _schema(writer: Writer, schema: object, number: Numbers) -> None:
    writer.template("\n\n" + prompts.SCHEMA, _ANSWER)
    writer.plain(to_json(schema, "the schema of the response format", number=number), _ANSWER)


def _open(writer: Writer, dialogue: Dialogue, tags: Tags) -> None:
    """The model's turn."""
    if not dialogue.continued:
        writer.template(ASSISTANT + (THINK if dialogue.thinking else END_THINK), _FRAME)
    if dialogue.call_required and dialogue.tools:
        writer.template(tags.open(), _FRAME)


def _sorted_results(turns: list[Turn], *, by_id: bool) -> Iterable[Turn]:
    """The turns, the results after each turn with calls by their ids or in the order of the calls.

    `checked_results` has made sure that as many results follow as there are calls.
    """
    position = 0
    while position < len(turns):
        turn = turns[position]
        yield turn
        position += 1
        results = turns[position : position + len(turn.calls)]
        order = {call.id: number for number, call in enumerate(turn.calls)}
        yield from sorted(
            results, key=lambda result: result.call_id if by_id else order[result.call_id]
        )
        position += len(results)


def _first_reminders(turns: Iterable[Turn]) -> Iterable[Turn]:
    """The turns without reminders that follow another one directly."""
    previous = None
    for turn in turns:
        if not (turn.role == "reminder" and previous == "reminder"):
            yield turn
        previous = turn.role
