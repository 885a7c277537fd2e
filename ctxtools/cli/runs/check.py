"""What ``ctx check`` does: options to `check_limits`, and its result to what is printed."""

import os
from typing import TYPE_CHECKING

from ctxtools.cli.inputs import input_paths
from ctxtools.cli.labels import Labels
from ctxtools.cli.option_names import spelled_as_options
from ctxtools.cli.options import FileOptions, Messages
from ctxtools.cli.output.console import warn
from ctxtools.cli.output.files import OutputFiles, write_result
from ctxtools.cli.output.notices import FileNote, exit_code, print_notices
from ctxtools.cli.output.progress import Progress
from ctxtools.cli.targets import check_one_target
from ctxtools.config import Color, Config, load_config
from ctxtools.errors import UsageError
from ctxtools.limits import CheckedLimits, LimitRules, check_limits, load_limits

if TYPE_CHECKING:
    from ctxtools.cli.commands.limits.check import LimitOptions, ReportOptions

_SPELLED = {
    "update_baseline": "--update-baseline",
    "baseline": "--baseline",
    "against": "--against",
    "max_growth": "--max-growth",
}


def run_check(
    limits: "LimitOptions",
    files: FileOptions,
    report: "ReportOptions",
    messages: Messages,
    counting_for: tuple[str | None, str | None],
    threads: int | None,
    color: Color | None,
    *,
    strict: bool,
) -> int:
    """Check, print, and return the exit code.

    Args:
        limits, files, report, messages, threads, color, strict: the options.
        counting_for: the model and the encoding that were named.

    Raises:
        CtxtoolsError: options exclude each other, or nothing can be checked.
    """
    format = _format(report)
    config = load_config()
    paths = _paths(files)
    if paths == []:
        warn("note: nothing is checked: the list of files is empty")
        return 0
    outputs = OutputFiles([report.summary, report.output, _step_summary(report, format)])
    checked = _check(limits, files, paths, config, messages, counting_for, threads, outputs)
    _print(checked, report, format, color or config.color)
    notes: list[str | FileNote] = [*checked.notes, *_unmatched_notes(checked, files, config)]
    notes += [FileNote(path, each) for path, of in checked.file_notes.items() for each in of]
    if checked.other_files:
        from ctxtools.units import format_items

        notes.append(f"{format_items(checked.other_files, 'named file')} without a limit")
    if not messages.quiet:
        for note in config.notes:
            warn(f"note: {note}")
    print_notices(checked.skipped, notes, quiet=messages.quiet, listed_by="--format json")
    is_strict = strict or config.strict
    failed = exit_code(checked.skipped, strict=is_strict)
    if is_strict and any(each.option == "limit" for each in checked.unmatched):
        failed = 2
    return failed or int(not checked.fits)


def _format(report: "ReportOptions") -> str:
    """The format to print.

    Raises:
        UsageError: options exclude each other.
    """
    if report.as_json and report.format not in ("table", "json"):
        raise UsageError(f"--json and --format {report.format} cannot be used together")
    format = "json" if report.as_json else report.format
    if report.output not in (None, "-") and format not in ("json", "sarif"):
        raise UsageError(
            f"--output needs --format json or sarif, not {format}",
            hint="--summary writes a summary for people",
        )
    return format


def _step_summary(report: "ReportOptions", format: str) -> str | None:
    """The file of the summary that GitHub Actions names, unless another one is asked for."""
    if report.summary is not None or format != "github":
        return None
    return os.environ.get("GITHUB_STEP_SUMMARY") or None


def _paths(files: FileOptions) -> list[str] | None:
    """The paths that were named, those of lists of files; None if there are no such options."""
    if files.files_from is None and files.files0_from is None:
        return list(files.paths) if files.paths else None
    return input_paths(files)


def _check(
    limits: "LimitOptions",
    files: FileOptions,
    paths: list[str] | None,
    config: Config,
    messages: Messages,
    counting_for: tuple[str | None, str | None],
    threads: int | None,
    outputs: OutputFiles,
) -> CheckedLimits:
    model, encoding = counting_for
    check_one_target(model, encoding)
    with Progress(messages.shows_progress) as progress, spelled_as_options(**_SPELLED):
        return check_limits(
            _rules(limits, config, model),
            paths,
            encoding=encoding,
            baseline=limits.baseline,
            update_baseline=limits.update_baseline,
            against=limits.against,
            max_growth=limits.max_growth,
            include=files.include or (),
            exclude=(*config.exclude, *(files.exclude or ())),
            hidden=files.hidden or config.hidden,
            ignore=config.ignore and not files.no_ignore,
            archives=files.archives,
            outputs=outputs,
            threads=config.threads if threads is None else threads,
            progress=progress.read,
        )


def _rules(limits: "LimitOptions", config: Config, model: str | None) -> LimitRules:
    """The rules that options state; otherwise those of the configuration."""
    rules = load_limits(config)
    if limits.limit or (limits.max_growth is not None and not rules.rules):
        from ctxtools.limits.rules import parse_limit

        own = tuple(parse_limit(each) for each in limits.limit or ())
        rules = rules._replace(rules=own, folder=None)
    if model is not None:  # of the models that the configuration defines, too
        rules = rules._replace(model=model, encoding=None, within=None)
    return rules


def _print(checked: CheckedLimits, report: "ReportOptions", format: str, color: Color) -> None:
    summary = report.summary or _step_summary(report, format)
    if summary is not None:
        from ctxtools.cli.output.reports.check.github import add_summary

        add_summary(checked, summary)
    if format == "table":
        from ctxtools.cli.output.reports.check.people import print_for_people

        print_for_people(checked, report.top, color)
    elif format == "github":
        from ctxtools.cli.output.reports.check.github import print_annotations

        print_annotations(checked)
    else:
        from ctxtools.cli.output.console import json_text

        facts = checked.as_json()
        if format == "sarif":
            from ctxtools.cli.output.reports.check.sarif import as_sarif

            facts = as_sarif(checked)
        write_result(f"{json_text(facts, indent=2)}\n".encode(), report.output)


def _unmatched_notes(checked: CheckedLimits, files: FileOptions, config: Config) -> list[str]:
    labels = Labels(files, config)
    return [
        each.message(
            f"the limit {each.pattern!r}"
            if each.option == "limit"
            else labels(each.option, each.pattern)
        )
        for each in checked.unmatched
        # What is excluded in the configuration may be elsewhere in the project.
        if each.option == "limit"
        or labels.is_own(each.option, each.pattern)
        or not labels.is_elsewhere(each.pattern)
    ]
