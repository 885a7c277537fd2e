"""Each choice is defined once: what is registered under it has the same names."""

from typing import get_args

import pytest

from ctxtools.errors import UsageError
from ctxtools.packing import pack_messages
from ctxtools.packing.arguments import FORMS, Form, Format, OverheadName, token_limit
from ctxtools.packing.conversation import OVERHEADS
from ctxtools.packing.prompt.render import Layout, make_layout
from tests.packing.conftest import ENCODINGS


def test_every_choice_is_implemented() -> None:
    assert all(isinstance(make_layout(name, []), Layout) for name in get_args(Format))
    assert set(OVERHEADS) == set(get_args(OverheadName))
    assert set(FORMS) == set(Form) - {Form.PIECE}


def test_an_unknown_choice() -> None:
    with pytest.raises(UsageError, match="unknown overhead 'x'") as caught:
        pack_messages([], ENCODINGS["o200k_base"], budget=9, overhead="x")  # type: ignore[arg-type]
    assert caught.value.hint == "choose one of openai, harmony, deepseek, chatml"


def test_a_limit_below_zero() -> None:
    with pytest.raises(UsageError, match="part_limit must be >= 0, got -1"):
        token_limit(-1, "part_limit")
