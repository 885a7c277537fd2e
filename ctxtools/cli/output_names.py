"""The names of files that options take for output, checked before any work."""

import os

from ctxtools.errors import UsageError
from ctxtools.escape import one_line


def named(output: str | None) -> str | None:
    """The value of --output or --stats, checked before any work; see `check_output`."""
    return _checked(output, folder=False)


def named_figures(stats: str | None) -> str | None:
    """The value of --stats, which is a file in any case."""
    if stats == "-":
        raise UsageError("--stats takes a file, not stdout", hint="--json prints the figures")
    return named(stats)


def named_html(html: str | None) -> str | None:
    """The value of --html, which is a file in any case.

    Raises:
        UsageError: it cannot be written, or something else than a page is there: in ``ctx count
            --html README.md``, who forgot the file's name would lose the other file.
    """
    if html == "-":
        raise UsageError("--html takes a file, not stdout", hint="name a file: --html report.html")
    if html == "":
        raise UsageError("--html is an empty name", hint="name a file: --html report.html")
    named(html)
    if html and os.path.isfile(html) and os.path.getsize(html):
        from ctxtools.report.page import is_page

        if not is_page(html):
            raise UsageError(
                f"{one_line(html)} is there already, and is no page of an earlier run",
                hint="--html takes the file to write: name another one, such as report.html",
            )
    return html


def named_or_folder(output: str | None) -> str | None:
    """The same, where it may also name a folder."""
    return _checked(output, folder=True)


def _checked(output: str | None, *, folder: bool) -> str | None:
    if output == "":  # it would mean the current folder
        hint = "name a file, or leave it out for stdout"
        raise UsageError("--output is an empty name", hint=hint)
    if output is not None and output != "-":
        from ctxtools.cli.output.files import check_output

        check_output(output, folder=folder)
    return output
