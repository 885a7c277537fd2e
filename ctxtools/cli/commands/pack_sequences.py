"""``ctx pack-sequences``: documents into training windows, in as few as can be found."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ctxtools.cli import options as opt
from ctxtools.cli.option_names import spelled_as_options

if TYPE_CHECKING:
    from ctxtools.packing.training.plan import Plan

_PACK = "How to pack"


class Overlong(StrEnum):
    """What to do with a document that is longer than a window."""

    SPLIT = "split"
    AT_BOUNDARIES = "split-at-boundaries"
    DROP = "drop"
    RAISE = "raise"


@spelled_as_options(eos_tokens="--eos", separator_tokens="--separator")
def pack_sequences(
    paths: opt.Paths = None,
    window: Annotated[
        str,
        typer.Option(
            "--window",
            "-w",
            help="Tokens of a window: 8192, 8k, 1Mi.",
            rich_help_panel=_PACK,
            show_default=False,
        ),
    ] = ...,  # type: ignore[assignment]
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    overlong: Annotated[
        Overlong,
        typer.Option(
            help="What to do with a document longer than a window. Boundaries are between "
            "sections, paragraphs, sentences; texts have them.",
            rich_help_panel=_PACK,
        ),
    ] = Overlong.SPLIT,
    eos: Annotated[
        int, typer.Option(min=0, help="Tokens behind each document.", rich_help_panel=_PACK)
    ] = 0,
    separator: Annotated[
        int,
        typer.Option(
            min=0, help="Tokens between two documents of a window.", rich_help_panel=_PACK
        ),
    ] = 0,
    max_documents: Annotated[
        int | None,
        typer.Option(
            min=1, help="Documents of a window.", rich_help_panel=_PACK, show_default=False
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Shuffle windows, and documents in them; the same for the same seed.",
            rich_help_panel=_PACK,
            show_default=False,
        ),
    ] = None,
    include: opt.Include = None,
    exclude: opt.Exclude = None,
    no_ignore: opt.NoIgnore = False,
    hidden: opt.Hidden = False,
    files0_from: opt.Files0From = None,
    field: Annotated[
        str | None,
        typer.Option(
            help="Read JSONL record by record: the field with the text, ids or number of tokens.",
            rich_help_panel="How to read them",
            show_default=False,
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(
            help="Read Parquet row by row: the column with the text, ids or number of tokens.",
            rich_help_panel="How to read them",
            show_default=False,
        ),
    ] = None,
    lengths: Annotated[
        bool,
        typer.Option(
            "--lengths",
            help="The input is numbers of tokens, between white space.",
            rich_help_panel="How to read them",
        ),
    ] = False,
    charset: opt.Charset = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="The figures as one JSON object, not the plan.",
            rich_help_panel="What to show",
        ),
    ] = False,
    stats: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the figures here, as JSON.",
            rich_help_panel="What to show",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            callback=opt.named,
            help="Write the plan here: .parquet or .jsonl. Without, it is JSONL on stdout.",
            rich_help_panel="How to run",
            show_default=False,
        ),
    ] = None,
    quiet: opt.Quiet = False,
    no_progress: opt.NoProgress = False,
) -> None:
    """Plan training windows: which documents go where, every token exactly once.

    A document is a record of JSONL (--field) or Parquet (--column), else a file.
    """
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.console import print_json, warn
    from ctxtools.cli.output.notices import print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.written import Outputs
    from ctxtools.cli.sequence_input import Input
    from ctxtools.config import load_config
    from ctxtools.errors import UsageError
    from ctxtools.packing.training.sequences import make_request

    _check_output(output, stats)
    at_boundaries = overlong is Overlong.AT_BOUNDARIES
    if at_boundaries and lengths:
        raise UsageError(
            "--overlong split-at-boundaries needs texts, not --lengths",
            hint="--overlong split cuts a document where a window ends",
        )
    policy: Any = "split" if at_boundaries else overlong.value
    size = make_request(window, eos, separator, policy, max_documents, seed).window
    config = load_config()
    named = input_paths(paths, files0_from)
    written = Outputs([output, stats])
    files = find_input(
        named, config, include, exclude, no_ignore=no_ignore, hidden=hidden, outputs=written
    )
    with Progress(not (quiet or no_progress)) as progress:
        cut = size if at_boundaries else None
        found = Input(model, encoding, field, column, lengths, charset, progress, cut, eos)
        found.read(files)
    print_notices(found.skipped, quiet=quiet)
    if any(each.error for each in found.skipped):
        raise typer.Exit(2)  # no plan for a part of the documents
    from ctxtools.packing.training.sequences import pack_sequences as pack

    plan = pack(
        found.lengths,
        window,
        eos_tokens=eos,
        separator_tokens=separator,
        overlong=policy,
        boundaries=(lambda i: found.boundaries.get(i, ())) if at_boundaries else None,
        max_documents=max_documents,
        seed=seed,
    )
    figures = {
        "documents": len(found.lengths),
        **plan.summary(),
        "files": found.files,
        "skipped": [{"path": each.path, "reason": each.reason} for each in found.skipped],
    }
    _write(plan, figures, output, stats)
    if as_json:
        print_json(figures)
    elif output is None:
        sys.stdout.writelines(plan.json_lines())
    if not quiet:
        for line in _summary(figures):
            warn(line)
        exact = sum(n + eos > size for n in found.lengths) - len(found.boundaries)
        if at_boundaries and exact:
            were = "was" if exact == 1 else "were"
            warn(f"of those, {exact:,} came without a text, and {were} cut where a window ends")


def _check_output(output: str | None, stats: str | None) -> None:
    """Raise UsageError before the work rather than after it."""
    from ctxtools.documents.filetypes import file_type
    from ctxtools.errors import UsageError

    if output is not None and file_type(output).container not in ("parquet", "jsonl"):
        raise UsageError(f"{output} is no name of a plan", hint="it ends with .parquet or .jsonl")
    if stats is not None and stats == output:
        raise UsageError(f"{stats} cannot be both the plan and its figures")


def _write(plan: "Plan", figures: dict[str, Any], output: str | None, stats: str | None) -> None:
    import json

    from ctxtools.atomic import atomic_write

    if output is not None:
        plan.save(output)
    if stats is not None:
        with atomic_write(stats) as file:
            file.write(json.dumps(figures, indent=2) + "\n")


def _summary(figures: dict[str, Any]) -> list[str]:
    """The figures for people."""
    from ctxtools.units import format_count

    def count(key: str, one: str) -> str:
        return f"{format_count(figures[key])} {one}{'' if figures[key] == 1 else 's'}"

    lines = [
        f"{count('documents', 'document')}, {count('tokens', 'token')}: {count('bins', 'window')} "
        f"of {format_count(figures['window'])}, {figures['efficiency']:.4%} full",
        f"at least {format_count(figures['lower_bound'])} are needed: "
        f"{format_count(figures['gap'])} above the lower bound",
    ]
    if split := figures["pieces"] + figures["dropped"] + figures["empty"] - figures["documents"]:
        lines.append(f"documents longer than a window were split, into {split:,} more pieces")
    if figures["dropped"]:
        lines.append(f"dropped: {count('dropped', 'document')} longer than a window")
    if figures["empty"]:
        lines.append(f"left out: {count('empty', 'document')} without a token")
    return lines
