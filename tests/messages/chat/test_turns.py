"""One conversation in the forms of five interfaces: each format shows it to the model alike."""

from typing import Any

import pytest

import ctxtools as ctx

CALLS = [("t1", {"q": 1}), ("t2", {"q": 2})]
OPENAI: list[dict[str, Any]] = [
    {"role": "user", "content": "What is it?"},
    {
        "role": "assistant",
        "content": "One moment.",
        "reasoning_content": "I look it up.",
        "tool_calls": [
            {
                "id": id,
                "type": "function",
                "function": {"name": "search", "arguments": f'{{"q": {arguments["q"]}}}'},
            }
            for id, arguments in CALLS
        ],
    },
    {"role": "tool", "tool_call_id": "t1", "content": "first"},
    {"role": "tool", "tool_call_id": "t2", "content": "second"},
    {"role": "user", "content": "And now?"},
]
RESPONSES = [
    {"role": "user", "content": "What is it?"},
    {"type": "reasoning", "summary": [], "content": [
        {"type": "reasoning_text", "text": "I look it up."}]},
    {"role": "assistant", "content": [{"type": "output_text", "text": "One moment."}]},
    *({"type": "function_call", "name": "search", "arguments": f'{{"q": {a["q"]}}}', "call_id": id}
      for id, a in CALLS),
    {"type": "function_call_output", "call_id": "t1", "output": "first"},
    {"type": "function_call_output", "call_id": "t2", "output": "second"},
    {"role": "user", "content": "And now?"},
]  # fmt: skip
ANTHROPIC = [
    {"role": "user", "content": "What is it?"},
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "I look it up."},
            {"type": "text", "text": "One moment."},
            *({"type": "tool_use", "id": id, "name": "search", "input": a} for id, a in CALLS),
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "t1", "content": "first"},
            {"type": "tool_result", "tool_use_id": "t2", "content": [
                {"type": "text", "text": "second"}]},
            {"type": "text", "text": "And now?"},
        ],
    },
]  # fmt: skip
LANGCHAIN = [
    ("human", "What is it?"),
    {
        "type": "ai",
        "content": [
            {"type": "reasoning", "reasoning": "I look it up."},
            {"type": "text", "text": "One moment."},
        ],
        "tool_calls": [{"name": "search", "args": a, "id": id} for id, a in CALLS],
    },
    {"type": "tool", "tool_call_id": "t1", "content": "first"},
    {"type": "tool", "tool_call_id": "t2", "content": "second"},
    ("human", "And now?"),
]
# Gemini's results are JSON objects, so this one is compared with itself in two forms.
GEMINI: list[dict[str, Any]] = [
    {"role": "user", "parts": [{"text": "What is it?"}]},
    {
        "role": "model",
        "parts": [
            {"text": "I look it up.", "thought": True},
            {"text": "One moment."},
            *({"functionCall": {"name": "search", "args": a, "id": id}} for id, a in CALLS),
        ],
    },
    {
        "role": "user",
        "parts": [
            {"functionResponse": {"name": "search", "id": id, "response": {"is": text}}}
            for id, text in (("t1", "first"), ("t2", "second"))
        ],
    },
    {"role": "user", "parts": [{"text": "And now?"}]},
]
TOOL = {
    "name": "search",
    "description": "Finds.",
    "parameters": {"type": "object", "properties": {"q": {"type": "integer"}}},
}
FORMATS = ("deepseek-v4", "deepseek-v4.1", "deepseek-v3.2", "harmony", "mistral-large-3", "chatml")
TEMPLATES = ("qwen3-8b", "qwen3.5-27b", "glm-4.5", "glm-5")


def count(messages: Any, chat_format: str) -> int:
    if chat_format in TEMPLATES:
        pytest.importorskip("jinja2", reason="templates need the extra chat")
    counted = ctx.count_messages(
        messages, encoding="o200k_base", chat_format=chat_format, tools=[TOOL]
    )
    assert counted.exact
    return counted.total


@pytest.mark.parametrize("chat_format", [*FORMATS, *TEMPLATES])
@pytest.mark.parametrize("messages", [RESPONSES, ANTHROPIC, LANGCHAIN], ids=["r", "a", "l"])
def test_every_interface_is_shown_alike(chat_format: str, messages: Any) -> None:
    if chat_format == "deepseek-v3.2" and messages is RESPONSES:
        pytest.skip("V3.2's encoder gets items as DeepSeek's interface for responses joins them")
    assert count(messages, chat_format) == count(OPENAI, chat_format)


@pytest.mark.parametrize("chat_format", [*FORMATS, *TEMPLATES])
def test_results_of_gemini_stand_alone(chat_format: str) -> None:
    apart = [
        *GEMINI[:2],
        *({"role": "user", "parts": [part]} for part in GEMINI[2]["parts"]),
        *GEMINI[3:],
    ]
    assert count(GEMINI, chat_format) == count(apart, chat_format)
    as_openai = [dict(message) for message in OPENAI]
    as_openai[2]["content"], as_openai[3]["content"] = '{"is": "first"}', '{"is": "second"}'
    if chat_format != "harmony" and not chat_format.startswith("mistral"):  # these name the tool
        assert count(GEMINI, chat_format) == count(as_openai, chat_format)


def test_parts_know_the_message_that_they_are_of() -> None:
    counted = ctx.count_messages(
        ANTHROPIC, encoding="o200k_base", chat_format="deepseek-v4", tools=[TOOL]
    )
    assert {part.message for part in counted.parts if part.kind == "tool result"} == {2}
    assert {part.message for part in counted.parts} == {None, 0, 1, 2}


def test_what_a_format_does_not_show_is_said() -> None:
    pytest.importorskip("jinja2", reason="templates need the extra chat")
    counted = ctx.count_messages(
        [{"role": "user", "content": "x", "name": "Ann"}],
        encoding="o200k_base",
        chat_format="qwen3-8b",
        response_format={"type": "json_object"},
    )
    assert any("names of messages" in note for note in counted.notes)
    assert any("response format" in note for note in counted.notes)


def test_items_of_one_turn_have_one_frame() -> None:
    """Of hosted models too, of which only numbers are known; each item still has parts."""
    chat = ctx.count_messages(OPENAI, model="gpt-4o", tools=[TOOL])
    items = ctx.count_messages(RESPONSES, model="gpt-4o", tools=[TOOL])
    assert items.total == chat.total
    assert {part.message for part in items.parts} == {None, *range(len(RESPONSES))}
