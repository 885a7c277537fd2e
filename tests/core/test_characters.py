"""BPE from characters in the kernel: the ids of `tokenizers`, whatever the vocabulary is."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tests.core import needs_kernel

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
letters = st.text("ab\u2581\u00e9", min_size=1, max_size=3)
texts = st.lists(
    st.one_of(
        st.text("ab \u2581\u00e9\n", max_size=12),
        st.sampled_from(
            ["x", "\u65e5\u672c", "a" * 90, "ab" * 60, "<unk>", "<0x61>", "\U0001f642"]
        ),
    ),
    max_size=8,
).map("".join)


def file_of(
    pairs: Sequence[tuple[str, str]], more: Sequence[str], model: dict[str, Any], scheme: str
) -> bytes:
    """A tokenizer.json with these merges, in their order, as Llama's and Mistral's are."""
    names = ["<unk>", *BYTES] if model["byte_fallback"] else ["<unk>"]
    names += ["a", "\u2581", *more, *(name for a, b in pairs for name in (a, b, a + b))]
    vocabulary = {name: i for i, name in enumerate(dict.fromkeys(names))}
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "split": False}
    file: dict[str, object] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": metaspace | {"prepend_scheme": scheme},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": pairs, "dropout": None, **model},
    }
    return json.dumps(file).encode()


@needs_kernel
@given(
    pairs=st.lists(st.tuples(letters, letters), max_size=12),
    more=st.lists(letters, max_size=3),
    unknown=st.sampled_from([None, "<unk>"]),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    scheme=st.sampled_from(["first", "never", "always"]),
    samples=st.lists(texts, min_size=1, max_size=5),
)
@example([("\u2581", "\u2581")], [], None, (False, False, False), "first", ["\n "])
@settings(max_examples=300)
def test_ids_are_those_of_the_library(
    pairs: list[tuple[str, str]],
    more: list[str],
    unknown: str | None,
    flags: tuple[bool, bool, bool],
    scheme: str,
    samples: list[str],
) -> None:
    from ctxtools._kernel import Tokenizer as Kernel
    from ctxtools._kernel import TokenizerJson

    names = ("fuse_unk", "byte_fallback", "ignore_merges")
    model = {"unk_token": unknown, **dict(zip(names, flags, strict=True))}
    data = file_of(pairs, more, model, scheme)
    oracle, file = Tokenizer.from_buffer(data), TokenizerJson(data)
    kernel = Kernel.of_words("BPE", file, file.rest)
    for text in samples:
        ids = oracle.encode(text, add_special_tokens=False).ids
        assert memoryview(kernel.encode(text)).tolist() == ids
        assert kernel.count(text) == len(ids)
