"""The text of PDFs: every word once, in order, with pages and headings."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import Chunker
from ctxtools.documents import read_documents
from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.documents.readers.extraction.pdf.read import read
from ctxtools.errors import CtxtoolsError, FormatError, UnreadableError

pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")
pytest.importorskip("reportlab", reason="the extra test is not installed")

from reportlab.lib.pdfencrypt import StandardEncryption

from tests.documents.readers.extraction import documents
from tests.messages.media.readers.pdfs import pdf

WORDS = "tokens of a text are counted exactly, and chunks (of it) keep their limit: 3,141 or 2.7"
LOREM = f"{WORDS}. " * 12


def extracted(data: bytes) -> Extracted:
    [found] = [each for each in read(BytesIO(data), "a.pdf") if each is not None]
    return found


def titles(data: bytes) -> list[tuple[int, str]]:
    found = extracted(data)
    for heading in found.headings:
        assert " ".join(found.text[heading.start : heading.end].split()) == heading.title
    return [(heading.level, heading.title) for heading in found.headings]


word = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDXYZ0123456789"), min_size=1, max_size=12
)


@settings(max_examples=12)
@given(st.lists(st.lists(word, min_size=1, max_size=6), min_size=1, max_size=40), st.integers(0, 4))
def test_every_word_is_there_once_and_in_order(rows: list[list[str]], layout: int) -> None:
    paragraphs = [" ".join(row) for row in rows]
    made = (
        lambda: documents.lines(*paragraphs),
        lambda: documents.flowing(*(("BodyText", each) for each in paragraphs)),
        lambda: documents.in_columns(paragraphs),
        lambda: documents.word_by_word(rows),
        lambda: documents.tabular([[each] for each in paragraphs]),
    )[layout]()
    assert extracted(made).text.split() == [word for row in rows for word in row]


MIXED = {
    "flowing": lambda: documents.flowing(
        ("Title", "Counting"), ("Heading1", "Words"), ("BodyText", LOREM), ("break", ""),
        ("Heading2", "More"), ("BodyText", LOREM * 3),
    ),
    "columns": lambda: documents.in_columns([LOREM] * 9, "A journal"),
    "table": lambda: documents.tabular([WORDS.split()[:5]] * 50),
    "words": lambda: documents.word_by_word([WORDS.split()[:9]] * 20),
    "hyphens": lambda: documents.lines(*["It is inter-", "national and well-", "known"] * 9),
}  # fmt: skip


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
@pytest.mark.parametrize("name", MIXED)
def test_the_words_are_those_of_pdftotext(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(MIXED[name]())
    ran = subprocess.run(["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True, check=True)
    expected = Counter(ran.stdout.decode().split())
    found = Counter(extracted(path.read_bytes()).text.split())
    different = (expected - found) + (found - expected)
    assert different.total() <= 0.01 * expected.total()


def test_what_is_drawn_from_below_is_read_from_above() -> None:
    columns = [[f"{side} line {number}" for number in range(20)] for side in ("left", "right")]

    def draw(canvas: Any) -> None:
        for x, column in ((320, columns[1]), (50, columns[0])):
            for number in reversed(range(20)):
                canvas.drawString(x, 780 - 20 * number, column[number])

    found = [line for line in extracted(documents.drawn(draw)).text.split("\n") if line]
    assert found == [*columns[0], *columns[1]]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("page_angle", [0, 90, 180, 270])
@pytest.mark.parametrize("number", [2, 3, 12])
def test_text_that_is_turned_is_read_in_order(angle: int, page_angle: int, number: int) -> None:
    expected = [f"Line {each} of some that are turned together" for each in range(number)]

    def draw(canvas: Any) -> None:
        canvas.setPageRotation(page_angle)
        canvas.translate(300, 400)
        canvas.rotate(angle)
        for each, line in enumerate(expected):
            canvas.drawString(-150, 150 - 14 * each, line)

    text = extracted(documents.drawn(draw)).text
    assert [line for line in text.split("\n") if line] == expected


def test_words_that_are_hyphenated_are_joined() -> None:
    text = extracted(documents.lines("An inter-", "national well-", "Known F-", "16")).text
    assert text.split() == ["An", "international", "wellKnown", "F-16"]


def test_pages_and_paragraphs() -> None:
    body = ("BodyText", LOREM)
    found = extracted(documents.flowing(body, body, ("break", ""), body))
    assert len(found.pages) == 2
    first, second = found.text[: found.pages[1]], found.text[found.pages[1] :]
    assert [" ".join(each.split()) for each in first.strip().split("\n\n")] == [LOREM.strip()] * 2
    assert " ".join(second.split()) == LOREM.strip()


def test_headings_by_the_size_of_letters() -> None:
    made = documents.flowing(
        *[("Title", "Counting tokens"), ("Heading1", "Words of a language"), ("BodyText", LOREM)],
        *[("Heading2", "Long words"), ("BodyText", LOREM), ("Heading1", "Numbers")],
        *[("BodyText", LOREM)],
    )
    words, *others = titles(made)[1:]
    assert titles(made)[0] == (1, "Counting tokens")
    assert words == (1, "Words of a language")
    assert others == [(2, "Long words"), (1, "Numbers")]


def test_a_heading_of_several_lines_is_one() -> None:
    long = "A title of so many words that one line of this page cannot hold all of them together"
    longer = f"{long}, and neither can two lines, whatever the letters of this page look like"
    made = documents.flowing(
        *[("Title", long), ("Heading1", longer), ("BodyText", LOREM)],
        *[("Heading2", longer), ("BodyText", LOREM)],
    )
    assert titles(made) == [(1, long), (1, longer), (2, longer)]
    assert len(extracted(made).text.split("\n\n")) == 5


def test_headings_by_the_outline() -> None:
    def draw(canvas: Any) -> None:
        for number, (title, level) in enumerate((("Start", 0), ("Within", 1), ("End", 0)), 1):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title, title, level=level)
            canvas.drawString(50, 780, "A running head")
            canvas.drawString(50, 700, f"{number} {title}")
            canvas.drawString(50, 680, "Within the text that says Start and End.")
            canvas.showPage()

    assert titles(documents.drawn(draw)) == [(1, "1 Start"), (2, "2 Within"), (1, "3 End")]


def test_a_running_head_is_no_heading() -> None:
    def draw(canvas: Any) -> None:
        for page in range(6):
            canvas.setFont("Helvetica", 18)
            canvas.drawString(50, 790, f"Large head of page {page}")
            canvas.setFont("Helvetica", 10)
            for line in range(9):
                canvas.drawString(50, 700 - 12 * line, WORDS)
            canvas.showPage()

    assert titles(documents.drawn(draw)) == []


def test_chunks_have_pages_and_headings(tmp_path: Path) -> None:
    made = documents.flowing(
        *[("Heading1", "Words"), ("BodyText", LOREM), ("break", "")],
        *[("Heading1", "Numbers"), ("BodyText", LOREM)],
    )
    (tmp_path / "a.pdf").write_bytes(made)
    [document] = read_documents(tmp_path)
    chunks = [*Chunker("o200k_base", 120, header=True).chunk_document(document)]
    assert "".join(document.text[c.start_index : c.end_index] for c in chunks) == document.text
    assert {(c.headings, c.page_start, c.page_end) for c in chunks} == {
        (("Words",), 1, 1),
        (("Numbers",), 2, 2),
    }
    assert chunks[1].header == "Words\n\n"


def test_what_is_filled_into_a_form_is_text() -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(50, 700, "Your name:")
        canvas.acroForm.textfield(name="name", value="Ada Lovelace", x=150, y=690, width=200)

    assert extracted(documents.drawn(draw)).text.split("\n") == ["Your name:", "Ada Lovelace"]


def test_pages_without_text_are_noted() -> None:
    found = extracted(pdf((612, 792, "Hello"), (612, 792, ""), (612, 792, "")))
    assert (found.text, found.notes) == ("Hello\n\n", ("2 of 3 pages have no text",))
    assert len(found.pages) == 3 and max(found.pages) < len(found.text)


BAD: dict[str, Callable[[], bytes]] = {
    "a PDF without text: its 1 page may be images": lambda: pdf((612, 792, "")),
    "it is encrypted": lambda: documents.lines(
        "hidden", encrypt=StandardEncryption("secret", ownerPassword="o")
    ),
    "a damaged PDF": lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\nnothing\n",
}


@pytest.mark.parametrize("reason", BAD)
def test_what_cannot_be_read_says_why(reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(BAD[reason]())
    with pytest.raises(UnreadableError) as error:
        [*read_documents(path)]
    assert error.value.skipped.reason == reason
    assert error.value.hint
    listed = read_documents(tmp_path)
    assert not [*listed]
    assert [(each.reason, each.error) for each in listed.skipped] == [(reason, False)]


def test_an_owners_password_is_not_asked_for() -> None:
    made = documents.lines("shown", encrypt=StandardEncryption("", ownerPassword="o"))
    assert extracted(made).text == "shown"


@settings(max_examples=25)
@given(st.data())
def test_damage_is_an_error_or_less_text(data: st.DataObject) -> None:
    whole = bytearray(pdf((612, 792, "Hello"), (612, 792, "world")))
    end = data.draw(st.integers(1, len(whole)))
    for at in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = extracted(bytes(whole[:end]))
    except FormatError as error:
        assert error.message
    else:
        assert [*found.pages] == sorted(found.pages)
        assert all(0 <= page <= len(found.text) for page in found.pages)


@pytest.mark.parametrize(
    "content", [b"a text", b"", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"]
)
def test_a_suffix_alone_makes_no_pdf(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    found = read_documents(tmp_path)
    texts: Sequence[str] = [each.text for each in found]
    if content.startswith(b"version"):
        assert [each.reason for each in found.skipped] == [
            "Git LFS pointer, its content is not here"
        ]
    else:
        assert texts == [content.decode()]


def test_headings_of_other_texts_are_refused() -> None:
    [heading, *_] = extracted(
        documents.flowing(("Heading1", "Words"), ("BodyText", LOREM))
    ).headings
    with pytest.raises(CtxtoolsError, match="headings must be in order and in the text"):
        Chunker("o200k_base", 50).chunk("a", headings=[heading])
