"""What a chat format does not show is said, for each message that it leaves something out of."""

from typing import Any

import pytest

import ctxtools as ctx


def _call(text: str, id: str) -> list[dict[str, Any]]:
    function = {"name": "f", "arguments": "{}"}
    call = {"id": id, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": text, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": id, "content": "1"},
    ]


HELLO = {"role": "user", "content": "Hello"}


def test_the_text_beside_later_calls() -> None:
    messages = [HELLO, *_call("I look.", "a"), *_call("I look again.", "b")]
    counted = ctx.count_messages(messages, model="deepseek-r1")
    assert "this format does not show the text of message 3" in counted.notes


@pytest.mark.parametrize("model", ["deepseek-v4-pro", "gpt-oss-120b", "gpt-4o", "claude-opus-4.8"])
def test_nothing_is_said_of_what_is_shown(model: str) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    messages = [HELLO, *_call("I look.", "a"), *_call("I look again.", "b")]
    counted = ctx.count_messages(messages, model=model, tools=[tool])
    assert not [note for note in counted.notes if "not show" in note]


def test_items_of_one_turn_are_counted_as_one() -> None:
    items = [
        {"role": "user", "content": "Hello"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"role": "assistant", "content": "I look."},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "a", "output": "1"},
    ]
    for model in ("deepseek-v4-pro", "gpt-oss-120b", "qwen3-8b", "gpt-5"):
        counted = ctx.count_messages(items, model=model, shape="responses")
        assert not [note for note in counted.notes if "not show the t" in note]


def test_what_a_format_says_itself_is_said_once() -> None:
    form = {"type": "json_object"}
    counted = ctx.count_messages([HELLO], model="qwen3-8b", response_format=form)
    assert len([note for note in counted.notes if "response format" in note]) == 1


def test_what_an_interface_keeps_to_itself() -> None:
    cited = {"type": "text", "text": "At noon.", "citations": [{"cited_text": "noon"}]}
    annotated = {"role": "assistant", "content": [cited], "annotations": [{"url": "u"}]}
    counted = ctx.count_messages([HELLO, annotated, HELLO], model="gpt-4o")
    for key in ("annotations", "citations"):
        note = f"the {key} of message 1 are not counted"
        assert any(each.startswith(note) for each in counted.notes)
    document = {"type": "document", "source": {"type": "text", "data": "A"}}
    asked = {"role": "user", "content": [{**document, "citations": {"enabled": True}}]}
    counted = ctx.count_messages([asked], model="claude-opus-4.8")
    assert not any("citations" in each for each in counted.notes)


def test_a_version_of_what_has_none() -> None:
    counted = ctx.count_messages([HELLO], model="gpt-4o", version="v3")
    assert "openai has no versions: 'v3' is not used" in counted.notes


def test_an_extra_body_is_sent() -> None:
    switched = {"chat_template_kwargs": {"enable_thinking": False}}
    body = {"model": "qwen3-8b", "messages": [HELLO]}
    both = [ctx.count_messages(body | more).total for more in (switched, {"extra_body": switched})]
    assert both[0] == both[1] == ctx.count_messages(body).total + 4


def test_a_prediction_is_said_not_to_be_counted() -> None:
    """OpenAI bills what of it is no answer as output; it passed without a word."""
    body = {"messages": [{"role": "user", "content": "Go on."}]}
    predicted = body | {"prediction": {"type": "content", "content": "word " * 500}}
    counted = ctx.count_messages(predicted, model="gpt-4o")
    assert counted.total == ctx.count_messages(body, model="gpt-4o").total
    assert any("the prediction of the request is not counted" in note for note in counted.notes)
