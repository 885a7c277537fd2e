"""The format of a document, its blocks, and its view; plain text where blocks cannot be had."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ctxtools.checks import check_choice
from ctxtools.chunking.block import Parsed
from ctxtools.chunking.formats import Format, parse
from ctxtools.documents.filetypes import ChunkFormat, file_type
from ctxtools.errors import FormatError, MissingExtraError

if TYPE_CHECKING:
    from ctxtools.chunking.settings import Settings
    from ctxtools.chunking.summary import LeftOut
    from ctxtools.chunking.views import View
    from ctxtools.documents.readers.extraction.extracted import Heading


def resolve(format: Format, source: str) -> ChunkFormat:
    """The format of a document; "auto" is resolved by its name."""
    check_choice("format", format, Format)
    return file_type(source).format if format == "auto" else format


class Prepared(NamedTuple):
    """What is chunked of a document.

    Attributes:
        text: the document's, or that of the view.
        parsed: the blocks of that text.
        view: what it was made of the document; None if it is the document's.
        left_out: what it lacks.
    """

    text: str
    parsed: Parsed
    view: "View | None"
    left_out: "Mapping[str, LeftOut]"


def prepare(
    text: str,
    source: str,
    format: Format,
    settings: "Settings",
    count_batch: Callable[[list[str]], list[int]],
    headings: "Sequence[Heading]" = (),
) -> Prepared:
    """What is chunked of a document, and the blocks of it.

    Args:
        text: the document.
        source: its path, name or URL.
        format: of it.
        settings: of the chunker.
        count_batch: counts the tokens of several texts.
        headings: of a document in plain text.
    """
    # Packing, which parses too, needs none of it.
    from ctxtools.chunking.summary import count_left_out
    from ctxtools.chunking.views import make_view

    if headings and resolve(format, source) == "text":
        from ctxtools.chunking.formats.headed import parse_headed

        return Prepared(text, parse_headed(text, headings), None, {})
    parsed = parse_as(text, source, format)
    made = make_view(text, resolve(format, source), parsed, settings.render, settings.leave_out)
    if not made:
        return Prepared(text, parsed, None, {})
    view, parsed = made
    return Prepared(view.text, parsed, view, count_left_out(text, view.left_out, count_batch))


def parse_as(text: str, source: str, format: Format) -> Parsed:
    """The blocks of a text, none if it is not of its format, with remarks for the summary."""
    resolved = resolve(format, source)
    try:
        return parse(text, resolved)
    except FormatError as error:
        note = f"{source or 'text'}: cut as plain text: {error.message}"
    except MissingExtraError as error:
        if format != "auto":  # asked for by name
            raise
        # Without the source, so that it is reported once for many documents.
        note = f"{resolved} is cut as plain text: {error.message} ({error.hint})"
    return Parsed(notes=(note,))
