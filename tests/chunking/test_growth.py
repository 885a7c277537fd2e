"""Twice the text is at most 2.3 times the work: what is counted, looked at and weighed."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from ctxtools.chunking import Chunker, window
from ctxtools.chunking.counting import Counting

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

        def asked(*arguments: Any) -> Any:
            answer = method(*arguments)
            if name in ("count", "token_ends"):
                self._work.done += arguments[1] - arguments[0]
            elif name == "measure":
                self._work.done += sum(map(self._measured, arguments[0]))
            elif name == "boundaries":
                self._work.done += len(answer[0])
            else:
                self._work.done += len(arguments[0])
            return answer

        return asked

    def _measured(self, place: int) -> int:
        """What has to be counted: the pretoken that a place is in."""
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
