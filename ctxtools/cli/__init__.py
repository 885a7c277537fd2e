"""The command ``ctx``: a file for each command, and what they share.

Only this layer imports typer and rich. Results go to stdout, everything else to stderr. Only the
command that is called is imported, and it imports what it needs when it runs.

    quick.py        reads most command lines, and calls the command
    app.py          all others, by typer: help, errors, completion
    declarations.py how a command declares its options, for both
    boundary.py     exit codes, how errors are shown
    commands/       a file for each command: options in, one call, output out
    options.py      the options that commands share, in groups that are values
    option_names.py errors that name options instead of arguments
    targets.py      what to count for: models and encodings with their limits
    inputs.py       from options to the files, or the document, to read
    runs/           the work of the larger commands
    output/         tables, JSON, files, notices, progress
    shell/          manual pages and completions, made when a wheel is built
    streams.py      nothing moves the cursor, hides or reverses what is printed
    signals.py      Ctrl-C and SIGTERM
"""

import gc
import sys

from ctxtools.cli.boundary import exit_code_of, open_streams, run
from ctxtools.cli.declarations import call
from ctxtools.cli.signals import catch_termination
from ctxtools.cli.streams import make_streams_visible
from ctxtools.programs import forget_current_folder

# New objects after which Python looks for cycles. The results of files have none, and with the
# default of 700 it takes a tenth of the time that a folder does. So many take some 20 MB.
_OBJECTS = 100_000


def main() -> None:
    """Run ``ctx`` with the process's arguments, and exit."""
    run(_main)


def _main() -> None:
    gc.set_threshold(_OBJECTS)
    catch_termination()
    open_streams()
    forget_current_folder()
    from ctxtools.cli.quick import read_call

    if read := read_call(sys.argv[1:]):
        make_streams_visible()
        try:
            code = call(*read)
        except BaseException as error:
            code = exit_code_of(error)
        sys.exit(code)
    from ctxtools.cli.app import app

    app(prog_name="ctx")
