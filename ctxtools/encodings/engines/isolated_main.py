"""The program of the process in which a library reads and uses a tokenizer file: see isolated.py.

It runs by its path, and imports nothing of ctxtools, so that it starts soon.
"""

import json
import os
import signal
import struct
import sys
import time
from array import array
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, Any, Protocol

REQUEST = struct.Struct("<BIQ")
"""What is asked, the number of the set of allowed special tokens, the bytes that follow."""
REPLY = struct.Struct("<BQ")
"""How it went, the bytes that follow."""

LOAD, ALLOW, COUNT, ENCODE, DECODE = range(5)
DONE, FAILED, UNKNOWN_ID = range(3)

# Bounds, many times above what ordinary files need: those take about 1 µs and 300 bytes of memory
# for a byte of text. Time is that of the processor.
SLACK = 5.0  # seconds, once for all that a process does
SECONDS_PER_BYTE = 10e-6  # of a text
SECONDS_PER_TEXT = 0.02
SECONDS_PER_FILE_BYTE = 2e-6  # to load a file
MEMORY = 1 << 30  # bytes above what the loaded file takes
MEMORY_PER_BYTE = 1 << 10  # of a text
MEMORY_PER_FILE_BYTE = 100  # to load a file

_MAX_MESSAGE = 120  # characters of what a library says, which may quote the file


class RefusedError(Exception):
    """A file that can be read, and is not taken: why, and what to do about it."""


class Library(Protocol):
    """What a library does with one tokenizer file."""

    def facts(self) -> dict[str, Any]:
        """What the process that asks has to know of the file."""
        ...

    def allow(self, number: int, allowed: list[str]) -> None:
        """Give a set of special tokens, which are found in a text, a number."""
        ...

    def count(self, number: int, text: str) -> int:
        """The number of tokens of a text."""
        ...

    def encode(self, number: int, text: str) -> list[int]:
        """The token ids of a text."""
        ...

    def decode(self, ids: list[int]) -> bytes:
        """The bytes of token ids; a LookupError for an id that there is not."""
        ...


class Tokenizers:
    """A ``tokenizer.json``, by ``tokenizers``."""

    def __init__(self, data: bytes) -> None:
        from tokenizers import Tokenizer, decoders

        self._tokenizer = Tokenizer.from_buffer(data)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self._encoders = {0: self._tokenizer}
        self._added = self._tokenizer.get_added_tokens_decoder()
        self._is_byte_level = isinstance(self._tokenizer.decoder, decoders.ByteLevel)
        self._refuse_chance()

    def _refuse_chance(self) -> None:
        """Raise a RefusedError where counts or ids would not be the same each time."""
        model, normalizer = self._tokenizer.model, self._tokenizer.normalizer
        if dropout := getattr(model, "dropout", None) or getattr(model, "alpha", None):
            raise RefusedError(
                f"its model is to split at random ({dropout:g}), so its counts are not certain",
                'set "dropout" to null in a copy of it, as is right for all but training',
            )
        found = dict[str, str]()
        for token in self._added.values() if normalizer else ():
            if token.normalized:
                spelling = normalizer.normalize_str(token.content)
                if found.setdefault(spelling, token.content) != token.content:
                    raise RefusedError(
                        f"the added tokens {found[spelling]!r:.40} and {token.content!r:.40} are "
                        "the same when they are normalised, and the library takes any of them",
                        'leave out one of them, or set its "normalized" to false',
                    )

    def facts(self) -> dict[str, Any]:
        processor = self._tokenizer.post_processor
        return {
            "vocabulary_size": 1 + max(self._tokenizer.get_vocab().values(), default=-1),
            "special_tokens": {t.content: i for i, t in self._added.items() if t.special},
            "post_processor": processor.__getstate__().decode() if processor else "null",
            "byte_level": self._is_byte_level,
        }

    def allow(self, number: int, allowed: list[str]) -> None:
        """The others are text, as if they were not added at all."""
        from tokenizers import Tokenizer

        whole, model = self._tokenizer, self._tokenizer.model
        in_model, numbered, found = [], {}, set(allowed)
        for i, token in self._added.items():
            if token.special and token.content not in found:
                continue
            if model.token_to_id(token.content) is None:
                numbered[i] = token
            else:
                in_model.append(token)
        # The library numbers these anew, in this order, and each shall have its id.
        ids = range(whole.get_vocab_size(with_added_tokens=False), 1 + max(numbered, default=-1))
        added = [numbered.get(i) or _in_no_text(i) for i in ids] + in_model
        # It holds the same parts as the other one, not copies of them.
        encoder = Tokenizer(model)
        encoder.normalizer, encoder.pre_tokenizer = whole.normalizer, whole.pre_tokenizer
        encoder.post_processor, encoder.decoder = whole.post_processor, whole.decoder
        encoder.add_tokens(added)
        self._encoders[number] = encoder

    def count(self, number: int, text: str) -> int:
        return len(self._encoders[number].encode(text, add_special_tokens=False))

    def encode(self, number: int, text: str) -> list[int]:
        return list(self._encoders[number].encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> bytes:
        tokens = [self._tokenizer.id_to_token(i) for i in ids]
        if None in tokens:
            raise LookupError(ids[tokens.index(None)])
        if self._is_byte_level:  # a token may end inside a character: bytes are made of them there
            return json.dumps(tokens).encode()
        return str(self._tokenizer.decode(ids, skip_special_tokens=False)).encode()


class SentencePiece:
    """A SentencePiece ``.model``, by ``sentencepiece``."""

    def __init__(self, data: bytes) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_proto=data)

    def facts(self) -> dict[str, Any]:
        processor, size = self._processor, int(self._processor.vocab_size())
        control = (i for i in range(size) if processor.is_control(i))
        return {
            "vocabulary_size": size,
            "special_tokens": {str(processor.id_to_piece(i)): i for i in control},
            "bos": int(processor.bos_id()),
            "eos": int(processor.eos_id()),
        }

    def allow(self, number: int, allowed: list[str]) -> None:
        raise NotImplementedError

    def count(self, number: int, text: str) -> int:
        return len(self._processor.encode(text))

    def encode(self, number: int, text: str) -> list[int]:
        return list(self._processor.encode(text))

    def decode(self, ids: list[int]) -> bytes:
        return str(self._processor.decode(ids)).encode()


