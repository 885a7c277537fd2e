import json
from pathlib import Path
from typing import Any

import pytest

from ctxtools.errors import FormatError, ReadError
from ctxtools.models import Model, Price, Registry, Tier, list_models
from ctxtools.models.importers import guess_encoding, import_models, refreshed, write_models
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
                    "tiers": [{"input": 10, "output": 45, "tier": {"size": 272000}}],
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
    assert sorted(models) == ["deepseek-v3.1", "gemini-2.5-pro", "gpt-5", "qwen3-max"]
    gpt = models["gpt-5"]
    assert (gpt.context, gpt.max_output, gpt.encoding) == (272_000, 128_000, "o200k_base")
    assert gpt.modalities == ("text", "image", "pdf")
    assert gpt.price == Price(1.25, 10.0)
    assert gpt.source == "table.json, in litellm's format"
    assert gpt.date is not None
    gemini = models["gemini-2.5-pro"]
    assert type(gemini.context) is int
    assert gemini.encoding is None
    assert gemini.price == Price(1.25, 10.0, (Tier(200_000, 2.5, 15.0),))
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
    assert gpt.price == Price(5, 30, (Tier(272_000, 10, 45),))
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
        ("deepseek-r1-0528-qwen3-8b", None),
        ("deepseek-r1-8b", None),
        ("qwen3.5-plus", None),
        ("qwen3p7-plus", None),
        ("qwen3-5-flash", None),
        ("qwen-plus", None),
        ("o30", None),
        ("gpt-4.5-preview", None),
        ("gpt-50", None),
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


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("xai/grok-9", "grok-4.3"),
        ("claude-opus-4.9", "claude-opus-4-8"),
        ("claude-3-opus", "claude-sonnet-4-5"),
        ("ernie-6.0-turbo", "ernie-5.1"),
        ("claude-2.1", None),
        ("llama-9", None),
    ],
)
def test_a_closed_family_is_estimated_as_its_known_models_are(name: str, like: str | None) -> None:
    known = Registry.packaged()
    model = refreshed(known, [Model(name, context=1000)]).get(name)
    assert model.closed == (like is not None)
    assert model.estimate == (known.get(like).estimate if like else None)
