"""Ends of sentences that tags hide."""

import pytest

from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse_blocks
from tests.chunking.formats.trees import check, walk


def sentences(text: str) -> list[str]:
    """What starts after such an end."""
    blocks = parse_blocks(text, "html")
    check(blocks, text)
    found = [block for block in walk(blocks) if block.kind == "text"]
    assert {block.strength.name for block in found} <= {"SENTENCE"}
    return [text[block.start : block.end] for block in found]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("<p><em>Sentence one.</em> <b>Next</b> one.</p>", [" <b>Next</b> one.</p>"]),
        ("<p>At the <a href=x>end.</a> Next sentence.</p>", [" Next sentence.</p>"]),
        ("<p>A <b>rope.</b></i> Two.<p>b", [" Two."]),
        ("<p>A <b><i>rope. </i> </b>Two.", ["Two."]),
        ("<p>A <b>rope.</b>\n   <i>Two.</i>", ["   <i>Two.</i>"]),
        ("<p>A rope.<sup><a href=#1>[1]</a></sup> Two.", [" Two."]),
        ("<p>He said <q>“A rope.”</q> Then <i>he left.</i> So", [" Then <i>he left.</i>", " So"]),
        ("<p>A <b>rope.</b><!-- c --></i> <a id=x></a>Two.", [" <a id=x></a>Two."]),
        ("<p><b>岸は遠い。</b><i>船。</i>", ["<i>船。</i>"]),
        ("<ul><li>A <b>rope.</b> Two.</ul>", [" Two.</ul>"]),
        ("<div>A <b>rope.</b> Two.<p>b</div>", [" Two."]),
        ("<p>A <b>rope.</b> <img src=x> Two.", [" <img src=x> Two."]),
        # No sentence ends there.
        ("<p><b>Dr.</b> Smith and the <i>e.g.</i> Ropes", []),
        ("<p>Version <b>1.</b>2 of <i>a rope.</i> and so on", []),
        ("<p>A <b>rope</b> Two.", []),
        ("<p>The last <b>rope.</b> ", []),
        # The text shows it, or a block starts there.
        ("<p>A rope. <b>Two.</b>", []),
        ("<p><b>A rope.</b></p> <p>Two.</p>", []),
        # These are not cut.
        ("<pre>A <b>rope.</b> Two.</pre>", []),
        ("<h2>A <b>rope.</b> Two.</h2>", []),
    ],
)
def test_sentences_start_after_the_end_tags(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_they_are_cut_as_those_of_plain_text_are() -> None:
    text = "".join(
        f"The <a href='/{i}'>rope of part {i} holds well.</a> <b>Nobody</b> cuts a rope of "
        f"{i} feet that <i>holds.</i>\n"
        for i in range(20)
    )
    chunks = [*Chunker("o200k_base", 90, format="html").chunk(f"<p>{text}</p>")]
    assert len(chunks) > 5
    for chunk in chunks[1:]:
        assert chunk.text.lstrip().startswith(("The", "<b>Nobody"))
