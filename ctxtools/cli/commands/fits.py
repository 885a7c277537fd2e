"""``ctx fits``: whether files fit a model's window, all together, and by how much."""

import typer

from ctxtools.cli import options as opt


def fits(
    paths: opt.Paths = None,
    model: opt.Models = None,
    encoding: opt.Encodings = None,
    limit: opt.Limit = None,
    reserve: opt.Reserve = None,
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
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_progress: opt.NoProgress = False,
) -> None:
    """Say whether files fit, all together: exit 0 if they do, 1 if they do not.

    Nothing is read beyond the place where the answer is known.
    """
    from ctxtools.cli.fit_check import Fitting
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.console import print_json
    from ctxtools.cli.output.notices import print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.targets import resolve_columns
    from ctxtools.config import load_config
    from ctxtools.documents import ReadOptions
    from ctxtools.errors import UsageError

    config = load_config()
    columns = resolve_columns(config, model or (), encoding or (), limit, reserve)
    for each in columns:
        if each.available is None:
            raise UsageError(f"{each.name} has no limit to fit", hint="give a --limit or a --model")
    named = input_paths(paths, files0_from)
    files = list(find_input(named, config, include, exclude, no_ignore=no_ignore, hidden=hidden))
    options = ReadOptions(charset, field, column, outputs)
    with Progress(not (quiet or no_progress)) as progress:
        fitting = Fitting(columns, files, options, progress)
        fitting.run()
    if as_json:
        print_json(fitting.as_json())
    else:
        for line in fitting.lines():
            print(line)
    print_notices(fitting.skipped, quiet=quiet)
    raise typer.Exit(fitting.exit_code(strict=strict or config.strict))
