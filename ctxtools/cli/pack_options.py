"""The options of ``ctx pack`` that no other command has."""

from enum import StrEnum
from typing import Annotated

import typer

_IN = "What goes in"
_LOOK = "How it looks"
_SHOW = "What to show"
_RUN = "How to run"


class Format(StrEnum):
    """How documents are set apart in the text."""

    XML = "xml"
    MARKDOWN = "markdown"
    JSON = "json"
    PLAIN = "plain"


class Order(StrEnum):
    """In which order documents stand."""

    PATH = "path"
    PRIORITY = "priority"
    EDGES = "edges"


class Keep(StrEnum):
    """Which part of a trimmed document is kept."""

    HEAD = "head"
    TAIL = "tail"
    MIDDLE = "middle"


Pin = Annotated[
    list[str] | None,
    typer.Option(
        help="A path or pattern of what has to go in, whole; may be given several times.",
        rich_help_panel=_IN,
        show_default=False,
    ),
]
Priority = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN=FACTOR",
        help="How much more (or less) documents are worth: 'src/**=10'. The last one counts.",
        rich_help_panel=_IN,
        show_default=False,
    ),
]
Tier = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Documents that come before all others; the next --tier comes second.",
        rich_help_panel=_IN,
        show_default=False,
    ),
]
Requires = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN=PATTERN",
        help="What the first means goes in only where all that the second means does.",
        rich_help_panel=_IN,
        show_default=False,
    ),
]
Forms = Annotated[str, typer.Option(help="What a document may go in as.", rich_help_panel=_IN)]
Trim = Annotated[
    Keep, typer.Option(help="What is kept of a trimmed document.", rich_help_panel=_IN)
]
Formats = Annotated[
    Format, typer.Option("--format", help="How documents are set apart.", rich_help_panel=_LOOK)
]
Template = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="A text of your own, with {{documents}} in it, or {{#documents}} {{source}} "
        "{{content}} {{/documents}}; and {{tree}}.",
        rich_help_panel=_LOOK,
        show_default=False,
    ),
]
Orders = Annotated[
    Order,
    typer.Option(
        "--order",
        help="By path; the most valuable first; or the most valuable at both ends.",
        rich_help_panel=_LOOK,
    ),
]
Tree = Annotated[
    bool, typer.Option("--tree", help="End with a tree of all paths.", rich_help_panel=_LOOK)
]
Parts = Annotated[
    str | None,
    typer.Option(
        metavar="auto|N",
        help="Everything, in as few parts as the limit of one allows, or in N.",
        rich_help_panel=_LOOK,
        show_default=False,
    ),
]
PartLimit = Annotated[
    str | None,
    typer.Option(
        help="The most tokens of a part; the limit, if this is not given.",
        rich_help_panel=_LOOK,
        show_default=False,
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain", help="Also why each document is worth what it is.", rich_help_panel=_SHOW
    ),
]
Stats = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Write the figures here, as JSON.",
        rich_help_panel=_SHOW,
        show_default=False,
    ),
]
Copy = Annotated[
    bool, typer.Option("--copy", help="To the clipboard, not to stdout.", rich_help_panel=_RUN)
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would go in.", rich_help_panel=_RUN)
]
