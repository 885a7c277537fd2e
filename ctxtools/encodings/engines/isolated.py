"""Engines that are libraries, each with one tokenizer file, in child processes.

A file that the engines here do not know is a stranger's program for the library that reads it: a
pattern that backtracks for hours, a normaliser that makes gigabytes of a letter. The library may
panic, exit or abort, and nothing in a process can stop it. So it works in another one, with limits
of time and memory in proportion to what it is given: whatever happens there is an error here.
"""

import json
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

from ctxtools.checks import check_type, checked_texts
from ctxtools.encodings.engines import libraries
from ctxtools.encodings.engines.arrow import read_column
from ctxtools.encodings.engines.backend import ArrowColumn
from ctxtools.encodings.engines.pieces import PIECE, PiecewiseBackend
from ctxtools.encodings.normalize import replace_surrogates
from ctxtools.errors import FormatError, VocabularyError
from ctxtools.isolated import Ended, Frame, Run
from ctxtools.parallel import map_ordered

# Bounds, many times above what ordinary files need: those take about 1 µs and 300 bytes of memory
# for a byte of text. Time is that of the processor.
_SLACK = 5.0  # seconds, once for all that a process does
_SECONDS_PER_BYTE = 10e-6  # of a text
_SECONDS_PER_TEXT = 0.02
_SECONDS_PER_FILE_BYTE = 2e-6  # to load a file
_MEMORY = 1 << 30  # bytes above what the loaded file takes
_MEMORY_PER_BYTE = 1 << 10  # of a text
_MEMORY_PER_FILE_BYTE = 100  # to load a file

_MAX_PROCESSES = 8  # of a file; each holds the vocabulary
_PATIENCE = 0.5  # seconds that a text waits for a process before there is another one
_TEXTS = 1 << 10  # of one request, at most

_KINDS = {"tokenizers": "tokenizer.json", "sentencepiece": "SentencePiece model"}


class _Library:
    """A library with the file, in a process; used by one thread at a time.

    Raises:
        Ended: the process ended.
        FormatError: none can be started.
        VocabularyError: the library says that it cannot read the file.
    """

    def __init__(self, library: str, data: bytes) -> None:
        self.run = Run(
            f"{libraries.__name__}:{libraries.serve.__name__}",
            {"library": library},
            data=data,
            memory=_MEMORY + _MEMORY_PER_FILE_BYTE * len(data),
            seconds=_SECONDS_PER_FILE_BYTE * len(data),
            slack=_SLACK,
            dialogue=True,
            alone=True,
        )
        self.facts = json.loads(_checked(next(self.run)))
        self._allowed = {0}

    def ask(self, what: str, number: int, allowed: Sequence[str], data: bytes) -> bytes:
        """The reply to a request.

        Args:
            what: "count", "encode" or "decode".
            number: of a set of allowed special tokens.
            allowed: this set.
            data: what belongs to the request.

        Raises:
            Ended: the process ended.
            VocabularyError: the library says that it cannot; the message is what it says.
            LookupError: an id that there is not.
        """
        if number not in self._allowed:
            self._ask("allow", number, json.dumps(allowed).encode())
            self._allowed.add(number)
        return self._ask(what, number, data)

    def _ask(self, what: str, number: int, data: bytes) -> bytes:
        texts = int.from_bytes(data[:8], "little") if what == "count" else 1
        reply = self.run.send(
            {"what": what, "number": number},
            data,
            memory=_MEMORY + _MEMORY_PER_BYTE * len(data),
            seconds=_SECONDS_PER_TEXT * texts + _SECONDS_PER_BYTE * len(data),
        )
        return _checked(reply)


def _checked(reply: Frame) -> bytes:
    """What came of a request; see `libraries.attempt`."""
    header, data = reply
    if "unknown" in header:
        raise LookupError(header["unknown"])
    if "failed" in header:
        raise VocabularyError(header["failed"], hint=header.get("hint"))
    return data


