"""What may be asked of a packing, and what it says of data that cannot be packed."""

import json
from pathlib import Path
from typing import Any

import pytest

pyarrow = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402

from ctxtools import UnknownEncodingError, UsageError, get_encoding  # noqa: E402
from ctxtools.corpus import PackOptions, load_manifest, pack  # noqa: E402
from tests.corpus.packing.packing import Inline, done, windows_of  # noqa: E402

pytestmark = pytest.mark.usefixtures("unsynced")


def packed(tmp_path: Path, columns: dict[str, Any], options: PackOptions) -> Any:
    parquet.write_table(pyarrow.table(columns), tmp_path / "in.parquet")
    return pack([tmp_path / "in.parquet"], tmp_path / "out", options, engine=Inline())


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("o200k_base", "<|endoftext|>"),
        ("gpt-4", "<|endoftext|>"),
        ("qwen3-8b", "<|endoftext|>"),
        ("deepseek-v4-pro", "<｜end▁of▁sentence｜>"),
    ],
)
def test_the_eos_of_an_encoding(tmp_path: Path, name: str, end: str) -> None:
    options = PackOptions(16, encoding=name)
    (eos,) = options.resolve().eos
    assert PackOptions(16, encoding=name, eos=end).resolve().eos == (eos,)
    done(packed(tmp_path, {"text": ["One two.", None, "Three."]}, options))
    (window,) = windows_of(tmp_path / "out")
    assert list(window["input_ids"]).count(eos) == 2


def test_texts_are_encoded_as_text(tmp_path: Path) -> None:
    texts = ["One <|endoftext|> two.", "中文 and more\n\n"]
    options = PackOptions(64, encoding="o200k_base", eos=(), pad="<|endoftext|>")
    done(packed(tmp_path, {"text": texts, "input_ids": [1, 2]}, options))
    (window,) = windows_of(tmp_path / "out")
    encode = get_encoding("o200k_base").encode
    ids = sorted(map(encode, texts), key=len, reverse=True)
    assert window["input_ids"][: window["filled"]] == ids[0] + ids[1]
    assert {*window["input_ids"][window["filled"] :]} == {199999}


