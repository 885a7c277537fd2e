"""Documents read in a child process, as the process that asks for them sees it."""

from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from ctxtools import isolated
from ctxtools.documents.file import File
from ctxtools.documents.filetypes import ExtractedContainer
from ctxtools.documents.readers.extraction.extracted import Extracted, Heading
from ctxtools.documents.readers.extraction.registry import EXTRACTORS
from ctxtools.documents.text import Text
from ctxtools.errors import (
    FormatError,
    MissingExtraError,
    Skipped,
    UnreadableError,
    missing_extra,
    needed,
)

SECONDS = 20.0  # of CPU time from one item of a reader to the next
_SLACK = 40.0  # that all items together may take above that
_MEMORY = 2 << 30  # bytes of the child's address space
_MAX_TEXT = 1 << 28  # bytes of all texts of a file
_DAMAGED = "it may be damaged; open it with the program that made it, and save it again"


def extract(
    container: ExtractedContainer, path: str, stream: BinaryIO | None, data: bytes = b""
) -> Iterator[Extracted]:
    """The documents of a file, in order.

    Args:
        container: a key of `EXTRACTORS`.
        path: of the file, for messages, and for systems on which open files cannot be passed on.
        stream: the open file, or None.
        data: its bytes, if there is no file.

    Raises:
        FormatError: it cannot be read: damaged, encrypted, or it takes too much time or memory.
        MissingExtraError: a library is not installed.
    """
    extractor = EXTRACTORS[container]
    if (package := extractor.missing()) is not None:
        raise missing_extra(f"reading {extractor.name}", package, extractor.extra)
    run = isolated.Run(
        f"{__package__}.child:extract",
        {"module": extractor.module, "name": path},
        file=stream,
        path=path,
        data=data,
        memory=_MEMORY,
        seconds=SECONDS,
        slack=_SLACK,
    )
    total = 0
    with closing(run):
        try:
            for header, text in run:
                if not header:
                    continue
                total += len(text)
                if total > _MAX_TEXT:
                    raise FormatError(
                        f"{path}: more than {_MAX_TEXT >> 20} MB of text", hint="split the document"
                    )
                yield Extracted(
                    text.decode("utf-8"),
                    tuple(header["pages"]),
                    tuple(Heading(*each) for each in header["headings"]),
                    header["format"],
                    tuple(header["notes"]),
                    header["name"],
                )
        except isolated.Ended as error:
            raise FormatError(
                f"{path}: {extractor.name} that cannot be read: {error}", hint=_DAMAGED
            ) from error
        except MissingExtraError:
            raise
        except FormatError as error:
            message = error.message.removeprefix(f"{path}: ")
            raise FormatError(f"{path}: {message}", hint=error.hint or _DAMAGED) from error


def read_texts(
    container: ExtractedContainer, file: File, stream: BinaryIO | None, data: bytes = b""
) -> Iterator[tuple[Text, tuple[str, ...]]]:
    """The documents of a file as texts, each with its notes.

    Args:
        container, stream, data: as in `extract`.
        file: which is skipped, and no error, where it was not named and cannot be read.

    Raises:
        UnreadableError: it cannot be read, or a library is not installed.
    """
    record = 0
    try:
        for each in extract(container, file.path, stream, data):
            record += 1
            between = "" if each.name.startswith("#") else "/"
            source = f"{file.path}{between}{each.name}" if each.name else ""
            text = Text(
                (each.text,),
                record if each.name else None,
                source=source,
                pages=each.pages,
                headings=each.headings,
                format=each.format,
            )
            yield text, each.notes
    except (FormatError, MissingExtraError) as error:
        named = file.has_to_be_text
        reason = error.message.removeprefix(f"{file.path}: ")
        if isinstance(error, MissingExtraError):  # "reading a PDF needs pypdfium2, which …"
            reason = needed(error)
        # A file in a folder is known to be damaged as soon as that is said.
        hint = error.hint if named or error.hint != _DAMAGED else None
        raise UnreadableError(Skipped(file.path, reason, named, hint), hint=hint) from error
