import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.config import Config, imported_models_file, load_config, user_config_file
from ctxtools.errors import ConfigError
from ctxtools.models import Model, list_models
from ctxtools.models.importers import write_models


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "project" / "deep").mkdir(parents=True)
    return tmp_path / "home"


def _load(home: Path, environ: Mapping[str, str] | None = None, start: str = "project") -> Config:
    return load_config(home / start, {"HOME": str(home)} | dict(environ or {}))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _user(home: Path, text: str) -> Path:
    return _write(home / ".config" / "ctxtools" / "config.toml", text)


def test_without_any_configuration_the_defaults_apply(home: Path) -> None:
    config = _load(home)
    assert config == Config()
    assert set(config.origins.values()) == {"default"}
    with pytest.raises(AttributeError):
        config.reserve = 1  # type: ignore[misc]
    assert hash(config) == hash(Config())
    assert config != Config(reserve=1)


def test_every_setting_from_a_file(home: Path) -> None:
    path = _write(
        home / "project" / "ctxtools.toml",
        """
        model = ["gpt-4o", "deepseek-v4"]
        encoding = "qwen2"
        limit = "1Mi"
        reserve = 32_000
        threads = 4
        include = ["*.py"]
        exclude = "*.lock"
        hidden = true
        ignore = false
        strict = true
        color = "never"
        """,
    )
    config = _load(home)
    assert config == Config(
        model=("gpt-4o", "deepseek-v4"),
        encoding=("qwen2",),
        limit=1_048_576,
        reserve=32_000,
        threads=4,
        include=("*.py",),
        exclude=("*.lock",),
        hidden=True,
        ignore=False,
        strict=True,
        color="never",
        files=(path,),
    )
    assert config.origins["limit"] == str(path)
    assert config.origins["models"] == "default"


def test_every_setting_from_the_environment(home: Path) -> None:
    config = _load(
        home,
        {
            "CTXTOOLS_MODEL": "gpt-4o, deepseek-v4",
            "CTXTOOLS_ENCODING": "qwen2",
            "CTXTOOLS_LIMIT": "200k",
            "CTXTOOLS_RESERVE": "0",
            "CTXTOOLS_THREADS": "2",
            "CTXTOOLS_INCLUDE": "*.py,*.md",
            "CTXTOOLS_EXCLUDE": "",
            "CTXTOOLS_HIDDEN": "Yes",
            "CTXTOOLS_IGNORE": "0",
            "CTXTOOLS_STRICT": "off",
            "CTXTOOLS_COLOR": "always",
            "CTXTOOLS_KERNEL": "0",
        },
    )
    assert config == Config(
        model=("gpt-4o", "deepseek-v4"),
        encoding=("qwen2",),
        limit=200_000,
        threads=2,
        include=("*.py", "*.md"),
        hidden=True,
        ignore=False,
        color="always",
    )
    assert config.origins["limit"] == "environment CTXTOOLS_LIMIT"
    assert config.origins["exclude"] == "default"


_places = ("environment", "project", "user")


