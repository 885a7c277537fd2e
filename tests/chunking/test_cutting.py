"""The chunks of any document are the same with the kernel and without it."""

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Chunker, Encoding, _core, get_encoding
from tests.core import needs_kernel
from tests.core.engines import tiktoken

_PIECES = st.tuples(
    st.sampled_from(
        [
            *("word ", "A sentence. ", "Is it? ", "\n", "\n\n", "\r\n", "# Title\n\n", "## Part\n"),
            *("| a | b |\n|---|---|\n| c | d |\n| e | f |\n\n", "- item\n", "> quote\n"),
            *("這是一句。", "你好，", "ภาษาไทย", "x" * 40, "https://example.com/a-b?c=1 "),
            *(
                "e\u0301",
                "\U0001f1e9\U0001f1ea",
                "\U0001f468\u200d\U0001f469 ",
                "\U00013000",
                "\ud800",
            ),
            *("def f(a):\n    return a\n\n", "<p>text</p>\n", '{"a": [1, 2]}\n', "a,b\n1,2\n"),
        ]
    ),
    st.integers(1, 6),
).map(lambda pair: pair[0] * pair[1])
TEXTS = st.lists(_PIECES, max_size=25).map("".join)
OPTIONS = st.fixed_dictionaries(
    {
        "chunk_size": st.sampled_from([8, 16, 60, (64, 16), (100, 40, 12)]),
        "chunk_overlap": st.integers(0, 7),
        "min_size": st.integers(0, 8),
        "strategy": st.sampled_from(["optimal", "greedy"]),
        "format": st.sampled_from(["text", "markdown", "python", "html", "json", "csv"]),
        "header": st.booleans(),
        "on_oversize": st.just("split-tokens"),
    }
)


def outcome(encoding: Any, text: str, options: dict[str, Any]) -> Any:
    chunks = Chunker(encoding, **options).chunk(text)
    return [*chunks], chunks.summaries


@needs_kernel
@settings(max_examples=150)
@given(TEXTS, OPTIONS, st.booleans())
def test_chunks_are_the_same_without_the_kernel(
    text: str, options: dict[str, Any], is_function: bool
) -> None:
    """For a function that counts too, whose index takes the words from the kernel."""
    count = get_encoding("o200k_base").count
    ours: Any = count if is_function else get_encoding("o200k_base")
    theirs: Any = count if is_function else Encoding("o200k_base", tiktoken("o200k_base"))
    with_kernel = outcome(ours, text, options)
    with pytest.MonkeyPatch.context() as patch:
        for name, home in _core._FALLBACKS.items():
            value = getattr(import_module(f"ctxtools._core.fallback.{home}"), name)
            patch.setattr(_core, name, value, raising=False)
        assert outcome(theirs, text, options) == with_kernel
