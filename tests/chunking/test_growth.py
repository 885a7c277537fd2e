"""Twice the text is at most 2.3 times the work: what is counted, looked at and weighed."""

import random
import string
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any, SupportsIndex

import pytest

from ctxtools.chunking import Chunker, window
from ctxtools.chunking.counting import Counting
from ctxtools.chunking.formats import parse_blocks
from ctxtools.encodings.engines import kernel

TEXTS: dict[str, Callable[[int], str]] = {
    "prose": lambda n: "".join(f"Sentence {i} has a few words more. " for i in range(n // 36)),
    "chinese without stops": lambda n: ("天地玄黄宇宙洪荒日月盈昃辰宿列张" * (n // 16))[:n],
    "base64": lambda n: "aGVsbG8gd29ybGQ1234+/xyzQ0FUUw" * (n // 30),
    "one letter": lambda n: "a" * n,
    "spaces": lambda n: " " * n,
    "one line": lambda n: "word and word, " * (n // 15),
    "minified JSON": lambda n: '{"a":[1,2,{"b":"c"}],"d":null},' * (n // 31),
    "headings": lambda n: "".join(f"# Heading {i}\n" for i in range(n // 15)),
    "marks": lambda n: "e" + "\u0301" * n,
}


class Work:
    """Counts what a chunker does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done = 0
        index, count_batch, best_cuts = Counting.index, Counting.count_batch, window.best_cuts

        def counted(counting: Counting, texts: Iterable[str]) -> list[int]:
            held = list(texts)
            self.done += sum(map(len, held))
            return count_batch(counting, held)

        def weighed(
            starts: Sequence[int],
            ends: Sequence[int],
            cuts: Any,
            costs: Any,
            limit: int,
            *rest: Any,
        ) -> list[int]:
            for i, start in enumerate(starts):
                self.done += bisect_left(ends, start + limit, i) - i
            return best_cuts(starts, ends, cuts, costs, limit, *rest)

        monkeypatch.setattr(Counting, "count_batch", counted)
        monkeypatch.setattr(Counting, "index", lambda it, text: _Index(index(it, text), self))
        monkeypatch.setattr(window, "best_cuts", weighed)


class _Index:
    """An index that tells of what is asked."""

    def __init__(self, index: Any, work: Work) -> None:
        self._index, self._work = index, work
        self._ends = [0, *index.ends]

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._index, name)
        if not callable(method):
            return method

        def asked(*arguments: Any) -> Any:
            answer = method(*arguments)
            if name in ("count", "token_ends"):
                self._work.done += arguments[1] - arguments[0]
            elif name == "measure":
                (places,) = arguments
                self._work.done += sum(map(self._measured, places))
                if not self._index.additive:
                    self._work.done += places[-1] - places[0]
            elif name == "boundaries":
                self._work.done += len(answer[0])
            else:
                self._work.done += len(arguments[0])
            return answer

        return asked

    def _measured(self, place: int) -> int:
        """What has to be counted: the pretoken that a place is in, where counts add up."""
        if not self._index.additive:
            return 1
        i = bisect_left(self._ends, place)
        return 1 if self._ends[i] == place else self._ends[i] - self._ends[i - 1]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("limit", [16, 512, 8192])
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("counter", ["o200k_base", len])
def test_work_is_linear(
    name: str, limit: int, counter: Any, nested: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nested, the cuts of the larger size were once measured by the whole pretoken around them."""
    # Long beside the limit, where that is possible in a test.
    length = 10_000 if limit == 16 else 40_000
    work = []
    for n in (length, 2 * length):
        with monkeypatch.context() as patch:
            recorder = Work(patch)
            sizes = (limit, limit // 4) if nested else limit
            list(Chunker(counter, sizes, limit // 8).chunk(TEXTS[name](n)))
            work.append(recorder.done)
    # (What fits into one chunk is hardly looked at; the double of it may not fit.)
    assert work[1] <= 2.3 * work[0] + 16 * length, work


@pytest.mark.parametrize("length", [40_000, 160_000])
@pytest.mark.parametrize("name", TEXTS)
def test_a_function_is_asked_for_a_few_times_the_text(name: str, length: int) -> None:
    """However long it is: once all the text before a stretch was counted for each of its places."""
    text, asked = TEXTS[name](length), 0

    def counter(part: str) -> int:
        nonlocal asked
        asked += len(part)
        return len(part) // 4 + 1

    list(Chunker(counter, 512).chunk(text))
    few = 5 if name in ("prose", "one line", "headings") else 12
    assert asked <= few * len(text)


# Of each format, what may make its parser read the same part of a text again and again.
STRUCTURED: dict[str, tuple[str, Callable[[int], str]]] = {
    "one-line HTML": (
        "html",
        lambda n: '<div class="a"><h2>Title</h2><p>Some text<ul><li>one<li>two</ul></div>' * n,
    ),
    "elements that do not end": ("html", lambda n: "<div><ul><li>" * n),
    "heads of one table": ("html", lambda n: "<table>" + "<thead></thead>" * n),
    "tags that do not end": ("html", lambda n: "<div a=b " * n),
    "one tag": ("html", lambda n: "<p " + "a='b' " * n + ">"),
    "comments that do not end": ("html", lambda n: "<!-- a " * n),
    "minified JSON": (
        "json",
        lambda n: "[" + '{"a":[1,2,{"b":"some words"}],"c":null},' * n + "0]",
    ),
    "nested JSON": ("json", lambda n: '{"a":' * n + "1" + "}" * n),
    "keys of one object": ("json", lambda n: "{" + f'"key":"{"x" * 60}",' * n + '"last":0}'),
    "JSONL": ("jsonl", lambda n: '{"a":[1,2,{"b":"c"}],"d":null}\n' * n),
    "CSV of one column": ("csv", lambda n: "a\n" + "b\n" * n),
    "CSV of one line": ("csv", lambda n: "a," * n),
}


class _Read:
    """How many characters were copied or searched."""

    done = 0


class _Text(str):
    """A text that tells how much of it is read, but for what regular expressions read."""

    def __getitem__(self, place: SupportsIndex | slice) -> str:
        part = super().__getitem__(place)
        _Read.done += len(part)
        return part

    def find(self, part: str, start: Any = 0, end: Any = None) -> int:
        found = super().find(part, start, end)
        _Read.done += (found if found >= 0 else end or len(self)) - start
        return found

    def rfind(self, part: str, start: Any = 0, end: Any = None) -> int:
        found = super().rfind(part, start, end)
        _Read.done += (end or len(self)) - (found if found >= 0 else start)
        return found


@pytest.mark.parametrize("name", STRUCTURED)
def test_a_parser_reads_each_part_a_few_times(name: str) -> None:
    """Guards against a copy of all that is before a tag, for each tag of a line."""
    format, make = STRUCTURED[name]
    work = []
    for n in (1_000, 2_000):
        _Read.done = 0
        text = _Text(make(n))
        parse_blocks(text, format)
        work.append(_Read.done)
    assert work[1] <= 2.3 * work[0] + 1000, work
    assert work[1] <= 30 * len(text), work


def test_a_long_pretoken_is_encoded_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was again for each stretch of it that had to be cut further."""
    work = []
    for periods in (4, 8):
        with monkeypatch.context() as patch:
            recorder = Work(patch)
            list(Chunker("o200k_base", 512).chunk(("☂。" * 50 + "★" * 1000) * periods))
            work.append(recorder.done)
    assert work[1] <= 2.3 * work[0], work


@pytest.mark.parametrize("limit", [2_048, 32_768])
def test_no_depth_grows_with_the_limit(limit: int) -> None:
    """Words behind a long stretch without any: that was split again for each of them."""
    if limit > 10_000 and not kernel.available():
        pytest.skip("it takes long")
    rng = random.Random(limit)
    letters = "".join(rng.choices(string.ascii_lowercase, k=3 * limit))
    text, made = letters + " a" * 2 * limit, []
    size = threading.stack_size(1 << 18)
    try:
        thread = threading.Thread(
            target=lambda: made.extend(Chunker("o200k_base", limit).chunk(text))
        )
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
    assert "".join(chunk.text for chunk in made) == text
