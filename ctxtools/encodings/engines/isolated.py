"""Engines that are libraries, each with one tokenizer file, in processes of their own.

A file that the engines here do not know is a stranger's program for the library that reads it: a
pattern that backtracks for hours, a normaliser that makes gigabytes of a letter. The library may
panic, exit or abort, and nothing in a process can stop it. So it works in another one, with limits
of time and memory in proportion to what it is given (isolated_main.py has the numbers): whatever
happens there is an error here.

(`ctxtools.isolated` is for one job on a file. Here the library stays, with what it has loaded, and
each of many requests has its limits.)
"""

import json
import os
import signal
import subprocess
import sys
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

from ctxtools.checks import check_type, checked_texts
from ctxtools.encodings.engines import isolated_main
from ctxtools.encodings.engines.arrow import read_column
from ctxtools.encodings.engines.backend import ArrowColumn
from ctxtools.encodings.engines.isolated_main import (
    ALLOW,
    COUNT,
    DECODE,
    DONE,
    ENCODE,
    LOAD,
    REPLY,
    REQUEST,
    UNKNOWN_ID,
)
from ctxtools.encodings.engines.pieces import PIECE, PiecewiseBackend
from ctxtools.encodings.surrogates import replace_surrogates
from ctxtools.errors import VocabularyError
from ctxtools.parallel import map_ordered

_MAX_PROCESSES = 8  # of a file; each holds the vocabulary
_PATIENCE = 0.5  # seconds that a text waits for a process before there is another one
_TEXTS = 1 << 10  # of one request, at most

_KINDS = {"tokenizers": "tokenizer.json", "sentencepiece": "SentencePiece model"}
_ENVIRONMENT = {"TOKENIZERS_PARALLELISM": "false", "RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2"}


class _DiedError(Exception):
    """The process ended; the message is why, as a clause that says what it did."""


