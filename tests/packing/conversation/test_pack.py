"""Conversations: what is kept, in what order the rest goes, and what the framing takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.encodings import get_encoding
from ctxtools.encodings.files.specs import SPECS
from ctxtools.errors import ConflictError, UsageError
from ctxtools.packing import pack_messages
from ctxtools.packing.conversation import OVERHEADS

O200K = get_encoding("o200k_base")


def message(role: str, content: str = "some words", **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def call(*ids: str) -> dict[str, Any]:
    calls = [{"id": i, "function": {"name": "f", "arguments": "{}"}} for i in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def result(id: str) -> dict[str, Any]:
    return message("tool", tool_call_id=id)


TURNS = [message("system"), *(m for _ in range(5) for m in (message("user"), message("assistant")))]


def test_the_overhead_that_openai_documents() -> None:
    """3 for each message and its role, 1 for a name, 3 for the reply.

    The role's token was left out.
    """
    packed = pack_messages([message("user", "hello", name="x")], O200K, budget=100)
    assert packed.token_count == 3 + 1 + 1 + 1 + 1 + 3
    assert packed.overhead == 8
    by_figures = pack_messages(
        [message("user", "hello", name="x")], O200K, budget=100, overhead="openai"
    )
    assert by_figures.token_count == 3 + 1 + 1 + 1 + 3
    assert by_figures.overhead == 7


def test_the_overhead_of_deepseek() -> None:
    """DeepSeek's encoder: a user turn is its text and 4, each further pair 4, a system text 0."""
    encoding = get_encoding("deepseek_v3")
    words = encoding.count("some words")
    one = pack_messages([message("user")], encoding, budget=1000, thinking=False)
    assert one.token_count == words + 4
    more = [message("system"), message("user"), message("assistant"), message("user")]
    packed = pack_messages(more, encoding, budget=1000, thinking=False)
    assert packed.token_count == 4 * words + 4 + 4
    # Without thinking=False the model thinks, and is told how much.
    assert pack_messages(more, encoding, budget=1000).token_count > packed.token_count
    by_figures = pack_messages(more, encoding, budget=1000, overhead="deepseek")
    assert by_figures.token_count == packed.token_count


def test_the_oldest_turns_go_first() -> None:
    whole = pack_messages(TURNS, O200K, budget=1000)
    assert whole.messages == tuple(TURNS) and whole.dropped == ()
    for budget in range(29, whole.token_count):
        packed = pack_messages(TURNS, O200K, budget=budget)
        first = len(packed.dropped) + 1
        assert packed.dropped == tuple(range(1, first))
        assert packed.token_count <= budget
        assert packed.messages[1]["role"] == "user"  # no answer without its question


def test_pins_stay() -> None:
    packed = pack_messages(TURNS, O200K, budget=30, pins=[2])
    assert packed.dropped == (1, 3, 4, 5, 6, 7, 8)
    assert pack_messages(TURNS, O200K, budget=30, pins=[-9]).dropped == packed.dropped
    with pytest.raises(UsageError, match="invalid pin 11 for"):
        pack_messages(TURNS, O200K, budget=30, pins=[11])


def test_what_has_to_stay_and_does_not_fit() -> None:
    messages = [message("system", "word " * 50), message("user", "word " * 80), message("user")]
    with pytest.raises(ConflictError) as caught:
        pack_messages(messages, O200K, budget=90, pins=[1])
    assert [name for name, _ in caught.value.conflict] == [
        "the framing of the reply",
        "message 1 (user)",
        "message 0 (system)",
    ]
    with pytest.raises(ConflictError):
        pack_messages([message("user")], O200K, budget=0)
    assert pack_messages([], O200K, budget=3).messages == ()


roles = st.sampled_from(["system", "user", "assistant", "calls"])


@given(st.lists(st.tuples(roles, st.integers(0, 3)), max_size=8), st.integers(0, 150), st.data())
def test_calls_stay_with_their_results(
    plan: list[tuple[str, int]], budget: int, data: st.DataObject
) -> None:
    messages: list[dict[str, Any]] = []
    for number, (role, n) in enumerate(plan):
        ids = [f"{number}-{i}" for i in range(n)]
        messages += [call(*ids), *map(result, ids)] if role == "calls" else [message(role)]
    pins = data.draw(st.sets(st.integers(0, len(messages) - 1), max_size=1)) if messages else set()
    try:
        packed = pack_messages(messages, O200K, budget=budget, pins=pins)
    except ConflictError:
        return
    assert packed.token_count <= budget
    kept = [m for i, m in enumerate(messages) if i not in packed.dropped]
    assert list(packed.messages) == kept
    called = {c["id"] for m in kept for c in m.get("tool_calls") or ()}
    assert called == {m["tool_call_id"] for m in kept if m["role"] == "tool"}
    stays = pins | {i for i, m in enumerate(messages) if m["role"] == "system"}
    assert not stays & set(packed.dropped)
    again = pack_messages(kept, O200K, budget=10**6)
    assert again.token_count == packed.token_count


def test_parts_that_are_not_text() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    messages = [{"role": "user", "content": [{"type": "text", "text": "look"}, image]}]
    with pytest.raises(UsageError, match=r"messages\[0\].content\[1\]"):
        pack_messages(messages, O200K, budget=1000)
    assert pack_messages(messages, O200K, budget=1000, image_tokens=85).token_count == 85 + 1 + 7


@pytest.mark.parametrize("wrong", [{"content": "x"}, {"role": 1}])
def test_a_message_without_a_role(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="has no role"):
        pack_messages([wrong], O200K, budget=10)


@pytest.mark.parametrize(
    "wrong",
    [
        "hello",
        {"role": "user", "content": 5},
        {"role": "user", "content": [5]},
        {"role": "assistant", "tool_calls": ["f"]},
        {"role": "assistant", "tool_calls": 1},
    ],
    ids=str,
)
def test_malformed_messages(wrong: Any) -> None:
    """These ended in an AttributeError or a TypeError."""
    with pytest.raises(UsageError, match=r"messages\[0\]") as caught:
        pack_messages([wrong], O200K, budget=100)
    assert caught.value.hint


def test_a_budget_that_the_framing_alone_exceeds() -> None:
    """The conflict was empty."""
    with pytest.raises(ConflictError) as caught:
        pack_messages([{"role": "user", "content": "x"}], O200K, budget=2)
    assert caught.value.conflict == (("the framing of the reply", 3),)
    assert caught.value.available == 2
    with pytest.raises(UsageError, match="budget must be >= 0, got -1"):
        pack_messages([], O200K, budget=-1)


@pytest.mark.parametrize(
    ("messages", "pins", "message"),
    [
        ("hi", (), "messages must be a list of mappings, got str"),
        ([], "0", "pins must be a list of int, got str"),
        ([], 0, "pins must be a list of int, got int"),
    ],
)
def test_arguments_that_are_not_lists(messages: Any, pins: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        pack_messages(messages, O200K, budget=100, pins=pins)
    assert caught.value.hint


def test_every_packaged_encoding_names_a_known_overhead() -> None:
    assert {spec.chat for spec in SPECS.values()} <= {*OVERHEADS}
