"""Every option that commands share, defined once: its names, its help and its group."""

from enum import StrEnum
from typing import Annotated

import typer

from ctxtools.errors import UsageError

_WHAT = "What to count for"
_FILES = "Which files"
_READ = "How to read them"
_SHOW = "What to show"
_RUN = "How to run"


class Side(StrEnum):
    """What a truncation cuts off."""

    LEFT = "left"
    RIGHT = "right"


class By(StrEnum):
    """What a row of the result is."""

    FILE = "file"
    DIR = "dir"
    TYPE = "type"


class Sort(StrEnum):
    """What rows are sorted by: figures from the top down."""

    TOKENS = "tokens"
    BYTES = "bytes"
    PATH = "path"


class Color(StrEnum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def named(output: str | None) -> str | None:
    """The value of --output, which is not empty: that would be taken for the current folder."""
    if output == "":
        raise UsageError(
            "--output is an empty name", hint="name a file, or leave it out for stdout"
        )
    return output


Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATHS]...",
        help="Files, directories, patterns, or - for stdin, which is also the default in a pipe.",
        show_default=False,
    ),
]
OnePath = Annotated[
    str, typer.Argument(metavar="[PATH]", help="A file, or - for stdin.", show_default=False)
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        "-m",
        help="A model, such as deepseek-v4-pro or gpt-5; may be given several times.",
        rich_help_panel=_WHAT,
        show_default=False,
    ),
]
Encodings = Annotated[
    list[str] | None,
    typer.Option(
        "--encoding",
        "-e",
        help="An encoding: a name such as o200k_base, a tokenizer file, or hf:org/model; may be "
        "given several times. A .tiktoken file takes its split pattern behind a #.",
        rich_help_panel=_WHAT,
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="A model, such as deepseek-v4-pro or gpt-5.",
        rich_help_panel=_WHAT,
        show_default=False,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        "-e",
        help="An encoding: a name such as o200k_base, a tokenizer file, or hf:org/model.",
        rich_help_panel=_WHAT,
        show_default=False,
    ),
]
Limit = Annotated[
    str | None,
    typer.Option(
        "--limit",
        "-l",
        help="The most tokens: 8192, 200k, 1M (decimal), 128Ki, 1Mi (binary). A model has its own.",
        rich_help_panel=_WHAT,
        show_default=False,
    ),
]
Reserve = Annotated[
    str | None,
    typer.Option(
        "--reserve",
        "-r",
        help="Tokens to keep free of the limit, for the answer.",
        rich_help_panel=_WHAT,
        show_default=False,
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        help="Only files that match this pattern (as in .gitignore).",
        rich_help_panel=_FILES,
        show_default=False,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        help="No files that match this pattern.", rich_help_panel=_FILES, show_default=False
    ),
]
NoIgnore = Annotated[
    bool,
    typer.Option(
        "--no-ignore",
        help="Also files that .gitignore and .ignore leave out.",
        rich_help_panel=_FILES,
    ),
]
Hidden = Annotated[
    bool,
    typer.Option(
        "--hidden", help="Also files whose name starts with a dot.", rich_help_panel=_FILES
    ),
]
Files0From = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Read paths, separated by NUL, from this file or from stdin (-).",
        rich_help_panel=_FILES,
        show_default=False,
    ),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit with 2 if any file was skipped.", rich_help_panel=_FILES),
]
Charset = Annotated[
    str | None,
    typer.Option(
        help="Decode files as this, rather than as UTF-8 or what is detected.",
        rich_help_panel=_READ,
        show_default=False,
    ),
]
Field = Annotated[
    str | None,
    typer.Option(
        help="Read JSONL record by record: the field that holds the text.",
        rich_help_panel=_READ,
        show_default=False,
    ),
]
ColumnName = Annotated[
    str | None,
    typer.Option(
        "--column",
        help="Read Parquet row by row: the column that holds the text.",
        rich_help_panel=_READ,
        show_default=False,
    ),
]
Outputs = Annotated[
    bool,
    typer.Option(
        "--outputs", help="Also the text outputs of notebook cells.", rich_help_panel=_READ
    ),
]
Special = Annotated[
    bool,
    typer.Option(
        "--special",
        help="Take the spelling of a special token for that token, not for text.",
        rich_help_panel=_READ,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.", rich_help_panel=_SHOW)]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Nothing on stderr but errors.", rich_help_panel=_RUN),
]
NoProgress = Annotated[
    bool, typer.Option("--no-progress", help="No progress bar.", rich_help_panel=_RUN)
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        "-j",
        min=0,
        help="Files counted at once; 0 is one for each core.",
        rich_help_panel=_RUN,
        show_default=False,
    ),
]
Colors = Annotated[
    Color | None,
    typer.Option("--color", help="When to use colour.", rich_help_panel=_RUN, show_default=False),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=named,
        help="Write here, whole or not at all, instead of to stdout.",
        rich_help_panel=_RUN,
        show_default=False,
    ),
]
