"""Imports that are remembered are those that would be found."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ctxtools.packing.cache import Known
from ctxtools.packing.cache.store import Store
from ctxtools.packing.relevance.graph.imports import import_edges
from ctxtools.packing.relevance.graph.imports.known import Found
from ctxtools.packing.relevance.graph.sources import code_of
from tests.packing.relevance.graph.test_imports import REPOSITORIES


def _edges(files: Mapping[str, str], known: Known | None = None) -> list[Found]:
    sources = code_of((i, path, text) for i, (path, text) in enumerate(files.items()))
    return list(import_edges(sources, files, known or Known()))


@pytest.mark.parametrize("language", REPOSITORIES)
def test_the_edges_are_the_same_when_files_come_change_and_go(
    language: str, tmp_path: Path
) -> None:
    files = REPOSITORIES[language][0]
    paths = sorted(files)
    states = [files, files, {path: files[path] for path in paths[::-1]}]
    for path in paths:
        states += [
            {each: text for each, text in files.items() if each != path},
            files | {path: files[paths[0]]},
            files,
        ]
    for state in states:
        known = Known.open(tmp_path)
        assert _edges(state, known) == _edges(state)
        known.save()


def test_what_is_known_is_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = REPOSITORIES["python"][0]
    known = Known.open(tmp_path)
    expected = _edges(files, known)
    known.save()
    monkeypatch.setattr("ctxtools.packing.relevance.graph.imports.python.statements", None)
    assert _edges(files, Known.open(tmp_path)) == expected


class _Forged(Store):
    """Has other values after what tells the files apart."""

    def __init__(self, folder: Path, rest: list[object]) -> None:
        super().__init__(folder)
        self._rest = rest
        self._rows: dict[bytes, bytes] = {}
        self.number = 0

    def read(self, keys: Any) -> dict[bytes, bytes]:
        return {key: self._rows[key] for key in keys if key in self._rows}

    def write(self, rows: Any) -> None:
        for key, row in rows.items():
            values = json.loads(row)
            self.number += len(values)
            forged = {kind: [value[0], *self._rest] for kind, value in values.items()}
            self._rows[key] = json.dumps(forged).encode()


@pytest.mark.parametrize("language", ["python", "javascript"])
@pytest.mark.parametrize(
    "rest",
    [
        *([5], [[-1, 1.0]], [[10_000, 1.0]], [[0, "a"]], [[0, ["a"]]], [[0, [1], {}]]),
        *([[0, ["a"], {"a": 10_000}]], [[0, ["a"], {"a": None}]], [[0, ["a"], ["a"]]]),
    ],
    ids=repr,
)
def test_what_no_import_can_be_is_looked_for_again(
    language: str, rest: list[object], tmp_path: Path
) -> None:
    files = REPOSITORIES[language][0]
    store = _Forged(tmp_path, rest)
    for _ in range(2):
        known = Known(store)
        assert _edges(files, known) == _edges(files)
        known.save()
    assert store.number
