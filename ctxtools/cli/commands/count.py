"""``ctx count``: how many tokens files have, for models and encodings."""

from typing import Annotated

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import Group
from ctxtools.cli.output.rows import By, Sort
from ctxtools.errors import UsageError


class ShowOptions(Group):
    """What to show."""

    by: Annotated[By, opt.show_option(help="What a row stands for.")] = "file"
    tree: Annotated[bool, opt.show_option("--tree", help="Show files as a tree.")] = False
    top: Annotated[
        int | None,
        opt.show_option(
            min=0, help="Maximum number of rows, the rest as one; 0 shows all. A terminal shows 40."
        ),
    ] = None
    sort: Annotated[Sort, opt.show_option(help="How to sort rows.")] = "tokens"
    as_json: opt.Json = False
    as_jsonl: Annotated[
        bool,
        opt.show_option("--jsonl", help="Print a JSON object for each file, as it is counted."),
    ] = False
    as_csv: Annotated[bool, opt.show_option("--csv", help="Print a CSV row for each file.")] = False
    html: opt.Html = None

    def check(self) -> None:
        """Raise UsageError if two options exclude each other."""
        for_programs = self.as_json + self.as_jsonl + self.as_csv
        for conflict, message in (
            (for_programs > 1, "--json, --jsonl and --csv cannot be used together"),
            (self.tree and self.by != "file", "--tree and --by cannot be used together"),
            (self.as_jsonl and self.by != "file", "--jsonl has a line for each file, and no --by"),
            (for_programs and (self.tree or self.top is not None), "--tree and --top need a table"),
        ):
            if conflict:
                raise UsageError(message)


def count(
    targets: opt.Targets,
    *,
    fail_over: Annotated[
        bool, opt.target_option("--fail-over", help="Exit with 1 if the total exceeds the limit.")
    ] = False,
    files: opt.DocumentOptions,
    no_media: opt.NoMedia = False,
    render: opt.As = "source",
    conversations: opt.ConversationOptions,
    show: ShowOptions,
    messages: opt.Messages,
    threads: opt.Threads = None,
    color: opt.Colors = None,
) -> int | None:
    """Count the tokens of files.

    One input prints a bare number. Several inputs, or a directory, print a table with the share of
    each, the share of the model's context window and the price of sending it all.

    A count marked ~ is an estimate: the model's tokenizer is not public, or not available here.
    """
    from ctxtools.cli.inputs import find_input, input_paths, is_one_input, the_one_named
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.reports.count import Report
    from ctxtools.cli.runs.others import OtherFiles
    from ctxtools.config import load_config
    from ctxtools.documents import count_documents

    show.check()
    conversations.refuse(special=targets.special, added_tokens=targets.added_tokens)
    outputs = None
    if show.html is not None:
        from ctxtools.cli.output.files import OutputFiles

        outputs = OutputFiles([show.html])
        read = (conversations.tools, conversations.chat_template)
        outputs.refuse([*(targets.encoding or ()), *read])
    config = load_config()
    resolved = targets.resolve(config, quiet=messages.quiet)
    for each in resolved:
        if fail_over and each.model:
            each.require_limit()
    if fail_over and all(each.available is None for each in resolved):
        raise UsageError("--fail-over needs a limit", hint="give a --limit, or a --model")
    paths = input_paths(files)
    encodings = list(dict.fromkeys(each.encoding for each in resolved))
    one_input = is_one_input(files, paths)
    found = find_input(paths, files, config, outputs)
    others = OtherFiles(
        resolved,
        media=not no_media,
        messages=conversations.asks_for_messages(),
        counting=conversations.counting(),
    )
    named = the_one_named(files, paths)
    report = Report(resolved, encodings, one_input=one_input, named=named)
    with Progress(messages.shows_progress) as progress:
        for result in count_documents(
            found,
            encodings,
            files.read_options()._replace(render=render),
            threads=config.threads if threads is None else threads,
            progress=progress.read,
            allowed_special=resolved[0].allowed_special,
            add_special_tokens=targets.added_tokens,
            characters=any(each.needs_characters for each in resolved),
            others=others,
            inline=None if one_input else others.is_quick,
        ):
            counted = report.add(result)
            progress.file_done()
            if show.as_jsonl:
                report.print_json_line(counted)
    found.refuse_nothing(report.files, report.skipped, quiet=messages.quiet)
    report.notes += [*found.notes(), *others.notes()]
    if show.html is not None:
        report.write_html(show.html)
    if show.as_json:
        report.print_json(show.by)
    elif show.as_jsonl:
        report.print_json_total()
    elif show.as_csv:
        report.print_csv(show.by, show.sort)
    else:
        report.print_for_people(
            show.by, show.sort, show.top, tree=show.tree, color=color or config.color
        )
    report.print_notices(quiet=messages.quiet)
    return report.exit_code(fail_over=fail_over, strict=files.strict or config.strict)
