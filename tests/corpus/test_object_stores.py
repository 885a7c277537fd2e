"""Inputs in S3, by a server on this machine."""

import gzip
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctxtools import ConfigError, ReadError, UsageError
from ctxtools.corpus import CountStep, list_inputs, run
from ctxtools.corpus.reading import read_tables
from ctxtools.corpus.units import Unit
from ctxtools.corpus.work import work
from tests.corpus.test_driver import read_all, write_corpus

pyarrow = pytest.importorskip("pyarrow")
filesystems = pytest.importorskip("pyarrow.fs")

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an empty object store."""
    moto = pytest.importorskip("moto.server", reason="the object store is moto's server")
    started = moto.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    started.start()
    try:
        host, port = started.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        started.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes objects into a bucket."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": server}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_REGION", raising=False)
    host = server.removeprefix("http://")
    store = filesystems.S3FileSystem(
        endpoint_override=host,
        scheme="http",
        access_key="testing",
        secret_key="testing",
        region="us-east-1",
        allow_bucket_creation=True,
        allow_bucket_deletion=True,
    )
    store.create_dir("bucket")
    store.delete_dir_contents("bucket")
    return store


def put(store: Any, path: str, data: bytes) -> None:
    with store.open_output_stream(f"bucket/{path}", compression=None) as stream:
        stream.write(data)


def names(*inputs: str) -> list[str]:
    return [each.uri for each in list_inputs(inputs)]


def texts_of(*inputs: str) -> list[str]:
    tables = (
        table for each in list_inputs(inputs) for table in read_tables(Unit(each), text="text")
    )
    return [text for table in tables for text in table.column("text").to_pylist()]


def line(text: str) -> bytes:
    return json.dumps({"text": text}).encode() + b"\n"


def test_folders_patterns_and_files(bucket: Any) -> None:
    for path in ("in/a.jsonl", "in/b/c.jsonl", "in/b/notes.md", "in/_tmp/d.jsonl", "x.jsonl"):
        put(bucket, path, line(path))
    assert names("s3://bucket/in") == ["s3://bucket/in/a.jsonl", "s3://bucket/in/b/c.jsonl"]
    assert names("s3://bucket/in/") == names("s3://bucket/in")
    assert names("s3://bucket/*/b/*.jsonl") == ["s3://bucket/in/b/c.jsonl"]
    assert names("s3://bucket/**/*.jsonl")[-1] == "s3://bucket/x.jsonl"
    assert names("s3://bucket/x.jsonl") == ["s3://bucket/x.jsonl"]
    assert texts_of("s3://bucket/in") == ["in/a.jsonl", "in/b/c.jsonl"]
    with pytest.raises(UsageError, match=r"s3://bucket/in/a\.jsonl is named twice"):
        names("s3://bucket/in", "s3://bucket/in/a.jsonl")
    with pytest.raises(ReadError, match="s3://bucket/none: no such file"):
        names("s3://bucket/none")
    with pytest.raises(UsageError, match="no file of a known format"):
        names("s3://bucket/in/*.csv")


def test_formats(bucket: Any, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "in", 1)
    put(bucket, "a.parquet", (corpus / "0.parquet").read_bytes())
    put(bucket, "b.jsonl.gz", gzip.compress(line("b")))
    put(bucket, "c.csv", b"text\nc\n")
    assert texts_of("s3://bucket/a.parquet") == texts_of(str(corpus))
    assert texts_of("s3://bucket/b.jsonl.gz", "s3://bucket/c.csv") == ["b", "c"]


def test_the_address_may_be_in_the_uri(
    bucket: Any, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    put(bucket, "in/a.jsonl", line("a"))
    query = f"?endpoint_override={server}&region=us-east-1"
    assert names(f"s3://bucket/in{query}") == [f"s3://bucket/in/a.jsonl{query}"]
    assert names(f"s3://bucket/*/*.jsonl{query}") == [f"s3://bucket/in/a.jsonl{query}"]
    assert texts_of(f"s3://bucket/in{query}") == ["a"]
    with pytest.raises(UsageError, match="unknown option 'profile'"):
        names(f"s3://bucket/in{query}&profile=me")


def test_an_object_that_changes_while_it_is_read(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "a.jsonl", line("a"))
    (found,) = list_inputs(["s3://bucket/a.jsonl"])
    put(bucket, "a.jsonl", line("another text"))
    (tmp_path / "_parts").mkdir()
    with pytest.raises(ReadError, match=r"s3://bucket/a\.jsonl: has changed while it was read"):
        work(Unit(found), CountStep(), str(tmp_path))
    assert not list(tmp_path.glob("*.parquet"))


def ctx(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """In a process of its own, whose children have its environment."""
    command = [sys.executable, "-m", "ctxtools", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_a_run_does_what_changed_again_and_no_more(bucket: Any, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        put(bucket, f"in/{name}.jsonl", line(f"a text of {name}"))
    command = ("corpus", "count", "s3://bucket/in", "-o", str(tmp_path / "out"), "--json")
    first = ctx(*command)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["rows_out"] == 3
    put(bucket, "in/b.jsonl", line("a") * 2)
    second = json.loads(ctx(*command).stdout)
    assert (second["reused"], second["rows_out"]) == (2, 4)
    counts = [row["o200k_base"] for row in read_all(tmp_path / "out")]
    assert counts == [4, 1, 1, 4]


def test_datasets_in_a_bucket(bucket: Any) -> None:
    for name in ("data-0.arrow", "data-1.arrow", "cache-0.arrow"):
        table = pyarrow.table({"text": [name]})
        data = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(data, table.schema) as writer:
            writer.write_table(table)
        put(bucket, f"saved/{name}", data.getvalue())
    state = {"_data_files": [{"filename": "data-1.arrow"}]}
    put(bucket, "saved/state.json", json.dumps(state).encode())
    assert texts_of("s3://bucket/saved") == ["data-1.arrow"]


def test_a_store_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    ran = ctx("corpus", "count", "s3://bucket/in", "-o", str(tmp_path / "out"))
    assert ran.returncode == 2
    assert "error: s3://bucket/in: " in ran.stderr
    assert "hint: check the network, the endpoint" in ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("uri", ["s3://bucket/out", "gs://bucket/out", "file:///tmp/out"])
def test_no_store_takes_the_output(uri: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="cannot be written, only read") as raised:
        run([tmp_path / "missing"], CountStep(), uri)
    assert "copy" in str(raised.value)
    assert os.listdir(tmp_path) == []


def test_uris_that_are_wrong() -> None:
    for uri in ("s3://", "none://bucket/in"):
        with pytest.raises(ReadError, match=uri):
            list_inputs([uri])
