"""Engines that each fail in a different way, which must be reported."""

import os
import time
from collections.abc import Sequence

from ctxtools.bench.engines import ENGINES as PACKAGED
from ctxtools.bench.engines import Engine, Vocabulary


class Failing(Engine):
    route = "count"
    encodings = frozenset({"o200k_base"})

    @classmethod
    def version(cls) -> str:
        return "0"

    def load(self, vocab: Vocabulary) -> None:
        pass

    def encode(self, text: str) -> Sequence[int]:
        return list(text.encode())


class FastAndWrong(Failing):
    """As fast as possible: it does not read the text."""

    name = "fast-and-wrong"

    def encode(self, text: str) -> Sequence[int]:
        return [0]


class WrongIds(Failing):
    name = "wrong-ids"

    def encode(self, text: str) -> Sequence[int]:
        return [0] * len(text)


class Raising(Failing):
    name = "raising"

    def encode(self, text: str) -> Sequence[int]:
        if len(text) > 1:
            raise ValueError("too long for me")
        return [0]


class Panicking(Failing):
    """As PyO3 raises a panic in Rust: not an Exception."""

    name = "panicking"

    def encode(self, text: str) -> Sequence[int]:
        raise type("PanicException", (BaseException,), {})("stack overflow")


class Ending(Failing):
    name = "ending"

    def encode(self, text: str) -> Sequence[int]:
        if len(text) > 1:
            os._exit(77)
        return [0]


class Hanging(Failing):
    name = "hanging"

    def encode(self, text: str) -> Sequence[int]:
        if len(text) > 1:
            time.sleep(60)
        return [0]


class Talking(Failing):
    """Correct, counting bytes, but it prints to stdout, where answers are expected."""

    name = "talking"

    def encode(self, text: str) -> Sequence[int]:
        print("working hard")
        return super().encode(text)


ENGINES: dict[str, type[Engine]] = PACKAGED | {
    engine.name: engine
    for engine in (FastAndWrong, WrongIds, Raising, Panicking, Ending, Hanging, Talking)
}
