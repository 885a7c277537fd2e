import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ctxtools.errors import FormatError, ReadError
from ctxtools.models import Model, Price, Registry, Tier, list_models
from ctxtools.models.importers import (
    guess_encoding,
    import_models,
    read_table,
    refreshed,
    write_models,
)
from ctxtools.models.model import FACTS
from ctxtools.models.rows import load_models

LITELLM: dict[str, Any] = {
    "sample_spec": {"mode": "one of: chat, embedding", "max_input_tokens": "max input tokens"},
    "gpt-5": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 272000,
        "max_output_tokens": 128000,
        "input_cost_per_token": 1.25e-06,
        "output_cost_per_token": 1e-05,
        "cache_read_input_token_cost": 1.25e-07,
        "supports_vision": True,
        "supports_pdf_input": True,
    },
    "gemini/gemini-2.5-pro": {
        "litellm_provider": "gemini",
        "mode": "chat",
        "max_input_tokens": 1048576.0,
        "input_cost_per_token": 1.25e-06,
        "output_cost_per_token": 1e-05,
        "input_cost_per_token_above_200k_tokens": 2.5e-06,
        "output_cost_per_token_above_200k_tokens": 1.5e-05,
        "cache_read_input_token_cost_above_200k_tokens": 2.5e-07,
    },
    "dashscope/qwen3-max": {
        "litellm_provider": "dashscope",
        "mode": "chat",
        "max_input_tokens": 258048,
        "tiered_pricing": [
            {"input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06, "range": [0, 32e3]},
            {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "range": [32e3, 1e6]},
        ],
    },
    "deepinfra/deepseek-ai/DeepSeek-V3.1": {
        "litellm_provider": "deepinfra", "mode": "chat", "max_input_tokens": 163840,
    },
    "novita/deepseek/deepseek-v3.1": {
        "litellm_provider": "novita", "mode": "chat", "max_input_tokens": 131072,
    },
    "azure/gpt-5": {"litellm_provider": "azure", "mode": "chat", "max_input_tokens": 1000},
    "no-limit": {"litellm_provider": "x", "mode": "chat"},
    "text-embedding-3-small": {
        "litellm_provider": "openai", "mode": "embedding", "max_input_tokens": 8191,
    },
}  # fmt: skip

MODELS_DEV: dict[str, Any] = {
    "openai": {
        "id": "openai",
        "name": "OpenAI",
        "models": {
            "gpt-5.5": {
                "id": "gpt-5.5",
                "limit": {"context": 1050000, "input": 922000, "output": 128000},
                "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
                "cost": {
                    "input": 5,
                    "output": 30,
                    "cache_read": 0.5,
                    "tiers": [
                        {"input": 10, "output": 45, "cache_read": 1, "tier": {"size": 272000}},
                    ],
                },
            },
            "image-maker": {
                "limit": {"context": 1000, "output": 1},
                "modalities": {"input": ["text"], "output": ["image"]},
            },
            "unknown": {"limit": {"context": 0, "output": 0}},
        },
    },
    "google": {
        "name": "Google",
        "models": {
            "gemini-2.5-pro": {
                "limit": {"context": 1048576, "output": 65536},
                "modalities": {"input": ["audio", "text", "smell"], "output": ["text"]},
                "cost": {
                    "input": 1.25, "output": 10, "context_over_200k": {"input": 2.5, "output": 15},
                },
            }
        },
    },
    "reseller": {"models": {"vendor/GPT-5.5": {"limit": {"context": 10}}}},
}  # fmt: skip


def _import(tmp_path: Path, data: object) -> dict[str, Model]:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(data), "utf-8")
    return {model.name: model for model in import_models(path)}


def test_litellm(tmp_path: Path) -> None:
    models = _import(tmp_path, LITELLM)
    assert sorted(models) == [
        "deepseek-v3.1", "gemini-2.5-pro", "gpt-5", "qwen3-max", "text-embedding-3-small",
    ]  # fmt: skip
    assert models["text-embedding-3-small"].encoding == "cl100k_base"
    gpt = models["gpt-5"]
    assert (gpt.context, gpt.max_output, gpt.encoding) == (272_000, 128_000, "o200k_base")
    assert gpt.modalities == ("text", "image", "pdf")
    assert gpt.price == Price(1.25, 10.0, cached_input=0.125)
    assert gpt.source == "table.json, in litellm's format"
    assert gpt.date is not None
    gemini = models["gemini-2.5-pro"]
    assert type(gemini.context) is int
    assert gemini.encoding is None
    assert gemini.price == Price(1.25, 10.0, (Tier(200_000, 2.5, 15.0, 0.25),))
    assert models["qwen3-max"].price == Price(1.2, 6.0, (Tier(32_000, 3.0, 15.0),))


def test_the_smallest_context_window_is_taken_and_a_missing_price_is_not_zero(
    tmp_path: Path,
) -> None:
    model = _import(tmp_path, LITELLM)["deepseek-v3.1"]
    assert (model.context, model.vendor, model.price) == (131_072, "novita", None)


