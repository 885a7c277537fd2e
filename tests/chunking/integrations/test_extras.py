"""The errors of adapters whose framework is not installed."""

import subprocess
import sys
from importlib import import_module

import pytest

from ctxtools.errors import MissingExtraError


@pytest.mark.parametrize(
    ("module", "needs"),
    [("langchain", "langchain_text_splitters"), ("llamaindex", "llama_index.core.bridge.pydantic")],
)
def test_a_missing_package_names_its_extra(
    module: str, needs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, needs, None)
    monkeypatch.delitem(sys.modules, f"ctxtools.chunking.integrations.{module}", raising=False)
    with pytest.raises(MissingExtraError, match=rf"\.\[{module}\]"):
        import_module(f"ctxtools.chunking.integrations.{module}")


def test_chunking_alone_imports_none_of_them() -> None:
    code = (
        "import sys, ctxtools.chunking.chunker, ctxtools.chunking.integrations.arrow\n"
        "names = {'pyarrow', 'langchain_core', 'llama_index'}\n"
        "assert not names & set(sys.modules), names & set(sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
