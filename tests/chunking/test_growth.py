"""Twice the text is at most 2.3 times the work: characters counted or copied, cut points looked at,
spans compared. No clock is read."""

import random
import string
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, SupportsIndex

import pytest

from ctxtools import _core
from ctxtools._core.cut_types import Spans
from ctxtools._core.fallback import cohesion as compared
from ctxtools._core.fallback.chunk.cut import cut
from ctxtools._core.fallback.text_map import TextMap
from ctxtools.chunking import Chunk, Chunker
from ctxtools.chunking.counter import TextCounter
from ctxtools.chunking.formats import parse_blocks

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

CHARACTERS_PER_TOKEN = {  # of o200k_base
    "prose": 4,
    "chinese without stops": 1,
    "base64": 2,
    "one letter": 8,
    "spaces": 128,
    "one line": 4,
    "minified JSON": 2,
    "headings": 3,
    "marks": 1,
}


class Work:
    """Counts what a chunker does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done = 0
        index, count_batch = TextCounter.index, TextCounter.count_batch
        optimal_cuts = _core.optimal_cuts

        def counted(counter: TextCounter, texts: Iterable[str]) -> list[int]:
            held = list(texts)
            self.done += sum(map(len, held))
            return count_batch(counter, held)

        def weighed(
            starts: Any,
            ends: Any,
            costs: Any,
            shares: Any,
            limit: int,
            *rest: Any,
        ) -> memoryview:
            for i, start in enumerate(starts):
                self.done += bisect_left(ends, start + limit, i) - i
            return optimal_cuts(starts, ends, costs, shares, limit, *rest)

        monkeypatch.setattr(TextCounter, "count_batch", counted)
        monkeypatch.setattr(TextCounter, "index", lambda it, t: _Index(index(it, t), t, self))
        monkeypatch.setattr(_core, "optimal_cuts", weighed)


class _Index:
    """An index of a text that records what it is asked."""

    def __init__(self, index: Any, text: str, work: Work) -> None:
        self._index, self.text, self._work = index, text, work
        self._ends = [0, *index.ends]

    def cut(self, *arguments: Any) -> Spans:
        start, parents, rules, options = arguments
        return cut(self, start, parents, rules, options, self.start_anywhere)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._index, name)
        if not callable(method):
            return method

        def asked(*arguments: Any) -> Any:
            answer = method(*arguments)
            if name in ("count", "token_ends", "cluster_ends"):
                self._work.done += arguments[1] - arguments[0]
            elif name == "start_anywhere":
                self._work.done += arguments[0] - answer
            elif name == "measure":
                (positions,) = arguments
                self._work.done += sum(map(self._measured, positions))
                if not self._index.additive:
                    self._work.done += positions[-1] - positions[0]
            elif name == "is_inside_cluster":
                self._work.done += 1
            elif name == "boundaries":
                self._work.done += len(answer[0])
            else:
                self._work.done += len(arguments[0])
            return answer

        return asked

    def _measured(self, position: int) -> int:
        """What has to be counted: the pretoken around a position, where counts add up."""
        if not self._index.additive:
            return 1
        i = bisect_left(self._ends, position)
        return 1 if self._ends[i] == position else self._ends[i] - self._ends[i - 1]


def assert_linear(work: Sequence[float]) -> None:
    """Twice the text is at most 2.3 times the work, at each of several doublings."""
    for before, after in pairwise(work):
        assert 0 < after <= 2.3 * before, work


CASES = [
    pytest.param(counter, name, limit, nested, id=f"{counter}-{name}-{limit}-{nested}")
    for counter in ("o200k_base", "len")
    for name in TEXTS
    for limit in (16, 512, 8192)
    for nested in (False, True)
    # 8,192 tokens are a million spaces: too long a text for a test.
    if (counter, name, limit) != ("o200k_base", "spaces", 8192)
]


@pytest.mark.parametrize(("counter", "name", "limit", "nested"), CASES)
def test_work_is_linear(counter: str, name: str, limit: int, nested: bool) -> None:
    """Nested, the cuts of the larger size were once measured by the whole pretoken around them."""
    per_token = CHARACTERS_PER_TOKEN[name] if counter == "o200k_base" else 1
    # What fits into one chunk is hardly looked at, so the shortest text has several.
    length = max(8_000, 6 * limit * per_token)
    work, faulty = [], []
    for n in (length, 2 * length, 4 * length):
        with pytest.MonkeyPatch.context() as patch:
            recorder = Work(patch)
            sizes = (limit, limit // 4) if nested else limit
            count = len if counter == "len" else counter
            chunks = list(Chunker(count, sizes, limit // 8).chunk(TEXTS[name](n)))
        work.append(recorder.done)
        faulty.append(recorder.done + sum(chunk.end_index for chunk in chunks))
    assert_linear(work)
    # A chunker that counts the text up to the end of each chunk would be noticed.
    with pytest.raises(AssertionError):
        assert_linear(faulty)


@pytest.mark.parametrize("name", TEXTS)
def test_a_function_is_asked_for_a_few_times_the_text(name: str) -> None:
    """However long it is: all before a span was once counted for each of its cut points."""
    work = []
    for length in (40_000, 80_000, 160_000):
        text, asked = TEXTS[name](length), 0

        def counter(span: str) -> int:
            nonlocal asked
            asked += len(span)
            return len(span) // 4 + 1

        list(Chunker(counter, 512).chunk(text))
        work.append(asked)
        few = 5 if name in ("prose", "one line", "headings") else 12
        assert asked <= few * len(text)
    assert_linear(work)


# Of ends of sentences, each of which the words before and after are compared at.
SENTENCES: dict[str, Callable[[int], str]] = {
    "prose": TEXTS["prose"],
    "one word each": lambda n: "Go! " * (n // 4),
    "one letter each": lambda n: "".join(f"{chr(97 + i % 26)}.\n" for i in range(n // 3)),
    "no word": lambda n: "!\n\n" * (n // 3),
    "chinese": lambda n: "天地玄黄。" * (n // 5),
    "words that differ": lambda n: "".join(f"{i:x}a goes. " for i in range(n // 11)),
    "one sentence": TEXTS["one line"],
    "one word": TEXTS["one letter"],
}


@pytest.mark.parametrize("name", SENTENCES)
def test_each_word_is_compared_a_few_times(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the fallback, whose sides are made anew at each end of a sentence: of a fixed reach."""
    done = 0

    class Counted(Counter[str]):
        def __init__(self, words: Sequence[str] = ()) -> None:
            nonlocal done
            done += len(words)
            super().__init__(words)

    def cohesion(index: _Index, offsets: Sequence[int], reach: int, weight: float) -> Any:
        nonlocal done
        done += len(offsets)
        return TextMap(index.text).cohesion(offsets, reach, weight)

    monkeypatch.setattr(compared, "Counter", Counted)
    monkeypatch.setattr(_Index, "cohesion", cohesion, raising=False)
    work, faulty = [], []
    for n in (8_000, 16_000, 32_000):
        with pytest.MonkeyPatch.context() as patch:
            recorder, done = Work(patch), 0
            list(Chunker("o200k_base", 512, 64, cohesion=True).chunk(SENTENCES[name](n)))
        work.append(done + recorder.done)
        faulty.append(work[-1] + n * n // 100)
    assert_linear(work)
    # Sides that reached to the start and the end of the text would be noticed.
    with pytest.raises(AssertionError):
        assert_linear(faulty)


@pytest.mark.parametrize("name", SENTENCES)
def test_each_sentence_is_embedded_once(name: str) -> None:
    work = []
    for n in (8_000, 16_000, 32_000):
        text, embedded = SENTENCES[name](n), 0

        def embed(texts: list[str]) -> list[list[float]]:
            nonlocal embedded
            embedded += sum(map(len, texts))
            return [[len(text), 1.0] for text in texts]

        list(Chunker("o200k_base", 512, cohesion=embed).chunk(text))
        assert 0 < embedded <= len(text)
        work.append(embedded)
    assert_linear(work)


# Of each format, what may make its parser read the same span again and again.
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
    "lines of one JSON string": ("json", lambda n: '["' + r"some words\n" * n + '"]'),
    "words of one JSON string": ("json", lambda n: '["' + "some words " * n + '"]'),
    "comments in JSON": ("json", lambda n: "[" + "1, // one\n/* two */\n" * n + "]"),
    "brackets that close at once": (
        "json",
        lambda n: "[" + ('{"a":' * 12 + '"' + "x" * 60 + '"' + "}" * 12 + ",") * n + "1]",
    ),
    "JSONL": ("jsonl", lambda n: '{"a":[1,2,{"b":"c"}],"d":null}\n' * n),
    "CSV of one column": ("csv", lambda n: "a\n" + "b\n" * n),
    "CSV of one line": ("csv", lambda n: "a," * n),
    "quotes of CSV that are not closed": ("csv", lambda n: 'a,"\n' * (2 * n + 1)),
    "minified XML": ("xml", lambda n: "<r>" + '<a b="c"><d>some words</d></a>' * n + "</r>"),
    "text and elements of XML": ("xml", lambda n: "<r>" + "words <b>more</b> " * n + "</r>"),
    "keys of YAML": ("yaml", lambda n: "key: value\nother:\n- a\n" * n),
    "documents of YAML": ("yaml", lambda n: "---\nkey: value\n" * n),
    "sections of reST": ("rst", lambda n: "Title\n=====\n\ntext\n\n- a\n\n  - b\n\n" * n),
    "formulas that do not end": ("latex", lambda n: "a \\[ b $$ c " * n),
    "environments that do not end": ("latex", lambda n: "\\begin{itemize}\\item a\n" * n),
    "listings that do not end": ("latex", lambda n: "\\begin{verbatim}\\section{a}\n" * n),
    "rows of LaTeX": ("latex", lambda n: "\\begin{tabular}{l}" + "a \\\\ \\hline\n" * n),
    "blocks of AsciiDoc": ("asciidoc", lambda n: "====\na\n\n* b\n====\n" * n),
    "blocks of Org that do not end": ("org", lambda n: "#+begin_src\n:a:\n* b\n" * n),
    "rows of one INSERT": ("sql", lambda n: "insert into a values\n" + "(1, 'b'),\n" * n + "(2);"),
    "dumps that do not end": ("sql", lambda n: "copy a from stdin;\n1\n" * n),
    "strings of SQL that do not end": ("sql", lambda n: "select 'a\\' ;\n" * n),
    "hunks of one file": ("diff", lambda n: "--- a\n+++ b\n" + "@@ -1 +1 @@\n-a\n+b\n" * n),
    "values of TOML that do not end": ("toml", lambda n: "a = [\n" * n),
    "containers of Markdown": ("markdown", lambda n: "::: a\n# b\n:::\n<C>\n\nd\n\n</C>\n" * n),
}


