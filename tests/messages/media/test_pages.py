"""Pages of documents as vendors take them: as images, with their text."""

import math
from typing import Any

import pytest

import ctxtools as ctx
from ctxtools.errors import UnknownModelError, UsageError
from ctxtools.messages import Document, Page

A4 = 595, 842
TEXT = "How are refunds issued, and who signs them? " * 40
PROSE = Page(*A4, TEXT)
SCAN = Page(*A4, "")


def tokens_of_text(model: str) -> ctx.Interval:
    return ctx.get_model(model).estimate_tokens(TEXT)


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-opus-4-7", "gpt-4o", "gpt-5.2"])
def test_a_page_is_an_image_and_its_text(model: str) -> None:
    sizes = [(595, 842), (1240, 1754), (2479, 3508)]  # at 72, 150 and 300 dots an inch
    images = [ctx.image_tokens(model, *size) for size in sizes]
    scan = ctx.document_tokens(model, [SCAN])
    assert scan.interval.low == min(image.interval.low for image in images)
    assert scan == images[1]
    assert scan.interval.high == max(image.interval.high for image in images)
    text = tokens_of_text(model)
    prose = ctx.document_tokens(model, [PROSE])
    assert prose == scan + text.typical
    assert prose.interval.low == scan.interval.low + text.low
    assert prose.interval.high == scan.interval.high + text.high
    assert not prose.exact
    assert any("not public" in note for note in prose.notes)


def test_claude_is_within_what_was_measured() -> None:
    found = ctx.document_tokens("claude-sonnet-4-5", [PROSE])
    assert 1_500 <= found <= 3_200
    assert any("1,500 to 3,200" in note for note in found.notes)


@pytest.mark.parametrize(
    ("model", "detail", "low", "typical", "high"),
    [
        ("gemini-3-pro-preview", None, 258, 560, 560),
        ("gemini-3-pro-preview", "low", 280, 280, 280),
        ("gemini-3-pro-preview", "medium", 560, 560, 560),
        ("gemini-3-flash", "high", 1_120, 1_120, 1_120),
        ("gemini-2.5-pro", None, 258, 258, 560),
        ("gemini-2.5-flash", "low", 64, 64, 258),
    ],
)
def test_gemini(model: str, detail: str | None, low: int, typical: int, high: int) -> None:
    found = ctx.document_tokens(model, [SCAN] * 3, detail=detail)
    assert (found.interval.low, found, found.interval.high) == (3 * low, 3 * typical, 3 * high)


def test_whether_gemini_adds_text_is_in_the_interval() -> None:
    text = tokens_of_text("gemini-3-pro-preview")
    default = ctx.document_tokens("gemini-3-pro-preview", [PROSE]).interval
    assert (default.low, default.typical, default.high) == (258, 560, 560 + text.high)
    level = ctx.document_tokens("gemini-3-pro-preview", [PROSE], detail="medium").interval
    assert (level.low, level.typical) == (560 + text.low, 560 + text.typical)
    older = ctx.document_tokens("gemini-2.5-pro", [PROSE])
    assert (older.interval.low, older) == (258, 258 + text.typical)
    assert any("560" in note for note in older.notes)


def test_pages_alone_have_a_text_that_is_not_known() -> None:
    found = ctx.document_tokens("claude-sonnet-4-5", 12)
    scans = ctx.document_tokens("claude-sonnet-4-5", [SCAN] * 12)
    assert found.interval.low == scans.interval.low
    assert found > scans
    assert found.interval.high > scans.interval.high
    assert any("12 pages is not known" in note for note in found.notes)


def test_sizes_count_once_each() -> None:
    pages = [Page(*A4, ""), Page(842, 595, ""), Page(*A4, "")]
    each = [ctx.document_tokens("gpt-4o", [page]) for page in pages]
    assert ctx.document_tokens("gpt-4o", pages) == sum(each)
    document = Document(name="it", notes=("odd",), pages=tuple(pages))
    assert ctx.document_tokens("gpt-4o", document, detail="high") == sum(each)


@pytest.mark.parametrize("size", [(0, 0), (0.001, 842), (1e12, 842), (14_400, 14_400)])
def test_odd_pages(size: tuple[float, float]) -> None:
    assert ctx.document_tokens("claude-sonnet-4-5", [Page(*size, "")]) > 0


@pytest.mark.parametrize(
    "pages",
    [
        0, -1, [], 1.5, None, [(595, 842)], [None], 10**7, Document(pages=()),
        [Page(math.nan, 842)], [Page(595, math.inf)], [Page("595", 842)],  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_no_pages(pages: Any) -> None:
    for model in ("claude-sonnet-4-5", "gemini-2.5-pro"):
        with pytest.raises(UsageError):
            ctx.document_tokens(model, pages)


@pytest.mark.parametrize(
    ("detail", "level"),
    [("MEDIA_RESOLUTION_LOW", "low"), ("MEDIA_RESOLUTION_UNSPECIFIED", None), ("auto", None)],
)
def test_levels_as_google_writes_them(detail: str, level: str | None) -> None:
    for model in ("gemini-3-pro", "gemini-2.5-flash"):
        assert ctx.document_tokens(model, 3, detail=detail) == ctx.document_tokens(
            model, 3, detail=level
        )
        assert ctx.video_tokens(model, 64, 64, 9, detail=detail) == ctx.video_tokens(
            model, 64, 64, 9, detail=level
        )


@pytest.mark.parametrize("model", ["qwen3-vl-8b", "deepseek-v4-pro", "gpt-oss-120b"])
def test_models_without_a_rule(model: str) -> None:
    with pytest.raises(UsageError) as caught:
        ctx.document_tokens(model, 3)
    assert caught.value.hint


def test_unknown_levels_and_models() -> None:
    with pytest.raises(UsageError, match="detail"):
        ctx.document_tokens("gemini-2.5-pro", 1, detail="huge")
    with pytest.raises((UsageError, UnknownModelError)):
        ctx.document_tokens("no-such-model", 1)


def test_a_pdf_in_a_message_counts_like_its_pages() -> None:
    import base64

    pytest.importorskip("pypdfium2", reason="the extra media is not installed")
    from tests.messages.media.readers.pdfs import pdf

    data = base64.b64encode(pdf((595, 842, "Hello world"))).decode()
    source = {"type": "base64", "media_type": "application/pdf", "data": data}
    messages = [{"role": "user", "content": [{"type": "document", "source": source}]}]
    counted = ctx.count_messages(messages, model="claude-sonnet-4-5")
    part = next(part for part in counted.parts if part.kind == "document")
    page = ctx.document_tokens("claude-sonnet-4-5", [Page(595.0, 842.0, "Hello world")])
    assert part.interval == page.interval
    assert (part.basis, part.rule) == ("estimated", "Claude page")
