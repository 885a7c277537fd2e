"""What `pack_messages` promises, for every interface's form."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import ConflictError, UsageError
from ctxtools.messages.count import count_messages
from ctxtools.packing import PackedMessages, pack_messages
from tests.packing.conversation.histories import FORMS, HISTORIES, Turn

TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]

pytest.importorskip("langchain_core", reason="its messages are one of the forms")


def arguments(name: str, tools: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"tools": TOOLS} if tools else {}
    return found | {"model": FORMS[name].model}


def packed(name: str, messages: Sequence[Any], share: float, **more: Any) -> PackedMessages | None:
    """A history in a share of what it takes, or None if what has to stay takes more."""
    whole = count_messages(messages, shape=FORMS[name].shape, **arguments(name, True))
    options = arguments(name, True) | {"shape": FORMS[name].shape} | more
    try:
        return pack_messages(messages, budget=int(whole.interval.high * share), **options)
    except ConflictError:
        return None


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=40)
@given(HISTORIES, st.floats(0.2, 1.0), st.data())
def test_histories(name: str, turns: list[Turn], share: float, data: st.DataObject) -> None:
    form = FORMS[name]
    messages = [*form.make(turns)]
    assert not form.faults(messages)
    pins = data.draw(st.sets(st.integers(0, len(messages) - 1), max_size=2))
    found = packed(name, messages, share, pins=pins)
    if found is None:
        return
    # The request that is sent is within the limit, tools and framing included.
    counted = count_messages(found.messages, shape=form.shape, **arguments(name, True))
    assert counted.interval.high == found.token_count <= found.limit
    assert counted.total == found.counted.total
    # The messages are those that were given, in order.
    kept = [number for number in range(len(messages)) if number not in found.dropped]
    assert all(one is messages[i] for one, i in zip(found.messages, kept, strict=True))
    # Nothing is in it that the interface refuses; what has to stay does.
    assert not form.faults(found.messages)
    assert not pins & set(found.dropped)
    assert len(messages) - 1 not in found.dropped
    # What is kept by a smaller limit is no more.
    again = packed(name, messages, share * 0.8, pins=pins)
    assert again is None or len(again.messages) <= len(found.messages)


@pytest.mark.parametrize("name", FORMS)
@given(HISTORIES, st.floats(0.2, 1.0))
def test_nothing_begins_in_the_middle_of_a_turn(name: str, turns: list[Turn], share: float) -> None:
    """Without pins, what is kept is the end of the history, and instructions."""
    form = FORMS[name]
    messages = [*form.make(turns)]
    found = packed(name, messages, share)
    if found is None or not found.dropped:
        return
    kept = [number for number in range(len(messages)) if number not in found.dropped]
    starts = [len([*form.make(turns[:number])]) for number in range(len(turns))]
    instructions = len([*form.make([])])
    question = next(i for i in kept if i >= instructions)
    assert question in starts
    rest = [i for i in kept if i > question]
    if question != starts[-1]:  # whole turns, but of the last one
        assert rest == [*range(question + 1, len(messages))]
    else:
        assert rest == [*range(len(messages) - len(rest), len(messages))]


def test_few_counts_for_many_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    from ctxtools.messages.count import Prepared

    counts = 0
    count = Prepared.count

    def counting(self: Prepared) -> Any:
        nonlocal counts
        counts += 1
        return count(self)

    monkeypatch.setattr(Prepared, "count", counting)
    turns = [Turn("word " * (i % 17), (1,) * (i % 3), "word " * (i % 7)) for i in range(600)]
    for name in ("openai", "anthropic", "responses"):
        messages = [*FORMS[name].make(turns)]
        counts = 0
        found = pack_messages(messages, model=FORMS[name].model, budget=6000)
        assert 0 < len(found.dropped) < len(messages)
        assert counts <= 8


def test_a_history_does_not_begin_with_what_is_refused_there() -> None:
    """Results without their calls, and answers where the user must begin; it is noted."""
    result = {"role": "tool", "tool_call_id": "1", "content": "res"}
    rest = [{"role": "user", "content": "and?"}, {"role": "assistant", "content": "So."}]
    found = pack_messages([result, *rest], model="gpt-4o", budget=1000)
    assert found.dropped == (0,) and found.messages == tuple(rest)
    assert "message 0" in found.notes[0]
    greeting = {"role": "assistant", "content": "Hello!"}
    assert pack_messages([greeting, *rest], model="gpt-4o", budget=1000).dropped == ()
    block = {"type": "tool_result", "tool_use_id": "1", "content": "res"}
    orphans = [{"role": "user", "content": [block]}, greeting]
    options: dict[str, Any] = {"model": "claude-sonnet-4-5", "shape": "anthropic", "budget": 1000}
    assert pack_messages([*orphans, *rest], **options).dropped == (0, 1)
    assert pack_messages([greeting, *rest], **options).dropped == (0,)
    # DeepSeek's encoder refuses such a result; without it the rest is counted.
    found = pack_messages([result, *rest], model="deepseek-v4-pro", budget=1000)
    assert found.dropped == (0,)
    # In the middle, and alone, they are as they were given.
    within = [rest[0], result, *rest]
    assert pack_messages(within, model="gpt-4o", budget=1000).dropped == ()
    assert pack_messages([result], model="gpt-4o", budget=1000).dropped == ()


def test_a_pinned_answer_keeps_its_question_where_the_user_must_begin() -> None:
    turns = [Turn("word " * 5, (1,), "word " * 5) for _ in range(6)]
    messages = [*FORMS["anthropic"].make(turns)]
    found = packed("anthropic", messages, 0.7, pins=[5])
    assert found is not None and 4 not in found.dropped and 0 in found.dropped
    assert not FORMS["anthropic"].faults(found.messages)


def test_a_mapping_is_not_a_list_of_messages() -> None:
    body: Any = {"messages": [{"role": "user", "content": "Hi"}]}
    with pytest.raises(UsageError, match="got a mapping") as caught:
        pack_messages(body, model="gpt-4o", budget=10)
    assert caught.value.hint