def test_models_dev(tmp_path: Path) -> None:
    models = _import(tmp_path, MODELS_DEV)
    assert sorted(models) == ["gemini-2.5-pro", "gpt-5.5"]
    gpt = models["gpt-5.5"]
    assert (gpt.context, gpt.max_input, gpt.max_output) == (1_050_000, 922_000, 128_000)
    assert (gpt.vendor, gpt.encoding) == ("OpenAI", "o200k_base")
    assert gpt.price == Price(5, 30, (Tier(272_000, 10, 45, 1),), cached_input=0.5)
    gemini = models["gemini-2.5-pro"]
    assert gemini.modalities == ("text", "audio")
    assert gemini.price == Price(1.25, 10, (Tier(200_000, 2.5, 15),))


@pytest.mark.parametrize("data", [[], {}, {"a": 1}, {"a": {"b": {}}}, "text"])
def test_another_json_file_is_refused(tmp_path: Path, data: object) -> None:
    with pytest.raises(FormatError, match="neither"):
        _import(tmp_path, data)


def test_invalid_json_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    with pytest.raises(ReadError, match="no such file"):
        import_models(path)
    for content in (b"{", b"\xff\xfe", b""):
        path.write_bytes(content)
        with pytest.raises(FormatError, match="not JSON"):
            import_models(path)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("gpt-4o-2024-05-13", "o200k_base"),
        ("openai/gpt-4.1-mini", "o200k_base"),
        ("gpt-5.6-sol", "o200k_base"),
        ("o3-mini", "o200k_base"),
        ("gpt-oss-20b", "o200k_harmony"),
        ("gpt-4-turbo", "cl100k_base"),
        ("gpt-3.5-turbo-16k", "cl100k_base"),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek_v3"),
        ("deepseek-v4.1-flash", "deepseek_v3"),
        ("Qwen/Qwen3-235B-A22B", "qwen2"),
        ("qwen2p5-7b-instruct", "qwen2"),
        ("deepseek-v2.5", None),
        ("deepseek-r1-distill-llama-70b", None),
        ("deepseek-r1-0528-qwen3-8b", "qwen2"),
        ("deepseek-r1-distill-qwen-32b", "qwen2"),
        ("qwen3.5-plus", None),
        ("qwen3p7-plus", None),
        ("qwen3-5-flash", None),
        ("qwen-plus", "qwen2"),
        ("o30", None),
        ("gpt-4.5-preview", "o200k_base"),
        ("gpt-40", None),
        ("claude-opus-4-8", None),
    ],
)
def test_an_encoding_is_guessed_only_where_it_is_certain(name: str, encoding: str | None) -> None:
    assert guess_encoding(name) == encoding


def test_guesses_agree_with_the_packaged_models() -> None:
    for model in list_models():
        assert guess_encoding(model.name) in (model.encoding, None)


def test_written_models_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "new" / "models.toml"
    write_models(list_models(), path)
    assert load_models(path) == list_models()
    imported = list(_import(tmp_path, LITELLM).values())
    write_models(imported, path)
    assert list(load_models(path)) == imported
    assert [each.name for each in path.parent.iterdir()] == ["models.toml"]


