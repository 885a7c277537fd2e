"""Tables of any shape: nothing crashes, and no entry is lost without a reason."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.errors import FormatError, ReadError, UsageError
from ctxtools.models import Model
from ctxtools.models.importers import read_table, write_models
from ctxtools.models.rows import load_models
from ctxtools.models.tables import LeftOut, Row, one_of_each, read_rows
from tests.hanging import no_hang

AWKWARD: dict[str, Any] = {
    "sample_spec": {"mode": "chat", "litellm_provider": "one of"},
    "host/strings": {"mode": "chat", "max_input_tokens": "64000", "max_output_tokens": " 8k "},
    "host/zero": {"mode": "chat", "max_input_tokens": 0, "max_tokens": 4096},
    "host/negative": {"mode": "chat", "max_input_tokens": -1},
    "host/words": {"mode": "chat", "max_input_tokens": "128k"},
    "host/only-output": {"mode": "chat", "max_tokens": 4096, "litellm_provider": "host"},
    "host/vectors": {"mode": "embedding", "max_tokens": 512, "output_vector_size": 384},
    "host/pictures": {"mode": "image_generation", "max_input_tokens": 1000},
    "host/modeless": {"max_input_tokens": 1000},
    "nothing": None,
    "listed": [],
    "gpt-4o": {"mode": "chat", "max_input_tokens": 128000, "litellm_provider": "openai"},
    "host/gpt-4o": {"mode": "chat", "max_input_tokens": 64000, "litellm_provider": "host"},
}


def test_each_entry_is_a_model_or_is_left_out_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(AWKWARD))
    models, left_out = read_table(path)
    kept = {model.name: model for model in models}
    assert sorted(kept) == ["gpt-4o", "strings", "vectors"]
    assert (kept["strings"].context, kept["strings"].max_output) == (64_000, None)
    assert kept["vectors"].context == 512
    assert kept["gpt-4o"].context == 128_000
    reasons = {each.entry: each.reason for each in left_out}
    assert list(reasons) == [
        entry for entry in AWKWARD if entry.split("/")[-1] not in kept or entry == "host/gpt-4o"
    ]
    assert reasons["host/zero"] == reasons["host/only-output"]
    assert "max_tokens" in reasons["host/zero"]
    assert "not a number" in reasons["host/negative"]
    assert "not a number" in reasons["host/words"]
    assert "image_generation" in reasons["host/pictures"]
    assert "another entry" in reasons["host/gpt-4o"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
_litellm_keys = st.sampled_from(
    [
        *("max_input_tokens", "max_tokens", "max_output_tokens", "litellm_provider"),
        *("input_cost_per_token", "output_cost_per_token", "tiered_pricing", "supports_vision"),
        "input_cost_per_token_above_200k_tokens",
    ]
)
_modes = st.sampled_from(["chat", "embedding", "image_generation"]) | _json
_litellm_entries = st.dictionaries(_litellm_keys, _json | st.integers(1, 10**6)).flatmap(
    lambda entry: _modes.map(lambda mode: {**entry, "mode": mode})
)
_models_dev_entries = st.dictionaries(
    st.sampled_from(["limit", "modalities", "cost", "id"]),
    _json
    | st.dictionaries(
        st.sampled_from(["context", "input", "output", "tiers", "context_over_200k"]),
        _json | st.integers(1, 10**6),
    ),
)


@given(st.dictionaries(st.text(max_size=8), _json | _litellm_entries, max_size=5))
def test_no_shape_of_litellms_table_crashes_and_no_entry_is_lost(table: dict[str, Any]) -> None:
    found = [*read_rows(table, "litellm")]
    rows, _ = one_of_each(each for each in found if isinstance(each, Row))
    with TemporaryDirectory() as folder:
        path = Path(folder, "models.toml")
        models = tuple(replace(row.model, source="a table") for row in rows)
        write_models(models, path)
        assert load_models(path) == models
    assert [each.entry for each in found] == list(table)
    for each in found:
        if isinstance(each, Row):
            assert each.model.context
            assert each.model.context >= 1
        else:
            assert each.reason


@given(
    st.dictionaries(
        st.text(max_size=8),
        _json
        | st.fixed_dictionaries(
            {"models": st.dictionaries(st.text(max_size=8), _json | _models_dev_entries)}
        ),
        max_size=3,
    )
)
def test_no_shape_of_models_devs_table_crashes(table: dict[str, Any]) -> None:
    for each in read_rows(table, "models.dev"):
        assert isinstance(each, Row | LeftOut)


def _entry(**facts: Any) -> dict[str, Any]:
    return {"mode": "chat", "max_input_tokens": 8192} | facts


def _litellm(text: str) -> bytes:
    """A table with a good model and what else the text says of another, as JSON."""
    return f'{{"good": {json.dumps(_entry())}, {text}}}'.encode()


_COSTS = ("input_cost_per_token", "output_cost_per_token")
HOSTILE: dict[str, bytes] = {
    "deep": b"[" * 1_000_000,
    "deep in an entry": _litellm('"a": ' + "[" * 980 + "]" * 980),
    "deep mode": _litellm('"a": {"mode": ' + "[" * 980 + "]" * 980 + "}"),
    "digits": _litellm('"a": {"mode": "chat", "max_input_tokens": ' + "9" * 5000 + "}"),
    "many digits": _litellm('"a": {"mode": "chat", "max_input_tokens": ' + "9" * 4000 + "}"),
    "price of many digits": _litellm(
        '"a": {"mode": "chat", "max_input_tokens": 9, "input_cost_per_token": '
        + "9" * 4000 + ', "output_cost_per_token": 1}'
    ),
    "a step of many digits": _litellm(
        '"a": ' + json.dumps(_entry(**{f"input_cost_per_token_above_{'9' * 5000}k_tokens": 1}))
    ),
    "a step in other digits": _litellm(
        '"a": ' + json.dumps(_entry(input_cost_per_token_above_١k_tokens=1))
    ),
    "infinite": _litellm('"a": {"mode": "chat", "max_input_tokens": Infinity}, "b": NaN'),
    "negative": _litellm(f'"a": {json.dumps(_entry(**dict.fromkeys(_COSTS, -1)))}'),
    "dear": _litellm(f'"a": {json.dumps(_entry(**dict.fromkeys(_COSTS, 1e12)))}'),
    "surrogates": _litellm('"\\ud800": ' + json.dumps(_entry(litellm_provider="\ud800"))),
    "controls": _litellm('"a\\u001b[31m\\n": ' + json.dumps(_entry(litellm_provider="\x1b\n"))),
    "direction": _litellm('"\\u202eb": ' + json.dumps(_entry())),
    "no name": _litellm('"": {}, " ": {}, "/": ' + json.dumps(_entry())),
    "long name": _litellm(f'"{"n" * 100_000}": ' + json.dumps(_entry())),
    "twice": _litellm('"good": {}, "good": 3'),
    "tiers": _litellm('"a": ' + json.dumps(_entry(
        tiered_pricing=[{"range": [1e14, 2]}, {"range": {}}, 3, {"range": ["x"]}] * 1000,
    ))),
    "a list": b"[1, 2]", "nothing": b"", "NULs": b"\0" * 1000, "not UTF-8": b'{"\xff": 1}',
    "utf-16": json.dumps({"good": _entry()}).encode("utf-16"),
    "models.dev": json.dumps({
        "p": {"name": "\x1b", "models": {"m": {
            "limit": {"context": 10**300, "input": [], "output": "x"}, "cost": {"input": {}},
            "modalities": {"output": [[], "text"], "input": "text"},
        }, "n": [], "o": {"limit": 3, "modalities": []}, "good": {"limit": {"context": 9}}}},
        "q": {"models": []}, "r": 3,
    }).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_table_is_refused_or_what_can_be_used_of_it_is_read_again(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "t\udcff\n.json"
    path.write_bytes(HOSTILE[name])
    written = tmp_path / "models.toml"
    with no_hang():
        try:
            models, left_out = read_table(path)
        except (FormatError, ReadError) as error:
            assert "\n" not in error.message and len(error.message) < 1000
            return
        assert all(each.entry not in ("good", "p/good") for each in left_out) or name == "twice"
        write_models(models, written)
    assert [model.name for model in load_models(written)] == [model.name for model in models]
    for model in models:
        assert model.name.isprintable()
        assert not model.price or model.price.input >= 0


def test_a_table_without_end_or_of_any_age(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"good": _entry()}))
    for when in (0, 2**40):
        os.utime(path, (when, when))
        (model,) = read_table(path).models
        assert model.date == datetime.now(UTC).date().isoformat()
    os.truncate(path, 1 << 40)
    with no_hang(), pytest.raises(ReadError, match="larger than"):
        read_table(path)


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    models = [Model(f"m{i}", notes="x" * 1_000_000) for i in range(20)]
    with pytest.raises(UsageError, match=r"more than 16\.8 MB"):
        write_models(models, tmp_path / "models.toml")
    assert not (tmp_path / "models.toml").exists()
