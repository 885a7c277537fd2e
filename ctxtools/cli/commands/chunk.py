"""``ctx chunk``: files into chunks of a maximum number of tokens, cut along their structure."""

from contextlib import nullcontext
from typing import Annotated

from ctxtools.cli import options as opt
from ctxtools.cli.cutting import SPELLINGS, CutOptions
from ctxtools.cli.declarations import Exit, Group
from ctxtools.cli.option_names import spelled_as_options
from ctxtools.cli.output_names import named_or_folder
from ctxtools.errors import UsageError


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


@spelled_as_options(keep="--keep", source_field="--source-field", **SPELLINGS)
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
    html: opt.Html = None,
    output: Annotated[
        str | None,
        opt.run_option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            callback=named_or_folder,
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
    from ctxtools.cli.output.files import OutputFiles, is_same_file
    from ctxtools.cli.output.notices import exit_code, print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.reports.chunk import print_histogram, print_summary, summary_as_json
    from ctxtools.cli.runs.chunk import ChunkRun, oversize_notes
    from ctxtools.cli.targets import resolve_exact
    from ctxtools.config import load_config

    if dry_run and output is not None:
        raise UsageError("--dry-run writes nothing, and takes no --output")
    printed = not dry_run and output in (None, "-")
    if as_json and printed:
        raise UsageError(
            "the chunks and the figures of --json would both go to stdout",
            hint="name an --output for the chunks, or use --dry-run",
        )
    if html is not None and output is not None and is_same_file(html, output):
        raise UsageError("--output and --html name the same file")
    outputs = OutputFiles([output, html])
    outputs.refuse([encoding])
    config = load_config()
    target = resolve_exact(model, encoding, quiet=messages.quiet)
    chunker = Chunker(target.encoding, **cut.arguments())
    options = files.read_options(records.names, records.source_field)
    found = find_input(input_paths(files), files, config, outputs)
    page = None
    if html is not None:
        from ctxtools.cli.output.html import ChunkReport

        page = ChunkReport(html, chunker, target)
    with Progress(messages.shows_progress) as progress:
        run = ChunkRun(chunker, options, progress)
        # What an earlier run wrote is replaced only if there is something to write.
        with open_sink(output, options.keep) if not dry_run else nullcontext() as sink:
            take = sink.add if sink is not None else lambda chunk: None
            if page is not None:
                take = page.beside(take)
            run.run(found, take)
            found.refuse_nothing(run.files or run.documents, run.skipped, quiet=messages.quiet)
            added = target.encoding.tokens_added if cut.no_added_tokens else 0
            above = oversize_notes(target.model, chunker.chunk_sizes[0], added)
            run.note([*above, *found.notes()])
            if not run.files and not run.documents:
                print_notices(run.skipped, run.notes, quiet=messages.quiet)
                raise Exit(2)
            if page is not None:
                page.write(run)
    if as_json:
        print_json(summary_as_json(run))
    elif dry_run:
        print_histogram(run)
    if not messages.quiet:
        print_summary(run)
    listed_by = "--dry-run --json" if printed else "--json"
    print_notices(run.skipped, run.notes, quiet=messages.quiet, listed_by=listed_by)
    return exit_code(run.skipped, strict=files.strict or config.strict)
