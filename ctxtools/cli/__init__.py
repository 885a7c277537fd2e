"""The command ``ctx``: a file for each command, and what they share.

Only this layer imports typer and rich. Results go to stdout, everything else to stderr. Only the
command that is called is imported, and it imports what it needs when it runs.

    app.py          the commands
    boundary.py     exit codes, how errors are shown
    commands/       a file for each command: options in, one call, output out
    options.py      the options that commands share, in groups that are values
    option_names.py errors that name options instead of arguments
    targets.py      what to count for: models and encodings with their limits
    inputs.py       from options to the files, or the document, to read
    runs/           the work of the larger commands
    output/         tables, JSON, files, notices, progress
    streams.py      nothing moves the cursor, hides or reverses what is printed
    signals.py      Ctrl-C and SIGTERM
"""

import gc

from ctxtools.cli.boundary import open_streams, run
from ctxtools.cli.signals import catch_termination
from ctxtools.programs import forget_current_folder

# New objects after which Python looks for cycles. The results of files have none, and with the
# default of 700 it takes a tenth of the time that a folder does.
_OBJECTS = 20_000


def main() -> None:
    """Run ``ctx`` with the process's arguments, and exit."""
    run(_main)


def _main() -> None:
    gc.set_threshold(_OBJECTS)
    catch_termination()
    open_streams()
    forget_current_folder()
    from ctxtools.cli.app import app

    app(prog_name="ctx")
