"""``ctx check``: whether files keep their limits of tokens, each and all together, as in CI."""

from typing import Annotated, Literal

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import Group, argument, panel

Format = Literal["table", "json", "github", "sarif"]

_limit_option = panel("What they may have")


class LimitOptions(Group):
    """The limits, and what to compare with."""

    limit: Annotated[
        list[str] | None,
        _limit_option(
            "--limit",
            "-l",
            metavar="PATTERN=SIZE",
            help="The maximum number of tokens of each file that a pattern matches, AGENTS.md=4k; "
            "of each and of all together, 'docs/**=each:25k,all:400k'. Can be given several times, "
            "and is in place of the limits of the configuration.",
        ),
    ] = None
    max_growth: Annotated[
        str | None,
        _limit_option(
            "--max-growth",
            metavar="GROWTH",
            help="How much each file may grow, 10% or 2k; or all files of a pattern together, "
            "each:10%,all:2k.",
        ),
    ] = None
    against: Annotated[
        str | None,
        _limit_option(
            "--against",
            metavar="REV",
            help="Compare with this commit, branch or tag, without a checkout.",
        ),
    ] = None
    baseline: Annotated[
        str | None,
        _limit_option(
            "--baseline",
            metavar="FILE",
            callback=opt.named,
            help="Compare with the counts in this file.",
        ),
    ] = None
    update_baseline: Annotated[
        bool, _limit_option("--update-baseline", help="Write the --baseline, completely or not.")
    ] = False


class CheckedFiles(opt.FileOptions):
    """Which files to check."""

    paths: Annotated[
        list[str] | None,
        argument(
            metavar="[PATHS]...",
            help="Files, directories and patterns; without any, all files of the project.",
        ),
    ] = None


class ReportOptions(Group):
    """What to show, and where."""

    format: Annotated[
        Format,
        opt.show_option(
            "--format",
            help="A table; JSON; annotations of GitHub Actions; or SARIF 2.1.0, for code scanning.",
        ),
    ] = "table"
    as_json: opt.Json = False
    top: Annotated[
        int,
        opt.show_option(
            "--top",
            min=0,
            help="How many files that keep their limits are shown, those nearest to them first.",
        ),
    ] = 10
    summary: Annotated[
        str | None,
        opt.show_option(
            "--summary",
            metavar="FILE",
            callback=opt.named,
            help="Add a summary in Markdown to this file. With --format github that is "
            "$GITHUB_STEP_SUMMARY by default.",
        ),
    ] = None
    output: opt.Output = None


def check(
    limits: LimitOptions,
    files: CheckedFiles,
    model: opt.Model = None,
    encoding: opt.Encoding = None,
    *,
    report: ReportOptions,
    strict: Annotated[
        bool,
        opt.file_option(
            "--strict", help="Exit with 2 if any file was skipped, or a limit is on no file."
        ),
    ] = False,
    messages: opt.Messages,
    threads: opt.Threads = None,
    color: opt.Colors = None,
) -> int | None:
    """Check that files keep their limits of tokens: exit with 0 if they do, with 1 if not.

    Limits are in the configuration of the project, the table check of ctxtools.toml, or
    tool.ctxtools.check of pyproject.toml; or given with --limit.

    Where files are named, as pre-commit names those that changed, each of them is checked, and
    limits on all files of a pattern together are not.
    """
    from ctxtools.cli.runs.check import run_check

    return run_check(
        limits, files, report, messages, (model, encoding), threads, color, strict=strict
    )
