"""Arguments of the wrong kind, and numbers of more than 64 bits, with the kernel and without it."""

from collections.abc import Callable
from typing import Any

import pytest

from ctxtools import Chunker, pack, pack_messages, pack_parts, pack_sequences, read_documents
from ctxtools.documents import find_files
from ctxtools.encodings import Encoding
from ctxtools.errors import CtxtoolsError, UsageError

TEXT = "hello world, some text\n" * 50
HUGE = [2**63 - 1, 2**63, 2**64, 10**30]


@pytest.mark.parametrize("limit", HUGE)
def test_a_huge_limit_is_kept(limit: int, o200k: Encoding) -> None:
    n = o200k.count(TEXT)
    assert o200k.fits(TEXT, limit)
    assert o200k.count_till_limit(TEXT, limit) == n
    for side in ("left", "right"):
        assert o200k.truncate(TEXT, limit, side=side) == TEXT
    assert o200k.count(TEXT * 2000, threads=limit) == o200k.count(TEXT * 2000)
    one = pack({"a": TEXT}, o200k, budget=limit)
    (part,) = pack_parts({"a": TEXT}, o200k, part_limit=limit)
    assert one.token_count == o200k.count(one.text)
    assert part.token_count == o200k.count(part.text)
    assert pack_messages([{"role": "user", "content": "a"}], o200k, budget=limit).messages


@pytest.mark.parametrize(
    "use",
    [
        lambda n: Chunker("o200k_base", chunk_size=n),
        lambda n: Chunker("o200k_base", chunk_size=10, chunk_overlap=n),
        lambda n: Chunker("o200k_base", chunk_size=10, min_size=n),
        lambda n: pack_sequences([1], window=n),
        lambda n: pack_sequences([n], window=10),
        lambda n: pack_sequences([1], window=10, eos_tokens=n),
    ],
)
@pytest.mark.parametrize("number", HUGE[1:])
def test_or_it_is_an_error_in_words(use: Callable[[int], Any], number: int) -> None:
    with pytest.raises(CtxtoolsError, match=r"\d"):
        use(number)


@pytest.mark.parametrize("block", [None, 5, ["a"]])
def test_a_counter_takes_texts(block: Any, o200k: Encoding) -> None:
    counter = o200k.counter()
    counter.feed("a ")
    with pytest.raises(UsageError, match="block must be a str or bytes, got"):
        counter.feed(block)
    counter.feed(b"b")
    assert counter.finish() == o200k.count("a b")


@pytest.mark.parametrize("path", [None, 5, ["a"]])
def test_paths_are_paths(path: Any, o200k: Encoding) -> None:
    kind = type(path).__name__
    for use in (o200k.count_files, read_documents, find_files):
        with pytest.raises(UsageError, match=f"path 1 must be a str or a Path, got {kind}"):
            use(["README.md", path])
    if not isinstance(path, list):
        for use in (o200k.count_files, read_documents, find_files):
            with pytest.raises(UsageError, match=f"paths must be a list of str, got {kind}"):
                use(path)
