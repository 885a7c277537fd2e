"""``ctx chunk``: files into chunks of a maximum number of tokens, cut along their structure."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, cast

from ctxtools.chunking.settings import OnOversize, OverlapWithin, Preference, Render, Strategy
from ctxtools.cli import options as opt
from ctxtools.cli.declarations import Exit, Group, panel
from ctxtools.cli.option_names import spelled_as_options
from ctxtools.errors import UsageError

if TYPE_CHECKING:
    from ctxtools.chunking.settings import Format, Omission

_cut_option = panel("How to cut")


class CutOptions(Group):
    """How to cut."""

    size: Annotated[
        str,
        _cut_option(
            "--size",
            "-s",
            help="The maximum tokens of a chunk, with those that the tokenizer itself adds, [CLS] "
            "and [SEP] say: 512, 8k. Several sizes nest: 2048,512 cuts each chunk of 2048 into "
            "smaller ones.",
        ),
    ] = "512"
    overlap: Annotated[
        str,
        _cut_option(
            help="Tokens that each chunk repeats from the end of the previous one, at most: whole "
            "sentences, rows or lines, if they fit."
        ),
    ] = "0"
    overlap_within: Annotated[
        OverlapWithin,
        _cut_option(help="Take the overlap from anywhere, or from the same section or function."),
    ] = "document"
    min_size: Annotated[
        str, _cut_option(help="Create no chunk with fewer tokens, where that can be.")
    ] = "0"
    break_at: Annotated[
        list[str] | None,
        _cut_option(
            "--break-at",
            metavar="heading=N|page",
            help="Let no chunk reach across a heading of level N or above, or across a page.",
        ),
    ] = None
    prefer: Annotated[
        Preference,
        _cut_option(
            help="Cut at strong boundaries, even into more chunks, which retrieve better; or fill "
            "few chunks."
        ),
    ] = "boundaries"
    cohesion: Annotated[
        bool,
        _cut_option(
            "--cohesion",
            help="Keep text together that uses the same words: where the topic changes often, as "
            "in FAQs and manuals. Takes half as long again.",
        ),
    ] = False
    format: Annotated[
        str,
        _cut_option(
            help="How documents are structured: auto (by the file name), text, markdown, html, "
            "yaml, python, …"
        ),
    ] = "auto"
    header: Annotated[
        bool, _cut_option("--header", help="Begin each chunk with the headings that it is under.")
    ] = False
    no_table_header: Annotated[
        bool,
        _cut_option(
            "--no-table-header",
            help="Do not begin the further chunks of a table with its header rows.",
        ),
    ] = False
    render: Annotated[
        Render,
        _cut_option(
            "--as",
            help="Chunk HTML as a reader sees it, without its tags: text or markdown. Offsets are "
            "those of that text; source_start and source_end those of the document.",
        ),
    ] = "source"
    leave_out: Annotated[
        list[str] | None,
        _cut_option(
            "--leave-out",
            metavar="KIND,…",
            help="What HTML and Markdown are chunked without: script, style, svg, data-uri.",
        ),
    ] = None
    strategy: Annotated[
        Strategy, _cut_option(help="Choose all cuts together, or one after another.")
    ] = "optimal"
    on_oversize: Annotated[
        OnOversize,
        _cut_option(
            help="For a single character that exceeds the size: fail, or split it into tokens."
        ),
    ] = "raise"
    no_added_tokens: Annotated[
        bool,
        _cut_option(
            "--no-added-tokens",
            help="Leave no room in the size for the tokens that the tokenizer itself adds.",
        ),
    ] = False

    @property
    def breaks(self) -> dict[str, int]:
        """What --break-at says, as a Chunker takes it."""
        found: dict[str, int] = {}
        for each in self.break_at or ():
            name, _, level = each.partition("=")
            if name == "heading" and level.isdecimal():
                found[name] = int(level)
            elif each == "page":
                found[name] = True
            else:
                raise UsageError(
                    f"--break-at {each} is neither a level of headings nor page",
                    hint="--break-at heading=2, or --break-at page, or both",
                )
        return found

    @property
    def omissions(self) -> list[str]:
        """What is left out."""
        return [kind for each in self.leave_out or () for kind in each.split(",") if kind]


class RecordOptions(Group):
    """What goes along with the text of a record."""

    keep: Annotated[
        list[str] | None,
        opt.read_option(
            "--keep",
            metavar="NAME,…",
            help="Fields of JSONL records, or columns, that go along into each chunk: id,url.",
        ),
    ] = None
    source_field: Annotated[
        str | None,
        opt.read_option(
            "--source-field",
            metavar="NAME",
            help="The field or column that names a record's source, its URL say, which is also its "
            "name for --format auto.",
        ),
    ] = None

    @property
    def names(self) -> list[str]:
        """The fields to keep."""
        return [name for each in self.keep or () for name in each.split(",") if name]


@spelled_as_options(
    keep="--keep",
    source_field="--source-field",
    chunk_size="--size",
    chunk_overlap="--overlap",
    min_size="--min-size",
    break_at="--break-at",
    render="--as",
    leave_out="--leave-out",
    on_oversize="--on-oversize",
    **{
        "add_special_tokens=False": "--no-added-tokens",
        "repeat_table_header=False": "--no-table-header",
    },
)
def chunk(
    *,
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    cut: CutOptions,
    files: opt.DocumentOptions,
    records: RecordOptions,
    dry_run: Annotated[
        bool, opt.show_option("--dry-run", help="Write no chunks; show their sizes as a histogram.")
    ] = False,
    as_json: Annotated[
        bool,
        opt.show_option(
            "--json",
            help="Print the figures, everything that was skipped and all notes as one JSON object: "
            "with --dry-run, or with --output.",
        ),
    ] = False,
    output: Annotated[
        str | None,
        opt.run_option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            callback=opt.named_or_folder,
            help="Write here, completely or not at all: JSON Lines, Parquet (.parquet), or a new "
            "folder (name/) with a file for each chunk. The default is JSON Lines on stdout.",
        ),
    ] = None,
    messages: opt.Messages,
) -> int | None:
    """Cut files into chunks of at most --size tokens, counted exactly.

    Each chunk is a line of JSON: its text and token_count, where it comes from (source,
    characters, bytes, line), the headings it is under, and an id that is the same in every run.

    A tokenizer.json of an embedding model adds tokens to each text that the model sees, [CLS] and
    [SEP] say. A chunk has at most --size tokens with these; its token_count is that of its text.

    Offsets are those in the decoded text, byte offsets those in its UTF-8 form. They match the
    file if it is UTF-8 without a byte order mark. They do not if it is UTF-16 or in another
    character set, or if the text is only a part of the file, as in a notebook or a record.

    Plain text is cut in bounded memory, whatever its length, and records one by one. Any other
    format is parsed as a whole.
    """
    from ctxtools.chunking import Chunker
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.chunk_sink import open_sink
    from ctxtools.cli.output.console import print_json
    from ctxtools.cli.output.files import OutputFiles
    from ctxtools.cli.output.notices import exit_code, print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.reports.chunk import print_histogram, print_summary, summary_as_json
    from ctxtools.cli.runs.chunk import ChunkRun, oversize_notes
    from ctxtools.cli.targets import resolve_exact
    from ctxtools.config import load_config
    from ctxtools.units import parse_size

    if dry_run and output is not None:
        raise UsageError("--dry-run writes nothing, and takes no --output")
    printed = not dry_run and output in (None, "-")
    if as_json and printed:
        raise UsageError(
            "the chunks and the figures of --json would both go to stdout",
            hint="name an --output for the chunks, or use --dry-run",
        )
    outputs = OutputFiles([output])
    outputs.refuse([encoding])
    config = load_config()
    target = resolve_exact(model, encoding, quiet=messages.quiet)
    chunker = Chunker(
        target.encoding,
        [parse_size(each, "--size") for each in cut.size.split(",")],
        parse_size(cut.overlap, "--overlap"),
        min_size=parse_size(cut.min_size, "--min-size"),
        strategy=cut.strategy,
        format=cast("Format", cut.format),  # the chunker checks it
        header=cut.header,
        on_oversize=cut.on_oversize,
        repeat_table_header=not cut.no_table_header,
        render=cut.render,
        leave_out=cast("list[Omission]", cut.omissions),  # the chunker checks them
        add_special_tokens=not cut.no_added_tokens,
        prefer=cut.prefer,
        overlap_within=cut.overlap_within,
        break_at=cut.breaks,
        cohesion=cut.cohesion,
    )
    options = files.read_options(records.names, records.source_field)
    found = find_input(input_paths(files), files, config, outputs)
    with Progress(messages.shows_progress) as progress:
        run = ChunkRun(chunker, options, progress)
        # What an earlier run wrote is replaced only if there is something to write.
        with open_sink(output, options.keep) if not dry_run else nullcontext() as sink:
            run.run(found, sink.add if sink is not None else lambda chunk: None)
            found.refuse_nothing(run.files or run.documents, run.skipped, quiet=messages.quiet)
            added = target.encoding.tokens_added if cut.no_added_tokens else 0
            above = oversize_notes(target.model, chunker.chunk_sizes[0], added)
            run.note([*above, *found.notes()])
            if not run.files and not run.documents:
                print_notices(run.skipped, run.notes, quiet=messages.quiet)
                raise Exit(2)
    if as_json:
        print_json(summary_as_json(run))
    elif dry_run:
        print_histogram(run)
    if not messages.quiet:
        print_summary(run)
    listed_by = "--dry-run --json" if printed else "--json"
    print_notices(run.skipped, run.notes, quiet=messages.quiet, listed_by=listed_by)
    return exit_code(run.skipped, strict=files.strict or config.strict)
