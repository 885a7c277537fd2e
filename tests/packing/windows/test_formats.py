"""Files of other libraries' formats, read as those libraries read them; and damaged ones."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.errors import CtxtoolsError, FormatError, ReadError
from ctxtools.packing.training.adapters import PackedDataset
from ctxtools.packing.training.sequences import pack_sequences
from ctxtools.packing.windows.formats import mds
from ctxtools.packing.windows.stream import WindowStream

pytest.importorskip("pyarrow")
numpy = pytest.importorskip("numpy")

LENGTHS = [5, 3, 7, 6, 8, 2, 9, 4, 4, 8, 1]
ROWS = [
    {"input_ids": [*range(n)], "mask": [n % 2] * n, "score": [n / 4] * n, "source": f"é{n}"}
    for n in LENGTHS
]


def dataset(pads: bool) -> PackedDataset:
    plan = pack_sequences(LENGTHS, 10, eos_tokens=1)
    return PackedDataset(plan, ROWS, eos=0, pad=60_000 if pads else None)


def names_of(folder: Path, suffix: str) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.endswith(suffix))


@pytest.mark.parametrize("pads", [True, False])
def test_numpy_opens_the_files(tmp_path: Path, pads: bool) -> None:
    windows = list(dataset(pads))
    dataset(pads).save(tmp_path, "numpy", windows_per_shard=4, vocabulary=60_001)
    at = 0
    for path in names_of(tmp_path, ".filled.npy"):
        stem = path.name.removesuffix(".filled.npy")

        def load(name: str, stem: str = stem) -> Any:
            return numpy.load(tmp_path / f"{stem}.{name}.npy", mmap_mode="r")

        some = windows[at : at + len(load("filled"))]
        at += len(some)
        assert load("filled").tolist() == [each["filled"] for each in some]
        types = {"input_ids": "uint16", "position_ids": "int32", "labels": "int32"}
        for name, kind in {**types, "mask": "int64", "score": "float64"}.items():
            assert load(name).dtype == kind
            if pads:
                assert load(name).shape == (len(some), 10)
                assert load(name).tolist() == [each[name].tolist() for each in some]
            else:
                bounds = load("input_ids.offsets")[1:-1]
                found = numpy.split(load(name), bounds)
                assert [each.tolist() for each in found] == [each[name].tolist() for each in some]
        offsets = numpy.split(load("cu_seqlens"), load("cu_seqlens.offsets")[1:-1])
        assert [each.tolist() for each in offsets] == [each["cu_seqlens"].tolist() for each in some]
        texts = numpy.split(load("piece_source"), load("piece_source.offsets")[1:-1])
        assert [json.loads(each.tobytes()) for each in texts] == [
            each["piece_source"] for each in some
        ]
    assert at == len(windows)


def indexed_dataset(stem: Path) -> tuple[list[list[int]], list[int], Any]:
    """The sequences of a .bin and its .idx, and the sequences that documents start with: read in
    the steps of Megatron-Core's _IndexReader."""
    kinds = {4: numpy.int32, 8: numpy.uint16}
    index = Path(f"{stem}.idx").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00"
    assert struct.unpack_from("<Q", index, 9) == (1,)
    kind = kinds[index[17]]
    sequences, documents = struct.unpack_from("<QQ", index, 18)
    at = 34
    lengths = numpy.frombuffer(index, numpy.int32, sequences, at)
    pointers = numpy.frombuffer(index, numpy.int64, sequences, at + lengths.nbytes)
    of_documents = numpy.frombuffer(
        index, numpy.int64, documents, at + lengths.nbytes + pointers.nbytes
    )
    assert at + lengths.nbytes + pointers.nbytes + of_documents.nbytes == len(index)
    data = Path(f"{stem}.bin").read_bytes()
    found = [
        numpy.frombuffer(data, kind, length, pointer).tolist()
        for length, pointer in zip(lengths, pointers, strict=True)
    ]
    assert sum(map(len, found)) * kind().itemsize == len(data)
    return found, of_documents.tolist(), kind


@pytest.mark.parametrize("pads", [True, False])
@pytest.mark.parametrize(
    ("vocabulary", "kind"), [(60_001, "uint16"), (70_000, "int32"), (None, "int32")]
)
def test_megatron_opens_the_files(
    tmp_path: Path, pads: bool, vocabulary: int | None, kind: str
) -> None:
    windows = list(dataset(pads))
    dataset(pads).save(tmp_path, "megatron", windows_per_shard=4, vocabulary=vocabulary)
    at = 0
    for path in names_of(tmp_path, ".idx"):
        sequences, documents, found = indexed_dataset(tmp_path / path.name.removesuffix(".idx"))
        assert found.__name__ == kind
        assert documents == [*range(len(sequences) + 1)]
        some = windows[at : at + len(sequences)]
        assert sequences == [each["input_ids"].tolist() for each in some]
        at += len(sequences)
    assert at == len(windows)


def mds_samples(folder: Path) -> list[dict[str, Any]]:
    """The samples of a folder, read in the steps of MosaicML's MDSReader and its encodings."""
    index = json.loads((folder / "index.json").read_text())
    assert index["version"] == 2
    samples = []
    for shard in index["shards"]:
        assert (shard["format"], shard["compression"], shard["hashes"]) == ("mds", None, [])
        data = (folder / shard["raw_data"]["basename"]).read_bytes()
        assert len(data) == shard["raw_data"]["bytes"] <= shard["size_limit"]
        assert numpy.frombuffer(data[:4], numpy.uint32)[0] == shard["samples"]
        assert shard["column_names"] == sorted(shard["column_names"])
        for number in range(shard["samples"]):
            start, end = numpy.frombuffer(data[4 + 4 * number : 12 + 4 * number], numpy.uint32)
            samples.append(mds_sample(data[start:end], shard))
    return samples


