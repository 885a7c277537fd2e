"""``ctx pack-sequences``: documents into training windows, in as few as can be found."""

from typing import Annotated, Literal

from ctxtools._core.types import Overlong
from ctxtools.cli import options as opt
from ctxtools.cli.declarations import Group, panel
from ctxtools.cli.option_names import spelled_as_options
from ctxtools.cli.output_names import named
from ctxtools.errors import UsageError

_pack_option = panel("How to pack")
_AT_BOUNDARIES = "split-at-boundaries"


class PackOptions(Group):
    """How to pack."""

    window: Annotated[
        str, _pack_option("--window", "-w", help="Tokens of a training window: 8192, 8k, 1Mi.")
    ] = ...  # type: ignore[assignment]
    overlong: Annotated[
        Literal[Overlong, "split-at-boundaries"],
        _pack_option(
            help="What to do with a document longer than a training window: truncate keeps its "
            "beginning. Boundaries are those between sections, paragraphs and sentences of a text."
        ),
    ] = "split"
    eos: Annotated[int, _pack_option(min=0, help="Tokens after each document.")] = 0
    separator: Annotated[
        int, _pack_option(min=0, help="Tokens between two documents in a training window.")
    ] = 0
    max_documents: Annotated[
        int | None, _pack_option(min=1, help="Maximum number of documents in a training window.")
    ] = None
    seed: Annotated[
        int | None,
        _pack_option(
            min=0, help="Shuffle training windows and the documents in them, reproducibly."
        ),
    ] = None

    @property
    def at_boundaries(self) -> bool:
        return self.overlong == _AT_BOUNDARIES

    @property
    def policy(self) -> Overlong:
        """What packing does with a document that is still longer than a training window."""
        return "split" if self.overlong == "split-at-boundaries" else self.overlong


@spelled_as_options(
    **{"window must": "--window must", "eos_tokens": "--eos", "separator_tokens": "--separator"}
)
def pack_sequences(
    *,
    packing: PackOptions,
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    files: opt.FileOptions,
    field: Annotated[
        str | None,
        opt.read_option(
            help="Read JSONL record by record: the field with the text, ids or number of tokens."
        ),
    ] = None,
    column: Annotated[
        str | None,
        opt.read_option(
            help="Read Parquet row by row: the column with the text, ids or number of tokens."
        ),
    ] = None,
    skip_bad_records: opt.SkipBadRecords = False,
    lengths: Annotated[
        bool,
        opt.read_option(
            "--lengths", help="The input is numbers of tokens, separated by white space."
        ),
    ] = False,
    charset: opt.Charset = None,
    as_json: Annotated[
        bool, opt.show_option("--json", help="Print the figures as one JSON object, not the plan.")
    ] = False,
    stats: opt.Stats = None,
    output: Annotated[
        str | None,
        opt.run_option(
            "--output",
            "-o",
            metavar="FILE",
            callback=named,
            help="Write the plan to this file, .parquet or .jsonl. The default is JSONL on stdout. "
            "ctxtools.load_plan reads each of them.",
        ),
    ] = None,
    messages: opt.Messages,
) -> int | None:
    """Plan training windows: which documents go where, with every token exactly once.

    A document is a record of JSONL (--field) or Parquet (--column), or else a file. A record is a
    text, a list of token ids, or its number of tokens; anything else but null, which is empty, is
    an error that names the row.
    """
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.files import OutputFiles
    from ctxtools.cli.output.notices import exit_code, print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.reports.plan import (
        check_destination,
        figures_of,
        print_summary,
        write_plan,
    )
    from ctxtools.cli.runs.pack_sequences import LengthOptions, LengthReader
    from ctxtools.config import load_config
    from ctxtools.packing.training import sequences
    from ctxtools.units import parse_size

    check_destination(output, stats)
    if packing.at_boundaries and lengths:
        raise UsageError(
            f"--overlong {_AT_BOUNDARIES} needs texts, not --lengths",
            hint="--overlong split cuts a document where a training window ends",
        )
    window = parse_size(packing.window, "--window")
    sequences.make_request(  # refuses arguments before anything is read
        window,
        packing.eos,
        packing.separator,
        packing.policy,
        packing.max_documents,
        packing.seed,
    )
    max_tokens = window - packing.eos if packing.at_boundaries else None
    options = LengthOptions(
        model,
        encoding,
        field,
        column,
        lengths,
        charset,
        max_tokens,
        skip_bad_records,
        messages.quiet,
    )
    outputs = OutputFiles([output, stats])
    outputs.refuse([encoding])
    inputs = find_input(input_paths(files), files, load_config(), outputs)
    with Progress(messages.shows_progress) as progress:
        reader = LengthReader(options, progress)
        reader.read(inputs)
    inputs.refuse_nothing(len(reader.lengths), reader.skipped, quiet=messages.quiet)
    notes = [*inputs.notes(), *reader.notes]
    print_notices(reader.skipped, notes, quiet=messages.quiet)
    if failed := exit_code(reader.skipped, strict=False):
        return failed  # no plan for a part of the documents
    plan = sequences.pack_sequences(
        reader.lengths,
        window,
        eos_tokens=packing.eos,
        separator_tokens=packing.separator,
        overlong=packing.policy,
        boundaries=(lambda i: reader.boundaries.get(i, ())) if packing.at_boundaries else None,
        max_documents=packing.max_documents,
        seed=packing.seed,
    )
    figures = figures_of(plan, reader, notes)
    write_plan(plan, figures, output=output, stats=stats, as_json=as_json)
    if not messages.quiet:
        unsplittable = 0
        if max_tokens is not None:
            too_long = sum(tokens > max_tokens for tokens in reader.lengths)
            unsplittable = too_long - len(reader.boundaries)
        print_summary(figures, unsplittable)
    return 0