class Isolated:
    """A library with one tokenizer file.

    There is one process, and more of them as threads have to wait for it.

    Args:
        library: ``"tokenizers"`` or ``"sentencepiece"``.
        data: the content of the file.
        name: of the file, for errors.

    Attributes:
        facts: what the library says of the file.

    Raises:
        VocabularyError: it cannot be loaded.
    """

    def __init__(self, library: str, data: bytes, name: str) -> None:
        self._library, self._data, self._name = library, data, name
        self._sets: dict[frozenset[str], int] = {frozenset(): 0}
        self._begin()
        first = self._start()
        self.facts: dict[str, Any] = first.facts
        self._idle.put(first)

    def number_of(self, allowed: frozenset[str]) -> int:
        """The number of a set of allowed special tokens."""
        with self._lock:
            return self._sets.setdefault(allowed, len(self._sets))

    def ask(self, what: str, number: int, allowed: Sequence[str], data: bytes) -> bytes:
        """The reply to a request; see `_Library.ask`.

        Raises:
            VocabularyError: the library cannot do it.
            LookupError: an id that there is not.
        """
        library = self._take()
        try:
            reply = library.ask(what, number, allowed, data)
        except VocabularyError as error:
            raise self._cannot_encode(error.message) from None
        except Ended as error:
            raise self._cannot_encode(str(error)) from None
        finally:
            self._idle.put(library)
        return reply

    def _cannot_encode(self, reason: str) -> VocabularyError:
        return VocabularyError(
            f"{self._name} cannot encode the text: {reason}",
            hint="it may lack a token for what it does not know, or have a pattern or normaliser "
            "that suits no text of this kind",
        )

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._lock = Lock()
        self._idle: LifoQueue[_Library] = LifoQueue()
        self._libraries: set[_Library] = set()

    def _take(self) -> _Library:
        if self._owner != os.getpid():  # a fork: the processes are the other one's
            self._begin()
        while True:
            try:
                library = self._idle.get(timeout=_PATIENCE if self._libraries else 0)
            except Empty:
                with self._lock:
                    if len(self._libraries) < _MAX_PROCESSES:
                        return self._start()
                continue
            if library.run.is_alive:
                return library
            with self._lock:
                self._libraries.discard(library)

    def _start(self) -> _Library:
        hint = "the file may be truncated, or of another format"
        try:
            library = _Library(self._library, self._data)
        except FormatError as error:
            raise VocabularyError(f"{self._name} cannot be read: {error.message}") from error
        except VocabularyError as error:
            reason, hint = error.message, error.hint or hint
        except Ended as error:
            reason = str(error)
        else:
            self._libraries.add(library)
            return library
        raise VocabularyError(
            f"{self._name} cannot be read as a {_KINDS[self._library]}: {reason}", hint=hint
        )


class IsolatedBackend(PiecewiseBackend):
    """See Backend. A library in child processes.

    Args:
        library: ``"tokenizers"`` or ``"sentencepiece"``.
        data: the content of a tokenizer file.
        name: of the file, for errors.

    Raises:
        VocabularyError: it cannot be loaded.
    """

    def __init__(self, library: str, data: bytes, name: str) -> None:
        self._isolated = Isolated(library, data, name)
        self._facts = self._isolated.facts
        self._number, self._allowed = 0, list[str]()
        self.vocabulary_size = int(self._facts["vocabulary_size"])

    @property
    def special_tokens(self) -> dict[str, int]:
        """The special tokens that the file says it has, spelling -> id."""
        return dict(self._facts["special_tokens"])

    def count_piece(self, text: str) -> int:
        return self._counts([text])[0]

    def encode_piece(self, text: str) -> list[int]:
        return array("I", self._ask("encode", _utf8(text))).tolist()

    def count_batch(self, texts: Iterable[str], threads: int = 1) -> list[int]:
        return list(self._count_all(checked_texts(texts), threads))

    def count_arrow(self, column: ArrowColumn, threads: int = 1) -> memoryview:
        counts = array("Q", self._count_all(read_column(column), threads))
        return memoryview(counts).toreadonly()

    def decode(self, ids: Sequence[int]) -> bytes:
        for i in ids:
            if not 0 <= i < self.vocabulary_size:
                raise LookupError(i)
        return self._ask("decode", array("I", ids).tobytes())

    def _count_all(self, texts: Iterable[str], threads: int) -> Iterator[int]:
        return chain.from_iterable(map_ordered(self._counts, _requests(texts), threads))

    def _counts(self, texts: list[str]) -> list[int]:
        data = [_utf8(text) for text in texts]
        lengths = array("Q", [len(data), *map(len, data)])
        return array("Q", self._ask("count", b"".join([lengths.tobytes(), *data]))).tolist()

    def _ask(self, what: str, data: bytes) -> bytes:
        return self._isolated.ask(what, self._number, self._allowed, data)


def _requests(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in requests of some texts each, none of them too long."""
    request, length = list[str](), 0
    for text in texts:
        request.append(text)
        length += len(text)
        if length >= PIECE or len(request) == _TEXTS:
            yield request
            request, length = [], 0
    if request:
        yield request


def _utf8(text: str) -> bytes:
    check_type("text", text, str)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return replace_surrogates(text).encode()
