"""The names of files that options take for output, checked before any work."""

from ctxtools.errors import UsageError


def named(output: str | None) -> str | None:
    """The value of --output or --stats, checked before any work; see `check_output`."""
    return _checked(output, folder=False)


def named_figures(stats: str | None) -> str | None:
    """The value of --stats, which is a file in any case."""
    if stats == "-":
        raise UsageError("--stats takes a file, not stdout", hint="--json prints the figures")
    return named(stats)


def named_html(html: str | None) -> str | None:
    """The value of --html, which is a file in any case."""
    if html == "-":
        raise UsageError("--html takes a file, not stdout", hint="name a file: --html report.html")
    if html == "":
        raise UsageError("--html is an empty name", hint="name a file: --html report.html")
    return named(html)


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
