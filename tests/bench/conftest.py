from pathlib import Path

import pytest

from ctxtools.bench.engines import Feed
from ctxtools.bench.feeds import make_feed


@pytest.fixture(scope="session")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for vocabulary files, which take seconds to make."""
    return tmp_path_factory.mktemp("feeds")


@pytest.fixture(scope="session")
def o200k(feeds: Path) -> Feed:
    return make_feed("o200k_base", feeds)
