"""Mail (RFC 5322, MIME) as Markdown: its subject, who wrote it to whom and when, and its text; its
attachments are further documents, read like files. A mailbox has a document for each mail.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from io import BytesIO
from typing import Any, BinaryIO

from ctxtools.documents.html import html_text
from ctxtools.documents.readers.extraction.attachments import read_attachment
from ctxtools.documents.readers.extraction.extracted import Extracted
from ctxtools.errors import FormatError

_MAX_MAIL = 256 << 20  # bytes
_MAX_DEPTH = 30  # of parts in parts
_MAX_PARTS = 10_000
_MAX_HELD = 128 << 20  # bytes of a mail of a mailbox
_MAX_HEADER = 20_000  # characters of a header
_MAX_LISTED = 10  # attachments named in a note
_FROM = re.compile(rb"From \S+.*\b\d{4}\b")
_SHOWN = ("From", "To", "Cc", "Date")
_HEADER = re.compile(rb"\A(?:[!-9;-~]+[ \t]*:|From )", re.MULTILINE)


def read(stream: BinaryIO, name: str) -> Iterator[Extracted | None]:
    """A mail and its attachments, or the mails of a mailbox; see `extracted.Read`."""
    start = stream.read(5)
    stream.seek(0)
    if start == b"From ":
        yield from _noted(_mailbox(stream))
        return
    data = stream.read(_MAX_MAIL + 1)
    if len(data) > _MAX_MAIL:
        raise FormatError(
            f"a mail of more than {_MAX_MAIL >> 20} MB", hint="save its attachments, and name those"
        )
    if not _HEADER.match(data.lstrip()[:1000].removeprefix(b"\xef\xbb\xbf")):
        reason = 'no mail, which starts with lines such as "From: name"'
        raise FormatError(reason, hint="check what the file is")
    mail = _Mail("")
    yield from _noted(mail.read(data))


def _noted(documents: "Iterator[Extracted | str | None]") -> Iterator[Extracted | None]:
    """The documents among some and what was not read, which the last one's notes then say."""
    held: Extracted | None = None
    left_out: list[str] = []
    for each in documents:
        if isinstance(each, str):
            left_out.append(each)
        elif each is None:
            yield None
        else:
            if held is not None:
                yield held
            held = each
    if held is None:
        return
    if left_out:
        more = len(left_out) - _MAX_LISTED
        listed = ", ".join(left_out[:_MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
        held = replace(held, notes=(*held.notes, f"not read: {listed}"))
    yield held


def _mailbox(stream: BinaryIO) -> "Iterator[Extracted | str | None]":
    """The mails of a mailbox (RFC 4155), one after the other."""
    count = 0
    lines: list[bytes] = []
    size, follows_blank = 0, True
    for line in _lines(stream):
        if follows_blank and _FROM.match(line):
            if lines:
                count += 1
                yield from _Mail(f"#{count}").read(b"".join(lines))
                yield None
            lines, size = [], 0
            follows_blank = False
            continue
        follows_blank = line in (b"\n", b"\r\n")
        size += len(line)
        if size <= _MAX_HELD:
            lines.append(line[1:] if line.startswith(b">") and _is_quoted(line) else line)
    if lines:
        yield from _Mail(f"#{count + 1}").read(b"".join(lines))


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(1 << 20):
        yield line


def _is_quoted(line: bytes) -> bool:
    return line.lstrip(b">").startswith(b"From ")


class _Mail:
    """A mail.

    Args:
        name: of it in a mailbox, "#3"; "" of a file of its own.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._texts: list[str] = []
        self._attached: list[tuple[str, Message]] = []
        self._parts = 0
        self._names = Counter[str]()

    def read(self, data: bytes) -> "Iterator[Extracted | str | None]":
        """Its text, its attachments, and the names of what is not read."""
        message = message_from_bytes(data.lstrip(b"\r\n"), policy=policy.compat32)
        self._message(message, 0)
        yield Extracted("\n".join(self._texts), format="markdown", name=self._name)
        for name, part in self._attached:
            full = f"{self._name}/{name}" if self._name else name
            found = part.get_payload(decode=True)
            if not isinstance(found, bytes):
                continue
            yield from read_attachment(full, BytesIO(found), part.get_content_type())

    def _message(self, message: Message, depth: int) -> None:
        """The headers and the text of a mail, also of one in it."""
        headers = _headers(message)
        if subject := headers.get("subject"):
            self._texts.append(f"# {subject}\n")
        shown = [f"{each}: {headers[each.lower()]}\n" for each in _SHOWN if each.lower() in headers]
        if shown:
            self._texts.append("".join(shown))
        self._part(message, depth)

    def _part(self, part: Message, depth: int) -> None:
        self._parts += 1
        if depth > _MAX_DEPTH or self._parts > _MAX_PARTS:
            raise FormatError(
                f"a mail with parts more than {_MAX_DEPTH} levels deep, or too many",
                hint="save what is in it, and name those files",
            )
        kind, name = part.get_content_type(), _file_name(part)
        if part.is_multipart():
            children: Any = part.get_payload()
            for child in _chosen(children) if kind == "multipart/alternative" else children:
                if kind.startswith("message/") and kind != "message/delivery-status":
                    self._message(child, depth + 1)
                else:
                    self._part(child, depth + 1)
            return
        is_attached = part.get_content_disposition() == "attachment" or bool(name)
        # One that says it has parts, and has none, is damaged.
        if part.get_content_maintype() in ("text", "multipart") and not is_attached:
            if text := _text(part).strip("\r\n"):
                self._texts.append(text + "\n")
        elif kind != "message/delivery-status" or is_attached:
            count = len(self._attached) + 1
            suffix = kind.rpartition("/")[2]
            name = self._distinct(name or f"attachment {count} ({suffix})")
            self._attached.append((name, part))

    def _distinct(self, name: str) -> str:
        """The name, with a number if another attachment has it: ``report (2).pdf``."""
        self._names[name] += 1
        if (number := self._names[name]) == 1:
            return name
        stem, dot, suffix = name.rpartition(".")
        return self._distinct(f"{stem} ({number}).{suffix}" if dot else f"{name} ({number})")


def _chosen(children: list[Message]) -> list[Message]:
    """Of the alternatives, the plain text if it says anything, else the last one: that is the
    richest. Other things that lie among them, such as invitations, go along."""
    for child in children:
        if child.get_content_type() == "text/plain" and _text(child).strip():
            return [child, *(each for each in children if not _is_text(each))]
    texts = [child for child in children if _is_text(child)]
    return [*texts[-1:], *(each for each in children if not _is_text(each))]


def _is_text(part: Message) -> bool:
    return part.get_content_type() in ("text/plain", "text/html", "text/enriched") or (
        part.is_multipart()
    )


def _text(part: Message) -> str:
    """The text of a part, as Markdown if it is HTML."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    text = decoded(data, part.get_content_charset()).replace("\r\n", "\n")
    return html_text(text) if part.get_content_type() == "text/html" else text


def decoded(data: bytes, charset: str | None) -> str:
    """Bytes as text, by a charset that may be missing, unknown or wrong."""
    for each in (charset, "utf-8", "cp1252"):
        try:
            return data.decode(each or "utf-8")
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _headers(message: Message) -> dict[str, str]:
    """The headers that are shown, by their names in lower case."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        key = name.lower()
        if key == "subject" or key.title() in _SHOWN:
            found.setdefault(key, _header(str(value)))
    return {key: value for key, value in found.items() if value}


def _header(value: str) -> str:
    """The value of a header, on one line, with encoded words (RFC 2047) decoded."""
    # What decodes it takes time as the square of its length.
    raw = value[:_MAX_HEADER].encode("utf-8", "surrogateescape")
    text = re.sub(r"\r?\n[ \t]*", " ", decoded(raw, None))
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return " ".join(text.split())
    words = "".join(
        piece if isinstance(piece, str) else decoded(piece, charset) for piece, charset in pieces
    )
    return " ".join(words.split())


def _file_name(part: Message) -> str:
    """The name of an attachment, without folders; "" if it has none."""
    try:
        name = part.get_filename() or ""
    except (ValueError, TypeError, LookupError):
        return ""
    return _header(name).replace("\\", "/").rpartition("/")[2]
