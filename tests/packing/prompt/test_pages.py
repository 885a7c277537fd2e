"""The pages and headings of a document whose file tells them and whose text does not."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ctxtools import get_encoding, pack
from ctxtools.documents import Document
from ctxtools.documents.readers.extraction.extracted import Heading
from ctxtools.packing.prompt.pages import named_pages, page_lines

PAGE = "".join(f"A line about the number {number} of some things.\n" for number in range(20))


def test_a_trimmed_document_says_which_pages_are_left_out() -> None:
    text = PAGE * 10
    document = Document("a.pdf", text, pages=[len(PAGE) * page for page in range(10)])
    packed = pack([document], get_encoding("o200k_base"), budget=700)
    [line] = [line for line in packed.text.splitlines() if "left out" in line]
    first = packed.text.count("A line") // 20 + 1
    assert line.endswith(f"of 200 (on pages {first}-10 of 10) left out ...]")


def test_an_excerpt_says_which_pages_it_is_of() -> None:
    pages = [PAGE.replace("things", "zebras" if page == 6 else "things") for page in range(10)]
    starts = [len(PAGE) * page for page in range(10)]
    document = Document("a.pdf", "".join(pages), pages=starts)
    packed = pack([document], get_encoding("o200k_base"), budget=700, query="zebras")
    assert "zebras" in packed.text
    assert re.search(r'form="excerpt lines [-\d]+ of 200; pages? 7(-8)? of 10"', packed.text)


def test_a_document_is_outlined_by_the_headings_that_its_reader_found(tmp_path: Path) -> None:
    text, headings = "", list[Heading]()
    for title in ("Refunds", "Invoices", "Returns"):
        headings.append(Heading(len(text), len(text) + len(title), 1, title))
        text += f"{title}\n{PAGE}"
    for number in (3, 2, 3, 0):
        document = Document("a.pdf", text, headings=headings[:number])
        packed = pack([document], "o200k_base", budget=100, forms=["outline"], cache=tmp_path)
        outline = "".join(f"# {each.title}\n" for each in headings[:number])
        assert bool(packed.documents) == bool(number)
        assert not number or f'form="outline">\n{outline}</document>' in packed.text


def test_a_document_has_the_structure_that_its_reader_gave_its_text() -> None:
    parts = ("Orders", "Refunds", "Returns", "Shops", "Carts", "Payments", "Invoices")
    text = "".join(f"# {part}\n\n{PAGE}\n" for part in parts)
    document = Document("a.docx", text, format="markdown")
    outlined = pack([document], "o200k_base", budget=100, forms=["outline"])
    assert "# Orders\n# Refunds\n" in outlined.text
    asked = pack([document], "o200k_base", budget=700, query="invoices")
    assert f"# Invoices\n\n{PAGE}" in asked.text and asked.documents[0].form == "excerpt"


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=9),
    st.lists(st.integers(0, 60), min_size=2, max_size=6, unique=True),
)
def test_pages_are_those_of_the_characters(lengths: list[int], ends: list[int]) -> None:
    starts = [sum(lengths[:page]) for page in range(len(lengths))]
    size = sum(lengths)
    ends = sorted(min(end, size) for end in ends)
    spans = [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False) if a < b]
    if not spans:
        return
    expected = sorted(
        {
            max(page for page, start in enumerate(starts, 1) if start <= at)
            for start, end in spans
            for at in range(start, end)
        }
    )
    named = named_pages(starts, spans).partition(" ")[2].partition(" of ")[0]
    runs = [[int(page) for page in run.split("-")] for run in named.split(", ")]
    assert [page for run in runs for page in range(run[0], run[-1] + 1)] == expected


def test_the_lines_at_which_pages_start() -> None:
    assert page_lines("a\nb\nc\n\nd", [0, 2, 4, 7]) == [1, 2, 3, 5]
