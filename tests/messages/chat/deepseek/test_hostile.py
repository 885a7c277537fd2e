"""Whatever a request holds, DeepSeek's formats show all of it or refuse it by name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import UsageError
from ctxtools.messages.chat.formats import ChatOptions, find_format
from ctxtools.messages.chat.pieces import Placed, Plain, Special
from ctxtools.messages.media.items import Audio, Document, Image, Page, Video
from ctxtools.messages.request import Message, Request, Text, Tool, ToolCall, ToolResult
from tests.messages.chat.deepseek.test_v4 import HELLO, result, said

MODELS = (
    *(("deepseek-v4", None), ("deepseek-v4", "vllm-0.33"), ("deepseek-v4", "checkpoint")),
    *(("deepseek-v4.1", None), ("deepseek-v4.1", "vllm-0.33"), ("deepseek-v3.2", None)),
    *(("deepseek-v3", None), ("deepseek-r1", None), ("deepseek-r1-0528", None)),
    *(("deepseek-v3.1", None), ("deepseek-v4-flash-vision-exp", None)),
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    ["<｜User｜>", "</think>", "｜DSML｜", "<｜ref｜>", "x-anthropic-billing-header: 1\nhi"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=5,
)
TEXTS = st.builds(
    Text, WORDS, st.sampled_from(["text", "text", "text", "thinking", "refusal"]), st.just("")
)
MEDIA = st.sampled_from(
    [
        Image(name="a.png", width=10, height=10),
        Audio(seconds=1.0),
        Video(width=1, height=1, seconds=1.0),
        Document(pages=(Page(1.0, 1.0, "page"),)),
    ]
)
IDS = st.sampled_from(["", "1", "2"])
CALLS = st.builds(ToolCall, WORDS, WORDS | st.dictionaries(WORDS, JSON, max_size=2), IDS)
RESULTS = st.builds(ToolResult, st.lists(TEXTS | MEDIA, max_size=2).map(tuple), IDS, WORDS)
USUAL = st.sampled_from(["user", "assistant", "system"])
ROLES = st.sampled_from(
    ["tool", "developer", "function", "model", "latest_reminder", "", "ipython"]
)
RAW = st.none() | st.fixed_dictionaries({"prefix": st.booleans(), "content": st.none() | WORDS})
NUMBERS = st.none() | st.integers(0, 5)
PLAIN = st.builds(
    Message, USUAL, st.lists(st.builds(Text, WORDS), max_size=3).map(tuple), number=NUMBERS, raw=RAW
)
ODD = st.builds(
    Message,
    USUAL | ROLES,
    st.lists(TEXTS | CALLS | RESULTS | MEDIA, max_size=3).map(tuple),
    number=NUMBERS,
    raw=RAW,
)
MESSAGES = PLAIN | PLAIN | PLAIN | ODD
TOOLS = st.builds(
    lambda name, description, parameters, strict: Tool(
        name,
        description,
        parameters,
        raw={"type": "function", "function": {"name": name, "strict": strict}},
    ),
    st.sampled_from(["f", "g", "h", "i", "j", ""]),
    st.none() | WORDS,
    st.none() | st.dictionaries(WORDS, JSON, max_size=2),
    st.booleans(),
)
REQUESTS = st.builds(
    Request,
    st.lists(MESSAGES, max_size=5).map(tuple),
    st.lists(TOOLS, max_size=2).map(tuple),
    st.sampled_from([None, "auto", "none", "required", "any", {"type": "function", "name": "f"}]),
    st.sampled_from([None, {"type": "json_object"}, {"type": "json_schema"}, {"type": "text"}]),
    st.sampled_from(["openai", "responses", "anthropic", "gemini"]),
)
OPTIONS = st.builds(
    ChatOptions,
    thinking=st.none() | st.booleans(),
    effort=st.sampled_from([None, "none", "low", "high", "max", "most"]),
    generation_prompt=st.booleans(),
)


@pytest.mark.parametrize("model, version", MODELS)
@given(request_=REQUESTS, options=OPTIONS)
def test_any_request_is_shown_or_refused(
    model: str, version: str | None, request_: Request, options: ChatOptions
) -> None:
    found = find_format(model)
    assert found is not None
    if version:
        options = ChatOptions(
            options.thinking, options.effort, version, generation_prompt=options.generation_prompt
        )
    try:
        shown = found.render(request_, options)
    except UsageError:
        return
    assert shown is not None
    assert all(isinstance(piece, Plain | Special | Placed) for piece in shown.pieces)
    written = "".join(piece.text for piece in shown.pieces if isinstance(piece, Plain))
    placed = [piece.item for piece in shown.pieces if isinstance(piece, Placed)]
    assert placed == [item for item in request_.media if isinstance(item, Image)]
    for message in request_.messages:
        if message.role == "user":
            for each in message.content:
                assert not isinstance(each, Text) or each.text in written


def test_a_long_conversation_is_shown_in_linear_steps() -> None:
    """40,000 messages; what is quadratic takes minutes."""
    messages: list[Message] = []
    for number in range(0, 40_000, 4):
        call = ToolCall("f", "{}", str(number))
        messages += (
            said("user", "a", number),
            Message("assistant", (call,), number=number + 1),
            result(str(number), number + 2),
            said("assistant", "b", number + 3),
        )
    request = Request((*messages, HELLO))
    for model, version in {("deepseek-v3.1", None), *MODELS[:2], *MODELS[3:6]}:
        found = find_format(model)
        assert found is not None
        shown = found.render(request, ChatOptions(thinking=False, version=version))
        assert shown is not None
        assert len(shown.pieces) > 40_000


def test_many_calls_in_a_turn() -> None:
    count = 20_000
    calls = tuple(ToolCall("f", "{}", str(number)) for number in range(count))
    results = (result(str(number), number + 1) for number in reversed(range(count)))
    request = Request((Message("assistant", calls, number=0), *results, HELLO))
    options: Any = {"thinking": False}
    for model in ("deepseek-v4", "deepseek-v4.1", "deepseek-v3.2", "deepseek-v3.1"):
        found = find_format(model)
        assert found is not None
        shown = found.render(request, ChatOptions(**options))
        assert shown is not None
        assert len(shown.pieces) > count
