"""Each choice is defined once: what is registered under it has the same names."""

import sys
from typing import Any, get_args

import pytest

from ctxtools.errors import UsageError
from ctxtools.packing import pack, pack_messages, pack_parts, token_boundaries
from ctxtools.packing.arguments import FORMS, Form, Format, FormName, OverheadName, token_limit
from ctxtools.packing.conversation import OVERHEADS
from ctxtools.packing.prompt.render import Layout, make_layout
from tests.packing.conftest import ENCODINGS


def test_every_choice_is_implemented() -> None:
    assert all(isinstance(make_layout(name, []), Layout) for name in get_args(Format))
    assert set(OVERHEADS) == set(get_args(OverheadName))
    assert set(FORMS) == set(Form) - {Form.PIECE} == set(get_args(FormName))


def test_an_unknown_choice() -> None:
    with pytest.raises(UsageError, match="unknown overhead 'x'") as caught:
        pack_messages([], ENCODINGS["o200k_base"], budget=9, overhead="x")  # type: ignore[arg-type]
    assert caught.value.hint == "choose one of openai, harmony, deepseek, chatml"


def test_a_limit_below_zero() -> None:
    with pytest.raises(UsageError, match="part_limit must be >= 0, got -1"):
        token_limit(-1, "part_limit")


def test_a_limit_may_be_any_number() -> None:
    """`ctx pack` without a limit passes the largest index."""
    for limit in (0, sys.maxsize, 10**30):
        assert token_limit(limit) == limit


@pytest.mark.parametrize("limit", ["8k", 1.5, None])
def test_a_limit_that_is_no_number(limit: Any) -> None:
    with pytest.raises(UsageError, match="budget must be an integer, got") as caught:
        token_limit(limit)
    assert caught.value.hint == "it is a number of tokens, or a Budget"


def test_an_encoding_may_be_given_by_its_name() -> None:
    documents, encoding = {"a.md": "text"}, ENCODINGS["o200k_base"]
    assert pack(documents, "o200k_base", budget=99) == pack(documents, encoding, budget=99)
    assert pack_parts(documents, "o200k_base", parts=1) == pack_parts(documents, encoding, parts=1)
    assert pack_messages([], "o200k_base", budget=9) == pack_messages([], encoding, budget=9)
    assert token_boundaries("text", "o200k_base", 9) == token_boundaries("text", encoding, 9)
    with pytest.raises(UsageError, match="encoding must be an Encoding or a name, got None"):
        pack(documents, None, budget=99)  # type: ignore[arg-type]


def test_a_window_that_holds_nothing() -> None:
    with pytest.raises(UsageError, match="window must be >= 1, got 0"):
        token_boundaries("text", "o200k_base", 0)