@pytest.mark.parametrize("format", ["megatron", "mds", "numpy", "gathered"])
def test_formats(tmp_path: Path, format: Any) -> None:
    columns = {"text": ["One two three.", "Four.", "Five six"] * 9, "n": [*range(27)]}
    options: dict[str, Any] = {"encoding": "o200k_base", "pad": 0, "ignore": ("first",), "seed": 1}
    done(packed(tmp_path, columns, PackOptions(16, **options)))
    expected = windows_of(tmp_path / "out")
    done(
        pack(
            [tmp_path / "in.parquet"], tmp_path / format, PackOptions(16, format=format, **options)
        )
    )
    assert windows_of(tmp_path / format) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "EOS is not known without an encoding"),
        ({"eos": "<eos>", "encoding": "o200k_base"}, "no special token '<eos>' in o200k_base"),
        ({"eos": "<eos>"}, "without an encoding"),
        ({"eos": -1}, "eos must be"),
        ({"eos": "none", "pad": "none", "seed": -1}, "seed must be"),
        ({"eos": (), "window": 2**40}, "window must be <="),
        ({"eos": (), "format": "csv"}, "format"),
        ({"eos": (), "ignore": ("last",)}, "tokens to ignore"),
        ({"eos": (), "labels": False, "loss_mask": "m"}, "a loss mask without labels"),
        ({"eos": (1, 2, 3), "window": 3}, "window must be > eos_tokens"),
    ],
)
def test_options_that_cannot_be_used(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        pack([tmp_path], tmp_path / "out", PackOptions(**{"window": 16, **options}))
    assert not (tmp_path / "out").exists()


def test_an_encoding_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncodingError):
        pack([tmp_path], tmp_path / "out", PackOptions(16, encoding="none"))


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"text": ["a"]}, {}, "not of lists of ids"),
        ({"body": [[1]]}, {}, "unknown column 'text'"),
        ({"text": [[1, None]]}, {}, "a null among ids"),
        ({"text": [[-1]]}, {}, "encod|no id"),
        ({"text": [[2**40]]}, {}, "no id"),
        ({"text": [[1]]}, {"keep": ("other",)}, "unknown column 'other'"),
        ({"text": [[1]]}, {"group_by": "other"}, "unknown column 'other'"),
        ({"text": [[1]], "g": [[1]]}, {"group_by": "g"}, "to group by is of"),
    ],
)
def test_parts_that_fail(
    tmp_path: Path, columns: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    (error,) = packed(tmp_path, columns, PackOptions(16, eos=(), **options)).failed
    import re

    assert re.search(message, str(error)), error
    assert str(tmp_path / "in.parquet") in str(error)


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"text": [[1], [2]], "m": [[1], None]}, {}, "null in 1 documents"),
        ({"text": [[1], [2]], "m": [[1], [1, 1]]}, {"loss_mask": "m"}, "no number for each id"),
        ({"text": [[1] * 20]}, {"overlong": "raise"}, "longer than the window"),
    ],
)
def test_corpora_that_cannot_be_packed(
    tmp_path: Path, columns: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        packed(tmp_path, columns, PackOptions(16, eos=(), **options))


def test_too_many_groups(tmp_path: Path) -> None:
    columns = {"text": [[1]] * 1001, "g": [*range(1001)]}
    (error,) = packed(tmp_path, columns, PackOptions(16, eos=(), group_by="g")).failed
    assert "more than 1,000 values" in str(error)


def test_files_of_other_columns(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    parquet.write_table(pyarrow.table({"text": [[1, 2]], "a": [1]}), folder / "0.parquet")
    rows = [{"text": [3], "b": {"c": "x"}}, {"text": None}]
    (folder / "1.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done(pack([folder], tmp_path / "out", PackOptions(8, eos=()), engine=Inline()))
    (window,) = windows_of(tmp_path / "out")
    assert window["input_ids"] == [1, 2, 3]
    assert window["piece_a"] == [1, None]
    assert window["piece_b"] == [None, {"c": "x"}]
    facts = load_manifest(tmp_path / "out").facts
    assert [(each["rows"], each["nulls"]) for each in facts["inputs"]] == [(1, 0), (2, 1)]


@pytest.mark.parametrize(
    ("types", "message"),
    [
        ([["a"], [1], [1]], "column 'c' has several types: string in {0}, int64 in {1}"),
        ([[None], [1.5], ["a"]], "column 'c' has several types: double in {1}, string in {2}"),
        ([[1], [1.5], [[1]]], "column 'c' has several types: int64 in {0}, list<.*> in {2}"),
    ],
)
def test_files_with_a_column_of_several_types(tmp_path: Path, types: Any, message: str) -> None:
    """Are named as soon as they are encoded, and again when the run goes on."""
    folder = tmp_path / "in"
    folder.mkdir()
    paths = [folder / f"{number}.parquet" for number in range(9)]
    for number, path in enumerate(paths):
        columns = {"text": [[1, 2]], "c": types[min(number, 2)]}
        parquet.write_table(pyarrow.table(columns), path)
    for _ in range(2):
        with pytest.raises(UsageError, match=message.format(*paths)) as caught:
            pack([folder], tmp_path / "out", PackOptions(8, eos=()), engine=Inline())
        assert "--keep" in str(caught.value.hint)
    assert len([*(tmp_path / "out/_ids").glob("*.arrow")]) <= 3
    kept = PackOptions(8, eos=(), keep=())
    done(pack([folder], tmp_path / "kept", kept, engine=Inline()))


def test_records_that_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": [1, 2]}\n{"text":\n{"text": [3]}\n')
    options = PackOptions(8, eos=())
    (error,) = pack([tmp_path / "a.jsonl"], tmp_path / "out", options, engine=Inline()).failed
    assert "line 2" in str(error)
    result = pack(
        [tmp_path / "a.jsonl"], tmp_path / "out", options, engine=Inline(), skip_bad_records=True
    )
    manifest = done(result).manifest
    assert manifest
    assert [each["bad_records"] for each in manifest.facts["inputs"]] == [1]
    assert [window["input_ids"] for window in windows_of(tmp_path / "out")] == [[1, 2, 3]]