class _Read:
    """How many characters were copied or searched."""

    done = 0


class _Text(str):
    """A text that records how much of it is read, other than by regular expressions."""

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        characters = super().__getitem__(key)
        _Read.done += len(characters)
        return characters

    def find(self, sub: str, start: Any = 0, end: Any = None) -> int:
        found = super().find(sub, start, end)
        _Read.done += (found if found >= 0 else end or len(self)) - start
        return found

    def rfind(self, sub: str, start: Any = 0, end: Any = None) -> int:
        found = super().rfind(sub, start, end)
        _Read.done += (end or len(self)) - (found if found >= 0 else start)
        return found


@pytest.mark.parametrize("name", STRUCTURED)
def test_a_parser_reads_the_text_a_few_times(name: str) -> None:
    """Guards against a copy of all that is before a tag, for each tag of a line."""
    format, make = STRUCTURED[name]
    work, faulty = [], []
    for n in (500, 1_000, 2_000):
        _Read.done = 0
        text = _Text(make(n))
        parse_blocks(text, format)
        assert _Read.done <= 8 * len(text)
        work.append(_Read.done + 100)  # some read next to nothing
        faulty.append(work[-1] + n * len(text) // 2)
    assert_linear(work)
    # A parser that copies what is before each element would be noticed.
    with pytest.raises(AssertionError):
        assert_linear(faulty)


def test_a_long_pretoken_is_encoded_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was once encoded again for each span of it that had to be cut further."""
    work = []
    for periods in (4, 8, 16):
        with monkeypatch.context() as patch:
            recorder = Work(patch)
            list(Chunker("o200k_base", 512).chunk(("☂。" * 50 + "★" * 1000) * periods))
            work.append(recorder.done)
    assert_linear(work)


@pytest.mark.parametrize("limit", [2_048, 32_768])
def test_no_depth_grows_with_the_limit(limit: int) -> None:
    """Words after a long span without any, which was once split again for each of them."""
    if limit > 10_000 and not _core.kernel:
        pytest.skip("it takes long")
    rng = random.Random(limit)
    letters = "".join(rng.choices(string.ascii_lowercase, k=3 * limit))
    text = letters + " a" * 2 * limit
    made: list[Chunk] = []
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
