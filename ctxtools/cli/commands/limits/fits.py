"""``ctx fits``: whether files fit a model's context window, all together, and by how much."""

from typing import Annotated

from ctxtools.cli import options as opt


def fits(
    targets: opt.Targets,
    files: opt.DocumentOptions,
    conversations: opt.ConversationOptions,
    no_media: opt.NoMedia = False,
    render: opt.As = "source",
    no_framing: Annotated[
        bool,
        opt.read_option(
            "--no-framing", help="Count the files alone, without what a chat adds to a message."
        ),
    ] = False,
    device: Annotated[
        str | None,
        opt.target_option(
            "--device",
            metavar="NAME[:N]",
            help="Check too whether the models hold so many tokens on these accelerators: h100:8, "
            "ascend-910c:16; `ctx memory` shows how that is known.",
        ),
    ] = None,
    as_json: opt.Json = False,
    *,
    messages: opt.Messages,
) -> int | None:
    """Check whether files fit, all together: exit with 0 if they do, with 1 if they do not.

    For a model they are the message of a user, whose framing is included, or conversations. What
    the answer needs is kept free with --reserve.

    Reading stops as soon as the answer is known. What the tokenizer itself adds (--added-tokens) is
    counted once, since all files are one input.
    """
    from ctxtools.cli.inputs import find_input, input_paths
    from ctxtools.cli.output.console import print_json
    from ctxtools.cli.output.notices import FileNote, exit_code, print_notices
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.reports.fits import (
        answers_as_json,
        full_window_notes,
        plan_notes,
        print_answers,
        print_plans,
    )
    from ctxtools.cli.runs.fits import FitCheck, Framing, find_framing
    from ctxtools.cli.runs.others import OtherFiles
    from ctxtools.config import load_config

    conversations.refuse(special=targets.special, added_tokens=targets.added_tokens)
    config = load_config()
    resolved = targets.resolve(config, quiet=messages.quiet)
    for each in resolved:
        each.require_limit()
    accelerators = None
    if device is not None:
        from ctxtools.cli.runs.memory import find_accelerators

        accelerators = find_accelerators(device, resolved)
    inputs = find_input(input_paths(files), files, config)
    found = list(inputs)
    counting = conversations.counting()
    others = OtherFiles(
        resolved, media=not no_media, messages=conversations.as_messages, counting=counting
    )
    framing = Framing() if no_framing else find_framing(resolved, counting)
    with Progress(messages.shows_progress) as progress:
        check = FitCheck(
            resolved,
            found,
            files.read_options()._replace(render=render),
            progress,
            others,
            framing.known,
        )
        check.run()
    inputs.refuse_nothing(check.files, check.skipped, quiet=messages.quiet)
    plans = accelerators.plans(check.answers) if accelerators and check.files else []
    notes: list[str | FileNote] = [
        *inputs.notes(),
        *framing.notes,
        *check.notes,
        *others.notes(),
        *full_window_notes(check),
        *plan_notes(plans),
    ]
    if as_json:
        print_json(answers_as_json(check, notes, plans))
    elif check.files:  # otherwise there is no answer
        print_answers(check)
        print_plans(plans)
    print_notices(check.skipped, notes, quiet=messages.quiet)
    failed = exit_code(check.skipped, strict=files.strict or config.strict)
    holds = all(plan.fits for plan in plans)
    return failed or int(not check.fits or not holds)
