"""Opening an archive again and again, as one file."""

import os

from ctxtools.documents.file import File
from ctxtools.documents.source import Source, open_source
from ctxtools.errors import Skipped, UnreadableError


class Opener:
    """Opens a file for each member that is read, so that no archive stays open in between.

    Args:
        file: the archive.
    """

    def __init__(self, file: File) -> None:
        self.path = file.path
        self._file = file
        self._identity: tuple[int, ...] | None = None

    def __call__(self) -> Source:
        """The archive from its first byte, on any thread.

        Raises:
            UnreadableError: it is no regular file, or not the one that was opened before.
            OSError: the system failed to.
        """
        source = open_source(self._file)
        if source.data is not None:
            return source
        try:
            if source.descriptor is None:
                raise self._error("not a regular file")
            status = os.fstat(source.descriptor)
            identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
            self._identity = self._identity or identity
            if identity != self._identity:
                raise self._error("the archive was changed while it was read")
        except BaseException:
            source.close()
            raise
        return source

    def _error(self, reason: str) -> UnreadableError:
        return UnreadableError(Skipped(self.path, reason, error=True))
