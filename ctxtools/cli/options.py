"""The options that commands share, defined once: names, help and groups of them that are values.

A command takes a group as one argument. `with_options` lets the command line see its options in
the argument's place.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from ctxtools.config import Color
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from ctxtools.cli.targets import Target
    from ctxtools.config import Config
    from ctxtools.documents import ReadOptions

TARGETS = "What to count for"
FILES = "Which files"
READ = "How to read them"
SHOW = "What to show"
RUN = "How to run"


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Replace each parameter that is a group of options by its options, for the command line."""
    signature = inspect.signature(command)
    groups: dict[str, Any] = {
        name: parameter.annotation
        for name, parameter in signature.parameters.items()
        if is_dataclass(parameter.annotation)
    }
    options = []
    for name, parameter in signature.parameters.items():
        one = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
        options += _options_of(groups[name]) if name in groups else one

    @wraps(command)
    def run(**values: Any) -> None:
        for name, group in groups.items():
            values[name] = group(**{each.name: values.pop(each.name) for each in fields(group)})
        command(**values)

    run.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in options}
    return run


def _options_of(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(each.name, kind, default=each.default, annotation=hints[each.name])
        for each in fields(group)
    ]


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
    ),
]
OnePath = Annotated[
    str, typer.Argument(metavar="[PATH]", help="A file, or - for stdin.", show_default=False)
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="A model, such as deepseek-v4-pro or gpt-5.", rich_help_panel=TARGETS
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        "-e",
        help="An encoding: a name such as o200k_base, a tokenizer file, or hf:org/model.",
        rich_help_panel=TARGETS,
    ),
]
Limit = Annotated[
    str | None,
    typer.Option(
        "--limit",
        "-l",
        help="The maximum number of tokens: 8192, 200k, 1M (decimal), 128Ki, 1Mi (binary). "
        "Defaults to the model's own.",
        rich_help_panel=TARGETS,
    ),
]
Reserve = Annotated[
    str | None,
    typer.Option(
        "--reserve",
        "-r",
        help="Tokens of the limit to keep free for the answer.",
        rich_help_panel=TARGETS,
    ),
]
Special = Annotated[
    bool,
    typer.Option(
        "--special",
        help="Read the spelling of a special token as that token, not as text.",
        rich_help_panel=READ,
    ),
]
Charset = Annotated[
    str | None,
    typer.Option(
        help="Decode files with this character set instead of UTF-8 or what is detected.",
        rich_help_panel=READ,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.", rich_help_panel=SHOW)]
Stats = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Write the figures to this file as JSON.", rich_help_panel=SHOW
    ),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print nothing but errors to stderr.", rich_help_panel=RUN),
]
NoProgress = Annotated[
    bool, typer.Option("--no-progress", help="Show no progress.", rich_help_panel=RUN)
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        "-j",
        min=0,
        help="Number of files processed at once; 0 means one per core.",
        rich_help_panel=RUN,
    ),
]
Colors = Annotated[
    Color | None, typer.Option("--color", help="When to use color.", rich_help_panel=RUN)
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=named,
        help="Write to this file, completely or not at all, instead of stdout.",
        rich_help_panel=RUN,
    ),
]


@dataclass(frozen=True, slots=True)
class Targets:
    """What to count for: any number of models and encodings."""

    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="A model, such as deepseek-v4-pro or gpt-5; can be given several times.",
            rich_help_panel=TARGETS,
        ),
    ] = None
    encoding: Annotated[
        list[str] | None,
        typer.Option(
            "--encoding",
            "-e",
            help="An encoding: a name such as o200k_base, a tokenizer file, or hf:org/model; can "
            "be given several times. A .tiktoken file takes its split pattern after a #.",
            rich_help_panel=TARGETS,
        ),
    ] = None
    limit: Limit = None
    reserve: Reserve = None

    def resolve(self, config: "Config") -> "Sequence[Target]":
        """The targets; see `resolve_targets`."""
        from ctxtools.cli.targets import resolve_targets

        models, encodings = self.model or (), self.encoding or ()
        return resolve_targets(config, models, encodings, self.limit, self.reserve)


@dataclass(frozen=True, slots=True)
class FileOptions:
    """Which files to read."""

    paths: Paths = None
    include: Annotated[
        list[str] | None,
        typer.Option(
            help="Only files that match this pattern, written as in .gitignore.",
            rich_help_panel=FILES,
        ),
    ] = None
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            help="No files that match this pattern.", rich_help_panel=FILES, show_default=False
        ),
    ] = None
    no_ignore: Annotated[
        bool,
        typer.Option(
            "--no-ignore",
            help="Include files that .gitignore and .ignore exclude.",
            rich_help_panel=FILES,
        ),
    ] = False
    hidden: Annotated[
        bool,
        typer.Option(
            "--hidden", help="Include files whose name starts with a dot.", rich_help_panel=FILES
        ),
    ] = False
    files0_from: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read NUL-separated paths from this file, or from stdin (-).",
            rich_help_panel=FILES,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class DocumentOptions(FileOptions):
    """Which files to read, and how."""

    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit with 2 if any file was skipped.", rich_help_panel=FILES
        ),
    ] = False
    charset: Charset = None
    field: Annotated[
        str | None,
        typer.Option(
            help="Read JSONL record by record: the field that holds the text.", rich_help_panel=READ
        ),
    ] = None
    column: Annotated[
        str | None,
        typer.Option(
            "--column",
            help="Read Parquet row by row: the column that holds the text.",
            rich_help_panel=READ,
        ),
    ] = None
    outputs: Annotated[
        bool,
        typer.Option(
            "--outputs", help="Include the text outputs of notebook cells.", rich_help_panel=READ
        ),
    ] = False

    def read_options(self) -> "ReadOptions":
        """How to read the files."""
        from ctxtools.documents import ReadOptions

        return ReadOptions(self.charset, self.field, self.column, self.outputs)


@dataclass(frozen=True, slots=True)
class Messages:
    """What is said on stderr beside the result."""

    quiet: Quiet = False
    no_progress: NoProgress = False

    @property
    def shows_progress(self) -> bool:
        return not (self.quiet or self.no_progress)
