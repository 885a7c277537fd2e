"""OpenDocument: titles, notes, tracked changes, formulas."""

import io

from odfdo import Document, Header, Paragraph

from tests.documents.readers.extraction.making import Block, changed, make_odt
from tests.documents.readers.extraction.reading import only


def _with(xml: str) -> bytes:
    """A text with something before its only paragraph."""
    document = make_odt([Block("paragraph", ("end",))])
    return changed(
        document,
        "content.xml",
        lambda old: old.replace(b"<text:p", xml.encode() + b"<text:p", 1),
    )


def _text(xml: str) -> str:
    return only(_with(xml), "a.odt").text


def test_structure() -> None:
    document = Document("text")
    document.body.clear()
    document.body.append(Paragraph("Report", style="Title"))
    document.body.append(Header(2, "First"))
    paragraph = Paragraph("words")
    paragraph.insert_note(after="words", note_id="n", citation="1", body="a note")
    document.body.append(paragraph)
    stream = io.BytesIO()
    document.save(stream)

    assert only(stream.getvalue(), "a.odt").text == (
        "# Report\n\n## First\n\nwords[^1]\n\n[^1]: a note\n"
    )


def test_spaces_and_breaks() -> None:
    xml = '<text:p>a<text:s text:c="3"/>b<text:tab/>c<text:line-break/># d</text:p>'

    assert _text(xml) == "a   b\tc\n\\# d\n\nend\n"


def test_tracked_changes() -> None:
    xml = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>old</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
    )
    found = only(_with(xml), "a.odt")

    assert found.text == "end\n"
    assert found.notes == ("tracked changes: 1 deletion left out",)


def test_pages() -> None:
    found = only(_with("<text:p>one</text:p><text:p><text:soft-page-break/>two</text:p>"), "a.odt")

    assert [found.text[page:].split()[0] for page in found.pages] == ["one", "two"]


def test_formulas() -> None:
    frame = (
        '<text:p>area <draw:frame><draw:object xlink:href="./Formula-0/"/></draw:frame></text:p>'
    )
    data = changed(
        _with(frame),
        "Formula-0/content.xml",
        lambda _: b"<math><mi>x</mi><mo>+</mo><mn>1</mn></math>",
    )

    assert only(data, "a.odt").text == "area $x+1$\n\nend\n"
