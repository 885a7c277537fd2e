"""What reaches the terminal through stdout and stderr cannot move the cursor, hide or reverse.

Text that is printed is for people, and is made `visible` here, whoever prints it: a command, a
library, the interpreter its traceback. Bytes written to ``stdout.buffer`` are results: exact for a
file or another program, and made visible on a terminal as well, as ``ls`` does with names. Only
what is known to be safe goes around (`unescaped`): the colors of tables, whose text
`ctxtools.cli.output.console` makes visible, and of ``ctx show``.
"""

import sys
from collections.abc import Iterable
from typing import IO, Any

from ctxtools.escape import visible


class _Visible:
    """A text stream that makes visible what is written; in all else, the stream that it is around.

    Attributes:
        rich_proxied_file: that stream, under the name by which rich finds it.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.rich_proxied_file = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)

    @property
    def buffer(self) -> Any:
        stream = self.rich_proxied_file
        return _VisibleBytes(self) if stream.isatty() else stream.buffer  # type: ignore[attr-defined]

    def write(self, text: str) -> int:
        self.rich_proxied_file.write(visible(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)


class _VisibleBytes:
    """The bytes of whole characters, to a terminal."""

    def __init__(self, stream: _Visible) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, data: bytes) -> int:
        self._stream.write(data.decode("utf-8", "surrogateescape"))
        return len(data)


def make_streams_visible() -> None:
    """From here on, make visible what is written to stdout and stderr."""
    if not isinstance(sys.stdout, _Visible):
        sys.stdout = _Visible(sys.stdout)
    if not isinstance(sys.stderr, _Visible):
        sys.stderr = _Visible(sys.stderr)


def unescaped(stream: IO[str]) -> IO[str]:
    """The stream for what is safe already: written as it is."""
    return getattr(stream, "rich_proxied_file", stream)


def exact(stream: IO[str]) -> IO[str]:
    """The stream for a result: written as it is, unless that is a terminal."""
    return stream if stream.isatty() else unescaped(stream)
