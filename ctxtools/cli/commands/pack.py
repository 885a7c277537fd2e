"""``ctx pack``: documents into one prompt, or into parts of one, within a limit."""

from dataclasses import replace
from typing import Annotated, Any

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import Group, panel
from ctxtools.cli.option_names import spelled_as_options
from ctxtools.packing.arguments import FORMS, Format, Order, PathStyle, Secrets, Trim

_selection_option = panel("What goes in")
_layout_option = panel("How it looks")


class SelectionOptions(Group):
    """What goes in, and as what."""

    query: Annotated[
        str | None,
        _selection_option(
            metavar="TEXT",
            help="What the text is to answer: documents are chosen by what they say of it, and the "
            "spans of large ones that do may go in as excerpts. That no word of it occurs is an "
            "error.",
        ),
    ] = None
    pin: Annotated[
        list[str] | None,
        _selection_option(
            help="A path or pattern of what has to go in, whole; can be given several times."
        ),
    ] = None
    priority: Annotated[
        list[str] | None,
        _selection_option(
            metavar="PATTERN=FACTOR",
            help="Multiply the value of documents: 'src/**=10'. The last match counts.",
        ),
    ] = None
    tier: Annotated[
        list[str] | None,
        _selection_option(
            metavar="PATTERN",
            help="Documents that come before all others; the next --tier comes second.",
        ),
    ] = None
    requires: Annotated[
        list[str] | None,
        _selection_option(
            metavar="PATTERN=PATTERN",
            help="What matches the first goes in only together with all that matches the second.",
        ),
    ] = None
    forms: Annotated[str, _selection_option(help="What a document may go in as.")] = ",".join(FORMS)
    secrets: Annotated[
        Secrets | None,
        _selection_option(
            help="What to do about keys, tokens and passwords: report them (the default), redact "
            "them, omit the files that hold any, or fail."
        ),
    ] = None
    redact_secrets: Annotated[
        bool,
        _selection_option(
            "--redact-secrets",
            help="Replace secrets, wherever they occur, by what they look like. The same as "
            "--secrets redact; needs detect-secrets.",
        ),
    ] = False
    trim: Annotated[Trim, _selection_option(help="Which part of a trimmed document is kept.")] = (
        "head"
    )


class LayoutOptions(Group):
    """How the text looks."""

    format: Annotated[Format, _layout_option("--format", help="How documents are delimited.")] = (
        "xml"
    )
    template: Annotated[
        str | None,
        _layout_option(
            metavar="FILE",
            help="A text of your own that contains {{documents}}, or {{#documents}} {{source}} "
            '{{content}} {{/documents}}; and {{tree}}. {{"{{"}} writes literal braces.',
        ),
    ] = None
    order: Annotated[
        Order,
        _layout_option(
            "--order",
            help="By path; by value, highest first; the most valuable at both ends; or what "
            "changed last at the end (stable), for --stable-from.",
        ),
    ] = "path"
    stable_from: Annotated[
        str | None,
        _layout_option(
            "--stable-from",
            metavar="FILE",
            help="Begin as an earlier pack does, byte for byte, up to the first of its documents "
            "that changed, so that a provider's prompt cache can be used again. FILE may be the "
            "--output.",
        ),
    ] = None
    path_style: Annotated[
        PathStyle,
        _layout_option(
            "--paths",
            help="How files are called: relative to the folder that was named, which tells nobody "
            "where it is; as they were given; or absolute.",
        ),
    ] = "relative"
    line_numbers: Annotated[
        bool,
        _layout_option(
            "--line-numbers",
            help="Begin each line with its number in the file and a tab; they are counted.",
        ),
    ] = False
    keep_data_uris: Annotated[
        bool,
        _selection_option(
            "--keep-data-uris", help="Write long data URIs whole, not elided with their size."
        ),
    ] = False
    tree: Annotated[bool, _layout_option("--tree", help="Append a tree of all paths.")] = False
    parts: Annotated[
        str | None,
        _layout_option(
            metavar="auto|N",
            help="Pack everything, into N parts or (auto) into as few as the part limit allows.",
        ),
    ] = None
    part_limit: Annotated[
        str | None, _layout_option(help="The maximum tokens of a part; defaults to the limit.")
    ] = None


