"""What children do in `test_isolated`: each is a job of `ctxtools.isolated`."""

import os
import sys
import time
from typing import Any, BinaryIO

from ctxtools.errors import FormatError
from ctxtools.isolated import Frames


def echo(request: dict[str, Any], file: BinaryIO | None, data: bytes) -> Frames:
    """What it was given, twice."""
    for number in range(2):
        yield {"request": request, "number": number, "process": os.getpid()}, data
    if file is not None:
        yield {}, file.read()


def crash(request: dict[str, Any], file: object, data: bytes) -> Frames:
    """One result, and then what C++ does with an exception that nobody catches."""
    yield {}, b"first"
    os.abort()


def crash_at_once(request: dict[str, Any], file: object, data: bytes) -> Frames:
    """The same without a result."""
    os.abort()
    yield {}, b""


def refuse(request: dict[str, Any], file: object, data: bytes) -> Frames:
    yield {}, b"first"
    raise FormatError("not that format", hint="take another")


def fail(request: dict[str, Any], file: object, data: bytes) -> Frames:
    yield {}, b"first"
    raise LookupError("a fault\nof two lines")


class Panic(BaseException):
    """What an exception of Rust is."""


def panic(request: dict[str, Any], file: object, data: bytes) -> Frames:
    yield {}, b"first"
    raise Panic("a panic")


def talk(request: dict[str, Any], file: object, data: bytes) -> Frames:
    """Answers with what it is sent, after it took some memory and CPU time."""
    count = 0
    while True:
        request, data = yield {"count": count}, data
        count += 1
        end = time.process_time() + request.get("seconds", 0)
        taken = bytes(request["size"])
        while time.process_time() < end:
            taken = taken[:1]


def modules(request: dict[str, Any], file: object, data: bytes) -> Frames:
    yield {"names": [*sys.modules]}, b""


def take_memory(request: dict[str, Any], file: object, data: bytes) -> Frames:
    yield {}, bytes(1 << 31)


def take_time(request: dict[str, Any], file: object, data: bytes) -> Frames:
    yield {}, b"first"
    while True:
        pass


def write(request: dict[str, Any], file: object, data: bytes) -> Frames:
    """Results that take longer than the parent reads for; and what a library prints."""
    print("not a result", flush=True)
    for _ in range(5):
        yield {}, bytes(1 << 22)
