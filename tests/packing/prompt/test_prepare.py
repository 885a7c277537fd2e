"""The child that parses code is started early, and only where some will be parsed."""

from pathlib import Path
from typing import Any

import pytest

from ctxtools import get_encoding, isolated
from ctxtools.packing import pack

O200K = get_encoding("o200k_base")

CODE = {
    f"{name}.py": "".join(
        f"def {name}_{i}(refund):\n    return refund + {i}\n\n\n" for i in range(80)
    )
    for name in ("one", "two", "three")
}
PROSE = {path.replace(".py", ".txt"): text for path, text in CODE.items()}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(isolated, "prepare", lambda job, request, **how: found.append(request))
    return found


@pytest.mark.parametrize(
    ("documents", "options", "expected"),
    [
        (CODE, {"budget": 1_000}, 1),
        (CODE, {"budget": 100_000}, 0),  # all fit whole
        (CODE, {"budget": 2_000, "forms": ["whole"]}, 0),
        (CODE, {"budget": 100_000, "query": "refund"}, 1),
        (PROSE, {"budget": 2_000, "query": "refund"}, 0),
        ({path: text[:1000] for path, text in CODE.items()}, {"budget": 500}, 0),
    ],
    ids=["too large", "fits", "whole", "asked", "prose", "small"],
)
def test_a_child_is_started_where_code_is_parsed(
    documents: dict[str, str], options: Any, expected: int, started: list[dict[str, Any]]
) -> None:
    pack(documents, O200K, **options)
    assert started == [{"format": "python"}] * expected


def test_none_is_started_where_outlines_are_known(
    tmp_path: Path, started: list[dict[str, Any]]
) -> None:
    first = pack(CODE, O200K, budget=1_000, cache=tmp_path)
    assert pack(CODE, O200K, budget=1_000, cache=tmp_path) == first
    assert len(started) == 1