class _Process:
    """One process; used by one thread at a time."""

    def __init__(self, library: str, data: bytes) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", isolated_main.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ENVIRONMENT},
        )
        self._allowed = {0}
        # What can be imported here, but nothing of the current folder, which may be a stranger's.
        settings = json.dumps([library, [*filter(os.path.isabs, sys.path)]]).encode()
        try:
            self.facts = json.loads(self._ask(LOAD, 0, settings + b"\n", data))
        except BaseException:
            self.stop()
            raise

    def ask(self, what: int, number: int, allowed: Sequence[str], *payload: bytes) -> bytes:
        """The reply to a request.

        Args:
            what: COUNT, ENCODE or DECODE.
            number: of a set of allowed special tokens.
            allowed: this set.
            payload: what belongs to the request.

        Raises:
            _DiedError: the process ended.
            VocabularyError: the library says that it cannot; the message is what it says.
            LookupError: an id that there is not.
        """
        if number not in self._allowed:
            self._ask(ALLOW, number, json.dumps(allowed).encode())
            self._allowed.add(number)
        return self._ask(what, number, *payload)

    def _ask(self, what: int, number: int, *payload: bytes) -> bytes:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests and replies
        try:
            requests.write(REQUEST.pack(what, number, sum(map(len, payload))))
            for part in payload:
                requests.write(part)
            requests.flush()
        except OSError:
            raise self._died() from None
        header = replies.read(REPLY.size)
        status, length = REPLY.unpack(header) if len(header) == REPLY.size else (DONE, 1)
        reply = replies.read(length)
        if len(reply) < length:
            raise self._died()
        return _checked(status, reply)

    def _died(self) -> _DiedError:
        code = self._process.wait()
        if code == -getattr(signal, "SIGXCPU", 0):
            return _DiedError("takes far longer than is usual, and was stopped")
        return _DiedError("crashed, or needed far more memory than is usual")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process, if this one started it, and close the pipes to it."""
        self._process.kill()
        self.close()
        self._process.wait()

    def close(self) -> None:
        """Close the pipes."""
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe:
                    pipe.close()
            except OSError:  # what was to be written
                pass


class _Here:
    """The library in this process: for a program that is no Python interpreter."""

    is_alive = True

    def __init__(self, library: str, data: bytes) -> None:
        opened: list[isolated_main.Library] = []
        load = partial(isolated_main.load, library, data, opened)
        self.facts = json.loads(_checked(*isolated_main.attempt(load)))
        [self._library] = opened
        self._allowed = {0}

    def ask(self, what: int, number: int, allowed: Sequence[str], *payload: bytes) -> bytes:
        """The reply to a request; see `_Process.ask`."""
        if number not in self._allowed:
            self._library.allow(number, [*allowed])
            self._allowed.add(number)
        answer = partial(isolated_main.answer, self._library, what, number, b"".join(payload))
        return _checked(*isolated_main.attempt(answer))

    def stop(self) -> None:
        """Nothing is to be done."""

    close = stop


def _checked(status: int, reply: bytes) -> bytes:
    """What came of a request; see `isolated_main.attempt`."""
    if status == UNKNOWN_ID:
        raise LookupError(int(reply))
    if status != DONE:
        message, _, hint = reply.decode().partition("\n")
        raise VocabularyError(message, hint=hint or None)
    return reply


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

    def ask(self, what: int, number: int, allowed: Sequence[str], *payload: bytes) -> bytes:
        """The reply to a request; see `_Process.ask`.

        Raises:
            VocabularyError: the library cannot do it.
            LookupError: an id that there is not.
        """
        process = self._take()
        try:
            reply = process.ask(what, number, allowed, *payload)
        except (LookupError, VocabularyError) as error:
            self._idle.put(process)
            if isinstance(error, LookupError):
                raise
            raise self._cannot_encode(error.message) from None
        except _DiedError as error:
            self._drop(process)
            raise self._cannot_encode(f"{self._library} {error}") from None
        except BaseException:  # interrupted: the reply is still to come
            self._drop(process)
            raise
        self._idle.put(process)
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
        self._idle: LifoQueue[_Process | _Here] = LifoQueue()
        self._processes: set[_Process | _Here] = set()
        self._stop = weakref.finalize(self, _stop_all, self._owner, self._processes)

    def _take(self) -> _Process | _Here:
        if self._owner != os.getpid():  # a fork: the processes are the other one's
            self._stop.detach()
            for process in self._processes:
                process.close()
            self._begin()
        while True:
            try:
                process = self._idle.get(timeout=_PATIENCE if self._processes else 0)
            except Empty:
                with self._lock:
                    if len(self._processes) < _MAX_PROCESSES:
                        return self._start()
                continue
            if process.is_alive:
                return process
            self._drop(process)

    def _start(self) -> _Process | _Here:
        alone = not sys.executable or getattr(sys, "frozen", False)
        try:
            process = (_Here if alone else _Process)(self._library, self._data)
        except OSError as error:
            raise VocabularyError(
                f"{self._name}: no process can be started to read it: {error.strerror}"
            ) from error
        except (VocabularyError, _DiedError, LookupError) as error:
            hint = error.hint if isinstance(error, VocabularyError) else None
            reason = error.message if isinstance(error, VocabularyError) else str(error)
            if isinstance(error, _DiedError):
                reason = f"{self._library} {reason}"
            raise VocabularyError(
                f"{self._name} cannot be read as a {_KINDS[self._library]}: {reason}",
                hint=hint or "the file may be truncated, or of another format",
            ) from None
        self._processes.add(process)
        return process

    def _drop(self, process: _Process | _Here) -> None:
        process.stop()
        with self._lock:
            self._processes.discard(process)


def _stop_all(owner: int, processes: set[_Process | _Here]) -> None:
    if owner == os.getpid():
        for process in processes:
            process.stop()


class IsolatedBackend(PiecewiseBackend):
    """See Backend. A library in processes of its own.

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
        return array("I", self._ask(ENCODE, _utf8(text))).tolist()

    def count_batch(self, texts: Iterable[str], threads: int = 1) -> list[int]:
        return list(self._count_all(checked_texts(texts), threads))

    def count_arrow(self, column: ArrowColumn, threads: int = 1) -> memoryview:
        counts = array("Q", self._count_all(read_column(column), threads))
        return memoryview(counts).toreadonly()

    def decode(self, ids: Sequence[int]) -> bytes:
        for i in ids:
            if not 0 <= i < self.vocabulary_size:
                raise LookupError(i)
        return self._ask(DECODE, array("I", ids).tobytes())

    def _count_all(self, texts: Iterable[str], threads: int) -> Iterator[int]:
        return chain.from_iterable(map_ordered(self._counts, _requests(texts), threads))

    def _counts(self, texts: list[str]) -> list[int]:
        data = [_utf8(text) for text in texts]
        lengths = array("Q", [len(data), *map(len, data)])
        return array("Q", self._ask(COUNT, lengths.tobytes(), *data)).tolist()

    def _ask(self, what: int, *payload: bytes) -> bytes:
        return self._isolated.ask(what, self._number, self._allowed, *payload)


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
