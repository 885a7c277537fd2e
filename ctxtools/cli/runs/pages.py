"""A PDF for models that take none: the text of its pages, and what these take as images."""

from collections.abc import Sequence

from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Reader
from ctxtools.errors import FormatError, UsageError
from ctxtools.messages.media.items import Document, Image
from ctxtools.messages.media.readers.read import read_document
from ctxtools.messages.media.rules import find_rule
from ctxtools.models import Interval
from ctxtools.models.interval import NO_TOKENS
from ctxtools.units import format_count

_RESOLUTION = 150  # dots an inch at which pages are read well
_POINTS = 72  # an inch


def count_text_of_pages(reader: Reader, targets: Sequence[Target]) -> FileCount:
    """The counts of a PDF's text for each target.

    Raises:
        FormatError: it cannot be read, or has no text, as a scan has none.
        MissingExtraError: the extra ``media`` is not installed.
    """
    path = reader.file.path
    source = reader.held() if reader.descriptor is None else path
    document = read_document(source, name=path)
    text = "\n\n".join(page.text or "" for page in document.pages)
    names = " and ".join(dict.fromkeys(target.name for target in targets))
    if not text.strip():
        raise FormatError(
            f"{path}: {names} takes no PDF, and its pages have no text",
            hint="render its pages as images, and count these",
        )
    counts = tuple(target.measure(target.encoding.count(text), text) for target in targets)
    n = len(document.pages)
    pages = f"{format_count(n)} page{'s' * (n != 1)}"
    notes = [f"{names} takes no PDF as it is: the text of its {pages} is counted"]
    for target in targets:
        if as_images := _as_images(document, target):
            about = "" if as_images.exact else "about "
            take = "takes" if n == 1 else "take"
            notes.append(
                f"as images of {_RESOLUTION} dots an inch {pages} {take} {target.name} "
                f"{about}{format_count(as_images.typical)} tokens"
            )
    how = tuple(
        {"rule": "text of its pages", "basis": "estimated" if target.estimate else "counted"}
        for target in targets
    )
    size = reader.file_size or reader.size
    return FileCount(path, size, counts, "document", n, (*document.notes, *notes), how)


def _as_images(document: Document, target: Target) -> Interval | None:
    """What the pages take a target's model as images; None if it takes none."""
    total = NO_TOKENS
    try:
        rule = find_rule("image", target.model.name if target.model else "")
        for page in document.pages:
            width, height = (
                max(round(side / _POINTS * _RESOLUTION), 1) for side in (page.width, page.height)
            )
            total += rule.count(Image(width=width, height=height)).interval
    except UsageError:
        return None
    return total