@spelled_as_options(
    **{f"{name}:": f"--{name}:" for name in ("pin", "priority", "tier", "requires")}
)
def pack(
    *,
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    limit: opt.Limit = None,
    reserve: opt.Reserve = None,
    selection: SelectionOptions,
    layout: LayoutOptions,
    files: opt.DocumentOptions,
    render: opt.As = "source",
    explain: Annotated[
        bool, opt.show_option("--explain", help="Show how each document's value is computed.")
    ] = False,
    as_json: opt.Json = False,
    stats: opt.Stats = None,
    html: opt.Html = None,
    output: opt.Output = None,
    copy: Annotated[
        bool, opt.run_option("--copy", help="Write to the clipboard instead of stdout.")
    ] = False,
    dry_run: Annotated[
        bool, opt.run_option("--dry-run", help="Only show what would go in.")
    ] = False,
    messages: opt.Messages,
    threads: opt.Threads = None,
    color: opt.Colors = None,
) -> int | None:
    """Put the most valuable choice of files into one text within a limit.

    Files go in whole, trimmed, as an outline, as their path alone, or not at all, such that the
    total value is highest; with --query also as an excerpt, the functions or sections that answer
    it. The text is counted as a whole before anything is written.

    Generated code comes last, and only outlined where it is long. Of lock files and minified files
    only the paths go in, and nothing of dependencies, environments, build outputs and earlier
    packs, unless you name or --pin them.

    Exit code 1 means that nothing fits, or that what has to go in does not, or holds secrets
    (--secrets fail).
    Nothing is written then, nor if something that was named cannot be read (exit code 2).
    """
    from ctxtools.cli.inputs import find_input, input_paths, read_one
    from ctxtools.cli.output.clipboard import clipboard_command
    from ctxtools.cli.output.files import OutputFiles
    from ctxtools.cli.output.notices import exit_code
    from ctxtools.cli.output.progress import Progress
    from ctxtools.cli.output.prompt_sink import Destination, write_packs
    from ctxtools.cli.output.reports.pack import PackReport, print_refusal
    from ctxtools.cli.runs import pack as run
    from ctxtools.cli.runs.pattern_options import read_priorities, read_requires
    from ctxtools.config import load_config
    from ctxtools.documents.origins.attributes import mark_files
    from ctxtools.errors import BudgetError, SecretsError
    from ctxtools.packing.cache import user_cache_folder

    config = load_config()
    chosen: dict[str, Any] = {
        "query": selection.query,
        "stable_from": run.read_earlier(layout.stable_from, output),
        "pins": selection.pin or (),
        "priorities": read_priorities(selection.priority),
        "tiers": selection.tier or (),
        "requires": read_requires(selection.requires),
        "forms": [each.strip() for each in selection.forms.split(",") if each.strip()],
        "trim": selection.trim,
    }
    look: dict[str, Any] = {
        "format": layout.format,
        "template": read_one(layout.template) if layout.template is not None else None,
        "tree": layout.tree,
        "keep_data_uris": layout.keep_data_uris,
        "line_numbers": layout.line_numbers,
        "paths": layout.path_style,
        "secrets": run.secrets_policy(selection.secrets, redact=selection.redact_secrets),
        "threads": config.threads if threads is None else threads,
        "cache": None if files.no_cache else user_cache_folder(),
    }
    clipboard = clipboard_command() if copy and not dry_run else None
    destination = Destination(output, stats, clipboard, as_json, html)
    paths = input_paths(files)
    outputs = OutputFiles(destination.files, parts=True)
    outputs.refuse([*paths, layout.template, encoding])  # before any work
    try:
        target = run.pack_target(config, model, encoding, limit, reserve, quiet=messages.quiet)
        token_limit = run.token_limit(target, layout.part_limit, layout.parts)
        folders = run.folders_of(paths)
        histories = run.start_histories(folders)
        with Progress(messages.shows_progress) as progress:
            unchanged = layout.parts is None
            inputs = find_input(paths, files, config, outputs, unchanged=unchanged)
            found = run.read_input(
                mark_files(inputs, files.paths or ()),
                files.read_options()._replace(render=render),
                look["threads"],
                progress.read,
            )
            ages, notes = run.collect_ages(histories)
            run.refuse_unreadable(found.skipped, paths)
            inputs.refuse_nothing(len(found.documents), found.skipped, quiet=messages.quiet)
            if not files.paths:
                run.refuse_list_of_files(found.documents)
            if unchanged:
                chosen["changes"] = run.changed_lines(found.documents, inputs.changes)
            packs = run.pack_documents(
                found.documents, target, token_limit,
                selection=chosen, layout=look, parts=layout.parts,
                order=layout.order, ages=ages, roots=folders,
            )  # fmt: skip
            run.refuse_nothing_left(packs, found.documents, target)
            if selection.query:
                run.refuse_unanswered(packs)
    except (BudgetError, SecretsError) as error:
        print_refusal(error, as_json=as_json)
        return 1
    notes = [*inputs.notes(), *found.notes, *notes]
    skipped = run.shown_skips(found, folders, layout.path_style)
    report = PackReport(packs, target, skipped, notes)
    failed = exit_code(found.skipped, strict=files.strict or config.strict)
    # If nothing could be read, what an earlier run wrote is better than an empty text.
    if nothing := bool(failed and not found.documents):
        destination = replace(destination, html=None)
    write_packs(packs, report.as_json, destination, page=report.page, dry_run=dry_run or nothing)
    if explain:
        report.print_explanations(color or config.color)
    report.print(color or config.color, quiet=messages.quiet)
    return failed
