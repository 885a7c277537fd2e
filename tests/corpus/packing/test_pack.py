"""Corpora packed into windows on disk: every token once, as `PackedDataset` puts it together."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings

pytest.importorskip("pyarrow")

from ctxtools.corpus import PackOptions, pack, verify
from tests.corpus.packing.packing import (
    FIRST,
    Inline,
    Row,
    corpora,
    done,
    expected_windows,
    packings,
    windows_of,
    write_files,
)

pytestmark = pytest.mark.usefixtures("unsynced")


@given(corpora(), packings())
@settings(max_examples=40)
def test_windows_hold_every_token_once(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[Row]], options: PackOptions
) -> None:
    folder = tmp_path_factory.mktemp("pack")
    inputs = write_files(folder / "in", files)
    result = done(pack([inputs], folder / "out", options, engine=Inline()))
    windows = windows_of(folder / "out")
    assert windows == expected_windows(files, options)
    tokens = Counter(id for window in windows for id in window["input_ids"] if id >= FIRST)
    assert tokens == Counter(wanted_tokens(files, options))
    assert result.manifest
    check_accounts(result.manifest.facts["inputs"], files, options)
    if options.group_by and (options.keep is None or "language" in options.keep):
        assert all(len({*window["piece_language"]}) == 1 for window in windows)
    assert verify(folder / "out") == []


def wanted_tokens(files: list[list[Row]], options: PackOptions) -> list[int]:
    found = options.resolve()
    capacity = found.window - len(found.eos)
    tokens: list[int] = []
    for rows in files:
        for row in rows:
            ids = row["ids"] or []
            if len(ids) > capacity and options.overlong != "split":
                ids = ids[:capacity] if options.overlong == "truncate" else []
            tokens += ids
    return tokens


def check_accounts(accounts: Any, files: list[list[Row]], options: PackOptions) -> None:
    left_out = len(wanted_tokens(files, options))
    assert [each["rows"] for each in accounts] == list(map(len, files))
    assert [each["nulls"] for each in accounts] == [
        sum(row["ids"] is None for row in rows) for rows in files
    ]
    assert [each["empty"] for each in accounts] == [
        sum(not row["ids"] for row in rows) for rows in files
    ]
    tokens = sum(each["tokens"] for each in accounts)
    assert tokens - sum(each["left_out"] for each in accounts) == left_out
