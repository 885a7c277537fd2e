"""Mail: its text and attachments, with charsets that are missing, unknown or wrong."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools import pack, read_documents
from ctxtools.errors import FormatError
from tests.documents.readers.extraction.making import Block, make_docx, make_epub
from tests.documents.readers.extraction.reading import extracted, only


def _mail() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Grüße aus Köln"
    message["From"] = "Jörg <joerg@e.org>"
    message["To"] = "ann@e.org"
    message["X-Other"] = "no"
    message.set_content("Hello,\nall is well.\n")
    return message


def test_headers_and_text() -> None:
    message = _mail()
    message.add_alternative("<p>other</p>", subtype="html")

    found = only(bytes(message), "a.eml")

    assert found.text == (
        "# Grüße aus Köln\n\nFrom: Jörg <joerg@e.org>\nTo: ann@e.org\n\nHello,\nall is well.\n"
    )
    assert found.format == "markdown" and not found.name


@pytest.mark.parametrize("plain", ["", " \n"])
def test_html_where_there_is_no_plain_text(plain: str) -> None:
    message = EmailMessage()
    message.set_content(plain)
    message.add_alternative("<h1>Title</h1><p>Some <b>words</b></p>", subtype="html")

    assert only(bytes(message), "a.eml").text == "# Title\n\nSome **words**\n"


def test_attachments_are_documents() -> None:
    message = _mail()
    blocks = [Block("heading", ("Report",))]
    for data, name in [
        (make_docx(blocks), "Bericht für Köln.docx"),
        (make_epub(blocks), "../../b.epub"),
        (b"a,b\n1,2\n", "t.csv"),
        (b"\x89PNG\r\n\x1a\n", "photo.png"),
        (b"PK\3\4 damaged", "c.xlsx"),
    ]:
        message.add_attachment(data, maintype="application", subtype="x", filename=name)
    outer = EmailMessage()
    outer.set_content("see below")
    outer.add_attachment(message)

    found = extracted(bytes(outer), "a.eml")

    assert [each.name for each in found] == ["", "Bericht für Köln.docx", "b.epub", "t.csv"]
    assert [each.text.split("\n")[0] for each in found] == [
        "see below",
        "# Report",
        "# Report",
        "a,b",
    ]
    assert "Hello," in found[0].text
    (note,) = found[-1].notes
    assert note == "not read: photo.png (PNG image), c.xlsx (a damaged document)"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (b"Subject: =?utf-8?q?K=C3=B6ln?= =?utf-8?b?4oKs?=", "# Köln€"),
        (b"Subject: =?no-such?q?K=F6ln?=", "# Köln"),
        (b"Subject: K\xf6ln", "# Köln"),
        (b"Subject: K\xc3\xb6ln\r\n folded", "# Köln folded"),
        (b"Subject: =?utf-8?b?4oK?=", "# "),
    ],
)
def test_charsets_of_headers(header: bytes, text: str) -> None:
    found = only(header + b"\r\n\r\nbody\r\n", "a.eml").text

    assert found.startswith(text) and found.endswith("body\n")


@pytest.mark.parametrize(
    "kind",
    [
        b"text/plain",
        b"text/plain; charset=no-such",
        b"text/plain; charset=utf-8",
        b"text/plain; charset=ascii",
    ],
)
def test_charsets_of_texts(kind: bytes) -> None:
    data = b"From: a\nContent-Type: " + kind + b"\nContent-Transfer-Encoding: 8bit\n\nK\xf6ln\n"

    assert only(data, "a.eml").text.endswith("Köln\n")


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
def test_attachments_in_utf_16_are_text(charset: str) -> None:
    data = "\ufeffnota bene\r\n".encode(charset)
    message = _mail()
    for name in ("a.txt", "half.txt"):
        message.add_attachment(data, maintype="text", subtype="plain", filename=name)
        data = data[:-1]
    mail, attached, *others = extracted(bytes(message), "a.eml")
    assert (attached.name, attached.text) == ("a.txt", "nota bene\n") and not others
    assert "half.txt (binary)" in str((mail.notes, attached.notes))


def test_attachments_of_the_same_name_are_told_apart() -> None:
    message = _mail()
    for name in ["a.csv", "a.csv", "a (2).csv", "plain", "plain"]:
        message.add_attachment(b"1,2", maintype="text", subtype="csv", filename=name)
    names = [each.name for each in extracted(bytes(message), "a.eml")]
    assert names == ["", "a.csv", "a (2).csv", "a (2) (2).csv", "plain", "plain (2)"]


def test_a_pack_calls_attachments_by_their_names(tmp_path: Path) -> None:
    message = _mail()
    message.add_attachment(b"1,2", maintype="text", subtype="csv", filename="t.csv")
    (tmp_path / "m.eml").write_bytes(bytes(message))
    (tmp_path / "b.mbox").write_bytes(b"From a@e.org Mon Jan  1 00:00:00 2024\n" + bytes(message))
    documents = read_documents(tmp_path)
    packed = pack(documents, "o200k_base", budget=5_000, values={"b.mbox#1/t.csv": 2.0})
    names = ["b.mbox#1", "b.mbox#1/t.csv", "m.eml", "m.eml/t.csv"]
    assert [each.path for each in packed.documents] == names
    assert [each.name for each in documents] == [f"{tmp_path}/{name}" for name in names]
    assert not packed.notes


def test_a_mailbox_has_a_document_for_each_mail() -> None:
    first = b"From a@e.org Mon Jan  1 00:00:00 2024\nSubject: one\n\nFrom here on\n>From quoted\n"
    second = b"\nFrom b@e.org Tue Jan  2 00:00:00 2024\nSubject: two\n\nend\n"

    found = extracted(first + second, "a.mbox")

    assert [each.name for each in found] == ["#1", "#2"]
    assert [each.text for each in found] == [
        "# one\n\nFrom here on\nFrom quoted\n",
        "# two\n\nend\n",
    ]


@settings(max_examples=40)
@given(st.binary(max_size=200), st.integers(0, 2000))
def test_damaged_mail(junk: bytes, at: int) -> None:
    message = _mail()
    message.add_attachment(b"words", maintype="text", subtype="plain", filename="ä.txt")
    data = bytes(message)

    found = extracted(b"From: a\n" + data[:at] + junk + data[at:], "a.eml")

    assert found and all(each.text.encode("utf-8", "replace") for each in found if each.name == "x")


def test_a_header_of_megabytes() -> None:
    found = only(b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\nend\n", "a.eml")

    assert found.text.startswith("# aaa") and found.text.endswith("end\n")


def test_what_is_no_mail() -> None:
    with pytest.raises(FormatError, match="no mail"):
        only(b"just words\nand more\n", "a.eml")
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (each, each)
        for each in range(99)
    )
    with pytest.raises(FormatError, match="levels deep"):
        only(b"From: a\n" + deep + b"\nwords\n", "a.eml")
