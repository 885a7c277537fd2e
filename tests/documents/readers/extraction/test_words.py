"""Every word of a document is in its text, once and in order; and pages start where they say."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.readers.extraction.making import MAKERS, Block
from tests.documents.readers.extraction.reading import extracted

_LETTERS = st.sampled_from("abzÄßéПр深度🙂*_`[]<>|#&;-1.\\~")
_WORD = re.compile(r"w\d+x")


def _blocks(draw: st.DrawFn) -> list[Block]:
    """Blocks whose words have numbers, with letters around these that are markup elsewhere."""
    count = 0
    blocks = []
    for kind in draw(st.lists(st.sampled_from(["heading", "paragraph", "list", "table"]),
                              min_size=1, max_size=4)):  # fmt: skip
        texts = []
        for _ in range(draw(st.integers(1, 3))):
            words = []
            for _ in range(draw(st.integers(1, 3))):
                before = "".join(draw(st.lists(_LETTERS, max_size=2)))
                after = "".join(draw(st.lists(_LETTERS, max_size=2)))
                words.append(f"{before}w{count}x{after}")
                count += 1
            texts.append(" ".join(words))
        blocks.append(Block(kind, tuple(texts)))
    return blocks


BLOCKS = st.composite(_blocks)


@pytest.mark.parametrize("suffix", MAKERS)
@settings(max_examples=8)
@given(data=st.data())
def test_each_word_once_and_in_order(suffix: str, data: st.DataObject) -> None:
    blocks = data.draw(BLOCKS())
    written = [word for block in blocks for text in block.texts for word in _WORD.findall(text)]

    found = extracted(MAKERS[suffix](blocks), f"a{suffix}")

    assert [word for each in found for word in _WORD.findall(each.text)] == written
    for each in found:
        assert list(each.pages) == sorted(set(each.pages))
        assert all(0 <= page < len(each.text) for page in each.pages)
        assert not each.pages or each.pages[0] == 0


@pytest.mark.parametrize("suffix", [".pptx", ".epub", ".ods"])
def test_a_page_for_each_block(suffix: str) -> None:
    blocks = [Block("paragraph", (f"w{number}x",)) for number in range(3)]

    (found,) = extracted(MAKERS[suffix](blocks), f"a{suffix}")

    ends = [*found.pages[1:], len(found.text)]
    pages = [found.text[start:end] for start, end in zip(found.pages, ends, strict=True)]
    assert [_WORD.findall(page) for page in pages] == [["w0x"], ["w1x"], ["w2x"]]
