"""Parsers: the blocks of a document, for each format."""

from importlib import import_module
from typing import Literal

from ctxtools.checks import check_choice
from ctxtools.chunking.block import Block, Parsed
from ctxtools.documents.filetypes import FORMATS, ChunkFormat
from ctxtools.errors import FormatError

Format = Literal["auto", ChunkFormat]
"""What a document may be taken for; "auto" by its name."""

USE_TEXT = "use the format text"
"""The hint of errors about a text that cannot be parsed."""

MODULES = {"markdown": "markdown", "json": "json", "jsonl": "json", "html": "html"}
MODULES |= {"csv": "csv", "tsv": "csv", "notebook": "notebook"}
MODULES |= {"rst": "markup.rst", "latex": "markup.latex", "asciidoc": "markup.asciidoc"}
MODULES |= {"org": "markup.org", "toml": "data.settings", "ini": "data.settings"}
MODULES |= {"yaml": "data.yaml", "xml": "data.xml", "sql": "data.sql"}
MODULES |= {"srt": "records.subtitles", "vtt": "records.subtitles"}
MODULES |= {"diff": "records.diff", "log": "records.log"}
MODULES |= dict.fromkeys(("vue", "svelte", "astro"), "components")
# All others but plain text are code.
MODULES |= {format: "code" for format in FORMATS if format not in {"text", *MODULES}}
"""The module of each format, beside this one."""


def parse(text: str, format: str) -> Parsed:
    """The blocks of a document; none for plain text.

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
        return Parsed()
    check_choice("format", format, FORMATS)
    # A document has one format: only its parser is imported.
    module = import_module(f"ctxtools.chunking.formats.{MODULES[format]}")
    try:
        parsed: Parsed = module.parse(text, format)
    except RecursionError as error:  # of a third-party parser
        raise FormatError(
            f"the {format} parser failed: the text is nested too deeply",
            hint=USE_TEXT,
        ) from error
    return parsed


def parse_blocks(text: str, format: str) -> tuple[Block, ...]:
    """The blocks alone: see `parse`."""
    return parse(text, format).blocks
