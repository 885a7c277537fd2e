"""Lines of JSON for chunks: the bytes that `json_text` has for them."""

import json
from dataclasses import asdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunk
from ctxtools.cli.output.chunk_lines import ChunkLines
from ctxtools.cli.output.console import json_text

texts = st.text(st.characters(), max_size=20)
numbers = st.integers(0, 99)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
metadata = st.dictionaries(texts, values, max_size=3)
chunks = st.builds(
    Chunk,
    *(texts, texts, texts),
    *(numbers, numbers, numbers, numbers, numbers, numbers),
    st.lists(texts, max_size=2).map(tuple),
    texts,
    st.none() | texts,
    numbers,
    texts,
    *[st.none() | numbers] * 4,
    st.sampled_from([{}, {"a": 1}, {"a": True}]) | metadata,
)


@given(st.lists(chunks, max_size=3), st.sampled_from(["", "a.txt", "é\u202e.md", "\udcff"]))
def test_the_bytes_are_those_of_json_text(made: list[Chunk], file: str) -> None:
    lines, without_text = ChunkLines(), ChunkLines(left_out="text")
    for chunk in made * 2:
        row: dict[str, Any] = asdict(chunk)
        assert lines.line(chunk) == f"{json_text(row)}\n".encode()
        del row["text"]
        row = {"file": file} | row if file else row
        line = without_text.line(chunk, file)
        assert line == f"{json_text(row)}\n".encode()
        assert json.loads(line) == json.loads(json.dumps(row))
