"""The scripts import, and the packaged data are what they make."""

import importlib.util
import json
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType

import pytest

from ctxtools.models import Registry

SCRIPTS = Path(__file__).parent.parent / "scripts"


def load_script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scripts_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.name)
def test_a_script_imports(path: Path) -> None:
    """Guards against a move in the package that leaves a script behind."""
    assert load_script(path).__doc__


def installed_source(requirement: str, member: str) -> bytes:
    """A file of a package that is installed in the version that the script pins."""
    name, version = requirement.split("==")
    try:
        package = distribution(name)
    except PackageNotFoundError:
        pytest.skip(f"{requirement} is not installed")
    if package.version != version:
        pytest.skip(f"{name} {package.version} is installed, the source is {version}")
    path = Path(str(package.locate_file(member)))
    if not path.exists():
        pytest.skip(f"{requirement} is installed without {member}")
    return path.read_bytes()


@pytest.mark.parametrize("name", ["cl100k_base", "deepseek_v3", "o200k_base", "qwen2"])
def test_a_packaged_vocabulary_is_reproduced(name: str) -> None:
    script = load_script(SCRIPTS / "build_vocabularies.py")
    source = next(source for source in script.SOURCES if source.name == name)
    data = script.verified(source, installed_source(source.requirement, source.member))
    files = dict(script.convert(source, data))
    assert f"{name}.vocab" in files
    for file, content in files.items():
        assert content == (script.DATA / file).read_bytes(), file


def test_every_packaged_vocabulary_has_a_source() -> None:
    script = load_script(SCRIPTS / "build_vocabularies.py")
    assert {path.stem for path in script.DATA.glob("*.vocab")} == {s.name for s in script.SOURCES}


def listed_models(**tables: dict[str, object]) -> dict[str, dict[str, object]]:
    """The rows of the list that is made of these tables: ``newest``, ``middle``, ``oldest``."""
    script = load_script(SCRIPTS / "build_models.py")
    sources = dict(zip(("newest", "middle", "oldest"), (script.NEWEST, *script.OLDER), strict=True))
    files = dict.fromkeys(script.PROFILES, b"_PROFILES: dict = {}")
    files |= {source: json.dumps(tables.get(name, {})).encode() for name, source in sources.items()}
    models: dict[str, dict[str, object]] = json.loads(script.build(files))["models"]
    return models


def entry(provider: str, window: int, **more: object) -> dict[str, object]:
    return {"litellm_provider": provider, "mode": "chat", "max_input_tokens": window, **more}


def test_the_list_has_the_vendors_window_or_that_of_most_hosts() -> None:
    found = listed_models(
        newest={
            "zebra-1": entry("a", 8_000),
            "b/Zebra-1": entry("b", 32_000),
            "c/zebra-1-instruct": entry("c", 32_768),
            "claude-8-zebra": entry("anthropic", 500_000),
            "bedrock/us.anthropic.claude-8-zebra-v1:0": entry("bedrock", 100_000),
            "x/claude-9-zebra": entry("x", 100),
            "gpt-5-zebra": entry("openai", 272_000, max_output_tokens=128_000),
        }
    )
    assert {key: row["context"] for key, row in found.items()} == {
        "zebra-1": 32_000,
        "claude-zebra-8": 500_000,
        "gpt-5-zebra": 400_000,
    }
    assert "8,000" in str(found["zebra-1"]["notes"])
    assert found["gpt-5-zebra"]["max_input"] == 272_000


def test_an_older_table_has_what_a_newer_one_lacks() -> None:
    found = listed_models(
        newest={"zebra-2": entry("a", 2_000), "b/gpt-zebra": entry("b", 1_000)},
        middle={"zebra-1": entry("a", 1_000), "gpt-zebra": entry("openai", 3_000)},
        oldest={"zebra-1": entry("a", 500), "zebra-2": entry("a", 500)},
    )
    windows = {key: row["context"] for key, row in found.items()}
    assert windows == {"zebra-1": 1_000, "zebra-2": 2_000, "gpt-zebra": 3_000}


def test_the_packaged_list_names_the_sources_of_the_script() -> None:
    script = load_script(SCRIPTS / "build_models.py")
    models = Registry.packaged().listed()
    titles = {model.source for model in models}
    titles |= {source.title for model in models for _, source in model.sources}
    for source in script.SOURCES:
        name, version = source.requirement.split("==")
        assert any(f"{name} {version}" in title for title in titles), source.requirement


def test_the_packaged_abbreviations_are_those_of_the_script() -> None:
    script = load_script(SCRIPTS / "build_abbreviations.py")
    content = script.TARGET.read_text("utf-8")
    lines = dict(line.split(": ", 1) for line in content.splitlines() if line[0] != "#")
    for kind, words in (("never", script.NEVER), ("capital", script.CAPITAL)):
        assert {word.lstrip("=") for word in words.split()} <= {*lines[kind].split()}
    segments = Path("/usr/share/unicode/cldr/common/segments")  # of Debian's unicode-cldr-core
    if segments.exists():
        assert content == script.written(segments)
