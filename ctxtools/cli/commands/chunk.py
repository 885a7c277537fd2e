"""``ctx chunk``: files in pieces of at most so many tokens, cut along their structure."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ctxtools.cli import options as opt
from ctxtools.cli.option_names import spelled_as_options

if TYPE_CHECKING:
    from ctxtools.chunking import Format

_CUT = "How to cut"


class Strategy(StrEnum):
    """How cuts are chosen."""

    OPTIMAL = "optimal"
    GREEDY = "greedy"


class OnOversize(StrEnum):
    """What becomes of a character that alone is above the size."""

    RAISE = "raise"
    SPLIT_TOKENS = "split-tokens"


@spelled_as_options(
    chunk_size="--size",
    chunk_overlap="--overlap",
    min_size="--min-size",
    on_oversize="--on-oversize",
)
def chunk(
    paths: opt.Paths = None,
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    size: Annotated[
        str,
        typer.Option(
            "--size",
            "-s",
            help="The most tokens of a chunk: 512, 8k. Several nest: 2048,512 cuts each chunk of "
            "2048 into smaller ones.",
            rich_help_panel=_CUT,
        ),
    ] = "512",
    overlap: Annotated[
        str,
        typer.Option(
            help="Tokens that each chunk repeats from the end of the one before.",
            rich_help_panel=_CUT,
        ),
    ] = "0",
    min_size: Annotated[
        str, typer.Option(help="Avoid chunks with fewer tokens.", rich_help_panel=_CUT)
    ] = "0",
    format: Annotated[
        str,
        typer.Option(
            help="How documents are structured: auto (by the name), text, markdown, python, …",
            rich_help_panel=_CUT,
        ),
    ] = "auto",
    header: Annotated[
        bool,
        typer.Option(
            "--header",
            help="Begin each chunk with the headings that it lies under.",
            rich_help_panel=_CUT,
        ),
    ] = False,
    strategy: Annotated[
        Strategy,
        typer.Option(
            help="All cuts chosen together, or one after the other.", rich_help_panel=_CUT
        ),
    ] = Strategy.OPTIMAL,
    on_oversize: Annotated[
        OnOversize,
        typer.Option(
            help="A character that alone is above the size: stop, or cut it into tokens.",
            rich_help_panel=_CUT,
        ),
    ] = OnOversize.RAISE,
    include: opt.Include = None,
    exclude: opt.Exclude = None,
    no_ignore: opt.NoIgnore = False,
    hidden: opt.Hidden = False,
    files0_from: opt.Files0From = None,
    strict: opt.Strict = False,
    charset: opt.Charset = None,
    field: opt.Field = None,
    column: opt.ColumnName = None,
    outputs: opt.Outputs = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Write no chunks: draw their sizes as a histogram.",
            rich_help_panel="What to show",
        ),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="The figures, all that was skipped and all notes as one JSON object: with "
            "--dry-run, or beside --output.",
            rich_help_panel="What to show",
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            callback=opt.named,
            help="Write here, whole or not at all: JSON lines, Parquet (.parquet), or a new folder "
            "(name/) with a file for each chunk. Else JSON lines go to stdout.",
            rich_help_panel="How to run",
            show_default=False,
        ),
    ] = None,
    quiet: opt.Quiet = False,
    no_progress: opt.NoProgress = False,
) -> None:
    """Cut files into chunks of at most --size tokens, counted exactly.

    Each chunk is a line of JSON: its text and token_count, where it is from (source, characters,
    bytes, line), the headings it lies under, and an id that is the same from run to run.

    Places are those in the text as it was decoded, bytes those of its UTF-8. They are the places
    in the file where that is UTF-8 without a byte order mark: not in UTF-16 or another charset,
    nor where the text is only a part of the file, as in a notebook or a record.

    Plain text is cut in bounded memory, whatever its length, and records one by one. Any other
    format is parsed, which takes the whole file.
    """
    from ctxtools.chunking import Chunker
    from ctxtools.cli.chunk_run import Cutting, print_histogram, print_summary, summary_as_json
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.chunk_sink import open_sink
    from ctxtools.cli.output.console import print_json
    from ctxtools.cli.output.notices import print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.written import Outputs
    from ctxtools.cli.targets import resolve_exact
    from ctxtools.config import load_config
    from ctxtools.documents import ReadOptions
    from ctxtools.errors import UsageError
    from ctxtools.units import parse_size

    if dry_run and output is not None:
        raise UsageError("--dry-run writes nothing, and takes no --output")
    printed = not dry_run and output in (None, "-")
    if as_json and printed:
        raise UsageError(
            "the chunks and the figures of --json would both go to stdout",
            hint="name an --output for the chunks, or say --dry-run",
        )
    config = load_config()
    chunker = Chunker(
        resolve_exact(model, encoding).encoding,
        [parse_size(each) for each in size.split(",")],
        parse_size(overlap),
        min_size=parse_size(min_size),
        strategy=strategy.value,
        format=cast("Format", format),
        header=header,
        on_oversize=on_oversize.value,
    )
    named = input_paths(paths, files0_from)
    written = Outputs([output])
    files = find_input(
        named, config, include, exclude, no_ignore=no_ignore, hidden=hidden, outputs=written
    )
    with Progress(not (quiet or no_progress)) as progress:
        cutting = Cutting(chunker, ReadOptions(charset, field, column, outputs), progress)
        if dry_run:
            cutting.run(files, lambda chunk: None)
        else:
            with open_sink(output) as sink:
                cutting.run(files, sink.add)
    if as_json:
        print_json(summary_as_json(cutting))
    elif dry_run:
        print_histogram(cutting)
    if not quiet:
        print_summary(cutting)
    listed_by = "--dry-run --json" if printed else "--json"
    print_notices(cutting.skipped, cutting.notes, quiet=quiet, listed_by=listed_by)
    failed = any(each.error for each in cutting.skipped)
    raise typer.Exit(2 if failed or (cutting.skipped and (strict or config.strict)) else 0)
