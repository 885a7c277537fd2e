"""The formats of Mistral's models, v1 to v15, as ``mistral-common`` 1.13.1 writes them.

What changed with each version:

- v1: ``[INST] … [/INST]`` is text; the system text stands before the first question; no tools.
- v2: special tokens; the system text and the tools stand before the last question; calls and
  results before it are not sent.
- v3: they are, with ids; images.
- v7: system texts have tokens of their own and stay where they are; results are plain text.
- v11: each call is its name, id and arguments, between tokens; results follow the calls' order.
- v13: tools stand before the first question; no ids; thinking.
- v15: the reasoning effort is sent along.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, Rendered
from ctxtools.messages.chat.mistral_turns import (
    Call,
    Medium,
    Run,
    Thought,
    Turn,
    parse_json,
    read_turns,
)
from ctxtools.messages.chat.pieces import Break, Owner, Piece, Placed, Plain, Special
from ctxtools.messages.media.items import Audio
from ctxtools.messages.nesting import check_nesting
from ctxtools.messages.request import Request, Tool

VERSIONS = {"v1": 1, "v2": 2, "v3": 3, "v7": 7, "v11": 11, "v13": 13, "v15": 15}


def render(
    request: Request,
    options: ChatOptions,
    *,
    version: str,
    efforts: Sequence[str] = (),
    remark: str = "",
) -> Rendered:
    """A request as one of Mistral's models sees it.

    Args:
        request: what is sent.
        options: ``version`` overrides that of the model.
        version: of the format, "v1" to "v15".
        efforts: which the model knows, its default first (v15).
        remark: a note on the row, such as how its version is known.

    Raises:
        UsageError: the version cannot show something of the request, which is named.
    """
    number = VERSIONS.get(options.version or version)
    if number is None:
        raise UsageError(
            f"Mistral has no format {options.version!r:.100}", hint=f"give {', '.join(VERSIONS)}"
        )
    turns = read_turns(
        request.messages, joint="" if number >= 15 else "\n\n", sort_results=number >= 11
    )
    notes = [remark] if remark else []
    notes += _remarks(request, turns, number)
    writer = _Writer(request, number, _settings(number, options, efforts, notes), notes)
    return Rendered([Special("<s>", _FRAMING), *writer.conversation(turns)], tuple(notes))


_FRAMING = Owner(None, None, "framing")
_TOOLS = Owner(None, None, "tools")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ID = re.compile(r"[a-zA-Z0-9]{9}")


def _settings(
    version: int, options: ChatOptions, efforts: Sequence[str], notes: list[str]
) -> list[Piece]:
    """The effort, as v15 sends it."""
    if version < 15 or not efforts:
        if options.effort:
            notes.append("this model has no reasoning effort: it is not sent")
        return []
    effort = options.effort or (efforts[0] if options.thinking is not True else efforts[-1])
    if effort not in efforts:
        raise UsageError(
            f"this model has no reasoning effort {effort!r:.100}", hint=f"give {', '.join(efforts)}"
        )
    text = json.dumps({"reasoning_effort": effort})
    ends = Special("[MODEL_SETTINGS]", _FRAMING), Special("[/MODEL_SETTINGS]", _FRAMING)
    return [ends[0], Plain(text, _FRAMING), ends[1]]


class _Writer:
    """Writes turns in one version of the format."""

    def __init__(
        self, request: Request, version: int, settings: list[Piece], notes: list[str]
    ) -> None:
        self._version = version
        self._settings = settings
        self._notes = notes
        self._tools = [*_available(request.tools)] if request.tools else []
        if self._tools and version == 1:
            raise UsageError(
                "Mistral's format v1 has no tools", hint="leave them out, or give another model"
            )

    def conversation(self, turns: list[Turn]) -> Iterator[Piece]:
        """Every turn, each of which is tokenized on its own."""
        system: list[Plain] = []
        if self._version < 7:
            systems = [turn for turn in turns if turn.role == "system" and turn.chunks]
            for number, turn in enumerate(systems):
                system += (Plain("\n\n", turn.owner),) if number else ()
                system += turn.text
            turns = [turn for turn in turns if turn.role != "system"]
            if not turns or turns[0].role != "user":
                turns.insert(0, Turn("user", _FRAMING))
        users = [number for number, turn in enumerate(turns) if turn.role == "user"]
        if self._tools and not users:
            self._notes.append("the tools are not sent: they would stand before a user's message")
        if self._version == 2:
            turns, users = self._without_history(turns, users[-1])
        with_tools = users[:1] if self._version >= 13 else users[-1:]
        with_system = users[:1] if self._version == 1 else users[-1:]
        for number, turn in enumerate(turns):
            if turn.role == "user":
                if number in with_tools:
                    yield from (*self._tools, *self._settings)
                yield from self._user(turn, system if number in with_system else [])
            elif turn.role == "assistant":
                yield from self._assistant(turn)
            elif turn.role == "tool":
                yield from self._result(turn)
            else:
                body = self._chunks(turn)
                yield from _between("[SYSTEM_PROMPT]", body, "[/SYSTEM_PROMPT]", turn.owner)
            yield Break()

    def _without_history(self, turns: list[Turn], last: int) -> tuple[list[Turn], list[int]]:
        """Without calls and results before the last question; one result a turn after it."""
        kept = [
            turn
            for number, turn in enumerate(turns)
            if number > last or not (turn.calls or turn.role == "tool")
        ]
        if len(kept) < len(turns):
            self._notes.append("calls and results before the last question are not sent")
        if any(one.role == "tool" == other.role for one, other in pairwise(kept)):
            raise UsageError(
                "Mistral's format v2 has one result for a turn", hint="make one call at a time"
            )
        return kept, [number for number, turn in enumerate(kept) if turn.role == "user"]

    def _user(self, turn: Turn, system: list[Plain]) -> Iterator[Piece]:
        owner = turn.owner
        if self._version == 1:
            self._refuse_media(turn)
            before = [*system, Plain("\n\n", owner)] if system else []
            yield from (Plain("[INST] ", owner), *before, *turn.text, Plain(" [/INST]", owner))
            return
        body: list[Piece] = []
        if system:
            body += (*system, Plain("\n\n", owner))
            if not turn.only_text:
                body.append(Break())
        body += self._chunks(_image_first(turn))
        yield from _between("[INST]", body, "[/INST]", owner)

    def _assistant(self, turn: Turn) -> Iterator[Piece]:
        if turn.calls and turn.chunks and self._version < 7:
            raise UsageError(
                f"messages[{turn.owner.message}] holds a text and tool calls, which Mistral's "
                f"format v{self._version} cannot show together",
                hint="leave the text out",
            )
        if turn.only_text:
            yield from turn.text if self._version == 1 else _without_last_spaces(turn.text)
        else:
            yield from self._chunks(turn)
        if turn.calls:
            yield Break()
            yield from self._calls(turn)
        if not turn.prefix:
            yield Special("</s>", turn.owner)

    def _calls(self, turn: Turn) -> Iterator[Piece]:
        if self._version == 1:
            raise UsageError("Mistral's format v1 has no tools", hint="give another model")
        if self._version < 11:
            yield Special("[TOOL_CALLS]", turn.owner)
            yield Plain("[", turn.owner)
            for number, call in enumerate(turn.calls):
                yield Plain(", " if number else "", turn.owner)
                yield Plain(_call_json(call, with_id=self._version > 2), call.owner)
            yield Plain("]", turn.owner)
            return
        for call in turn.calls:
            yield Special("[TOOL_CALLS]", call.owner)
            yield Plain(call.call.name, call.owner)
            if self._version < 13 and call.call.id not in ("", "null"):
                yield Special("[CALL_ID]", call.owner)
                yield Plain(call.call.id, call.owner)
            yield Special("[ARGS]", call.owner)
            arguments = json.dumps(parse_json(call.arguments), ensure_ascii=False)
            yield Plain(arguments, call.owner)

    def _result(self, turn: Turn) -> Iterator[Piece]:
        result = turn.result
        assert result is not None
        if self._version == 1:
            raise UsageError("Mistral's format v1 has no tools", hint="give another model")
        if 3 <= self._version < 13 and not result.id:
            raise UsageError(
                f"messages[{turn.owner.message}] is a result without the id of its call",
                hint="give it: Mistral's models need it",
            )
        owner = Owner(turn.owner.message, turn.owner.role, "tool result", result.name)
        if self._version < 7:
            self._refuse_media(turn)
            text = "".join(piece.text for piece in turn.text)
            content = parse_json(text) if text else {}
            if self._version == 2:
                written: Any = [{"name": result.name or None, "content": content}]
            else:
                written = {"content": content, "call_id": result.id}
            body: list[Piece] = [Plain(json.dumps(written, ensure_ascii=False), owner)]
        else:
            if self._version < 15:
                self._refuse_media(turn)
            body = self._chunks(turn)
            if self._version < 13:
                body[:0] = (Plain(result.id, owner), Special("[TOOL_CONTENT]", turn.owner))
        yield from _between("[TOOL_RESULTS]", body, "[/TOOL_RESULTS]", turn.owner)

    def _chunks(self, turn: Turn) -> list[Piece]:
        pieces: list[Piece] = []
        for chunk in turn.chunks:
            if isinstance(chunk, Run):
                pieces += (*chunk.pieces, Break())
            elif isinstance(chunk, Thought):
                pieces += self._thought(chunk)
            else:
                pieces += self._medium(chunk)
        return pieces

    def _thought(self, thought: Thought) -> Iterator[Piece]:
        if self._version < 13:
            raise UsageError(
                f"messages[{thought.piece.owner.message}] holds thinking, which Mistral's formats "
                "have from v13 on",
                hint="leave it out",
            )
        yield from _between("[THINK]", [thought.piece], "[/THINK]", thought.piece.owner)

    def _medium(self, medium: Medium) -> Iterator[Piece]:
        audio = isinstance(medium.item, Audio)
        if self._version < (7 if audio else 3):
            raise self._refusal(medium)
        if audio:
            yield Special("[BEGIN_AUDIO]", medium.owner)
        yield Placed(medium.item, medium.owner)

    def _refuse_media(self, turn: Turn) -> None:
        for chunk in turn.chunks:
            if isinstance(chunk, Medium):
                raise self._refusal(chunk)

    def _refusal(self, medium: Medium) -> UsageError:
        kind = type(medium.item).__name__.lower()
        what = medium.item.name or f"the {kind} of messages[{medium.owner.message}]"
        return UsageError(
            f"Mistral's format v{self._version} has no place for {what}",
            hint="leave it out, or give another model",
        )


def _between(begin: str, body: Iterable[Piece], end: str, owner: Owner) -> Iterator[Piece]:
    yield from (Special(begin, owner), *body, Special(end, owner))


def _available(tools: Sequence[Tool]) -> Iterator[Piece]:
    """The tools as a JSON list."""
    yield Special("[AVAILABLE_TOOLS]", _TOOLS)
    for number, tool in enumerate(tools):
        check_nesting(tool.parameters, f"the schema of the tool {tool.name!r:.100}")
        function = {
            "name": tool.name,
            "description": tool.description or "",
            "parameters": tool.parameters or {},
        }
        text = json.dumps({"type": "function", "function": function}, ensure_ascii=False)
        yield Plain(", " if number else "[", _TOOLS)
        yield Plain(text, Owner(None, None, "tools", tool.name))
    yield Plain("]", _TOOLS)
    yield Special("[/AVAILABLE_TOOLS]", _TOOLS)


def _call_json(call: Call, *, with_id: bool) -> str:
    written = {"name": call.call.name, "arguments": parse_json(call.arguments)}
    if with_id and call.call.id not in ("", "null"):
        written["id"] = call.call.id
    return json.dumps(written, ensure_ascii=False)


def _image_first(turn: Turn) -> Turn:
    """One image after a text goes before it."""
    *texts, last = turn.chunks or (Run([]),)
    if not isinstance(last, Medium) or isinstance(last.item, Audio) or not texts:
        return turn
    first = all(isinstance(each, Run) for each in texts)
    return Turn("user", turn.owner, [last, *texts]) if first else turn


def _without_last_spaces(pieces: Sequence[Plain]) -> list[Plain]:
    kept = [*pieces]
    while kept:
        last = kept.pop()
        if text := last.text.rstrip(" "):
            kept.append(Plain(text, last.owner))
            break
    return kept


def _remarks(request: Request, turns: Sequence[Turn], version: int) -> Iterator[str]:
    """What mistral-common refuses of a request though it can be written."""
    calls = [call.call for turn in turns for call in turn.calls]
    results = [turn.result for turn in turns if turn.result]
    names = [*(tool.name for tool in request.tools), *(call.name for call in calls)]
    ids = [*(call.id for call in calls), *(result.id for result in results)]
    last = turns[-1] if turns else None
    checks: list[tuple[Callable[[], bool], str]] = [
        (
            lambda: not all(_NAME.fullmatch(name) for name in names),
            "a tool's name of other than 1 to 64 letters, digits, - and _",
        ),
        (
            lambda: 3 <= version < 13 and not all(_ID.fullmatch(id) for id in ids),
            "ids of calls that are not 9 letters and digits",
        ),
        (
            lambda: last is not None and last.role == "assistant" and not last.prefix,
            "an answer at the end, unless it is marked as a prefix",
        ),
        (lambda: any(message.role == "developer" for message in request.messages), "developers"),
        (
            lambda: any(
                turn.role == "assistant" and not (turn.chunks or turn.calls) for turn in turns
            ),
            "an empty answer",
        ),
    ]
    for holds, what in checks:
        if holds():
            yield f"Mistral's own encoder refuses {what}"
