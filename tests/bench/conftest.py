import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.vocabulary_files import write_vocabulary

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def vocabularies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for vocabulary files, which take seconds to make."""
    return tmp_path_factory.mktemp("vocabularies")


@pytest.fixture(scope="session")
def o200k(vocabularies: Path) -> Vocabulary:
    return write_vocabulary("o200k_base", vocabularies)


def run_suite(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run pytest in a separate process, since xdist workers do not time anything."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=outside)