def _in_no_text(i: int) -> Any:
    import secrets

    from tokenizers import AddedToken

    return AddedToken(f"{i} {secrets.token_hex(32)}", normalized=False)


class Limits:
    """Ends this process when it takes time or memory out of proportion to what it is given.

    Where a system has no such limits, it does nothing.
    """

    def __init__(self) -> None:
        self._slack = SLACK
        self._set: dict[int, int] = {}
        try:
            import resource
        except ImportError:  # Windows
            self._resource = None
            return
        self._resource = resource
        self._first = {
            kind: resource.getrlimit(kind)
            for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_CORE)
        }
        self._memory = _address_space() + MEMORY
        self._limit(resource.RLIMIT_CORE, 0)

    def start(self, seconds: float, memory: int) -> None:
        """Allow what comes next this much time, and memory above what there was at the start."""
        self._allowed, self._began = seconds, time.process_time()
        if self._resource:
            limit = self._began + seconds + self._slack
            self._limit(self._resource.RLIMIT_CPU, int(limit) + 1)
            self._limit(self._resource.RLIMIT_AS, self._memory + memory)

    def end(self) -> None:
        """What it took above that is gone, whatever else comes."""
        self._slack -= max(0.0, time.process_time() - self._began - self._allowed)

    def loaded(self) -> None:
        """What is there from now on is not counted."""
        if self._resource:
            self._memory = _address_space() + MEMORY

    def _limit(self, kind: int, value: int) -> None:
        if not self._resource or self._set.get(kind) == value:
            return
        self._set[kind] = value
        bounds = [n for n in self._first[kind] if n != self._resource.RLIM_INFINITY]
        with suppress(ValueError, OSError):
            self._resource.setrlimit(kind, (min([value, *bounds]), self._first[kind][1]))


def _address_space() -> int:
    """Bytes of address space that this process has; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def texts_of(payload: bytes) -> list[str]:
    """The texts of a request to count: how many, the bytes of each, and these."""
    n = int.from_bytes(payload[:8], "little")
    start = 8 * (n + 1)
    texts = []
    for length in array("Q", payload[8:start]):
        texts.append(payload[start : start + length].decode())
        start += length
    return texts


def answer(library: Library, what: int, number: int, payload: bytes) -> bytes:
    """The reply to a request."""
    if what == COUNT:
        return array("Q", [library.count(number, t) for t in texts_of(payload)]).tobytes()
    if what == ENCODE:
        return array("I", library.encode(number, payload.decode())).tobytes()
    if what == DECODE:
        return library.decode(array("I", payload).tolist())
    library.allow(number, json.loads(payload))
    return b""


def attempt(work: Callable[[], bytes]) -> tuple[int, bytes]:
    """How it went, and what came of it: bytes, an id, or a message and a hint."""
    try:
        return DONE, work()
    except (KeyboardInterrupt, SystemExit):
        raise
    except LookupError as error:
        return UNKNOWN_ID, str(error.args[0]).encode()
    except RefusedError as error:
        return FAILED, "\n".join(error.args).encode()
    except BaseException as error:  # a panic of Rust is no Exception
        first, *_ = str(error).strip().splitlines() or [type(error).__name__]
        first = first.removeprefix("Cannot instantiate Tokenizer from buffer: ")
        return FAILED, first[:_MAX_MESSAGE].encode(errors="replace")


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    library: Library | None = None
    limits: Limits | None = None
    while header := requests.read(REQUEST.size):
        what, number, length = REQUEST.unpack(header)
        payload = requests.read(length)
        if len(payload) < length:
            return  # who asked is gone
        if library and limits:
            texts = int.from_bytes(payload[:8], "little") if what == COUNT else 1
            seconds = SECONDS_PER_TEXT * texts + SECONDS_PER_BYTE * length
            limits.start(seconds, MEMORY_PER_BYTE * length)
            status, reply = attempt(partial(answer, library, what, number, payload))
        else:
            settings, _, data = payload.partition(b"\n")
            name, sys.path[:] = json.loads(settings)
            limits = Limits()
            limits.start(SECONDS_PER_FILE_BYTE * length, MEMORY_PER_FILE_BYTE * length)
            opened: list[Library] = []
            status, reply = attempt(partial(load, name, data, opened))
            library = opened[0] if opened else None
            limits.loaded()
        limits.end()
        del payload
        replies.write(REPLY.pack(status, len(reply)))
        replies.write(reply)
        replies.flush()


def load(name: str, data: bytes, opened: list[Library]) -> bytes:
    """Open a library with a tokenizer file, and return its facts."""
    library: Library = Tokenizers(data) if name == "tokenizers" else SentencePiece(data)
    opened.append(library)
    return json.dumps(library.facts()).encode()


def main() -> None:
    """Answer requests on stdin till it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    with suppress(BrokenPipeError):
        _serve(sys.stdin.buffer, replies)
    os._exit(0)


if __name__ == "__main__":
    main()
