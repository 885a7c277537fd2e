"""Images that make way for a text: the oldest first, as few as it takes, in every form.

``media_tokens`` is for models without a rule for images.
"""

import base64
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import ConflictError
from ctxtools.messages.count import count_messages
from ctxtools.packing import pack_messages
from ctxtools.packing.conversation.images import IMAGE_NOTE


def png(width: int, height: int) -> str:
    """The header of a PNG file of this size, as base64."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk).decode()


DATA = png(640, 480)


def openai(text: str) -> dict[str, Any]:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DATA}"}}
    return {"role": "user", "content": [{"type": "text", "text": text}, image]}


def responses(text: str) -> dict[str, Any]:
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{DATA}"}
    return {"role": "user", "content": [{"type": "input_text", "text": text}, image]}


def anthropic(text: str) -> dict[str, Any]:
    source = {"type": "base64", "media_type": "image/png", "data": DATA}
    return {
        "role": "user",
        "content": [{"type": "text", "text": text}, {"type": "image", "source": source}],
    }


def gemini(text: str) -> dict[str, Any]:
    data = {"mimeType": "image/png", "data": DATA}
    return {"role": "user", "parts": [{"text": text}, {"inlineData": data}]}


def langchain(text: str) -> Any:
    messages = pytest.importorskip("langchain_core.messages", reason="its messages are a form")
    return messages.HumanMessage(openai(text)["content"])


ANSWERS: dict[Any, Any] = {gemini: {"role": "model", "parts": [{"text": "I see."}]}}
FORMS = [
    (openai, "gpt-4o"),
    (responses, "gpt-5"),
    (anthropic, "claude-sonnet-4-5"),
    (gemini, "gemini-2.5-pro"),
    (langchain, "gpt-4o"),
]


def history(question: Callable[[str], Any], count: int) -> list[Any]:
    answer = ANSWERS.get(question, {"role": "assistant", "content": "I see."})
    turns = [each for n in range(count) for each in (question(f"picture {n}"), answer)]
    return [*turns, question("the last one")]


def images(messages: Sequence[Any]) -> list[bool]:
    """For each image, whether it is still there."""
    found = []
    for message in messages:
        value = message if isinstance(message, dict) else {"content": message.content}
        parts: Any = value.get("content", value.get("parts"))
        for part in parts:
            if isinstance(part, dict) and part.get("text") == IMAGE_NOTE:
                found.append(False)
            elif isinstance(part, dict) and not part.get("text"):
                found.append(True)
    return found


@pytest.mark.parametrize(("question", "model"), FORMS)
def test_the_oldest_make_way_first(question: Callable[[str], Any], model: str) -> None:
    messages = history(question, 4)
    whole = count_messages(messages, model=model, media_tokens=300).interval.high
    one = count_messages([question("x")], model=model, media_tokens=300).interval.high
    for gone in range(5):
        budget = whole - gone * one + (0 if not gone else one // 2)
        packed = pack_messages(
            messages, model=model, media_tokens=300, budget=budget, drop_images=True
        )
        assert packed.dropped == ()
        assert images(packed.messages) == [False] * gone + [True] * (5 - gone)
        assert packed.dropped_images == gone
        assert packed.token_count <= budget
        assert (
            count_messages(packed.messages, model=model, media_tokens=300).interval.high
            == packed.token_count
        )
    # Those that were given are as they were.
    assert images(messages) == [True] * 5


@pytest.mark.parametrize(("question", "model"), FORMS)
def test_turns_go_when_images_are_not_enough(question: Callable[[str], Any], model: str) -> None:
    messages = history(question, 4)
    last = count_messages(messages[-1:], model=model, media_tokens=300).interval.high
    packed = pack_messages(
        messages, model=model, media_tokens=300, budget=last + 60, drop_images=True
    )
    assert packed.dropped and packed.dropped[0] == 0
    kept = images(packed.messages)
    assert kept == [*([False] * (len(kept) - 1)), True]
    without = pack_messages(messages, model=model, media_tokens=300, budget=last + 60)
    assert len(without.messages) <= len(packed.messages)
    with pytest.raises(ConflictError):
        pack_messages(messages, model=model, media_tokens=300, budget=last - 1, drop_images=True)


def test_pinned_images_stay() -> None:
    messages = history(openai, 3)
    whole = count_messages(messages, model="gpt-4o", media_tokens=300).interval.high
    packed = pack_messages(
        messages, model="gpt-4o", media_tokens=300, budget=whole - 1, drop_images=True, pins=[0]
    )
    assert images(packed.messages) == [True, False, True, True]


def test_images_in_results_make_way() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": DATA}
    call = {"type": "tool_use", "id": "1", "name": "look", "input": {}}
    result = {
        "type": "tool_result",
        "tool_use_id": "1",
        "content": [{"type": "image", "source": source}],
    }
    messages = [
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
        {"role": "assistant", "content": "I saw."},
        {"role": "user", "content": "and?"},
    ]
    options: dict[str, Any] = {"model": "claude-sonnet-4-5", "media_tokens": 300}
    whole = count_messages(messages, **options).interval.high
    packed = pack_messages(messages, budget=whole - 1, drop_images=True, **options)
    assert packed.dropped == () and packed.dropped_images == 1
    assert packed.messages[2]["content"][0]["content"] == [{"type": "text", "text": IMAGE_NOTE}]
    assert packed.messages[0] is messages[0]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.floats(0.1, 1.0))
def test_the_limit_holds_for_any_number_of_images(counts: list[int], share: float) -> None:
    messages: list[Any] = []
    for n in counts:
        content = [{"type": "text", "text": "look"}, *(openai("")["content"][1] for _ in range(n))]
        messages += [{"role": "user", "content": content}, {"role": "assistant", "content": "ok"}]
    whole = count_messages(messages, model="gpt-4o", media_tokens=300).interval.high
    try:
        packed = pack_messages(
            messages, model="gpt-4o", media_tokens=300, budget=int(whole * share), drop_images=True
        )
    except ConflictError:
        return
    assert (
        count_messages(packed.messages, model="gpt-4o", media_tokens=300).interval.high
        <= packed.limit
    )
    kept = images(packed.messages)
    assert kept == sorted(kept)  # none makes way before an older one
