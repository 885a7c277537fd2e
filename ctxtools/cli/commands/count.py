"""``ctx count``: how many tokens there are in files, for models and encodings."""

from typing import Annotated

import typer

from ctxtools.cli import options as opt
from ctxtools.cli.options import By, Sort

_SHOW = "What to show"


def count(
    paths: opt.Paths = None,
    model: opt.Models = None,
    encoding: opt.Encodings = None,
    limit: opt.Limit = None,
    reserve: opt.Reserve = None,
    fail_over: Annotated[
        bool,
        typer.Option(
            "--fail-over",
            help="Exit with 1 if all together is over the limit.",
            rich_help_panel="What to count for",
        ),
    ] = False,
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
    by: Annotated[By, typer.Option(help="What a row is.", rich_help_panel=_SHOW)] = By.FILE,
    tree: Annotated[
        bool, typer.Option("--tree", help="Files as a tree.", rich_help_panel=_SHOW)
    ] = False,
    top: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Only so many rows, the rest as one; 0 is all. A terminal shows 40.",
            rich_help_panel=_SHOW,
            show_default=False,
        ),
    ] = None,
    sort: Annotated[
        Sort, typer.Option(help="What rows are sorted by.", rich_help_panel=_SHOW)
    ] = Sort.TOKENS,
    as_json: opt.Json = False,
    as_jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help="A JSON object for each file, as it is counted.", rich_help_panel=_SHOW
        ),
    ] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="A row of CSV for each file.", rich_help_panel=_SHOW)
    ] = False,
    quiet: opt.Quiet = False,
    no_progress: opt.NoProgress = False,
    threads: opt.Threads = None,
    color: opt.Colors = None,
) -> None:
    """Count the tokens of files.

    One input prints a bare number. Several, or a directory, print a table with each one's share,
    the share of the model's window and the price of sending it all.

    A count marked ~ is an estimate: the model's tokenizer is not public, or is not here.
    """
    from ctxtools.cli.inputs import find_input, input_paths, is_one_input
    from ctxtools.cli.output.count_report import Report
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.targets import resolve_columns
    from ctxtools.config import load_config
    from ctxtools.documents import ReadOptions, count_documents
    from ctxtools.errors import UsageError

    for_programs = as_json + as_jsonl + as_csv
    for clash, message in (
        (for_programs > 1, "--json, --jsonl and --csv exclude one another"),
        (tree and by is not By.FILE, "--tree and --by exclude one another"),
        (as_jsonl and by is not By.FILE, "--jsonl has a line for each file, and no --by"),
        (for_programs and (tree or top is not None), "--tree and --top are for tables"),
    ):
        if clash:
            raise UsageError(message)
    config = load_config()
    columns = resolve_columns(config, model or (), encoding or (), limit, reserve)
    if fail_over and all(each.available is None for each in columns):
        raise UsageError("--fail-over needs a limit", hint="give a --limit, or a --model")
    named = input_paths(paths, files0_from)
    files = find_input(named, config, include, exclude, no_ignore=no_ignore, hidden=hidden)
    encodings = list(dict.fromkeys(each.encoding for each in columns))
    report = Report(columns, encodings, one_input=files0_from is None and is_one_input(named))
    with Progress(not (quiet or no_progress)) as progress:
        for result in count_documents(
            files,
            encodings,
            ReadOptions(charset, field, column, outputs),
            threads=config.threads if threads is None else threads,
            progress=progress.read,
        ):
            report.add(result)
            progress.file_done()
            if as_jsonl:
                report.print_json_line(result)
    if as_json:
        report.print_json(by)
    elif as_jsonl:
        report.print_json_total()
    elif as_csv:
        report.print_csv(by, sort)
    else:
        report.print_for_people(by, sort, top, tree=tree, color=color or config.color)
    report.print_notices(quiet=quiet)
    raise typer.Exit(report.exit_code(fail_over=fail_over, strict=strict or config.strict))
