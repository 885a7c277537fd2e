"""Parsers: the blocks of a document, for each format."""

from importlib import import_module

from ctxtools.checks import check_choice
from ctxtools.chunking.block import Block
from ctxtools.documents.filetypes import FORMATS
from ctxtools.errors import FormatError

USE_TEXT = "use the format text"
"""The hint of errors about a text that cannot be parsed."""

_MODULES = {"markdown": "markdown", "json": "json", "jsonl": "json", "html": "html"}
_MODULES |= {"csv": "csv", "tsv": "csv"}
_CODE = ("python", "javascript", "typescript", "tsx", "go", "rust", "java", "c", "cpp")
_MODULES |= dict.fromkeys(_CODE, "code")  # those of languages.py


def parse_blocks(text: str, format: str) -> tuple[Block, ...]:
    """The blocks of a document, in order, disjoint; none for plain text.

    Takes time linear in the text. Faults that a parser recovers from, as those of code and HTML
    do, are not errors.

    Args:
        text: any text.
        format: its format.

    Raises:
        FormatError: the text is not of that format, or the parser failed.
        MissingExtraError: the parser is not installed.
        UsageError: unknown format.
    """
    if format == "text":
        return ()
    check_choice("format", format, FORMATS)
    # A document has one format: only its parser is imported.
    module = import_module(f"ctxtools.chunking.formats.{_MODULES[format]}")
    try:
        blocks: tuple[Block, ...] = module.parse(text, format)
    except RecursionError as error:  # of a third-party parser
        raise FormatError(
            f"the {format} parser failed: the text is nested too deeply",
            hint=USE_TEXT,
        ) from error
    return blocks
