"""Tables of any shape: nothing crashes, and no entry is lost without a reason."""

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.models.importers import (
    read_table,
    write_models,
)
from ctxtools.models.rows import load_models
from ctxtools.models.tables import LeftOut, Row, one_of_each, read_rows

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
