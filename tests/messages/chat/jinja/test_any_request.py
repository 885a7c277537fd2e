"""Whatever a request holds, it is rendered or refused; a stranger's template changes nothing."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import CtxtoolsError
from ctxtools.messages.chat.formats import ChatOptions
from ctxtools.messages.chat.jinja.sources import packaged_template
from ctxtools.messages.chat.pieces import Piece
from ctxtools.messages.chat.template import render_template
from ctxtools.messages.request import Message, Request, Text, Tool
from tests.messages.chat.jinja.samples import samples

pytest.importorskip("jinja2", reason="templates need the extra chat")

_TEXTS = st.text(max_size=5) | st.sampled_from(["role", "user", "<|im_end|>", "\ud800", "text"])
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3)
)
_KEYS = (
    "role", "content", "name", "tool_calls", "tool_call_id", "function_call", "reasoning_content",
    "thinking", "function", "arguments", "type", "text", "tools",
)  # fmt: skip
_RAW = st.dictionaries(st.sampled_from(_KEYS) | _TEXTS, _JSON, max_size=5)
_CALLS = st.lists(st.fixed_dictionaries({"function": _RAW | _JSON}) | _JSON, max_size=2)


@given(raw=_RAW, calls=_CALLS, tool=_RAW, values=_RAW, model=st.sampled_from(["qwen3", "glm_5_2"]))
def test_a_request_is_rendered_or_refused(
    raw: dict[str, Any], calls: Any, tool: Any, values: Any, model: str
) -> None:
    messages = (
        Message("user", (Text("Hello"),), number=0, raw={"role": "user", "content": "Hello"}),
        Message("assistant", (Text("x"),), number=1, raw={**raw, "tool_calls": calls}),
        Message("user", (), number=2, raw=raw),
    )
    tools = (Tool("tool", None, None, tool),)
    options = ChatOptions(template=values)
    try:
        found = render_template(packaged_template(model), Request(messages, tools), options)
    except CtxtoolsError as error:
        assert len(error.message) < 1000
    else:
        assert found.pieces


def test_a_child_renders_as_this_process_does() -> None:
    """Templates that are not trusted go through another process, and nothing is lost on the way."""
    trusted = packaged_template("qwen3_vl")
    foreign = replace(trusted, trusted=False)
    for sample in samples(30, seed=3):
        options = ChatOptions(generation_prompt=sample.generation_prompt, template=sample.values)
        results: list[list[Piece] | str] = []
        for template in (trusted, foreign):
            try:
                rendered = render_template(template, sample.request(), options)
            except CtxtoolsError as error:
                results.append(error.message)
            else:
                results.append([*rendered.pieces])
        assert results[0] == results[1]
