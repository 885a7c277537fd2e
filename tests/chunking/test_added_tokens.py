"""Chunks keep their limit with the tokens that a tokenizer itself adds: what the model sees."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ctxtools.chunking.chunker import Chunker
from ctxtools.encodings import get_encoding
from ctxtools.errors import UsageError
from ctxtools.packing import token_boundaries
from tests.encodings.test_added_ids import MAKERS, load, post_processors, with_cls_and_sep

TEXT = "The cat sleeps. It dreams of mice, and of a bed.\n\n# Dogs\n\nA dog runs on and on. " * 9


def encoder(kind: str, folder: Path, post_processor: Any = None) -> tuple[Tokenizer, Any]:
    tokenizer = MAKERS[kind]()
    if post_processor is None:
        tokenizer = with_cls_and_sep(tokenizer)
    else:
        tokenizer.post_processor = post_processor
    return tokenizer, load(tokenizer, folder)


@pytest.mark.parametrize("kind", MAKERS)
@given(
    post_processor=post_processors,
    text=st.text("ab the.\n#", max_size=80).map(lambda text: text * 3),
    size=st.integers(1, 24),
    nested=st.booleans(),
    options=st.fixed_dictionaries(
        {
            "header": st.booleans(),
            "strategy": st.sampled_from(["optimal", "greedy"]),
            "format": st.sampled_from(["text", "markdown"]),
        }
    ),
)
def test_a_model_sees_at_most_the_size(
    kind: str, post_processor: Any, text: str, size: int, nested: bool, options: Any
) -> None:
    with TemporaryDirectory() as folder:
        tokenizer, encoding = encoder(kind, Path(folder), post_processor)
    added = tokenizer.num_special_tokens_to_add(is_pair=False)
    sizes = (2 * size, size) if nested else (size,)
    if size <= added:
        with pytest.raises(UsageError, match=f"chunk_size must be > {added}, got {size}"):
            Chunker(encoding, sizes, **options)
        return
    chunker = Chunker(encoding, sizes, min_size=min(2, size - added), **options)
    assert (chunker.chunk_sizes, chunker.chunk_size) == (sizes, sizes[0])
    chunks = list(chunker.chunk(text))
    for chunk in chunks:
        limit = sizes[0] if chunk.parent_id is None else sizes[-1]
        assert len(tokenizer.encode(chunk.text).ids) <= limit
        assert encoding.count(chunk.text) == chunk.token_count <= limit - added
    whole = Chunker(encoding, [n - added for n in sizes], add_special_tokens=False, **options)
    if not chunker.min_size:
        assert chunks == list(whole.chunk(text)), "the same cuts, the same ids"


def test_the_summary_says_what_is_added(tmp_path: Path) -> None:
    _, encoding = encoder("words", tmp_path)
    chunks = Chunker(encoding, 10, prefer="fill").chunk(TEXT)
    kept = list(chunks)
    summary = chunks.summary
    assert (summary.limit, summary.tokens_added, summary.largest) == (10, 2, 8)
    assert summary.tokens == sum(chunk.token_count for chunk in kept)
    assert summary.fill == (summary.tokens + 2 * len(kept)) / (10 * len(kept))
    assert (summary + summary).tokens_added == 2
    assert Chunker(encoding, 10).tokens_added == 2
    assert Chunker(encoding, 10, add_special_tokens=False).tokens_added == 0


def test_what_adds_nothing_is_as_before() -> None:
    plain = list(Chunker("cl100k_base", 16, add_special_tokens=False).chunk(TEXT))
    assert list(Chunker("cl100k_base", 16).chunk(TEXT)) == plain
    assert Chunker(len, 50).tokens_added == 0
    assert get_encoding("cl100k_base").tokens_added == 0  # of text-embedding-3


def test_a_size_is_checked_first(tmp_path: Path) -> None:
    _, encoding = encoder("words", tmp_path)
    for size in (0, -3, 1, 2, (9, 2)):
        with pytest.raises(UsageError, match="chunk_size must be > 2"):
            Chunker(encoding, size)
    for other in (2.5, True, ()):
        with pytest.raises(UsageError, match="chunk_size must be from 1"):
            Chunker(encoding, other)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="chunk_overlap must be from 0 to 5, got 6"):
        Chunker(encoding, 8, 6)


def test_pieces_of_training_windows_have_nothing_around_them(tmp_path: Path) -> None:
    _, encoding = encoder("words", tmp_path)
    assert max(token_boundaries("a b. " * 9, encoding, 2)) > 2
