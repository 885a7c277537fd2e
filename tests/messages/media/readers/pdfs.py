"""PDFs for tests, written by hand."""

from collections.abc import Iterable


def pdf(*pages: tuple[int, int, str], trailer: bytes = b"") -> bytes:
    """A PDF with pages of a width and a height in points, and a line of text each."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for width, height, text in pages:
        stream = b"BT /F1 12 Tf 20 20 Td (%s) Tj ET" % text.encode()
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (width, height, len(objects) + 2),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    return written(objects, trailer)


def written(objects: Iterable[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    out, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", list[int]()
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size, start = len(offsets) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s>>\n" % (size, trailer)
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def branching(depth: int) -> bytes:
    """A PDF whose tree of pages doubles at each level."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    for level in range(depth):
        below = level + 3
        objects.append(
            b"<< /Type /Pages /Count %d /Kids [%d 0 R %d 0 R] >>"
            % (2 ** (depth - level), below, below)
        )
    objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>")
    return written(objects)