def test_a_failed_write_leaves_the_models_that_were_there(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    write_models([Model("old")], path)
    with pytest.raises(TypeError):
        write_models([Model("new", vendor=object())], path)  # type: ignore[arg-type]
    assert [model.name for model in load_models(path)] == ["old"]


def test_an_imported_edition_keeps_the_tokenizer_of_the_known_model() -> None:
    known = Registry(
        [
            Model("claude-opus-4-5", context=1, closed=True, aliases=("opus", "big"), notes="old"),
            Model("gpt-5", context=400_000, max_input=272_000, encoding="o200k_base"),
        ]
    )
    merged = refreshed(
        known,
        [
            Model("claude-opus-4.5", context=200_000, source="new"),
            Model("claude-opus-4-5-20251101", context=100_000),
            Model("opus", context=5),
            Model("gpt-5", context=272_000, max_output=128_000),
            Model("other", context=7),
        ],
    )
    opus = merged.get("claude-opus-4-5")
    assert (opus.name, opus.context, opus.closed) == ("claude-opus-4-5", 200_000, True)
    assert (opus.aliases, opus.notes, opus.source) == (("big",), None, "new")
    edition = merged.get("claude-opus-4-5-20251101")
    assert (edition.context, edition.closed, edition.aliases) == (100_000, True, ())
    assert merged.get("opus").context == 5
    gpt = merged.get("gpt-5")
    assert (gpt.context, gpt.max_input, gpt.max_output) == (400_000, 272_000, 128_000)
    assert merged.get("other").context == 7


def test_a_fact_that_the_table_lacks_keeps_its_own_source() -> None:
    known = Registry(
        [
            Model(
                "gpt-9",
                context=10,
                max_output=5,
                price=Price(1, 2),
                source="old",
                encoding="o200k_base",
            )
        ]
    )
    model = refreshed(known, [Model("gpt-9", context=20, source="new")]).get("gpt-9")
    titles = {fact: model.source_of(fact).title for fact in FACTS}
    assert titles == dict.fromkeys(FACTS, "old") | {"context": "new", "max_input": "new"}
    model = refreshed(known, [Model("gpt-9-2026-01-01", price=Price(3, 4), source="new")]).get(
        "gpt-9-2026-01-01"
    )
    assert (model.context, model.source_of("context").title) == (10, "old")
    assert (model.price, model.source_of("price").title) == (Price(3, 4), "new")


@pytest.mark.parametrize(
    ("given", "price"),
    [
        (("0.0000025", "1e-5"), (2.5, 10)),
        ((2.5e-06, "0.00001"), (2.5, 10)),
        (("free", 1e-5), None),
        (("-1", "1e-5"), None),
        (("nan", "inf"), None),
    ],
)
def test_a_price_may_be_written_as_text(
    given: tuple[object, object], price: tuple[float, float] | None, tmp_path: Path
) -> None:
    costs = dict(zip(("input_cost_per_token", "output_cost_per_token"), given, strict=True))
    entry = {"mode": "chat", "max_input_tokens": 4096, **costs}
    (tmp_path / "t.json").write_text(json.dumps({"acme-1": entry}))
    (model,) = import_models(tmp_path / "t.json")
    assert model.price == (None if price is None else Price(*price))


@pytest.mark.parametrize(
    ("cached", "known"), [(1e-7, 0.1), ("1e-7", 0.1), (0, None), (3e-6, None), (None, None)]
)
def test_a_cached_price_of_zero_or_above_the_inputs_is_unknown(
    cached: object, known: float | None, tmp_path: Path
) -> None:
    costs = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    entry = {"mode": "chat", "max_input_tokens": 4096, **costs}
    entry["cache_read_input_token_cost"] = cached
    (tmp_path / "t.json").write_text(json.dumps({"acme-1": entry}))
    (model,) = import_models(tmp_path / "t.json")
    assert model.price == Price(1, 2, cached_input=known)
    write_models([model], tmp_path / "models.toml")
    assert load_models(tmp_path / "models.toml")[0].price == model.price


@pytest.mark.parametrize("limit", [1e30, 10**30, 8192.5, "8k", "1e400", float("inf"), True])
def test_what_is_no_number_of_tokens_is_left_out(limit: object, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(
        json.dumps({"acme-1": {"mode": "chat", "max_input_tokens": limit}})
    )
    models, left_out = read_table(tmp_path / "t.json")
    assert models == []
    assert left_out[0].reason == "its max_input_tokens is not a number of tokens"


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("xai/grok-9", "grok-4.3"),
        ("claude-opus-4.9", "claude-opus-4-8"),
        ("claude-3-opus", "claude-sonnet-4-5"),
        ("ernie-6.0-turbo", "ernie-5.1"),
        ("claude-2.1", "grok-4.3"),
        ("zebra-9", None),
    ],
)
def test_a_closed_family_is_estimated_as_its_known_models_are(name: str, like: str | None) -> None:
    known = Registry.packaged()
    model = refreshed(known, [Model(name, context=1000)]).get(name)
    assert model.closed == (like is not None)
    assert model.estimate == (known.get(like).estimate if like else None)


def test_an_imported_name_is_counted_as_the_known_model_is(tmp_path: Path) -> None:
    hosted = {
        "eu.anthropic.claude-3-haiku-20240307-v1:0": {"max_input_tokens": 200000},
        "us.meta.llama3-3-70b-instruct-v1:0": {"max_input_tokens": 128000},
        "azure/gpt-4o-of-ours": {"max_input_tokens": 100000},
        "nebius/Qwen/Qwen2.5-32B-Instruct-fast": {"max_input_tokens": 30000},
        "ours/secret-model": {"max_input_tokens": 1000},
    }
    path = tmp_path / "table.json"
    path.write_text(
        json.dumps(
            {name: {"mode": "chat", "litellm_provider": "x", **e} for name, e in hosted.items()}
        )
    )
    known = Registry.packaged()
    models = {model.name: model for model in refreshed(known, import_models(path))}
    claude = models["eu.anthropic.claude-3-haiku-20240307-v1:0"]
    assert claude.closed
    assert claude.estimate == known.get("claude-3-haiku").estimate
    assert models["us.meta.llama3-3-70b-instruct-v1:0"].load == known.get("llama-3.3-70b").load
    assert models["gpt-4o-of-ours"].encoding == "o200k_base"
    assert models["gpt-4o-of-ours"].context == 100_000
    assert models["Qwen2.5-32B-Instruct-fast"].encoding == "qwen2"
    secret = models["secret-model"]
    assert (secret.encoding, secret.load, secret.closed) == (None, None, False)


def test_the_packaged_list_names_no_model_twice() -> None:
    listed = Registry.packaged().listed()
    assert len(listed) > 1_000
    assert Counter(model.name for model in listed).most_common(1)[0][1] == 1
    for model in listed:
        assert model.context
        assert model.source
        assert model.date
