"""The pages of tokens have each token, with its ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools as ctx
from ctxtools.report import messages_page, token_page, tokens
from tests.report.pages import HOSTILE, check_page, data_of
from tests.strategies import hard_texts

O200K = ctx.get_encoding("o200k_base")


@given(hard_texts | st.sampled_from(HOSTILE))
def test_tokens_join_to_their_text(text: str) -> None:
    data = data_of(token_page(text, O200K))
    shown = [n for group in data["groups"] for n in group["tokens"]]
    # Bytes that are no character by themselves are shown as one.
    joined = "".join(data["texts"][n] for n in shown)
    assert joined == O200K.decode(O200K.encode(text))
    assert [i for n in shown for i in data["ids"][n]] == O200K.encode(text)
    assert data["column"]["tokens"] == O200K.count(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str) -> None:
    check_page(token_page(text, O200K, title=text))
    counted = ctx.count_messages([{"role": "user", "content": text}], model="claude-opus-4-8")
    check_page(messages_page(counted, title=text))


def test_special_tokens_are_marked() -> None:
    text = "a<|endoftext|>b"
    (plain,) = data_of(token_page(text, O200K))["groups"]
    assert plain["special"] == []
    data = data_of(token_page(text, O200K, allowed_special="all"))
    (group,) = data["groups"]
    assert [data["texts"][n] for n in group["special"]] == ["<|endoftext|>"]


def test_a_conversation_has_its_parts() -> None:
    counted = ctx.count_messages([{"role": "user", "content": "hello"}], model="gpt-4o")
    data = data_of(messages_page(counted))
    assert [part["tokens"] for part in data["parts"]] == [part.tokens for part in counted.parts]
    assert data["column"]["tokens"] == counted.total and data["column"]["name"] == "gpt-4o"


def test_very_many_tokens_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 5)
    data = data_of(token_page("one two three four five six seven", O200K))
    assert len(data["groups"][0]["tokens"]) == 5 and data["column"]["tokens"] == 7
    assert data["notes"] == ["the page shows the first 5 tokens"]


def test_wrong_arguments() -> None:
    for text, encoding, message in ((b"a", O200K, "text must"), ("a", "o200k", "encoding must")):
        with pytest.raises(ctx.UsageError, match=message):
            token_page(text, encoding)  # type: ignore[arg-type]
    with pytest.raises(ctx.UsageError, match="counted must"):
        messages_page([])  # type: ignore[arg-type]
