"""Every row of the packaged models.toml, against what the project promises of it."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import ctxtools.models
from ctxtools.models import Model, Price, Tier, get_model, list_models
from ctxtools.models.model import FACTS, MODALITIES
from ctxtools.models.names import lookup_key

PACKAGED = {"o200k_base", "o200k_harmony", "cl100k_base", "deepseek_v3", "qwen2"}
FILE = Path(ctxtools.models.__file__).with_name("models.toml")
DATA: dict[str, Any] = tomllib.loads(FILE.read_text("utf-8"))

PROMISED = """
deepseek-v4-flash deepseek-v4-flash-vision-exp deepseek-v4.1-flash deepseek-r1 deepseek-v3.1
deepseek-v3.2 deepseek-chat deepseek-reasoner qwen3-max qwen3.5-plus qwen3.8-max ernie-4.5-300b
ernie-5.1 kimi-k2.6 glm-4.6 glm-5.2 minimax-m2 minimax-m3 llama-3.3-70b llama-4-maverick
mistral-large-2512 devstral-2512 gemma-3-27b gemma-4-31b gpt-4o gpt-4o-mini gpt-4.1-mini
gpt-4.1-nano gpt-5.5 gpt-oss-20b o1 o3 o4-mini gpt-4-turbo gpt-3.5-turbo claude-sonnet-5
claude-sonnet-4-5 claude-3-5-sonnet gemini-2.5-pro gemini-2.5-flash gemini-3.1-pro
command-a-03-2025
"""

every_model = pytest.mark.parametrize("model", list_models(), ids=lambda model: model.name)


@every_model
def test_each_fact_has_a_source_with_a_date(model: Model) -> None:
    for fact in FACTS:
        source = model.source_of(fact)
        assert source.title
        assert source.date is not None
        assert date.fromisoformat(source.date) <= date.today()


@pytest.mark.parametrize("row", DATA["models"], ids=lambda row: row["name"])
def test_each_source_that_a_row_names_is_listed(row: dict[str, Any]) -> None:
    assert {row["source"], *row.get("sources", {}).values()} <= set(DATA["sources"])


@every_model
def test_limits_are_whole_and_fit_each_other(model: Model) -> None:
    assert model.context is not None
    for limit in (model.context, model.max_input or 1, model.max_output or 1):
        assert type(limit) is int
        assert 0 < limit <= model.context
    assert model.budget().available == min(model.context, model.max_input or model.context)


@every_model
def test_the_tokenizer_is_packaged_or_public_or_closed(model: Model) -> None:
    kinds = [model.encoding is not None, model.load is not None, model.closed]
    assert kinds.count(True) == 1
    assert model.encoding is None or model.encoding in PACKAGED
    assert model.load is None or re.fullmatch(r"hf:[\w.-]+/[\w.-]+", model.load)
    assert (model.estimate is None) == (model.encoding is not None)


@every_model
def test_an_estimate_is_of_a_packaged_encoding_and_says_what_it_rests_on(model: Model) -> None:
    if model.estimate:
        assert model.estimate.encoding in PACKAGED
        assert re.search(r"(measured|Measured|judgement).*\d{4}-\d\d-\d\d\.$", model.estimate.basis)
        assert model.estimate.high <= 3.1 * model.estimate.typical


@every_model
def test_modalities_and_prices_make_sense(model: Model) -> None:
    assert model.modalities[0] == "text"
    assert set(model.modalities) <= set(MODALITIES)
    assert len(set(model.modalities)) == len(model.modalities)
    if model.price:
        steps = [(0, model.price.input), *((tier.above, tier.input) for tier in model.price.tiers)]
        assert steps == sorted(steps)
        assert 0 < model.price.input < 1_000
        rates: tuple[Price | Tier, ...] = (model.price, *model.price.tiers)
        assert all(
            each.cached_input is None or 0 < each.cached_input <= each.input for each in rates
        )


def test_most_prices_of_chat_models_know_what_cached_input_costs() -> None:
    priced = [model for model in list_models() if model.price and not model.is_embedding]
    known = [model for model in priced if model.price and model.price.cached_input is not None]
    assert len(known) >= 0.8 * len(priced)


def test_every_name_and_alias_is_one_models_only() -> None:
    names = [name for model in list_models() for name in (model.name, *model.aliases)]
    keys = [lookup_key(name) for name in names]
    assert len(keys) == len(set(keys))
    assert all(get_model(name) is not None for name in names)


def test_every_source_and_estimate_is_used() -> None:
    rows = DATA["models"]
    used = {title for row in rows for title in (row["source"], *row.get("sources", {}).values())}
    used |= {estimate["source"] for estimate in DATA["estimates"].values()}
    assert used == set(DATA["sources"])
    assert {row["estimate"] for row in rows if "estimate" in row} == set(DATA["estimates"])


@pytest.mark.parametrize(
    ("name", "context", "max_output", "tokenizer"),
    [
        ("deepseek-v4-pro", 1_000_000, 384_000, "deepseek_v3"),
        ("deepseek-v3", 65_536, 8_192, "deepseek_v3"),
        ("qwen2.5-1m", 1_010_000, 8_192, "qwen2"),
        ("kimi-k3", 1_048_576, 262_144, "hf:moonshotai/Kimi-K3"),
        ("llama-4-scout", 10_000_000, 4_028, "hf:meta-llama/Llama-4-Scout-17B-16E-Instruct"),
        ("gpt-4.1", 1_047_576, 32_768, "o200k_base"),
        ("gpt-5", 400_000, 128_000, "o200k_base"),
        ("gpt-oss-120b", 131_072, 32_768, "o200k_harmony"),
        ("gpt-4", 8_192, 4_096, "cl100k_base"),
        ("claude-opus-4-5", 200_000, 64_000, None),
        ("claude-opus-4-8", 1_000_000, 128_000, None),
        ("grok-4.3", 1_000_000, 30_000, None),
    ],
)
def test_known_models(name: str, context: int, max_output: int, tokenizer: str | None) -> None:
    model = get_model(name)
    assert (model.context, model.max_output) == (context, max_output)
    assert (model.encoding or model.load) == tokenizer
    assert model.closed == (tokenizer is None)


@pytest.mark.parametrize(
    "name",
    sorted(PROMISED.split()),
)
def test_models_that_the_project_promises(name: str) -> None:
    assert get_model(name).name == name


def test_newer_claude_models_have_about_30_percent_more_tokens() -> None:
    old, new = (get_model(name).estimate for name in ("claude-opus-4-6", "claude-opus-4-7"))
    assert old is not None
    assert new is not None
    assert 1.2 < new.typical / old.typical < 1.4
