"""Random histories in every interface's form, and what each interface refuses of one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from ctxtools.messages.request import Shape


class Turn(NamedTuple):
    """A question, and what the model did.

    Attributes:
        question: its text.
        steps: for each, how many tools are called at once.
        answer: at the end; None is still to come.
    """

    question: str
    steps: tuple[int, ...]
    answer: str | None


WORDS = st.integers(1, 30).map(lambda n: "word " * n)
TURNS = st.builds(
    Turn, WORDS, st.lists(st.integers(1, 3), max_size=3).map(tuple), st.none() | WORDS
)
HISTORIES = st.lists(TURNS, min_size=1, max_size=6)


def openai(turns: Sequence[Turn]) -> Iterator[Any]:
    yield {"role": "system", "content": "You are helpful."}
    for number, turn in enumerate(turns):
        yield {"role": "user", "content": turn.question}
        for step, ids in _steps(number, turn):
            yield {
                "role": "assistant",
                "content": None,
                "reasoning_content": f"thought {step}",
                "tool_calls": [
                    {"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}}
                    for id in ids
                ],
            }
            yield from ({"role": "tool", "tool_call_id": id, "content": "res"} for id in ids)
        if turn.answer:
            yield {"role": "assistant", "content": turn.answer}


def responses(turns: Sequence[Turn]) -> Iterator[Any]:
    for number, turn in enumerate(turns):
        yield {"role": "user", "content": [{"type": "input_text", "text": turn.question}]}
        for step, ids in _steps(number, turn):
            yield _reasoning(f"r{number}.{step}")
            for id in ids:
                yield {"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"}
            for id in ids:
                yield {"type": "function_call_output", "call_id": id, "output": "res"}
        if turn.answer:
            yield _reasoning(f"r{number}")
            text = {"type": "output_text", "text": turn.answer}
            yield {"type": "message", "role": "assistant", "content": [text]}


def anthropic(turns: Sequence[Turn]) -> Iterator[Any]:
    for number, turn in enumerate(turns):
        yield {"role": "user", "content": turn.question}
        for step, ids in _steps(number, turn):
            thought = {"type": "thinking", "thinking": f"thought {step}", "signature": "c2ln"}
            calls = [{"type": "tool_use", "id": id, "name": "f", "input": {}} for id in ids]
            yield {"role": "assistant", "content": [thought, *calls]}
            results = [{"type": "tool_result", "tool_use_id": id, "content": "res"} for id in ids]
            yield {"role": "user", "content": results}
        if turn.answer:
            yield {"role": "assistant", "content": [{"type": "text", "text": turn.answer}]}


def gemini(turns: Sequence[Turn]) -> Iterator[Any]:
    for turn in turns:
        yield {"role": "user", "parts": [{"text": turn.question}]}
        for count in turn.steps:
            call = {"functionCall": {"name": "f", "args": {}}}
            yield {"role": "model", "parts": [call] * count}
            result = {"functionResponse": {"name": "f", "response": {"out": "res"}}}
            yield {"role": "user", "parts": [result] * count}
        if turn.answer:
            yield {"role": "model", "parts": [{"text": turn.answer}]}


def langchain(turns: Sequence[Turn]) -> Iterator[Any]:
    from langchain_core import messages

    yield messages.SystemMessage("You are helpful.")
    for number, turn in enumerate(turns):
        yield messages.HumanMessage(turn.question)
        for _, ids in _steps(number, turn):
            calls: Any = [{"name": "f", "args": {}, "id": id} for id in ids]
            yield messages.AIMessage("", tool_calls=calls)
            yield from (messages.ToolMessage("res", tool_call_id=id) for id in ids)
        if turn.answer:
            yield messages.AIMessage(turn.answer)


def tuples(turns: Sequence[Turn]) -> Iterator[Any]:
    for turn in turns:
        yield ("user", turn.question)
        if turn.answer:
            yield ("assistant", turn.answer)


class Form(NamedTuple):
    """An interface.

    Attributes:
        make: a history in its form.
        shape: its name.
        model: that is counted for.
        faults: what it refuses of a history.
    """

    make: Callable[[Sequence[Turn]], Iterator[Any]]
    shape: Shape
    model: str
    faults: Callable[[Sequence[Any]], list[str]]


def _steps(number: int, turn: Turn) -> Iterator[tuple[int, list[str]]]:
    for step, count in enumerate(turn.steps):
        yield step, [f"call_{number}_{step}_{i}" for i in range(count)]


def _reasoning(id: str) -> dict[str, Any]:
    return {"type": "reasoning", "id": id, "summary": [], "encrypted_content": "b3BhcXVl" * 4}


# ---------------------------------------------------------------------------- what is refused


def _openai_faults(messages: Sequence[Any]) -> list[str]:
    pending: set[str] = set()
    found = []
    for message in messages:
        if message["role"] == "tool":
            found += [] if message["tool_call_id"] in pending else ["a result without its call"]
            pending.discard(message["tool_call_id"])
            continue
        found += ["a call without its result"] if pending else []
        pending = {call["id"] for call in message.get("tool_calls") or ()}
    return [*found, *(["a call without its result"] if pending else [])]


def _responses_faults(items: Sequence[Any]) -> list[str]:
    kinds = [item.get("type", "message") for item in items]
    called = {item["call_id"] for item in items if item.get("type") == "function_call"}
    answered = {item["call_id"] for item in items if item.get("type") == "function_call_output"}
    found = [] if called == answered else ["a call without its result, or the reverse"]
    for kind, item in zip(kinds, [*items[1:], None], strict=True):
        if kind == "reasoning" and (item is None or item.get("role") == "user"):
            found.append("reasoning without the item that follows it")
    for kind, item in zip(["", *kinds], items, strict=False):
        own = item.get("type") == "message" and item["role"] == "assistant"
        if own and kind != "reasoning":
            found.append("an item without the reasoning before it")
    return found


def _anthropic_faults(messages: Sequence[Any]) -> list[str]:
    found = []
    pending: set[str] = set()
    for number, message in enumerate(messages):
        content = message["content"] if isinstance(message["content"], list) else []
        results = {each["tool_use_id"] for each in content if each["type"] == "tool_result"}
        if number == 0 and (message["role"] != "user" or results):
            found.append("a history that does not begin with the user")
        if results != pending:
            found.append("calls and results that do not follow each other")
        pending = {each["id"] for each in content if each["type"] == "tool_use"}
    return [*found, *(["a call without its result"] if pending else [])]


def _gemini_faults(contents: Sequence[Any]) -> list[str]:
    found, pending = [], 0
    for number, content in enumerate(contents):
        results = sum("functionResponse" in part for part in content["parts"])
        if number == 0 and (content["role"] != "user" or results):
            found.append("a history that does not begin with the user")
        if results != pending:
            found.append("calls and results that do not follow each other")
        pending = sum("functionCall" in part for part in content["parts"])
    return [*found, *(["a call without its result"] if pending else [])]


def _langchain_faults(messages: Sequence[Any]) -> list[str]:
    def as_openai(message: Any) -> dict[str, Any]:
        calls = [{"id": call["id"]} for call in getattr(message, "tool_calls", ())]
        return {
            "role": message.type,
            "tool_calls": calls,
            "tool_call_id": getattr(message, "tool_call_id", None),
        }

    return _openai_faults([as_openai(message) for message in messages])


FORMS = {
    "openai": Form(openai, "openai", "gpt-4o", _openai_faults),
    "deepseek": Form(openai, "openai", "deepseek-v4-pro", _openai_faults),
    "responses": Form(responses, "responses", "gpt-5", _responses_faults),
    "anthropic": Form(anthropic, "anthropic", "claude-sonnet-4-5", _anthropic_faults),
    "gemini": Form(gemini, "gemini", "gemini-2.5-pro", _gemini_faults),
    "langchain": Form(langchain, "openai", "gpt-oss-20b", _langchain_faults),
    "tuples": Form(tuples, "openai", "gpt-4o", lambda _: []),
}
