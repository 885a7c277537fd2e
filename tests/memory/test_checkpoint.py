"""The size of weights by files: headers of safetensors, an index, a GGUF file."""

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import CtxtoolsError, FormatError, ReadError, UsageError
from ctxtools.memory.checkpoint import size_of_weights
from tests.hanging import no_hang
from tests.memory import configs


def tensors(*sizes: int, header: Any = None) -> bytes:
    """A safetensors file without its data."""
    start, table = 0, {"__metadata__": {"format": "pt"}}
    for number, size in enumerate(sizes):
        facts: Any = {"dtype": "BF16", "shape": [size // 2], "data_offsets": [start, start + size]}
        table[f"t{number}"] = facts
        start += size
    text = json.dumps(table if header is None else header).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps(configs.GQA))
    return tmp_path


def test_headers_of_shards(model: Path) -> None:
    (model / "model-00001-of-00002.safetensors").write_bytes(tensors(1000, 2000))
    (model / "model-00002-of-00002.safetensors").write_bytes(tensors(30))
    assert ctx.architecture_of(model).weight_bytes == 3030
    assert size_of_weights(model)[0] == 3030
    made = ctx.plan_memory(model, "h100", 2, 1000)
    assert made.term("weights").interval.typical == pytest.approx(1515, abs=1)
    # In another format the files say nothing.
    assert ctx.plan_memory(model, "h100", 2, 1000, dtype="fp8").term(
        "weights"
    ).interval.typical > 10**6  # fmt: skip


def test_weights_that_are_there_twice_count_once(model: Path) -> None:
    (model / "model-00001-of-00001.safetensors").write_bytes(tensors(1000))
    (model / "consolidated.safetensors").write_bytes(tensors(1000))
    index = {"metadata": {"total_size": 1000}, "weight_map": {}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    assert ctx.architecture_of(model).weight_bytes == 1000


def test_an_index_without_its_shards(model: Path) -> None:
    index = model / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 123456}, "weight_map": {}}))
    assert ctx.architecture_of(model).weight_bytes == 123456
    assert size_of_weights(index)[0] == 123456
    index.write_text('{"metadata": {"total_size": 7.0}}')
    assert size_of_weights(index)[0] == 7


def test_gguf(model: Path) -> None:
    for name, size in (("a-q4.gguf", 5000), ("a-q8.gguf", 9000)):
        with open(model / name, "wb") as file:
            file.truncate(size)
    assert ctx.architecture_of(model).weight_bytes == 9000
    assert size_of_weights(str(model / "a-q4.gguf")) == (5000, "the size of a-q4.gguf")


def test_weights_are_no_configuration(model: Path) -> None:
    (model / "a.gguf").write_bytes(b"GGUF")
    with pytest.raises(FormatError) as caught:
        ctx.plan_memory(str(model / "a.gguf"), "h100", context=1)
    assert "--weights FILE" in str(caught.value.hint)


def test_no_weights(model: Path) -> None:
    assert ctx.architecture_of(model).weight_bytes is None
    with pytest.raises(ReadError, match="has no weights"):
        size_of_weights(model)


def test_sizes() -> None:
    assert size_of_weights("860GB") == (860 * 10**9, "as given")
    assert size_of_weights(5 * 10**9) == (5 * 10**9, "as given")
    wrong: object
    for wrong in ("/nonexistent", "", "nan", True, None, 1.5, -1, 5, "5", b"5", [], 10**5000):
        with pytest.raises(UsageError):
            size_of_weights(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 7,
        b"\xff" * 8,
        struct.pack("<Q", 10),
        struct.pack("<Q", 2**40) + b"{}",
        struct.pack("<Q", 3) + b"{}}",
        struct.pack("<Q", 200_000) + b"[" * 200_000,
        tensors(header=[]),
        tensors(header={"a": 5}),
        tensors(header={"a": {"data_offsets": [0]}}),
        tensors(header={"a": {"data_offsets": [5, 0]}}),
        tensors(header={"a": {"data_offsets": [0, -5]}}),
        tensors(header={"a": {"data_offsets": [0, 2**70]}}),
        tensors(header={"a": {"data_offsets": [0.5, 1]}}),
        tensors(header={"a": {"data_offsets": "ab"}}),
    ],
)
def test_damaged_headers(data: bytes, model: Path) -> None:
    (model / "model.safetensors").write_bytes(data)
    with pytest.raises(FormatError, match=r"model\.safetensors"), no_hang():
        ctx.architecture_of(model)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"metadata": 5}', '{"metadata": {"total_size": -1}}', "[" * 99_999]
)
def test_damaged_indexes(text: str, model: Path) -> None:
    (model / "model.safetensors.index.json").write_text(text)
    with pytest.raises(FormatError, match=r"index\.json"):
        ctx.architecture_of(model)


def test_links_that_lead_out(model: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.safetensors"
    elsewhere.write_bytes(tensors(10))
    for target in (elsewhere, Path("/dev/zero")):
        link = model / "model.safetensors"
        link.symlink_to(target)
        with pytest.raises(ReadError), no_hang():
            ctx.architecture_of(model)
        link.unlink()
    os.mkfifo(model / "model.safetensors")
    with pytest.raises(ReadError), no_hang():
        ctx.architecture_of(model)


def test_the_cache_of_the_hub(tmp_path: Path) -> None:
    """There, the files of a model are links to blobs beside it."""
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "abc"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    (blobs / "1").write_text(json.dumps(configs.GQA))
    (blobs / "2").write_bytes(tensors(77))
    (snapshot / "config.json").symlink_to(Path("../../blobs/1"))
    (snapshot / "model.safetensors").symlink_to(Path("../../blobs/2"))
    assert ctx.architecture_of(snapshot).weight_bytes == 77


def test_a_folder_is_found_by_its_path(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model)
    for path in (".", "./", str(model), "config.json", model):
        assert ctx.plan_memory(path, "h100", context=1).architecture.basis == "computed"
    with pytest.raises(CtxtoolsError):
        ctx.plan_memory("missing.json", "h100", context=1)
