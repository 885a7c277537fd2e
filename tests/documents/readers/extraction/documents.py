"""PDFs for tests, made by reportlab."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Table,
)

STYLES = getSampleStyleSheet()
WIDTH, HEIGHT = A4


def drawn(draw: Callable[[Any], object], **options: Any) -> bytes:
    """A PDF that is drawn on a canvas, the last page of which needs no `showPage`."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=A4, **options)
    draw(canvas)
    canvas.save()
    return stream.getvalue()


def lines(*texts: str, size: float = 12, **options: Any) -> bytes:
    """A page with lines one below the other."""

    def draw(canvas: Any) -> None:
        canvas.setFont("Helvetica", size)
        for number, text in enumerate(texts):
            canvas.drawString(50, 780 - 1.2 * size * number, text)

    return drawn(draw, **options)


def flowing(*content: tuple[str, str]) -> bytes:
    """Paragraphs, each with the name of its style; "break" starts a page."""
    stream = BytesIO()
    flow = [
        PageBreak() if style == "break" else Paragraph(t, STYLES[style]) for style, t in content
    ]
    SimpleDocTemplate(stream).build(flow)
    return stream.getvalue()


def in_columns(paragraphs: Sequence[str], head: str = "") -> bytes:
    """Paragraphs in two columns, with a running head."""
    stream = BytesIO()
    width = (WIDTH - 120) / 2
    frames = [Frame(50 + at * (width + 20), 50, width, HEIGHT - 120) for at in range(2)]

    def on_page(canvas: Any, document: Any) -> None:
        canvas.drawString(50, HEIGHT - 40, f"{head} {document.page}" if head else "")

    document = BaseDocTemplate(stream, pagesize=A4)
    document.addPageTemplates(PageTemplate(frames=frames, onPage=on_page))
    document.build([Paragraph(each, STYLES["BodyText"]) for each in paragraphs])
    return stream.getvalue()


def tabular(rows: Sequence[Sequence[str]]) -> bytes:
    """A table."""
    stream = BytesIO()
    SimpleDocTemplate(stream).build([Table([[*row] for row in rows])])
    return stream.getvalue()


def word_by_word(rows: Sequence[Sequence[str]]) -> bytes:
    """Lines whose words are drawn one by one, without a space between them."""

    def draw(canvas: Any) -> None:
        for number, row in enumerate(rows):
            x = 50.0
            for word in row:
                canvas.drawString(x, 780 - 15 * number, word)
                x += stringWidth(f"{word} ", "Helvetica", 12)

    return drawn(draw)
