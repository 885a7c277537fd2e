import subprocess
import sys
from pathlib import Path

import pytest

from ctxtools.errors import ConfigError, UnknownEncodingError, UnknownModelError, UsageError
from ctxtools.models import Model, Registry, encoding_for_model, get_model, list_models, registry


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("gpt-4o", "gpt-4o"),
        ("GPT-4o", "gpt-4o"),
        (" gpt-4o ", "gpt-4o"),
        ("openai/gpt-4o", "gpt-4o"),
        ("openrouter/openai/gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
        ("openai/gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
        ("gpt-4o-2031-01-01", "gpt-4o"),
        ("gpt-4-0613", "gpt-4-0613"),
        ("gpt-4-1106-preview", "gpt-4-turbo"),
        ("claude-opus-4.5", "claude-opus-4-5"),
        ("claude-3.5-sonnet", "claude-3-5-sonnet"),
        ("claude-sonnet-4-5-20310929", "claude-sonnet-4-5"),
        ("claude-3-7-sonnet-20310101", "claude-3-7-sonnet"),
        ("deepseek-v4", "deepseek-v4-pro"),
        ("deepseek/deepseek-v4-pro", "deepseek-v4-pro"),
        ("deepseek-ai/DeepSeek-V3.2", "deepseek-v3.2"),
        ("Qwen/Qwen2.5-72B-Instruct", "qwen2.5-72b"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama-3.3-70b"),
        ("mistral-large-2512", "mistral-large-2512"),
    ],
)
def test_how_a_name_is_found(name: str, found: str) -> None:
    assert get_model(name).name == found


def test_an_unknown_name_gets_suggestions() -> None:
    with pytest.raises(UnknownModelError) as caught:
        get_model("deepsek-v4-pro")
    assert (caught.value.hint or "").startswith("did you mean deepseek-v4-pro")
    with pytest.raises(UnknownModelError) as caught:
        get_model("zzz")
    assert "ctx models" in (caught.value.hint or "")


def test_encoding_for_model_loads_only_packaged_encodings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ctxtools.encodings.find_encoding", lambda name: name)
    assert str(encoding_for_model("deepseek-v4")) == "deepseek_v3"
    for name in ("claude-opus-4-8", "gemini-2.5-pro"):
        with pytest.raises(UnknownEncodingError):
            encoding_for_model(name)


def test_two_models_cannot_claim_one_name() -> None:
    with pytest.raises(UsageError, match=r"both a\.1 and b claim"):
        Registry([Model("a.1"), Model("b", aliases=("A-1",))])
    Registry([Model("a", aliases=("A",))])


def test_merging_lets_the_others_win_by_name_and_by_alias() -> None:
    base = Registry([Model("a", context=1, aliases=("x", "y")), Model("b"), Model("c")])
    merged = base.merged([Model("B", context=2), Model("d", aliases=("X", "c"))])
    assert merged.names() == ("a", "B", "d")
    assert merged.names(aliases=True) == ("a", "y", "B", "d", "X", "c")
    assert [merged.get(name).name for name in ("x", "y", "b", "c")] == ["d", "a", "B", "d"]
    assert base.get("x").name == "a"


def test_a_registry_is_a_collection_in_order() -> None:
    registry = Registry.packaged()
    assert tuple(registry) == list_models()
    assert len(registry) == len(registry.names())
    assert "DeepSeek-V4" in registry
    assert "openai/gpt-4o" not in registry


def test_importing_the_models_reads_nothing_and_imports_nothing_heavy() -> None:
    heavy = "{'tomllib', 'tomli_w', 'json', 'difflib', 'platformdirs', 'tiktoken', 'tokenizers'}"
    code = f"import sys, ctxtools.models, ctxtools.config; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_corrupt_packaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_PACKAGED", tmp_path / "models.toml")
    registry._packaged.cache_clear()
    for content in (b"[[models]\n", b"\xff", b"[[models]]\nname = 3\n"):
        (tmp_path / "models.toml").write_bytes(content)
        with pytest.raises(ConfigError, match=r"models\.toml: ") as raised:
            get_model("gpt-5")
        assert "reinstall ctxtools" in (raised.value.hint or "")
    monkeypatch.undo()
    assert get_model("gpt-5")
