"""Edits of a text of 4 million characters, compared with counting it again, in one process.

Edit and recount alternate, so that what a machine is busy with slows both down; both have seen the
text before. An edited index is compared with a count of its text before and after it is timed.
"""

import random
import time
from collections.abc import Callable
from statistics import median

import pytest

import ctxtools as ctx
from benchmarks.corpora import corpus_text
from benchmarks.timing import Settings

_CHARACTERS = 4_000_000
_RECOUNTS = 15
_EDITS = 40  # between two recounts
_WORDS = ["a new word", "新的十个字符在这里", "{[(0)]}\n\n\n"]
_MESSAGE = "So the answer is 42, or 四十二; see `tests/edits.rs` and what it says of 👩‍👩‍👧. " * 4
_FAMILY = "👩‍👩‍👧‍👦🏽 "


@pytest.fixture(scope="module", params=["code", "prose", "chinese", "emoji"])
def long_text(request: pytest.FixtureRequest, settings: Settings) -> str:
    """A text of a kind; short ones are repeated."""
    length = min(_CHARACTERS, settings.size)
    if request.param == "emoji":
        text = _FAMILY
    else:
        try:
            text = corpus_text(request.param, settings.size).path.read_text(encoding="utf-8")
        except ImportError:
            pytest.skip("this corpus is made with Faker")
    return (text * (length // len(text) + 1))[:length]


def bench_edits(long_text: str) -> None:
    """How many edits, and what after them, take the time of one warm recount."""
    encoding = ctx.get_encoding("o200k_base")
    source, length = random.Random(7), len(long_text)
    middle, new = length // 2, "0123456789"
    index, session = encoding.index(long_text), encoding.session(long_text)

    def replace_anywhere() -> None:
        start = source.randrange(index.length - 10)
        index.replace(start, start + 10, source.choice(_WORDS))

    def first_edit() -> Callable[[], object]:
        fresh = encoding.index(long_text)
        return lambda: fresh.replace(middle, middle + 10, new)

    def report(what: str, edit: Callable[[], object], edits: int = _EDITS) -> None:
        ratios, times = [], []
        for _ in range(_RECOUNTS):
            recount = _seconds(lambda: encoding.count(long_text, threads=1))
            times.append(median(_seconds(edit) for _ in range(edits)))
            ratios.append(recount / times[-1])
        print(f"{what:32} {median(times) * 1e6:9.1f} µs, 1/{median(ratios):,.0f} of a recount")

    print(f"\n{length:,} characters, {index.total:,} tokens")
    report("append 256 characters", lambda: index.append(_MESSAGE[:256]))
    report("replace 10 in the middle", lambda: index.replace(middle, middle + 10, new))
    report("replace 10 anywhere", replace_anywhere)
    report("count a span after an edit", lambda: index.count(1000, middle + 5))
    assert index.total == encoding.count(index.text)
    edits = iter([first_edit() for _ in range(_RECOUNTS)])
    report("replace 10, the first edit", lambda: next(edits)(), 1)
    report("append 200 to a session", lambda: session.append(_MESSAGE[:200]))
    appended = _MESSAGE[:200] * (_RECOUNTS * _EDITS)
    assert session.total == encoding.count(long_text + appended)


def bench_long_pretoken(settings: Settings) -> None:
    """A letter in the middle of a word of a megabyte: it is one pretoken, and counted again."""
    encoding = ctx.get_encoding("o200k_base")
    word = "".join(random.Random(7).choices("abcdefgh", k=min(1_000_000, settings.size)))
    index, middle = encoding.index(word), len(word) // 2
    taken = [_seconds(lambda: index.replace(middle, middle + 1, "x")) for _ in range(5)]
    assert index.total == encoding.count(index.text)
    recount = _seconds(lambda: encoding.count(index.text, threads=1))
    edit, count = median(taken) * 1e3, recount * 1e3
    print(f"\na word of {len(word):,} letters: {edit:.1f} ms to edit, {count:.1f} ms to count")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
