"""Boundaries are where chunks end, in tokens of the whole text."""

import pytest

from ctxtools.encodings import get_encoding
from ctxtools.packing import Plan, pack_sequences, token_boundaries
from tests.oracles import reference

SECTIONS = "".join(f"# Part {n}\n\n{'A sentence of some words. ' * 9}\n\n" for n in range(24))


def starts_of(text: str, window: int, source: str = "", eos: int = 0) -> list[int]:
    """The first token of each piece of a text that is split."""
    encoding = get_encoding("o200k_base")

    def boundaries(document: int) -> "list[int]":
        assert document == 0
        return list(token_boundaries(text, encoding, window - eos, source=source))

    plan: Plan = pack_sequences(
        [encoding.count(text)], window, boundaries=boundaries, eos_tokens=eos, max_documents=1
    )
    return sorted(plan.starts)


@pytest.mark.parametrize("eos", [0, 3])
def test_markdown_is_cut_before_headings(eos: int) -> None:
    encode = reference("o200k_base")
    decode = get_encoding("o200k_base").decode
    ids = encode(SECTIONS)
    starts = starts_of(SECTIONS, 200, "a.md", eos)
    assert len(starts) > 3
    assert all(decode(ids[start:]).startswith("# Part") for start in starts)


def test_plain_text_is_cut_after_sentences() -> None:
    text = "One two three. Four, five and six. " * 40
    decode, ids = get_encoding("o200k_base").decode, reference("o200k_base")(text)
    starts = starts_of(text, 33)
    assert len(starts) > 3
    assert all(decode(ids[start:]).lstrip().startswith(("One", "Four")) for start in starts)


@pytest.mark.parametrize(
    "text", ["", "a", "x" * 50, "a😀b\u0301 " * 9, "👩‍👩‍👧‍👦" * 9, "\ud800 \ud800"]
)
@pytest.mark.parametrize("window", [1, 2, 7, 1000])
def test_they_are_offsets_in_any_text(text: str, window: int) -> None:
    encoding = get_encoding("o200k_base")
    boundaries = list(token_boundaries(text, encoding, window))
    assert boundaries == sorted(boundaries)
    assert all(0 <= boundary <= encoding.count(text) for boundary in boundaries)


def test_an_encoding_whose_counts_do_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    encoding = get_encoding("o200k_base")
    exact = list(token_boundaries(SECTIONS, encoding, 200, source="a.md"))
    monkeypatch.setattr(encoding.backend, "index", lambda _: None)
    near = list(token_boundaries(SECTIONS, encoding, 200, source="a.md"))
    assert len(near) > 3
    assert all(min(abs(boundary - other) for other in exact) <= 5 for boundary in near)
