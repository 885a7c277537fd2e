"""Whatever is printed, and by whom, nothing of it moves the cursor, hides or reverses."""

import io
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest
from rich.table import Table

from ctxtools.cli.output.console import console, draw_rows, say, warn
from ctxtools.cli.streams import exact, make_streams_visible

HOSTILE = "a\x1b]0;title\x07\u202e\x9b2J\ud800z"
SHOWN = r"a\x1b]0;title\x07\u202e\x9b2J" + "\ufffdz"


class _Stream(io.TextIOWrapper):
    def __init__(self, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def written(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined,no-any-return]


@contextmanager
def printing(terminal: bool) -> Iterator[_Stream]:
    """A stream that is both stdout and stderr."""
    stream = _Stream(terminal)
    with redirect_stdout(stream), redirect_stderr(stream):
        make_streams_visible()
        make_streams_visible()  # once is enough
        yield stream
    assert SHOWN in stream.written()
    assert "\x1b]" not in stream.written() and "\u202e" not in stream.written()


terminal_or_not = pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])


@terminal_or_not
def test_a_print(terminal: bool) -> None:
    with printing(terminal) as stream:
        print(HOSTILE)
        sys.stdout.writelines([HOSTILE, "\n"])
        assert stream.written() == f"{SHOWN}\n" * 2


@terminal_or_not
def test_a_traceback_and_a_log(terminal: bool) -> None:
    with printing(terminal) as stream:
        try:
            raise ValueError(HOSTILE)
        except ValueError:
            traceback.print_exc()
        logging.StreamHandler().handle(logging.makeLogRecord({"msg": HOSTILE}))
        assert stream.written().count(SHOWN) == 2


@terminal_or_not
def test_lines_are_lines(terminal: bool) -> None:
    with printing(terminal) as stream:
        say(f"{HOSTILE}\nerror: none")
        warn(f"{HOSTILE}\nerror: none")
        assert stream.written() == f"{SHOWN}\\nerror: none\n" * 2


@terminal_or_not
def test_tables(terminal: bool) -> None:
    """rich goes around the streams, with colors of its own."""
    with printing(terminal) as stream:
        rich = console("always")
        rich.print(HOSTILE, style="bold")
        grid = Table(title=HOSTILE)
        grid.add_column(HOSTILE)
        grid.add_row(HOSTILE)
        rich.print(grid)
        draw_rows(
            rich, ["Tokens", f"{HOSTILE}\n"], [["1", f"{HOSTILE}\n"]], ["1", HOSTILE], left=[]
        )
        assert stream.written().count("\x07") == 0
        assert "\x1b[1m" in stream.written()


@terminal_or_not
def test_results(terminal: bool) -> None:
    """They are exact on a pipe."""
    with printing(terminal) as stream:
        data = b"a\tb\r\n\x1b[31m\r"
        sys.stdout.buffer.write(data)
        exact(sys.stdout).write(data.decode())
        sys.stdout.flush()
        shown = b"a\tb\r\n\\x1b[31m\\r" if stream.isatty() else data
        assert stream.buffer.getvalue() == shown * 2  # type: ignore[attr-defined]
        print(HOSTILE)
