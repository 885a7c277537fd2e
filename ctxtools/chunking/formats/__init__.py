"""What a document is made of: a parser for each format, and which one a file name calls for."""

from importlib import import_module
from pathlib import PurePath

from ctxtools.chunking.block import Block
from ctxtools.errors import FormatError, UsageError

# The names of each format's files: what they end in.
_SUFFIXES = {
    "markdown": (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd"),
    "python": (".py", ".pyi", ".pyw"),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "typescript": (".ts", ".mts", ".cts"),
    "tsx": (".tsx",),
    "go": (".go",),
    "rust": (".rs",),
    "java": (".java",),
    "c": (".c", ".h"),  # the parser finds out whether a .h is C++
    "cpp": (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".inl"),
    "json": (".json", ".geojson", ".webmanifest"),
    "jsonl": (".jsonl", ".ndjson"),
    "html": (".html", ".htm", ".xhtml"),
    "csv": (".csv",),
    "tsv": (".tsv", ".tab"),
    "text": (".txt",),
}

_BY_SUFFIX = {suffix: name for name, suffixes in _SUFFIXES.items() for suffix in suffixes}

_MODULES = {"markdown": "markdown", "json": "json", "jsonl": "json", "html": "html"}
_MODULES |= {"csv": "csv", "tsv": "csv"}

FORMATS = tuple(_SUFFIXES)
"""The formats that a user may ask for; "text" is one with no structure but its own boundaries."""


def detect_format(path: str) -> str:
    """The format that a file's name calls for; "text" where it calls for none."""
    return _BY_SUFFIX.get(PurePath(path).suffix.lower(), "text")


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
    if format not in _SUFFIXES:
        raise UsageError(
            f"there is no format {format!r}", hint=f"choose one of {', '.join(FORMATS)}"
        )
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
