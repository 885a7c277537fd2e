"""The command ``ctx``: a file for each command, and what they share.

Only this layer knows typer and rich. Results go to stdout, everything else to stderr. A command
imports what it needs when it runs, so that none pays for another's.

    options.py   every option, defined once
    columns.py   what to count for: models and encodings with their limits
    output.py    how results look: tables, bars, JSON, CSV
    progress.py  how far a long run is
    outputs.py   what is written, and is no input therefore
    spelling.py  errors that name options, not arguments
    signals.py   what stops a run
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
        # A file's name may hold any bytes, and is printed as it is.
        stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
