"""Where the words of a question occur in texts: see `count_terms` in ``ctxtools/_kernel.pyi``."""

import re
from array import array
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from ctxtools._core.fallback.text_map import clean, runs
from ctxtools._core.word_characters import is_ideograph, lower

_CASES = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

Columns = tuple[memoryview, memoryview, memoryview, memoryview, memoryview, memoryview]


class _Part(NamedTuple):
    """A word, or one of the words of an identifier, in lower case, and its offsets."""

    text: str
    start: int
    end: int


def count_terms(
    texts: list[str], words: list[str], terms: list[int], lines: int, threads: int = 1
) -> Columns:
    """How often each term occurs in each segment of some texts."""
    if lines < 1:
        raise ValueError(f"lines must be at least 1, got {lines}")
    if len(words) != len(terms):
        raise ValueError(f"{len(words)} words have {len(terms)} terms")
    known = dict(zip(words, terms, strict=True))
    ends, lengths = array("I"), array("I")
    found = array("I"), array("I"), array("I"), array("I")
    for number, text in enumerate(map(clean, texts)):
        first = len(lengths)
        lengths.extend([0] * (text.count("\n") // lines + 1))
        ends.append(len(lengths))
        for (segment, term), count in sorted(_count(text, known, lines, lengths, first).items()):
            for column, value in zip(found, (number, segment, term, count), strict=True):
                column.append(value)
    ends_, lengths_, texts_, segments, terms_, counts = (
        memoryview(column).toreadonly() for column in (ends, lengths, *found)
    )
    return ends_, lengths_, texts_, segments, terms_, counts


def _count(
    text: str, known: dict[str, int], lines: int, lengths: "array[int]", first: int
) -> Counter[tuple[int, int]]:
    """The occurrences in one text by segment and term; its words are added to ``lengths``."""
    counts = Counter[tuple[int, int]]()
    before, line = _Part("", 0, 0), 0
    for part in _parts(text):
        line += text.count("\n", before.start, part.start)
        segment = line // lines
        lengths[first + segment] += 1
        keys = [part.text]
        if before.text and not text[before.end : part.start].strip("_"):
            keys.append(before.text + part.text)
        for key in keys:
            if key in known:
                counts[segment, known[key]] += 1
        before = part
    return counts


def _parts(text: str) -> Iterator[_Part]:
    for run, start in runs(text):
        word = 0  # where one starts
        for i, character in enumerate(run):
            if is_ideograph(character):
                yield from _words(run[word:i], start + word)
                word = i + 1
                after = run[i + 1 : i + 2]
                pair = character + (after if after and is_ideograph(after) else "")
                yield _Part(pair, start + i, start + i + 1)
        yield from _words(run[word:], start + word)


def _words(run: str, start: int) -> Iterator[_Part]:
    for word in _CASES.split(run) if run else ():
        yield _Part("".join(map(lower, word)), start, start + len(word))
        start += len(word)