@given(st.dictionaries(st.sampled_from(_places), st.integers(min_value=0, max_value=10**9)))
def test_the_first_place_that_states_a_setting_decides(stated: dict[str, int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        project = _write(home / "project" / "ctxtools.toml", "strict = true\n")
        if "project" in stated:
            project.write_text(f"limit = {stated['project']}\n")
        if "user" in stated:
            _user(home, f"limit = {stated['user']}\n")
        environ = {"CTXTOOLS_LIMIT": str(stated["environment"])} if "environment" in stated else {}
        config = _load(home, environ)
        winner = next((place for place in _places if place in stated), None)
        assert config.limit == (stated[winner] if winner else None)
        assert (config.origins["limit"] == "default") == (winner is None)


def test_the_first_source_with_a_model_or_an_encoding_decides_both(home: Path) -> None:
    _user(home, 'model = "gpt-4o"\nencoding = "qwen2"\n')
    config = _load(home, {"CTXTOOLS_ENCODING": "cl100k_base"})
    assert (config.model, config.encoding) == ((), ("cl100k_base",))
    assert config.origins["model"] == "default"


def test_the_nearest_folder_wins_and_there_ctxtools_toml(home: Path) -> None:
    project = home / "project"
    pyproject = _write(project / "pyproject.toml", "[tool.ctxtools]\nreserve = 1\n")
    config = _load(home, start="project/deep")
    assert config.reserve == 1
    assert config.origins["reserve"] == f"{pyproject} [tool.ctxtools]"
    _write(project / "ctxtools.toml", "reserve = 2\n")
    assert _load(home, start="project/deep").reserve == 2
    _write(project / "deep" / "pyproject.toml", '[project]\nname = "not-ctxtools"\n')
    assert _load(home, start="project/deep").reserve == 2
    _write(project / "deep" / "pyproject.toml", "[tool.ctxtools]\nlimit = 3\n")
    assert _load(home, start="project/deep") == Config(
        limit=3, files=(project / "deep" / "pyproject.toml",)
    )


def test_the_search_ends_with_the_repository_and_below_the_home_folder(home: Path) -> None:
    _write(home / "ctxtools.toml", "reserve = 1\n")
    assert _load(home, start="project/deep").reserve == 0
    assert _load(home, start=".").reserve == 1
    _write(home / "project" / "ctxtools.toml", "reserve = 2\n")
    assert _load(home, start="project/deep").reserve == 2
    (home / "project" / "deep" / ".git").mkdir()
    assert _load(home, start="project/deep").reserve == 0


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("modle = 'x'", "unknown setting modle", "did you mean model or models?"),
        ("zzz = 1", "unknown setting zzz", "the settings here are check, color"),
        ("limit = '1.5X'", "limit is invalid: '1.5X' is not a size", "8192, 200k"),
        ("limit = -1", "limit must be >= 0, got -1", ""),
        ("limit = true", "limit must be a size, not true", '"200k"'),
        ("limit = 1.5", "limit must be a size, not 1.5", ""),
        ("hidden = 'yes'", "hidden must be true or false, not 'yes'", ""),
        ("model = 4", "model must be a string or a list of strings, not 4", ""),
        ("model = ['a', 4]", "model must be a string or a list of strings", ""),
        ("color = 'blue'", "color must be auto, always or never, not 'blue'", ""),
        ("reserve = 1\nlimit = x", "(at line 2, column 9)", "TOML"),
        ("models = 3", "models must be tables, not 3", "[[models]]"),
        ("[[models]]\ncontext = 1", "name is missing", 'name = "my-model"'),
        ("[models.a]\ncontxt = 1", 'unknown setting models."a".contxt', "context"),
        ("[models.a]\ncontext = 0", 'models."a".context must be >= 1, got 0', ""),
        ("[models.a]\nextends = 'nope'", "names the unknown model 'nope'", ""),
        ("[models.a]\nprice = [1]", "must be 2 numbers in a list, not [1]", ""),
        ("[models.a]\nprice = [1, inf]", "must be 2 numbers in a list", ""),
        ("[models.a]\ntiers = [[1, 2, 3]]", "price is missing", ""),
        ("[models.a]\nmodalities = ['smell']", "has the unknown modality 'smell'", "text, image"),
        ("[models.a]\nencoding = 'x'\ntokenizer = 'y'", "both given", "keep one"),
        ("[models.a]\nestimate = 'x'", "estimate must be a table, not 'x'", ""),
        ("[models.a.estimate]\nencoding = 'qwen2'", "needs encoding, low", ""),
        ("[models.a]\n[models.A]", "both a and A claim the name", ""),
    ],
)
def test_a_mistake_names_file_and_key_and_says_what_to_do(
    home: Path, text: str, message: str, hint: str
) -> None:
    path = _write(home / "project" / "ctxtools.toml", text)
    with pytest.raises(ConfigError) as caught:
        _load(home)
    assert caught.value.message.startswith(f"{path}: ")
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_mistake_in_pyproject_names_the_table(home: Path) -> None:
    _write(home / "project" / "pyproject.toml", "[tool.ctxtools]\nlimt = 1\n")
    with pytest.raises(ConfigError, match=r"unknown setting tool\.ctxtools\.limt"):
        _load(home)
    _write(home / "project" / "pyproject.toml", "[tool]\nctxtools = 1\n")
    with pytest.raises(ConfigError, match=r"tool\.ctxtools must be a table, not 1"):
        _load(home)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LIMIT", "1.5X"), ("THREADS", "-1"), ("HIDDEN", "maybe"), ("COLOR", "blue")],
)
def test_a_mistake_in_the_environment_names_the_variable(
    home: Path, variable: str, value: str
) -> None:
    with pytest.raises(ConfigError, match=f"environment: CTXTOOLS_{variable} "):
        _load(home, {f"CTXTOOLS_{variable}": value})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"model = '\xe4'"])
def test_a_file_that_is_not_utf_8_is_refused(home: Path, content: bytes) -> None:
    (home / "project" / "ctxtools.toml").write_bytes(content)
    with pytest.raises(ConfigError, match="UTF-8"):
        _load(home)


def test_a_broken_pyproject_is_ignored(home: Path) -> None:
    _write(home / "project" / "pyproject.toml", "[project\n")
    assert _load(home) == Config()


