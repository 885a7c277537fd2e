"""DeepSeek V3.2, as the encoder in its repository renders it and vLLM 0.33 runs it.

Source: ``deepseek_v32_encoding.py`` and ``deepseek_v32.py`` of vLLM 0.33, run on 2026-11-29.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ctxtools.errors import UsageError
from ctxtools.messages.chat.deepseek import prompts
from ctxtools.messages.chat.deepseek.dsml import (
    Tags,
    python_arguments,
    write_calls,
    write_raw_tools,
)
from ctxtools.messages.chat.deepseek.json_text import python_number
from ctxtools.messages.chat.deepseek.request import Ability, read_turns
from ctxtools.messages.chat.deepseek.turns import Turn
from ctxtools.messages.chat.deepseek.writer import (
    ASSISTANT,
    BOS,
    END_THINK,
    EOS,
    THINK,
    USER,
    Writer,
)
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.pieces import Owner
from ctxtools.messages.request import Request

_TAGS: Final = Tags("function_calls", "invoke", "parameter", python_number, python_arguments)
_ABILITY: Final = Ability("DeepSeek V3.2", developers=True, as_given=True, separator="\n")
_FRAME = Owner(None, None, "framing")
_TOOLS = Owner(None, None, "tools")


def render(request: Request, options: ChatOptions, *, thinking: bool) -> Rendered:
    """A request as the encoder shows it to the model.

    Args:
        thinking: whether the model thinks if the options do not say so.

    Raises:
        UsageError: a message or an option is one that the encoder does not take.
    """
    if options.template:
        raise UsageError("DeepSeek V3.2 takes no values for a template")
    turns = [*read_turns(request, _ABILITY)]
    if not turns:
        raise UsageError("the conversation has no message", hint="add a user message")
    if options.thinking is not None:
        thinks = options.thinking
    else:
        thinks = thinking if options.effort is None else options.effort != "none"
    last_user = max(
        (at for at, turn in enumerate(turns) if turn.role in ("user", "developer")), default=-1
    )
    if thinks and turns[-1].role == "user":
        for turn in turns[:last_user]:
            if turn.role == "developer":
                raise UsageError(
                    f"{turn.message.where} is a developer's before the last user's, for which the "
                    "encoder of DeepSeek V3.2 fails while the model thinks",
                    hint='use "system"',
                )
    writer = Writer()
    writer.template(BOS, _FRAME)
    if request.tools:
        before, after = prompts.tools_prompt_v32(_TAGS.block)
        writer.template("\n\n" + before, _TOOLS)
        write_raw_tools(writer, request.tools, _TAGS)
        writer.template(after, _TOOLS)
    caller: Turn | None = None
    answered = 0
    for at, turn in enumerate(turns):
        last = at == len(turns) - 1
        opens = options.generation_prompt or not last
        opening = THINK if thinks and at == last_user else END_THINK
        if turn.role == "tool":
            answered += 1
            _write_result(writer, turn, caller, answered)
            if caller is not None and answered == len(caller.calls):
                writer.template("\n</function_results>", turn.owner())
                opening = THINK if thinks and at >= last_user else END_THINK
                writer.template("\n\n" + opening if opens else "", turn.owner())
            continue
        caller, answered = (turn, 0) if turn.role == "assistant" else (None, 0)
        if turn.role == "assistant":
            _write_assistant(writer, turn, thinks=thinks and at > last_user)
        else:
            _write(writer, turn)
        if turn.role in ("user", "developer"):
            writer.template(ASSISTANT + opening if opens else "", turn.owner())
    return Rendered(writer.pieces, tuple(_notes(request, options, turns, thinks)))


def _write(writer: Writer, turn: Turn) -> None:
    """What a system, a user or a developer says."""
    if turn.role == "reminder":
        raise UsageError(f"{turn.message.where} is a reminder, which DeepSeek V3.2 has not")
    if turn.role != "system":
        writer.template(USER, turn.owner())
    if turn.role == "developer":
        if not any(turn.content):
            raise UsageError(f"{turn.message.where}, of a developer, is empty")
        writer.template("\n\n# The user's message is: ", turn.owner())
    writer.contents(turn.content, turn.owner("text"), turn.owner("image"))


def _write_result(writer: Writer, turn: Turn, caller: Turn | None, number: int) -> None:
    if caller is None or number > len(caller.calls):
        raise UsageError(
            f"{turn.message.where} is the result of a tool, but answers no call",
            hint="put it right after the assistant message that called the tool",
        )
    writer.template("\n\n<function_results>" if number == 1 else "", turn.owner())
    writer.template("\n<result>", turn.owner())
    label = turn.tool or caller.calls[number - 1].name
    writer.contents(turn.content, turn.owner("tool result", label), turn.owner("image"))
    writer.template("</result>", turn.owner())


def _write_assistant(writer: Writer, turn: Turn, *, thinks: bool) -> None:
    if thinks and not turn.thinking and not turn.calls:
        raise UsageError(
            f"{turn.message.where}, of an assistant after the last user's, has neither thinking "
            "nor a tool call, without which DeepSeek V3.2 does not think on",
            hint="pass what the model thought, or switch thinking off",
        )
    if turn.prefix and not turn.calls:
        writer.contents(turn.content, turn.owner("text"), turn.owner("image"))
        return
    if thinks:
        writer.plain(turn.thinking or "", turn.owner("thinking"))
        writer.template(END_THINK, turn.owner())
    writer.contents(turn.content, turn.owner("text"), turn.owner("image"))
    if turn.calls:
        write_calls(writer, turn, turn.calls, _TAGS)
    writer.template(EOS, turn.owner())


def _notes(
    request: Request, options: ChatOptions, turns: Sequence[Turn], thinks: bool
) -> Iterator[str]:
    if options.thinking is None and options.effort is None:
        yield f"thinking is {'on' if thinks else 'off'}, which is the model's default"
    if options.effort not in (None, "none"):
        yield "DeepSeek V3.2 knows no efforts"
    if any(turn.thinking for turn in turns):
        yield "what the model thought before its last question is not shown to it again"
    if request.response_format and request.response_format.get("type") != "text":
        yield "an engine does not show the response format, but keeps to it as it samples"
    if request.tools and request.tool_choice not in (None, "auto"):
        yield "an engine shows all tools, whatever the tool choice, and keeps to it"
