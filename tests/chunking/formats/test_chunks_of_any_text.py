"""Any text in any format is chunked, and its chunks keep the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking import Chunker
from ctxtools.encodings import get_encoding
from tests.chunking.contract import check_contract, cut
from tests.chunking.formats.samples import TRIED
from tests.chunking.formats.test_formats import documents

O200K = get_encoding("o200k_base")


def check(text: str, format: str) -> None:
    chunker = Chunker(O200K, 40, 6, format=format, header=True)  # type: ignore[arg-type]
    chunks, _ = cut(chunker, text)
    check_contract(chunks, text, O200K.count, 40)


@pytest.mark.parametrize("format", TRIED)
@given(data=st.data())
def test_any_text(format: str, data: st.DataObject) -> None:
    text = data.draw(documents(format))
    check(text.encode("utf-8", "replace").decode(), format)


@given(
    st.integers(1, 400),
    st.lists(st.integers(0, 500), max_size=60),
    st.sampled_from(["", "a\n\n", "a:\n", "> ", "- "]),
    st.sampled_from(["", "\n\nb\n", "\n# c\n"]),
)
def test_a_markdown_table_of_uneven_rows(
    columns: int, rows: list[int], before: str, after: str
) -> None:
    lines = ["|a" * columns + "|", "|-" * columns + "|", *("|b" * cells + "|" for cells in rows)]
    check(before + "\n".join(lines) + after, "markdown")


@pytest.mark.parametrize("before", ["", "a:\n\n", "- b\n\n  ", "> "])
@pytest.mark.parametrize("columns", [3000, 8000])
def test_a_markdown_table_that_stands_for_a_hundred_thousand_cells(
    columns: int, before: str
) -> None:
    """pulldown-cmark ends it with a paragraph inside."""
    table = (
        "|a" * columns + "|\n" + "|-" * columns + "|\n" + "|b|\n" * 50 + "\nc:\n\n" + "|d|\n|-|\n"
    )
    check(before + table, "markdown")
