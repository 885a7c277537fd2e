"""A PDF for models that take none: its text and, where it has none, its pages as images."""

from collections.abc import Sequence

from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Reader, UnreadableError
from ctxtools.errors import CtxtoolsError, UsageError
from ctxtools.messages.media.items import Document, Image
from ctxtools.messages.media.readers.read import read_document
from ctxtools.messages.media.rules import MediaRule, find_rule
from ctxtools.models import Interval, TextCount
from ctxtools.models.interval import NO_TOKENS
from ctxtools.units import format_count

_RESOLUTION = 150  # dots an inch at which pages are read well
_POINTS = 72  # an inch


def count_pages(reader: Reader, targets: Sequence[Target]) -> FileCount:
    """The counts of a PDF for each target: of its text or, where it has none, of its pages as
    images.

    Raises:
        UnreadableError: it cannot be read, or has no text, as a scan has none, and not all of the
            models take images.
    """
    path = reader.file.path
    rules = [_image_rule(target) for target in targets]
    try:
        texts = [(text.read(), len(text.pages or ())) for text in reader.texts()]
    except UnreadableError as error:
        if "without text" not in error.skipped.reason:
            raise
        return _count_images(reader, rules, error)
    text = "\n\n".join(each for each, _ in texts)
    n = sum(pages for _, pages in texts)
    counts = tuple(target.measure(target.encoding.count(text), text) for target in targets)
    how = tuple(
        {"rule": "text of its pages", "basis": "estimated" if target.estimate else "counted"}
        for target in targets
    )
    notes = [*reader.notes]
    if reader.file.explicit:
        notes += _notes(reader, targets, rules, n)
    size = reader.file_size or reader.size
    return FileCount(path, size, counts, "document", n, tuple(notes), how)


def _notes(
    reader: Reader, targets: Sequence[Target], rules: Sequence[MediaRule | None], n: int
) -> list[str]:
    """What is said of a PDF of so many pages that the user named."""
    names = " and ".join(dict.fromkeys(target.name for target in targets))
    pages = f"{format_count(n)} page{'s' * (n != 1)}"
    notes = [f"{names} takes no PDF as it is: the text of its {pages} is counted"]
    document = _measured(reader) if any(rules) else None
    for target, rule in zip(targets, rules, strict=True):
        if rule is not None and document is not None:
            as_images = _as_images(document, rule)
            about = "" if as_images.exact else "about "
            take = "takes" if n == 1 else "take"
            notes.append(
                f"as images of {_RESOLUTION} dots an inch {pages} {take} {target.name} "
                f"{about}{format_count(as_images.typical)} tokens"
            )
    return notes


def _count_images(
    reader: Reader, rules: Sequence[MediaRule | None], error: UnreadableError
) -> FileCount:
    """The counts of the pages as images."""
    document = _measured(reader)
    if document is None or None in rules:
        raise error
    intervals = [_as_images(document, rule) for rule in rules if rule is not None]
    n = len(document.pages)
    pages = f"its {format_count(n)} pages are" if n > 1 else "its page is"
    note = f"no text: {pages} counted as images of {_RESOLUTION} dots an inch"
    how = tuple({"rule": "its pages as images", "basis": "formula"} for _ in rules)
    counts = tuple(TextCount(0, (), each) for each in intervals)
    size = reader.file_size or reader.size
    return FileCount(reader.file.path, size, counts, "document", n, (note,), how)


def _measured(reader: Reader) -> Document | None:
    """The sizes of the pages; None where a pipe is read, or they cannot be had."""
    if reader.descriptor is None:
        return None
    try:
        return read_document(reader.path_of_open_file, name=reader.file.path, text=False)
    except CtxtoolsError:
        return None


def _image_rule(target: Target) -> MediaRule | None:
    """How a target's model counts images; None if it takes none."""
    try:
        return find_rule("image", target.model.name if target.model else "")
    except UsageError:
        return None


def _as_images(document: Document, rule: MediaRule) -> Interval:
    """What the pages take as images."""
    total = NO_TOKENS
    for page in document.pages:
        width, height = (
            max(round(side / _POINTS * _RESOLUTION), 1) for side in (page.width, page.height)
        )
        total += rule.count(Image(width=width, height=height)).interval
    return total
