"""Plain text whose headings are known by their offsets, such as that of a PDF."""

import re
from collections.abc import Sequence

from ctxtools.checks import check_list, check_type
from ctxtools.chunking.block import Parsed
from ctxtools.chunking.formats.sections import SectionBuilder
from ctxtools.documents.readers.extraction.extracted import Heading
from ctxtools.errors import UsageError

_GAP = re.compile(r"\n[ \t]*+\n\s*+")


def parse_headed(text: str, headings: Sequence[Heading]) -> Parsed:
    """The sections of a text, with their paragraphs.

    Args:
        text: any text.
        headings: in order, not overlapping.

    Raises:
        UsageError: they are no headings of that text.
    """
    check_list("headings", headings, hint="pass the headings of a Document")
    builder, done = SectionBuilder(), 0
    for heading in headings:
        check_type("each heading", heading, Heading)
        if not done <= heading.start < heading.end <= len(text) or heading.level < 1:
            raise UsageError(
                f"headings must be in order and in the text, of levels from 1, got {heading!r:.80}",
                hint="pass those of the same document, as a reader found them",
            )
        _add_paragraphs(builder, text, done, heading.start)
        done = _end_of_line(text, heading.end)
        builder.heading(heading.start, done, heading.level, heading.title)
    _add_paragraphs(builder, text, done, len(text))
    return Parsed(builder.blocks(len(text)))


def _add_paragraphs(builder: SectionBuilder, text: str, start: int, end: int) -> None:
    """Add the paragraphs of a span, which empty lines divide."""
    for gap in _GAP.finditer(text, start, end):
        if text[start : gap.start()].strip():
            builder.add(start, gap.end(), "paragraph")
        start = gap.end()
    if text[start:end].strip():
        builder.add(start, end, "paragraph")


def _end_of_line(text: str, end: int) -> int:
    """After the line breaks that follow an offset."""
    found = re.compile(r"[ \t]*+\n*+").match(text, end)
    return found.end() if found else end
