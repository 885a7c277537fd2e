"""What a document is made of: a parser for each format."""

from importlib import import_module

from ctxtools.chunking.block import Block
from ctxtools.documents.filetypes import FORMATS
from ctxtools.errors import FormatError, UsageError

_MODULES = {"markdown": "markdown", "json": "json", "jsonl": "json", "html": "html"}
_MODULES |= {"csv": "csv", "tsv": "csv"}


def parse_blocks(text: str, format: str) -> tuple[Block, ...]:
    """The blocks of a document, in order, disjoint; none for plain text.

    Takes time linear in the text. What a parser takes for a fault and mends, as those of code and
    HTML do, is no error.

    Args:
        text: any text.
        format: one of ``FORMATS``.

    Raises:
        FormatError: the text is not of that format, or the parser failed.
        MissingExtraError: the parser is not installed.
        UsageError: there is no such format.
    """
    if format == "text":
        return ()
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}", hint=f"choose one of {', '.join(FORMATS)}")
    # A document has one format: only its parser is imported.
    module = import_module(f"ctxtools.chunking.formats.{_MODULES.get(format, 'code')}")
    try:
        blocks: tuple[Block, ...] = module.parse(text, format)
    except RecursionError as error:  # of a parser that is not ours
        raise FormatError(
            f"the {format} parser failed: the text is nested too deep",
            hint="read it as plain text, with the format text",
        ) from error
    return blocks
