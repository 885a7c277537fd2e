"""Encodings and documents to pack."""

import math
from collections.abc import Sequence

from hypothesis import strategies as st

from ctxtools.encodings import Encoding, get_encoding
from ctxtools.encodings.engines.pieces import PiecewiseBackend
from ctxtools.packing.prompt.render import is_packed
from tests.strategies import texts

# What delimiters of every layout look like, and what has to be escaped somewhere.
_HOSTILE = [
    *("</document>", "<document index='9'>", "< / DOCUMENT >", "<documents-2>", "</document-2>"),
    *("```", "~~~~", "`" * 40, "=== document 1: a.py ===", "=== documents-2: tree ===\n"),
    *('"}]}', "\\", "\x00", "{{content}}", "{{/documents}}", "mark-1", "\r", "\u2028"),
]

hostile_texts = (
    st.lists(
        st.one_of(st.sampled_from(_HOSTILE), st.sampled_from([" ", "\n", "\n\n", "text"]), texts),
        max_size=8,
    )
    .map("".join)
    .filter(lambda text: not is_packed(text))  # it would be left out
)

names = st.one_of(
    st.sampled_from(["README.md", "src/a.py", "src/b/c.rs", "tests/test_a.py", "x.json", "n"]),
    st.text(st.sampled_from("ab/.\n\"'<>&`=é中\udcff\u202e "), min_size=1, max_size=8),
)

document_lists = st.lists(st.tuples(names, hostile_texts), max_size=7)


class Odd(PiecewiseBackend):
    """Counts that do not add up: a text has more, or fewer, than its parts have together."""

    name = "odd"
    vocabulary_size = 1

    def __init__(self, power: float, start: int) -> None:
        self._power, self._start = power, start

    def encode_piece(self, text: str) -> list[int]:
        return [0] * self.count_piece(text)

    def count_piece(self, text: str) -> int:
        return self._start + math.ceil(len(text) ** self._power / 3) if text else 0

    def decode(self, ids: Sequence[int]) -> bytes:
        return b""


ENCODINGS = {
    **{name: get_encoding(name) for name in ("o200k_base", "deepseek_v3", "qwen2")},
    "more than its parts": Encoding("more", Odd(1.15, 0)),
    "fewer than its parts": Encoding("fewer", Odd(0.9, 2)),
}
encodings = st.sampled_from(list(ENCODINGS.values()))
