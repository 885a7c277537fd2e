"""A client of the application, in this process."""

from collections.abc import Iterator

import pytest

pytest.importorskip("starlette")
pytest.importorskip("httptools")

from starlette.testclient import TestClient

from tests.services.http.serving import make_app


@pytest.fixture(scope="session")
def client() -> Iterator[TestClient]:
    """Of an application that lets everybody in."""
    app = make_app()
    with TestClient(app) as client:
        yield client
    app.close()
