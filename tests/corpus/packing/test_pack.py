"""Corpora packed into windows on disk: every token once, as `PackedDataset` puts it together."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from ctxtools import UsageError  # noqa: E402
from ctxtools.corpus import PackOptions, pack, verify  # noqa: E402
from tests.corpus.packing.packing import (  # noqa: E402
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


@pytest.mark.parametrize("format", ["megatron", "mds", "numpy"])
def test_columns_that_a_format_does_not_have(tmp_path: Path, format: Any) -> None:
    table = pyarrow.table({"ids": [[10, 11], [12]], "raw": [b"a", b"b"]})
    parquet.write_table(table, tmp_path / "in.parquet")
    options: dict[str, Any] = {"column": "ids", "eos": (), "format": format}
    with pytest.raises(UsageError, match="column 'raw' cannot be written as JSON"):
        pack(
            [tmp_path / "in.parquet"], tmp_path / "out", PackOptions(8, **options), engine=Inline()
        )
    options["keep"] = ()
    done(
        pack(
            [tmp_path / "in.parquet"], tmp_path / "kept", PackOptions(8, **options), engine=Inline()
        )
    )
    assert windows_of(tmp_path / "kept")[0]["input_ids"] == [10, 11, 12]
