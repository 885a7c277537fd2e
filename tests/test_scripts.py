"""The scripts import, and the packaged vocabularies are what they make."""

import importlib.util
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType

import pytest

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
