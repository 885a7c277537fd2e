"""Small documents of each format, made by the formats' own libraries from blocks of text."""

import io
import mailbox
import zipfile
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import docx
import openpyxl
import pptx
from odfdo import Document, Header, List, Paragraph, Table


class Block(NamedTuple):
    """A block of a document: its kind, and its text, or the texts of its items or rows."""

    kind: str  # heading, paragraph, list, table
    texts: tuple[str, ...]


def make_docx(blocks: Sequence[Block]) -> bytes:
    """A Word document."""
    document = docx.Document()
    for kind, texts in blocks:
        if kind == "heading":
            document.add_heading(" ".join(texts), 1)
        elif kind == "paragraph":
            paragraph = document.add_paragraph()
            for text in texts:  # runs, as programs split them
                paragraph.add_run(text + " ").bold = True
        elif kind == "list":
            for text in texts:
                document.add_paragraph(text, style="List Bullet")
        else:
            table = document.add_table(len(texts), 2)
            for row, text in enumerate(texts):
                table.cell(row, row % 2).text = text
    return _saved(document.save)


def make_pptx(blocks: Sequence[Block]) -> bytes:
    """A presentation: a slide for each block."""
    presentation = pptx.Presentation()
    for kind, texts in blocks:
        if kind == "table":
            slide = presentation.slides.add_slide(presentation.slide_layouts[6])
            table = slide.shapes.add_table(len(texts), 2, 0, 0, 99, 99).table
            for row, text in enumerate(texts):
                table.cell(row, row % 2).text = text
        else:
            slide = presentation.slides.add_slide(presentation.slide_layouts[1])
            slide.shapes.title.text = texts[0]
            frame = slide.placeholders[1].text_frame
            for text in texts[1:]:
                frame.add_paragraph().text = text
    return _saved(presentation.save)


def make_xlsx(blocks: Sequence[Block]) -> bytes:
    """A workbook: rows for each block, on one sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for _, texts in blocks:
        sheet.append([*texts])
        sheet.append([])
    return _saved(workbook.save)


def make_odt(blocks: Sequence[Block]) -> bytes:
    """A text of OpenDocument."""
    document = Document("text")
    document.body.clear()
    for kind, texts in blocks:
        if kind == "heading":
            document.body.append(Header(1, " ".join(texts)))
        elif kind == "paragraph":
            document.body.append(Paragraph(" ".join(texts)))
        elif kind == "list":
            document.body.append(List([*texts]))
        else:
            document.body.append(_odf_table(texts))
    return _saved(document.save)


def make_ods(blocks: Sequence[Block]) -> bytes:
    """A spreadsheet of OpenDocument: a sheet for each block."""
    document = Document("spreadsheet")
    document.body.clear()
    for _, texts in blocks:
        document.body.append(_odf_table(texts))
    return _saved(document.save)


def _odf_table(texts: Sequence[str]) -> Table:
    table = Table("Sheet")
    table.set_values([[text, None] if row % 2 else [None, text] for row, text in enumerate(texts)])
    return table


def make_rtf(blocks: Sequence[Block]) -> bytes:
    """A file in Rich Text Format."""
    parts = [r"{\rtf1\ansi\ansicpg1252\uc1{\stylesheet{\s1\outlinelevel0 heading 1;}}"]
    for kind, texts in blocks:
        if kind == "heading":
            parts.append(rf"\pard\s1 {_rtf(' '.join(texts))}\par")
        elif kind == "paragraph":
            runs = " ".join("{\\b " + _rtf(each) + "}" for each in texts)
            parts.append(rf"\pard {runs}\par")
        elif kind == "list":
            parts += [rf"{{\listtext\bullet\tab}}\pard\ilvl0 {_rtf(each)}\par" for each in texts]
        else:
            parts += [
                rf"\trowd\cellx9\cellx99\pard\intbl {_rtf(each)}\cell\cell\row" for each in texts
            ]
    return "\n".join([*parts, "}"]).encode("ascii")


def _rtf(text: str) -> str:
    written = ""
    for character in text:
        code = ord(character)
        if character in "\\{}":
            written += f"\\{character}"
        elif code < 0x80:
            written += character
        elif code < 0x10000:
            written += f"\\u{code}?"
        else:
            high, low = 0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF)
            written += f"\\u{high - 0x10000}?\\u{low - 0x10000}?"
    return written


def make_html(blocks: Sequence[Block]) -> str:
    """A page of HTML, as in books and mail."""
    tags = {"heading": "h1", "paragraph": "p", "list": "li", "table": "td"}
    parts = []
    for kind, texts in blocks:
        inside = [f"<{tags[kind]}>{escape(each)}</{tags[kind]}>" for each in texts]
        if kind == "list":
            inside = ["<ul>", *inside, "</ul>"]
        elif kind == "table":
            inside = ["<table>", *(f"<tr><td></td>{each}</tr>" for each in inside), "</table>"]
        parts += inside
    return f"<html><head><title></title></head><body>{''.join(parts)}</body></html>"


def make_epub(blocks: Sequence[Block]) -> bytes:
    """A book: a chapter for each block."""
    numbers = range(len(blocks))
    items = "".join(
        f'<item id="c{each}" href="c%20{each}.xhtml" media-type="application/xhtml+xml"/>'
        for each in numbers
    )
    spine = "".join(f'<itemref idref="c{each}"/>' for each in numbers)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="book/a.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "book/a.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata/>'
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for number, block in enumerate(blocks):
            archive.writestr(f"book/c {number}.xhtml", make_html([block]))
    return stream.getvalue()


def make_mail(blocks: Sequence[Block]) -> bytes:
    """A mail whose only text is HTML."""
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message.set_content(make_html(blocks), subtype="html")
    return bytes(message)


def make_mailbox(blocks: Sequence[Block]) -> bytes:
    """A mailbox: a mail for each block."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "box"
        box = mailbox.mbox(path)
        for block in blocks:
            message = EmailMessage()
            message.set_content("\n".join(block.texts))
            box.add(message)
        box.close()
        return path.read_bytes()


MAKERS: Mapping[str, Callable[[Sequence[Block]], bytes]] = {
    ".docx": make_docx,
    ".pptx": make_pptx,
    ".xlsx": make_xlsx,
    ".odt": make_odt,
    ".ods": make_ods,
    ".rtf": make_rtf,
    ".epub": make_epub,
    ".eml": make_mail,
    ".mbox": make_mailbox,
}


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A zip file of some members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def changed(document: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A zip file with one of its members changed."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**members, member: change(members.get(member, b""))})
