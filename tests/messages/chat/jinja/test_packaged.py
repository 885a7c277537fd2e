"""The packaged templates: counts of the facts file, names, and what is beside the texts."""

import pytest

from ctxtools import get_encoding
from ctxtools.messages.chat.formats import ChatOptions, find_format
from ctxtools.messages.meter import Meter
from ctxtools.messages.request import Request
from tests.messages.chat.jinja.requests import WEATHER, called, request, said

pytest.importorskip("jinja2", reason="templates need the extra chat")

USER = said("user", "Hello")
SYSTEM = said("system", "You are helpful.")
TURNS = (USER, said("assistant", "Hi"), USER)
OTHER = {**WEATHER, "function": {**WEATHER["function"], "name": "get_time"}}
ROUND_TRIP = (
    said("user", "Weather?"),
    said("assistant", "", tool_calls=[called("get_weather", {"city": "Rome"})]),
    said("tool", "sunny"),
)


def tokens(model: str, asked: Request, options: ChatOptions | None = None) -> int:
    """What a model counts, with the packaged vocabulary of Qwen 2 and 3."""
    form = find_format(model)
    assert form is not None
    counted = form.count(asked, Meter(get_encoding("qwen2")), options or ChatOptions())
    return sum(part.tokens for part in counted.parts)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("qwen2.5-7b-instruct", (30, 18, 42, 161)),
        ("Qwen/Qwen3-8B", (9, 18, 21, 145)),
        ("qwq-32b", (11, 20, 23, 147)),
    ],
)
def test_counts_are_those_of_apply_chat_template(model: str, expected: tuple[int, ...]) -> None:
    """As transformers 5.24.0 and the models' own tokenizers gave them."""
    requests = (
        request(USER),
        request(SYSTEM, USER),
        request(*TURNS),
        request(USER, tools=[WEATHER]),
    )
    assert tuple(tokens(model, each) for each in requests) == expected


def test_thinking_is_what_the_template_calls_it() -> None:
    off = ChatOptions(thinking=False)
    assert tokens("qwen3-8b", request(USER), off) == 13
    assert tokens("qwen3-8b", request(USER), ChatOptions(template={"enable_thinking": False})) == 13
    form = find_format("qwen2.5-7b")
    assert form is not None
    rendered = form.render(request(USER), off)
    assert rendered is not None
    assert "the template has no switch for thinking" in rendered.notes
