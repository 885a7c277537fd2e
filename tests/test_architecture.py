"""The layers hold, files and folders stay small, and a start pays only for what it needs."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import ctxtools
from ctxtools import errors, messages, packing

PACKAGE = Path(ctxtools.__file__).parent

# From the bottom to the top: a layer imports from itself and from those before it.
LAYERS = (
    *(
        "_lazy",
        "_kernel",
        "escape",
        "jupyter",
        "possessive",
        "errors",
        "checks",
        "units",
        "regular_file",
        "atomic",
        "suggestions",
        "toml_file",
        "programs",
        "signatures",
        "isolated",
    ),
    *("parallel", "_core"),
    *("encodings", "models", "messages", "memory", "documents", "chunking", "packing", "corpus"),
    *("config", "compat", "limits", "report", "services", "bench", "cli"),
)
KERNEL_IMPORTERS = ("_core/__init__.py", "encodings/engines/kernel.py")

SOURCES = sorted(PACKAGE.rglob("*.py"))


def imported_modules(path: Path) -> set[str]:
    """The modules of ctxtools that a file imports, wherever in the file it does."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "ctxtools":
                names = [f"ctxtools.{alias.name}" for alias in node.names]
            modules.update(names)
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
    return {name for name in modules if name.startswith("ctxtools.")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_downwards(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if layer in ("__init__", "__main__"):
        return
    allowed = {*LAYERS[: LAYERS.index(layer) + 1], "__version__"}
    for module in imported_modules(path):
        assert module.split(".")[1] in allowed, f"{path.name} imports {module}"


def test_only_the_seam_imports_the_kernel() -> None:
    for path in SOURCES:
        if str(path.relative_to(PACKAGE)) not in KERNEL_IMPORTERS:
            assert "ctxtools._kernel" not in path.read_text(), path
            assert "ctxtools._kernel" not in imported_modules(path), path


# Other importers of the Python versions, and why each needs one.
FALLBACK_IMPORTERS = {
    "encodings/recounted.py": "the base of every index that counts again, with the kernel too",
    "encodings/engines/tiktoken.py": "the engine without the kernel makes the index without it",
}


def test_only_the_seam_imports_the_fallback() -> None:
    for path in SOURCES:
        name = str(path.relative_to(PACKAGE))
        if not name.startswith("_core/") and name not in FALLBACK_IMPORTERS:
            modules = imported_modules(path)
            assert not any("_core.fallback" in module for module in modules), path


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_only_the_command_line_knows(library: str) -> None:
    for path in SOURCES:
        names = ast.walk(ast.parse(path.read_text()))
        imports = [n for n in names if isinstance(n, ast.Import | ast.ImportFrom)]
        modules = {getattr(n, "module", None) or n.names[0].name for n in imports}
        if any(module.split(".")[0] == library for module in modules):
            assert path.relative_to(PACKAGE).parts[0] == "cli", path


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(
        ".__init__"
    )


MODULES = {module_name(path) for path in SOURCES}


def imported_at_once(body: list[ast.stmt]) -> Iterator[str]:
    """The modules of ctxtools that are imported when a file is, in its order."""
    for node in body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.If):
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                yield from imported_at_once(node.body)
            yield from imported_at_once(node.orelse)
        elif isinstance(node, ast.Try):
            yield from imported_at_once([*node.body, *node.orelse, *node.finalbody])


def test_there_are_no_circular_imports() -> None:
    graph = {}
    for path in SOURCES:
        name, imported = module_name(path), imported_at_once(ast.parse(path.read_text()).body)
        graph[name] = {module for module in imported if module in MODULES and module != name}
    assert [*TopologicalSorter(graph).static_order()]  # a CycleError names the circle


def test_folders_stay_small() -> None:
    files = Counter(str(path.parent.relative_to(PACKAGE)) for path in SOURCES)
    assert not {folder: n for folder, n in files.items() if n > 15}


def test_files_stay_small() -> None:
    long = {str(path): n for path in SOURCES if (n := len(path.read_text().splitlines())) > 400}
    assert not long


@pytest.mark.parametrize(
    "package", [ctxtools, messages, packing], ids=lambda package: package.__name__
)
def test_the_public_names_are_listed_and_kept(package: ModuleType) -> None:
    names = package.__all__
    assert sorted({*names}) == names
    assert {name for name in dir(package) if not name.startswith("_")} == {*names}
    for name in names:
        assert getattr(package, name) is vars(package)[name]
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(package, "nothing")  # noqa: B009


def test_public_names() -> None:
    exceptions = {value.__name__ for value in vars(errors).values() if isinstance(value, type)}
    assert {each for each in exceptions if each.endswith("Error")} <= {*ctxtools.__all__}
    assert {"Chunks", "Counter", "Strength", "Summary", "TokenIndex"} <= {*ctxtools.__all__}
    assert {"get_encoding", "get_model", "read_documents", "errors"} <= {*ctxtools.__all__}


@pytest.mark.parametrize("name", ["errors", "packing"])
def test_public_modules_are_reachable(name: str) -> None:
    code = f"import ctxtools; assert ctxtools.{name}.__name__ == 'ctxtools.{name}'"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_misspelt_name_gets_a_suggestion() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import ctxtools; ctxtools.get_encodin"],
        capture_output=True,
        text=True,
    )
    assert "Did you mean: 'get_encoding'?" in ran.stderr


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys, ctxtools; print(*(m for m in sys.modules if m.startswith('ctxtools.')))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["ctxtools._lazy"]


@pytest.mark.parametrize(
    "module",
    ["numpy", "rich", "chardet", "pyarrow", "tokenizers", "pydantic"],
)
def test_counting_a_file_does_not_import(module: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some text")
    code = (
        "import sys; from ctxtools.cli.app import app\n"
        f"app(['count', {str(tmp_path / 'a.txt')!r}], standalone_mode=False)\n"
        f"assert {module!r} not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "2\n"), ran.stderr


@pytest.mark.parametrize("module", ["typer", "dataclasses", "inspect"])
def test_a_plain_command_line_does_not_import(module: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some text")
    code = (
        "import sys; from ctxtools.cli import main\n"
        f"sys.argv = ['ctx', 'count', {str(tmp_path / 'a.txt')!r}]\n"
        "try: main()\n"
        f"finally: assert {module!r} not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "2\n"), ran.stderr
