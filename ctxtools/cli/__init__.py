"""The command ``ctx``: a file for each command, and what they share.

Only this layer imports typer and rich. Results go to stdout, everything else to stderr. Only the
command that is called is imported, and it imports what it needs when it runs.

    app.py          the commands, exit codes, how errors are shown
    commands/       a file for each command: options in, one call, output out
    options.py      the options that commands share, in groups that are values
    option_names.py errors that name options instead of arguments
    targets.py      what to count for: models and encodings with their limits
    inputs.py       from options to the files, or the document, to read
    runs/           the work of the larger commands
    output/         tables, JSON, files, notices, progress
    signals.py      Ctrl-C and SIGTERM
"""

import os
import sys

from ctxtools.cli.signals import catch_termination, exit_interrupted


def main() -> None:
    """Run ``ctx`` with the process's arguments, and exit."""
    try:
        catch_termination()
        _open_streams()
        from ctxtools.cli.app import app

        app(prog_name="ctx")
    except KeyboardInterrupt as error:  # before a command began
        exit_interrupted(error)


def _open_streams() -> None:
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        print("error: stdout is closed", file=sys.stderr)
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        # A file's name may contain any bytes, and is printed unchanged.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
