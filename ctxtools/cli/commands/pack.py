"""``ctx pack``: documents into one prompt, or into parts of one, that keep a limit."""

import typer

from ctxtools.cli import options as opt
from ctxtools.cli import pack_options as own


def pack(
    paths: opt.Paths = None,
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    limit: opt.Limit = None,
    reserve: opt.Reserve = None,
    pin: own.Pin = None,
    priority: own.Priority = None,
    tier: own.Tier = None,
    requires: own.Requires = None,
    forms: own.Forms = "whole,trimmed,outline,path",
    trim: own.Trim = own.Keep.HEAD,
    format: own.Formats = own.Format.XML,
    template: own.Template = None,
    order: own.Orders = own.Order.PATH,
    tree: own.Tree = False,
    parts: own.Parts = None,
    part_limit: own.PartLimit = None,
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
    explain: own.Explain = False,
    as_json: opt.Json = False,
    stats: own.Stats = None,
    output: opt.Output = None,
    copy: own.Copy = False,
    dry_run: own.DryRun = False,
    quiet: opt.Quiet = False,
    no_progress: opt.NoProgress = False,
    threads: opt.Threads = None,
    color: opt.Colors = None,
) -> None:
    """Put the most valuable part of some files into one text that keeps a limit.

    Files go in whole, trimmed, as an outline, as their path alone, or not at all: what is worth
    most, all together. The text is counted as a whole before a byte of it is written.

    Exit 1 says that what has to go in does not fit; nothing is written then.
    """
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.clipboard import clipboard_command
    from ctxtools.cli.output.pack_report import PackReport, print_refusal
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.prompt_sink import Target, write_packs
    from ctxtools.cli.output.written import Outputs
    from ctxtools.cli.pack_run import pack_column, pack_documents, read_wishes, token_limit
    from ctxtools.cli.prompt_input import (
        collect_ages,
        folders_of,
        read_all,
        start_histories,
    )
    from ctxtools.config import load_config
    from ctxtools.documents import ReadOptions
    from ctxtools.errors import BudgetError

    config = load_config()
    wishes = read_wishes(pin, priority, tier, requires, forms, trim, format, template, order, tree)
    target = Target(output, stats, clipboard_command() if copy and not dry_run else None, as_json)
    options = ReadOptions(charset, field, column, outputs)
    workers = config.threads if threads is None else threads
    named = input_paths(paths, files0_from)
    written = Outputs(target.files, parts=True)
    written.refuse([*named, *([template] if template else [])])  # before anything is loaded
    try:
        what_for = pack_column(config, model, encoding, limit, reserve)
        most = token_limit(what_for, part_limit, parts)
        folders = folders_of(named)
        histories = start_histories(folders)
        files = find_input(
            named, config, include, exclude, no_ignore=no_ignore, hidden=hidden, outputs=written
        )
        with Progress(not (quiet or no_progress)) as progress:
            read = read_all(files, options, workers, progress.read)
            ages, notes = collect_ages(histories)
            packs = pack_documents(
                read.documents, what_for.encoding, most, parts, wishes, ages, folders, workers
            )
    except BudgetError as error:
        print_refusal(error, as_json=as_json)
        raise typer.Exit(1) from None
    report = PackReport(packs, what_for, read.skipped, read.notes + notes)
    failed = any(each.error or strict or config.strict for each in read.skipped)
    # Where nothing could be read, what was written before is worth more than an empty text.
    nothing = failed and not read.documents
    write_packs(packs, report.as_json(), target, dry_run=dry_run or nothing)
    if explain:
        report.print_explanations(color or config.color)
    report.print(color or config.color, quiet=quiet)
    raise typer.Exit(2 if failed else 0)
