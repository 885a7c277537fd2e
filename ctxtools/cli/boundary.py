"""The end of a run: whatever stops it becomes a message and an exit code, never a traceback.

Exit codes: 0 done, or "it fits"; 1 the answer is no; 2 an error, such as an unreadable file or a
full disk; 70 a bug in ctxtools. A closed pipe exits with 0, Ctrl-C with 130, SIGTERM with 143.
"""

import errno
import gc
import io
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from ctxtools.cli.signals import exit_interrupted
from ctxtools.errors import CtxtoolsError, os_reason
from ctxtools.escape import one_line

_MAX_DIGITS = 4  # of the width of a terminal
BUG = 70  # EX_SOFTWARE of sysexits.h
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # nothing more can be written
_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def run(command: Callable[[], object]) -> NoReturn:
    """Run the command of a process, and exit."""
    try:
        sys.exit(_run(command))
    except KeyboardInterrupt as error:  # after the command has ended
        exit_interrupted(error)


def _run(command: Callable[[], object]) -> int:
    bugs: list[BaseException] = []
    threading.excepthook = lambda args: bugs.append(args.exc_value or args.exc_type())
    sys.unraisablehook = _note_unraisable
    code = _code_of(command)
    flushed = _code_of(sys.stdout.flush)
    for error in bugs[:1]:
        flushed = exit_code_of(error)
    code = flushed or code
    if getattr(sys.stderr, "lost", False) and code < BUG:
        code = 2  # what it says nobody can read
    if threading.active_count() > 1:
        # A thread may be waiting for a pipe, and Python would wait for the thread.
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)
    gc.freeze()  # or Python looks for cycles as it ends, in a tenth of the time of a short command
    return code


def exit_code_of(error: BaseException) -> int:
    """Print what stopped a command, and return the exit code."""
    if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
        return 0  # of rich, which exits with 1
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, KeyboardInterrupt):
        error = error.__cause__  # a class was being made: Python before 3.12 wraps what stops that
    if isinstance(error, KeyboardInterrupt):
        exit_interrupted(error)
    if isinstance(error, CtxtoolsError):
        return fail(error.message, error.hint)
    if isinstance(error, OSError):
        return _exit_code_of_system(error)
    if isinstance(error, MemoryError):
        return fail("out of memory", "fewer threads (-j 1) need less memory")
    if isinstance(error, ImportError) and not (error.name or "").startswith("ctxtools"):
        return fail(f"ctxtools is not completely installed: {error}", "install it again")
    return _report_bug(error)


def fail(message: str, hint: str | None = None, code: int = 2) -> int:
    """Print an error, and return the exit code."""
    print(f"error: {one_line(message)}", file=sys.stderr)
    if hint:
        print(f"\nhint: {one_line(hint)}", file=sys.stderr)
    return code


def open_streams() -> None:
    """Make stdout and stderr ready: any name of a file can be printed, whatever it is made of, and
    tables take a width that a terminal can have.

    Raises:
        SystemExit: stdout is closed.
    """
    _fill_descriptors()
    for name in ("COLUMNS", "LINES"):
        if len(os.environ.get(name, "")) > _MAX_DIGITS:
            del os.environ[name]  # rich would fill lines of that width with spaces
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    else:
        sys.stderr = _Messages(sys.stderr.buffer, "utf-8", "surrogateescape", line_buffering=True)
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        sys.exit(fail("stdout is closed"))
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]


def _fill_descriptors() -> None:
    """Let no file that is opened later be stdin, stdout or stderr, if one of these is closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one


class _Messages(io.TextIOWrapper):
    """stderr. That it cannot be written stops no run: there is nobody to tell.

    Attributes:
        lost: something was lost, other than to a reader that has ended.
    """

    lost = False

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._lose(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        if not isinstance(error, BrokenPipeError):
            self.lost = True
        _discard(2)


def _code_of(run: Callable[[], object]) -> int:
    try:
        run()
    except SystemExit as error:
        if isinstance(error.code, int) and not isinstance(error.__context__, BrokenPipeError):
            return error.code
        return exit_code_of(error)
    except BaseException as error:
        return exit_code_of(error)
    return 0


def _exit_code_of_system(error: OSError) -> int:
    """That of what the system refused, usually to write to a full disk."""
    ended = isinstance(error, BrokenPipeError) and (error.filename or _has_no_reader(1))
    with suppress(OSError):
        _discard(sys.stdout.fileno())
    if ended:
        return 0  # the reader has seen enough
    # The error names the output if that is a file.
    where = error.filename or ("stdout" if error.errno in _FULL else "")
    return fail(f"{os.fsdecode(where)}: {os_reason(error)}" if where else os_reason(error))


def _has_no_reader(descriptor: int) -> bool:
    """Whether the other end of a pipe is closed; true where the system does not say."""
    try:
        import select

        waiting = select.poll()
    except (ImportError, AttributeError):
        return True
    waiting.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in waiting.poll(0))


def _discard(descriptor: int) -> None:
    """Drop what is still buffered for it: Python writes it again on exit, and would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _report_bug(error: BaseException) -> int:
    """Say what a maintainer needs to know, but no word of what was read: an issue is public."""
    from ctxtools import __version__

    if os.environ.get("CTXTOOLS_TRACEBACK"):
        import traceback

        print("".join(traceback.format_exception(error)), file=sys.stderr)
        hint = "please report it with the command"
    else:
        hint = "please report it with the command and what CTXTOOLS_TRACEBACK=1 prints before this"
    python = ".".join(map(str, sys.version_info[:3]))
    return fail(
        f"this is a bug in ctxtools {__version__}: {type(error).__name__}{_origin(error)}, "
        f"Python {python}, {sys.platform}",
        f"{hint}: https://github.com/ctxtools/ctxtools/issues",
        BUG,
    )


def _origin(error: BaseException) -> str:
    """The innermost line of ctxtools that was running: " in chunking/costs.py:12"."""
    place, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if file.startswith(_PACKAGE):
            place = f" in {file[len(_PACKAGE) :]}:{step.tb_lineno}"
        step = step.tb_next
    return place


def _note_unraisable(failed: Any) -> None:
    """An error in a clean-up, such as of a library's object at exit, which changes no result."""
    if isinstance(failed.exc_value, KeyboardInterrupt):
        exit_interrupted(failed.exc_value)
    if os.environ.get("CTXTOOLS_TRACEBACK"):
        sys.__unraisablehook__(failed)