def mds_sample(data: bytes, shard: dict[str, Any]) -> dict[str, Any]:
    sizes, at = [], 0
    for size in shard["column_sizes"]:
        if size is None:
            size = int(numpy.frombuffer(data[at : at + 4], numpy.uint32)[0])
            at += 4
        sizes.append(size)
    sample: dict[str, Any] = {}
    columns = zip(shard["column_names"], shard["column_encodings"], sizes, strict=True)
    for name, encoding, size in columns:
        value = data[at : at + size]
        at += size
        if encoding == "int":
            sample[name] = int(numpy.frombuffer(value, numpy.int64)[0])
        elif encoding == "json":
            sample[name] = json.loads(value.decode())
        else:
            dimensions, shape_type = value[0] >> 2, ["uint8", "uint16", "uint32"][value[0] % 4]
            head = 1 + dimensions * numpy.dtype(shape_type).itemsize
            shape = numpy.frombuffer(value[1:head], shape_type)
            array = numpy.frombuffer(value[head:], encoding.removeprefix("ndarray:"))
            sample[name] = array.reshape(shape).tolist()
    assert at == len(data)
    return sample


def as_lists(windows: Any) -> list[dict[str, Any]]:
    return [
        {name: getattr(values, "tolist", lambda v=values: v)() for name, values in each.items()}
        for each in windows
    ]


@pytest.mark.parametrize("pads", [True, False])
def test_mosaicml_opens_the_files(
    tmp_path: Path, pads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mds, "SIZE_LIMIT", 1500)  # of which a shard has several files
    dataset(pads).save(tmp_path, "mds", windows_per_shard=4)
    assert len(names_of(tmp_path, ".mds")) > 2
    assert mds_samples(tmp_path) == as_lists(dataset(pads))
    assert list(PackedDataset.open(tmp_path)) == list(dataset(pads))


def test_long_windows_for_mosaicml(tmp_path: Path) -> None:
    """Lengths of arrays have 8, 16 or 32 bits."""
    lengths = [255, 256, 65_535, 65_536]
    long = PackedDataset(
        pack_sequences(lengths, 65_536, max_documents=1), [[7] * n for n in lengths], labels=False
    )
    long.save(tmp_path, "mds")
    assert mds_samples(tmp_path) == as_lists(long)
    assert list(PackedDataset.open(tmp_path)) == list(long)


def test_mosaicml_streaming_itself(tmp_path: Path) -> None:
    streaming = pytest.importorskip("streaming.base.format", exc_type=ImportError)
    dataset(True).save(tmp_path, "mds", windows_per_shard=4)
    shards = json.loads((tmp_path / "index.json").read_text())["shards"]
    readers = [streaming.reader_from_json(str(tmp_path), None, each) for each in shards]
    found = [reader[number] for reader in readers for number in range(len(reader))]
    assert as_lists(found) == as_lists(dataset(True))


FORMATS = ["parquet", "megatron", "mds", "numpy"]


@pytest.fixture(scope="module", params=[(name, pads) for name in FORMATS for pads in (True, False)])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    format, pads = request.param
    path = tmp_path_factory.mktemp("windows") / "out"
    dataset(pads).save(path, format, windows_per_shard=4)
    return path


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_files_are_refused_or_read(folder: Path, data: st.DataObject) -> None:
    """Any byte of any file may be another, and any file may end early: there is an error that says
    which file it is, or windows whose columns fit together."""
    path = data.draw(st.sampled_from(sorted(folder.iterdir())))
    original = path.read_bytes()
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(
            st.integers(0, min(len(changed), 400) - 1) | st.integers(0, len(changed) - 1)
        )
        changed[at] = data.draw(st.sampled_from([0, 1, 9, 127, 128, 255]))
    path.write_bytes(changed[: data.draw(st.just(len(changed)) | st.integers(0, len(changed)))])
    try:
        for window in PackedDataset.open(folder):
            assert window["cu_seqlens"][-1] == len(window["input_ids"]) == len(window["mask"]) <= 10
    except CtxtoolsError as error:
        assert str(folder) in str(error)
    finally:
        path.write_bytes(original)


def test_files_that_end_early_are_refused(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".json"):  # of which the last byte ends the line
            continue
        original = path.read_bytes()
        path.write_bytes(original[:-1])
        with pytest.raises(FormatError) as caught:
            list(PackedDataset.open(folder))
        path.unlink()
        assert str(folder) in str(caught.value)
        with pytest.raises(ReadError, match="no such file"):
            list(WindowStream(folder))
        path.write_bytes(original)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": "zip"}, "unknown format"),
        ({"format": "gathered"}, "has a gathering"),
        ({"window": 0}, "0 is no number"),
        ({"window": "10"}, "'10' is no number"),
        ({"windows": 5}, "5 windows, 7 in shards"),
        ({"shards": [{"name": "../windows-00000", "windows": 8}]}, "no name of a file"),
        ({"shards": [{"name": "/etc/passwd", "windows": 8}]}, "no name of a file"),
        ({"shards": [{"name": "..", "windows": 8}]}, "no name of a file"),
        ({"shards": [{"name": "a", "windows": -1}]}, "-1 is no number"),
        ({"shards": [{"name": "a"}]}, "'windows'"),
        ({"columns": []}, "items"),
        ({"pad": 1.5}, "1.5 is no number"),
    ],
)
def test_other_windows_json(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    dataset(True).save(tmp_path)
    path = tmp_path / "windows.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(FormatError, match=rf"windows\.json: not of windows .*{reason}"):
        PackedDataset.open(tmp_path)
    path.write_text("[" * 100_000)
    with pytest.raises(FormatError, match=r"windows\.json: not of windows"):
        PackedDataset.open(tmp_path)
