"""What the kernel cuts and makes of it is what Python does."""

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Chunker, get_encoding
from ctxtools._core import windows
from ctxtools._core.cut_types import WindowOptions
from ctxtools.chunking import structure as structures
from ctxtools.chunking.block import Block, Parsed
from ctxtools.chunking.chunk import Chunk
from ctxtools.chunking.chunker import WINDOW as WINDOW_SIZE
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.cutting.spans import Span
from ctxtools.chunking.cutting.window import cut_window
from ctxtools.chunking.settings import Settings
from ctxtools.chunking.structure import Structure
from ctxtools.chunking.summary import Summary
from ctxtools.errors import OversizeError
from tests.chunking.formats.samples import TRIED
from tests.chunking.formats.test_formats import documents
from tests.core import needs_kernel
from tests.core.test_blocks import inline_spans, trees

pytestmark = needs_kernel

_PIECES = [
    "word ",
    "a",
    "é",
    "😀",
    ". ",
    ".\n",
    "\n",
    "\n\n",
    "  ",
    ", ",
    "}",
    "|",
    "longer",
    "的。",
]
_texts = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=90).map("".join)
_O200K = TextCounter("o200k_base")


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    sizes = draw(st.sampled_from([(4,), (9,), (20,), (45,), (30, 8), (40, 20, 5)]))
    return Settings(
        sizes,
        draw(st.integers(0, sizes[-1] - 1) | st.just(0)),
        draw(st.integers(0, sizes[-1]) | st.just(0)),
        draw(st.sampled_from(["optimal", "greedy"])),
        "text",
        draw(st.booleans()),
        "split-tokens",
        prefer=draw(st.sampled_from(["fill", "boundaries"])),
        overlap_within=draw(st.sampled_from(["document", "section"])),
        cohesion=draw(st.sampled_from([False, "words"])),
    )


def test_the_kernel_cuts() -> None:
    structure = Structure(Parsed((Block(0, 9, "section"),)), "words and")
    assert structure.kernel
    index = _O200K.index("words and")
    options = WindowOptions(
        (5,), 0, 0, [0.0] * 8, 1.0, (1.0, 8.0, 0.0, 0.5), 2.0, 9.0, 5.0, "optimal", False, False
    )
    assert windows.cut_window(structure.kernel, index, 0, 0, (), ((), ()), options)


def without_kernel(*_: object) -> None:
    return None


def spans(
    text: str,
    offset: int,
    body_start: int,
    parsed: Parsed,
    options: Settings,
    breaks: Sequence[int],
) -> tuple[Sequence[Span], Any]:
    structure = Structure(parsed, text, with_titles=options.header)
    window = text[offset:]
    cut = cut_window(window, offset, body_start, _O200K, structure, options, breaks)
    found = cut.spans(0, len(cut))
    return found, [cut.start_before(number)[::3] for number in range(len(found))]


@settings(max_examples=400)
@given(_texts, any_settings(), st.data())
def test_windows_are_cut_alike(text: str, options: Settings, data: st.DataObject) -> None:
    n = len(text)
    parsed = Parsed(data.draw(trees(n)), data.draw(inline_spans(n)))
    offset = data.draw(st.integers(0, n - 1) | st.just(0))
    length = n - offset
    body_start = data.draw(st.integers(0, length - 1) | st.just(0))
    breaks = sorted(data.draw(st.sets(st.integers(0, length), max_size=2)))
    some = text, offset, body_start, parsed, options, breaks
    ours = spans(*some)
    with patch.object(structures, "kernel_structure", without_kernel):
        assert ours == spans(*some)


def chunks(chunker: Chunker, text: str, source: str) -> tuple[list[Chunk], tuple[Summary, ...]]:
    found = chunker.chunk(text, source=source, metadata={"a": 1})
    return list(found), found.summaries


@pytest.mark.parametrize("format", TRIED)
@settings(max_examples=25)
@given(st.data(), any_settings())
def test_documents_are_chunked_alike(format: Any, data: st.DataObject, options: Settings) -> None:
    text = data.draw(documents(format))
    breaks: dict[str, int] = data.draw(st.sampled_from([{}, {"heading": 2}, {"page": True}]))
    chunker = Chunker(
        get_encoding("o200k_base"),
        options.chunk_sizes,
        options.chunk_overlap,
        min_size=options.min_size,
        format=format,
        header=options.header,
        on_oversize="split-tokens",
        prefer=options.prefer,
        overlap_within=options.overlap_within,
        break_at=breaks,
        cohesion=options.cohesion,
    )

    def outcome() -> Any:
        try:
            return chunks(chunker, text, "a")
        except OversizeError as error:
            return str(error)

    ours = outcome()
    with patch.object(structures, "kernel_structure", without_kernel):
        assert ours == outcome()


def test_windows_of_a_long_document_are_chunked_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WINDOW_SIZE > 2000
    monkeypatch.setattr("ctxtools.chunking.chunker.WINDOW", 2000)
    monkeypatch.setattr("ctxtools.chunking.chunker._PER_TOKEN", 1)
    text = "".join(
        f"{'#' * (n % 3 + 1)} Part {n}\n\nIt has words, é and more. Or less.\n\n"
        f"| a | b |\n|---|---|\n| {n} | two |\n| 3 | four |\n\n" * (n % 4)
        for n in range(120)
    )
    for overlap, header in ((0, False), (7, True)):
        chunker = Chunker(
            "o200k_base", (60, 25), overlap, format="markdown", header=header, prefer="boundaries"
        )
        ours = chunks(chunker, text, "a.md")
        with patch.object(structures, "kernel_structure", without_kernel):
            assert ours == chunks(chunker, text, "a.md")
        assert len(ours[0]) > 100


def test_blocks_whose_titles_are_no_utf8_are_cut_by_python() -> None:
    parsed = Parsed((Block(0, 9, "section", title="\ud800"),))
    assert Structure(parsed, "words and", with_titles=True).kernel is None
