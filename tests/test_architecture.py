"""The layers hold, files stay small, and a start pays only for what it needs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ctxtools

PACKAGE = Path(ctxtools.__file__).parent

# From the bottom to the top: a layer imports from itself and from those before it.
LAYERS = (
    *("_kernel", "errors", "units", "atomic", "tables", "parallel", "_core"),
    *("encodings", "models", "documents", "chunking", "packing", "config", "bench", "cli"),
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
            assert "_kernel" not in path.read_text(), path


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_only_the_command_line_knows(library: str) -> None:
    for path in SOURCES:
        names = ast.walk(ast.parse(path.read_text()))
        imports = [n for n in names if isinstance(n, ast.Import | ast.ImportFrom)]
        modules = {getattr(n, "module", None) or n.names[0].name for n in imports}
        if any(module.split(".")[0] == library for module in modules):
            assert path.relative_to(PACKAGE).parts[0] == "cli", path


def test_files_stay_small() -> None:
    long = {str(path): n for path in SOURCES if (n := len(path.read_text().splitlines())) > 400}
    assert not long


def test_the_public_names() -> None:
    assert sorted(ctxtools.__all__) == ctxtools.__all__ == [
        "Budget",
        "Chunk",
        "Chunker",
        "Config",
        "CtxtoolsError",
        "Document",
        "Encoding",
        "Model",
        "Pack",
        "PackedMessages",
        "Plan",
        "encoding_for_model",
        "get_encoding",
        "get_model",
        "list_encodings",
        "list_models",
        "load_config",
        "load_encoding",
        "pack",
        "pack_messages",
        "pack_parts",
        "pack_sequences",
        "read_documents",
    ]  # fmt: skip
    assert all(getattr(ctxtools, name) for name in ctxtools.__all__)


def test_the_public_names_of_packing() -> None:
    from ctxtools import packing

    assert sorted(packing.__all__) == packing.__all__
    assert {"PackedDataset", "load_plan", "pack_dataset", "pack_stream"} <= {*packing.__all__}
    assert all(getattr(packing, name) for name in packing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        packing.nothing  # noqa: B018


@pytest.mark.parametrize(
    "module",
    ["numpy", "rich", "pathspec", "chardet", "pyarrow", "tokenizers", "pydantic"],
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
