"""The turn that stands for what was dropped."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.errors import ConflictError, UsageError
from ctxtools.messages.count import count_messages
from ctxtools.packing import pack_messages
from tests.packing.conversation.histories import FORMS, HISTORIES, Turn

MESSAGES = [
    {"role": "system", "content": "You are helpful."},
    *(
        {"role": role, "content": f"{role} says {n} " + "word " * 20}
        for n in range(6)
        for role in ("user", "assistant")
    ),
    {"role": "user", "content": "and now?"},
]


class Recorder:
    """Summarizes, and remembers what it was given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.given: list[list[Any]] = []

    def __call__(self, messages: Sequence[Any]) -> Any:
        self.given.append([*messages])
        return self.answer


def test_it_is_made_once_of_what_is_dropped() -> None:
    recorder = Recorder("They talked.")
    packed = pack_messages(MESSAGES, model="gpt-4o", budget=160, summarize=recorder)
    (given,) = recorder.given
    assert given == [MESSAGES[i] for i in packed.dropped]
    assert packed.summary == 1
    assert packed.messages[1] == {"role": "user", "content": "They talked."}
    assert packed.messages[0] is MESSAGES[0] and packed.messages[-1] is MESSAGES[-1]
    assert packed.notes == ()
    counted = count_messages(packed.messages, model="gpt-4o")
    assert counted.interval.high == packed.token_count <= 160


def test_it_is_not_made_of_nothing() -> None:
    recorder = Recorder("They talked.")
    packed = pack_messages(MESSAGES, model="gpt-4o", budget=10_000, summarize=recorder)
    assert recorder.given == [] and packed.summary is None


def test_it_stands_where_the_first_was_dropped() -> None:
    packed = pack_messages(
        MESSAGES, model="gpt-4o", budget=160, pins=[1, 2], summarize=Recorder("They talked.")
    )
    assert packed.dropped[0] == 3 and packed.summary == 3
    assert packed.messages[3] == {"role": "user", "content": "They talked."}


def test_a_long_text_is_cut() -> None:
    long = "word " * 500
    packed = pack_messages(MESSAGES, model="gpt-4o", budget=160, summarize=Recorder(long))
    assert packed.summary is not None
    text = packed.messages[packed.summary]["content"]
    assert 0 < len(text) < len(long) and long.startswith(text)
    assert packed.notes == ("the summary was cut to fit",)
    assert packed.token_count <= 160
    longer = [dict(message) for message in packed.messages]
    longer[packed.summary]["content"] = long[: len(text) + 12]
    assert count_messages(longer, model="gpt-4o").interval.high > 160


def test_room_is_kept_free_for_it() -> None:
    small = pack_messages(
        MESSAGES, model="gpt-4o", budget=200, summarize=Recorder("x"), summary_tokens=8
    )
    large = pack_messages(
        MESSAGES, model="gpt-4o", budget=200, summarize=Recorder("x"), summary_tokens=120
    )
    assert len(large.messages) < len(small.messages)


def test_a_message_is_taken_as_it_is() -> None:
    own = {"role": "system", "content": "So far they talked."}
    packed = pack_messages(MESSAGES, model="gpt-4o", budget=160, summarize=Recorder(own))
    assert packed.messages[1] is own
    large = {"role": "user", "content": "word " * 500}
    with pytest.raises(ConflictError, match="with the summary") as caught:
        pack_messages(MESSAGES, model="gpt-4o", budget=160, summarize=Recorder(large))
    assert caught.value.hint


@pytest.mark.parametrize("wrong", [None, 5, b"x"])
def test_what_is_no_summary(wrong: Any) -> None:
    with pytest.raises(UsageError, match="summarize must return a text or a message"):
        pack_messages(MESSAGES, model="gpt-4o", budget=160, summarize=Recorder(wrong))


def test_there_may_be_no_place_for_any() -> None:
    must = count_messages([MESSAGES[0], MESSAGES[-1]], model="gpt-4o").interval.high
    with pytest.raises(ConflictError, match="with the summary"):
        pack_messages(MESSAGES, model="gpt-4o", budget=must, summarize=Recorder("They talked."))


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=20)
@given(HISTORIES, st.floats(0.3, 1.0))
def test_it_is_a_turn_in_every_form(name: str, turns: list[Turn], share: float) -> None:
    form = FORMS[name]
    messages = [*form.make(turns)]
    options: dict[str, Any] = {"model": form.model, "shape": form.shape}
    whole = count_messages(messages, **options).interval.high
    recorder = Recorder("What they said before.")
    try:
        packed = pack_messages(
            messages, budget=int(whole * share), summarize=recorder, summary_tokens=20, **options
        )
    except ConflictError:
        return
    counted = count_messages(packed.messages, **options)
    assert counted.interval.high == packed.token_count <= packed.limit
    assert not form.faults(packed.messages)
    assert (packed.summary is not None) == bool(packed.dropped) == bool(recorder.given)
    if packed.summary is not None:
        turn = packed.messages[packed.summary]
        for kind in (dict, tuple):
            assert isinstance(turn, kind) == isinstance(messages[-1], kind)
