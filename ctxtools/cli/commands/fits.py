"""``ctx fits``: whether files fit a model's context window, all together, and by how much."""

import typer

from ctxtools.cli import options as opt


@opt.with_options
def fits(
    targets: opt.Targets,
    files: opt.DocumentOptions,
    as_json: opt.Json = False,
    *,
    messages: opt.Messages,
) -> None:
    """Check whether files fit, all together: exit with 0 if they do, with 1 if they do not.

    Reading stops as soon as the answer is known. What the tokenizer itself adds (--added-tokens) is
    counted once, since all files are one input.
    """
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.console import print_json
    from ctxtools.cli.output.fits_report import (
        answers_as_json,
        full_window_notes,
        print_answers,
    )
    from ctxtools.cli.output.notices import exit_code, print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.runs.fits import FitCheck
    from ctxtools.config import load_config

    config = load_config()
    resolved = targets.resolve(config, quiet=messages.quiet)
    for each in resolved:
        each.require_limit()
    inputs = find_input(input_paths(files), files, config)
    found = list(inputs)
    with Progress(messages.shows_progress) as progress:
        check = FitCheck(resolved, found, files.read_options(), progress)
        check.run()
    inputs.refuse_nothing(check.files, check.skipped, quiet=messages.quiet)
    notes = [*inputs.notes(), *check.notes, *full_window_notes(check)]
    if as_json:
        print_json(answers_as_json(check, notes))
    elif check.files:  # otherwise there is no answer
        print_answers(check)
    print_notices(check.skipped, notes, quiet=messages.quiet)
    failed = exit_code(check.skipped, strict=files.strict or config.strict)
    raise typer.Exit(failed or int(not check.fits))