def test_own_models_extend_and_override(home: Path) -> None:
    _user(home, '[models.mine]\ncontext = "1k"\n[models.theirs]\ncontext = 5\n')
    path = _write(
        home / "project" / "ctxtools.toml",
        """
        [[models]]
        name = "mine"
        extends = "deepseek-v4"
        context = "128Ki"
        tokenizer = "files/tokenizer.json"

        [[models]]
        name = "claude-opus-4-8"
        max_output = 1000

        [[models]]
        name = "llama-3.3-70b"
        tokenizer = "/abs/tokenizer.json"
        price = [0.5, 1]
        aliases = ["llama"]
        """,
    )
    config = _load(home)
    assert [model.name for model in config.models] == [
        "theirs",
        "mine",
        "claude-opus-4-8",
        "llama-3.3-70b",
    ]
    registry = config.registry()
    mine = registry.get("mine")
    assert (mine.context, mine.max_output, mine.aliases) == (131_072, 384_000, ())
    assert mine.encoding == str(path.parent / "files" / "tokenizer.json")
    assert mine.source_of("context").title == str(path)
    assert mine.source_of("price").title.startswith("litellm")
    claude = registry.get("claude-opus-4.8")
    assert (claude.context, claude.max_output, claude.closed) == (1_000_000, 1_000, True)
    assert registry.get("llama").encoding == "/abs/tokenizer.json"
    assert registry.get("theirs").source_of("context").title.endswith("config.toml")
    assert registry.get("gpt-4o").context == 128_000


def test_a_name_that_only_resembles_a_packaged_one_is_a_new_model(home: Path) -> None:
    _write(home / "project" / "ctxtools.toml", '[models."gpt-4o-2099-01-01"]\ncontext = 5\n')
    (model,) = _load(home).models
    assert (model.context, model.max_output, model.price) == (5, None, None)
    assert model.encoding == "o200k_base", "its tokenizer is that of its family"


def test_the_window_of_a_model_that_only_its_family_knows_can_be_stated(home: Path) -> None:
    _write(
        home / "project" / "ctxtools.toml",
        """
        [models."Qwen/Qwen3-9B-AWQ"]
        context = "64k"
        [models."ours/claude-sonnet-4.5-proxy"]
        context = 9
        [models.secret]
        context = 8
        """,
    )
    registry = _load(home).registry()
    qwen, claude = registry.get("qwen/qwen3-9b-awq"), registry.get("ours/claude-sonnet-4.5-proxy")
    assert (qwen.context, qwen.encoding) == (64_000, "qwen2")
    assert (claude.context, claude.closed, claude.estimate is not None) == (9, True, True)
    assert registry.get("secret").encoding is None


def test_imported_models_are_read_only_when_they_are_needed(home: Path) -> None:
    environ = {"HOME": str(home)}
    path = imported_models_file(environ)
    write_models([Model("gpt-4o", context=77, source="x"), Model("new", context=78)], path)
    config = _load(home)
    assert (config.imported, config.models) == (path, ())
    registry = config.registry()
    assert (registry.get("gpt-4o").context, registry.get("gpt-4o").encoding) == (77, "o200k_base")
    assert registry.get("new").context == 78
    assert len(registry) == len(list_models()) + 1
    path.write_text("models = 3")
    with pytest.raises(ConfigError, match=str(path)):
        _load(home).registry()


def test_an_own_model_beats_an_imported_one(home: Path) -> None:
    write_models([Model("gpt-4o", context=77)], imported_models_file({"HOME": str(home)}))
    _user(home, "[models.gpt-4o]\ncontext = 99\n")
    assert _load(home).registry().get("gpt-4o").context == 99


def test_another_user_file_can_be_named(home: Path, tmp_path: Path) -> None:
    path = _write(tmp_path / "other.toml", "reserve = 5\n")
    _user(home, "reserve = 1\n")
    assert _load(home, {"CTXTOOLS_CONFIG": str(path)}).reserve == 5
    with pytest.raises(ConfigError, match="no such file"):
        _load(home, {"CTXTOOLS_CONFIG": str(tmp_path / "absent.toml")})


@pytest.mark.skipif(sys.platform != "linux", reason="the rule is for Linux alone")
@pytest.mark.parametrize("xdg", [None, "", "  ", "/tmp/xdg"])
def test_the_users_folder_is_the_one_of_platformdirs(
    xdg: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from platformdirs import user_config_path

    if xdg is None:
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CONFIG_HOME", xdg)
    monkeypatch.delenv("CTXTOOLS_CONFIG", raising=False)
    assert user_config_file() == user_config_path("ctxtools", appauthor=False) / "config.toml"


def test_a_removed_current_folder_is_survived(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "cwd", gone)
    assert load_config(None, {"HOME": str(home)}) == Config()


@pytest.mark.parametrize("value", ["-1", "1.5", "4k", "all"])
def test_a_number_of_threads_that_is_none(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CTXTOOLS_THREADS must be an integer >= 0") as raised:
        load_config(tmp_path, {"CTXTOOLS_THREADS": value, "HOME": str(tmp_path)})
    assert raised.value.hint == "0 means one per core"


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.geteuid() != 0, reason="needs root")
def test_a_home_that_may_not_be_entered_has_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    os.seteuid(65534)
    try:
        assert load_config(Path("/"), {"HOME": str(home)}).limit is None
    finally:
        os.seteuid(0)
