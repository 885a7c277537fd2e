"""Word documents: what Word shows, as Markdown."""

import io
import re
from collections.abc import Callable

import docx
import pytest
from docx.document import Document

from tests.documents.readers.extraction.making import changed
from tests.documents.readers.extraction.reading import only


def _saved(document: Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _text(document: Document) -> str:
    return only(_saved(document), "a.docx").text


def _inserted(xml: str) -> bytes:
    """A document with something before its only paragraph."""
    document = docx.Document()
    document.add_paragraph("end")
    return changed(
        _saved(document),
        "word/document.xml",
        lambda old: old.replace(b"<w:p>", xml.encode() + b"<w:p>", 1),
    )


def _paragraph(inside: str) -> str:
    return f"<w:p>{inside}</w:p>"


def test_structure() -> None:
    document = docx.Document()
    document.add_heading("Report", 0)
    document.add_heading("First", 1)
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("deeper", style="List Bullet 2")
    document.add_paragraph("first", style="List Number")
    document.add_paragraph("second", style="List Number")
    table = document.add_table(2, 2)
    for row, cells in enumerate([("name", "a|b"), ("x", "two\nlines")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text

    assert _text(document) == (
        "# Report\n\n# First\n\n- one\n    - deeper\n1. first\n2. second\n\n"
        "| name | a\\|b |\n|---|---|\n| x | two lines |\n"
    )


def test_merged_cells() -> None:
    document = docx.Document()
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(0, 2).merge(table.cell(1, 2)).text = "tall"
    table.cell(1, 0).text = "a"
    table.cell(1, 1).text = "b"

    assert _text(document) == "| wide |  | tall |\n|---|---|---|\n| a | b |  |\n"


def test_a_table_around_text_is_no_table() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "framed"

    assert _text(document) == "framed\n"


def test_headings_by_outline_levels_and_localized_styles() -> None:
    document = docx.Document()
    style = document.styles.add_style("berschrift", 1)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("Überblick", style="berschrift")

    assert _text(document) == "## Überblick\n"
    level = '<w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Third</w:t></w:r>'
    assert only(_inserted(_paragraph(level)), "a.docx").text == "### Third\n\nend\n"


def test_only_a_title_is_a_title_and_not_what_is_based_on_it() -> None:
    document = docx.Document()
    style = document.styles.add_style("Author", 1)
    style.base_style = document.styles["Title"]
    document.add_paragraph("Ann", style="Author")

    assert _text(document) == "Ann\n"


def test_numbers_of_lists_as_they_are_shown() -> None:
    def level(depth: int, form: str, text: str) -> str:
        return (
            f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{text}"/></w:lvl>'
        )

    def item(depth: int, text: str) -> str:
        properties = f'<w:ilvl w:val="{depth}"/><w:numId w:val="77"/>'
        return (
            f"<w:p><w:pPr><w:numPr>{properties}</w:numPr></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        )

    items = [
        (0, "one"),
        (1, "sub"),
        (1, "next"),
        (2, "deep"),
        (0, "two"),
        (1, "again"),
        (3, "more"),
    ]
    data = _inserted("".join(item(*each) for each in items))
    levels = level(0, "decimal", "%1.") + level(1, "lowerLetter", "(%2)")
    levels += level(2, "upperRoman", "%1.%2.%3") + level(3, "bullet", " ")
    data = changed(
        data,
        "word/numbering.xml",
        lambda old: old.replace(
            b"</w:numbering>",
            f'<w:abstractNum w:abstractNumId="77">{levels}</w:abstractNum>'
            '<w:num w:numId="77"><w:abstractNumId w:val="77"/></w:num></w:numbering>'.encode(),
        ),
    )

    assert only(data, "a.docx").text == (
        "1. one\n    - (a) sub\n    - (b) next\n        - 1.b.I deep\n2. two\n    - (a) again\n\n"
        "        more\n\nend\n"
    )


def test_headers_and_footers_once() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_paragraph("body")
    document.add_section()

    assert _text(document) == "Confidential\n\nbody\n\nPage 1\n"


def test_comments_are_notes() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("body")
    document.add_comment(paragraph.runs, text="why?", author="Ann")

    assert _text(document) == "body[^c0]\n\n[^c0]: Ann: why?\n"


def test_tracked_changes() -> None:
    found = only(
        _inserted(
            _paragraph(
                "<w:r><w:t>kept </w:t></w:r>"
                '<w:ins w:id="1" w:author="A"><w:r><w:t>new</w:t></w:r></w:ins>'
                '<w:del w:id="2" w:author="A"><w:r><w:delText>old</w:delText></w:r></w:del>'
            )
        ),
        "a.docx",
    )

    assert found.text == "kept new\n\nend\n"
    assert found.notes == ("tracked changes: 1 insertion read, 1 deletion left out",)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>", "a\tb\nc"),
        ("<w:r><w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t></w:r>", "co-op"),
        ("<w:r><w:rPr><w:strike/></w:rPr><w:t>void</w:t></w:r>", "~~void~~"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:r><w:t>yes</w:t></w:r>", "yes"),
        ("<w:r><w:t># 1. *x* `</w:t></w:r>", "\\# 1. \\*x\\* \\`"),
        (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            '<w:r><w:instrText> HYPERLINK "https://e.org/a" </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>shown</w:t></w:r>'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t> after</w:t></w:r>',
            "[shown](https://e.org/a) after",
        ),
        (
            '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
            'markup-compatibility/2006"><mc:Choice><w:drawing><w:txbxContent>'
            "<w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:drawing></mc:Choice>"
            "<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p>"
            "</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
            "box",
        ),
        ("<w:sdt><w:sdtContent><w:r><w:t>control</w:t></w:r></w:sdtContent></w:sdt>", "control"),
    ],
)  # fmt: skip
def test_inside_paragraphs(inside: str, text: str) -> None:
    assert only(_inserted(_paragraph(inside)), "a.docx").text == f"{text}\n\nend\n"


_BREAK = '<w:r><w:br w:type="page"/></w:r>'
_RENDERED = "<w:r><w:lastRenderedPageBreak/><w:t>two</w:t></w:r>"


@pytest.mark.parametrize(
    "xml",
    [
        _paragraph("<w:r><w:t>one</w:t></w:r>") + _paragraph(_BREAK + "<w:r><w:t>two</w:t></w:r>"),
        _paragraph("<w:r><w:t>one</w:t></w:r>" + _BREAK) + _paragraph("<w:r><w:t>two</w:t></w:r>"),
        _paragraph("<w:r><w:t>one</w:t></w:r>" + _BREAK) + _paragraph(_RENDERED),
        _paragraph("<w:r><w:t>one</w:t></w:r>")
        + _paragraph("<w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t>two</w:t></w:r>"),
    ],
)
def test_pages(xml: str) -> None:
    found = only(_inserted(xml), "a.docx")

    assert [found.text[page:].split()[0] for page in found.pages] == ["one", "two"]
    assert found.text[found.pages[1] :].startswith("two")


@pytest.mark.parametrize(
    "change",
    [
        lambda old: old.replace(b"document.main+xml", b"template.main+xml"),
        lambda old: old.replace(
            b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            b"application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
    ],
)
def test_templates_and_macros(change: Callable[[bytes], bytes]) -> None:
    document = docx.Document()
    document.add_paragraph("body")

    data = changed(_saved(document), "[Content_Types].xml", change)

    assert only(data, "a.docm").text == "body\n"


def test_iso_strict_form_and_a_link_to_nowhere() -> None:
    document = docx.Document()
    document.add_heading("Title", 1)
    data = changed(
        _saved(document),
        "word/document.xml",
        lambda old: old.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
    )
    data = changed(
        data,
        "word/_rels/document.xml.rels",
        lambda old: old.replace(
            b"</Relationships>",
            b'<Relationship Id="n" Type="http://x/image" Target="NULL"/></Relationships>',
        ),
    )

    assert only(data, "a.docx").text == "# Title\n"


def _math(inside: str) -> str:
    found = re.sub(r"<(/?)(\w)", r"<\1m:\2", inside)
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    return f'<m:oMath xmlns:m="{namespace}">{found}</m:oMath>'


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<f><num><r><t>a</t></r></num><den><r><t>b c</t></r></den></f>", r"$\frac{a}{b c}$"),
        (
            "<sSubSup><e><r><t>x</t></r></e><sub><r><t>i</t></r></sub>"
            "<sup><r><t>2</t></r></sup></sSubSup><r><t>+1</t></r>",
            "$x_{i}^{2}+1$",
        ),
        ("<rad><deg/><e><r><t>x</t></r></e></rad>", r"$\sqrt{x}$"),
        ("<rad><deg><r><t>3</t></r></deg><e><r><t>x</t></r></e></rad>", r"$\sqrt[3]{x}$"),
        (
            '<nary><naryPr><chr m:val="\u2211"/></naryPr><sub><r><t>i</t></r></sub><sup/>'
            "<e><d><e><r><t>a</t></r></e><e><r><t>b</t></r></e></d></e></nary>",
            "$\u2211_{i} (a|b)$",
        ),
        (
            '<d><dPr><begChr m:val="["/><endChr m:val="]"/></dPr><e><m>'
            "<mr><e><r><t>1</t></r></e><e><r><t>2</t></r></e></mr>"
            "<mr><e><r><t>3</t></r></e><e><r><t>4</t></r></e></mr></m></e></d>",
            r"$[1 & 2 \\ 3 & 4]$",
        ),
        ("<func><fName><r><t>lim</t></r></fName><e><r><t>f</t></r></e></func>", "$lim f$"),
        ("<unknown><r><t>y</t></r></unknown>", "$y$"),
        ("", ""),
    ],
)
def test_formulas(inside: str, expected: str) -> None:
    paragraph = _paragraph(f"<w:r><w:t>so </w:t></w:r>{_math(inside)}")
    assert only(_inserted(paragraph), "a.docx").text == f"so {expected}".strip() + "\n\nend\n"
