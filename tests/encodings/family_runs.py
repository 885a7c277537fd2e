"""Random tokenizers of every family, and random texts: the ids, counts, spans, edits and chunks are
those of the library that the tokenizer comes from.

``python -m tests.encodings.family_runs -n 1000000 --seed 7`` trains a tokenizer of `tokenizers` or
`sentencepiece` with options chosen at random (`random_tokenizers.py`), on words of many scripts,
tries some thousand texts on it, and goes on with the next one. The first difference ends the run,
with what made it, and keeps the file.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ctxtools.chunking import Chunker
from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.load import load_encoding
from tests.encodings.random_tokenizers import FAMILIES, Library, random_library, random_text

_TEXTS = 2000  # of a tokenizer


def run(cases: int, seed: int, families: list[str]) -> None:
    source, done, started = random.Random(seed), 0, time.perf_counter()
    engines: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        while done < cases:
            family = source.choice(families)
            library = random_library(family, source)
            path = Path(folder) / library.file_name
            path.write_bytes(library.data)
            encoding = load_encoding(path)
            engine = encoding.backend.name
            engines[f"{family} {engine}"] += 1
            # What the library counts anyway says little, slowly.
            for _ in range(min(cases - done, _TEXTS if engine == "kernel" else 20)):
                text = random_text(source, library.pieces)
                try:
                    check(encoding, library, text, source)
                except BaseException:
                    kept = Path(tempfile.gettempdir()) / f"{seed}-{done}-{library.file_name}"
                    kept.write_bytes(library.data)
                    print(f"{family} {library.options}\n{kept}\n{text!r}")
                    raise
                done += 1
            print(f"{done:,} texts, {time.perf_counter() - started:.0f} s", flush=True)
    for name, number in sorted(engines.items()):
        print(f"{number:6} {name}")


def check(encoding: Encoding, library: Library, text: str, source: random.Random) -> None:
    """Assert that an encoding is as its library on a text, in some of the ways to ask."""
    expected = library.encode(text)
    assert encoding.encode(text) == expected
    assert encoding.count(text) == len(expected)
    if source.random() < 0.2:
        source.choice(_CHECKS)(encoding, library, text, source)


def _batches(encoding: Encoding, library: Library, text: str, source: random.Random) -> None:
    texts = [random_text(source, library.pieces) for _ in range(source.randint(0, 9))] + [text]
    ids = [library.encode(each) for each in texts]
    threads = source.choice([1, 2])
    assert encoding.encode_batch(texts, threads=threads) == ids
    assert encoding.count_batch(texts, threads=threads) == [*map(len, ids)]
    counter, session = encoding.counter(), encoding.session()
    for each in texts:
        counter.feed(each)
        session.append(each)
    assert session.total == counter.finish() == library.count("".join(texts))


def _spans(encoding: Encoding, library: Library, text: str, source: random.Random) -> None:
    index = encoding.index(text)
    assert index.total == library.count(text)
    for _ in range(4):
        a, b = sorted(source.choices(range(len(text) + 1), k=2))
        assert index.count(a, b) == library.count(text[a:b]), (a, b)
        limit = source.randint(0, 9)
        end = index.end(a, limit)
        assert end == a or library.count(text[a:end]) <= limit, (a, limit)
    # Of byte-level BPE, white space is split by what follows it.
    if index.additive and library.family != "byte-level":
        ends = index.ends.tolist()
        assert index.sums.tolist() == [library.count(text[:end]) for end in ends]


def _edits(encoding: Encoding, library: Library, text: str, source: random.Random) -> None:
    index = encoding.index(text)
    for _ in range(5):
        a = source.randint(0, len(text))
        b = min(len(text), a + source.choice([0, 0, 1, 2, 9, 99]))
        new = random_text(source, library.pieces)[: source.choice([0, 1, 2, 9, 99])]
        change = index.replace(a, b, new)
        text = text[:a] + new + text[b:]
        assert index.text == text
        assert index.total == library.count(text), (a, b, new, change)
        a, b = sorted(source.choices(range(len(text) + 1), k=2))
        assert index.count(a, b) == library.count(text[a:b]), (a, b)


def _cuts(encoding: Encoding, library: Library, text: str, source: random.Random) -> None:
    text = text[:80]
    limit = source.randint(0, 12)
    for side in ("right", "left"):
        kept = encoding.truncate(text, limit, side=side)
        sides = (text[:n] if side == "right" else text[len(text) - n :] for n in _down(len(text)))
        longest = next((each for each in sides if library.count(each) <= limit), "")
        assert kept == longest, (limit, side)


def _chunks(encoding: Encoding, library: Library, text: str, source: random.Random) -> None:
    text *= source.choice([1, 3])
    size = source.randint(12, 40)
    chunks = list(Chunker(encoding, size).chunk(text))
    for chunk in chunks:
        assert library.count(chunk.text) == chunk.token_count <= size, (size, chunk)
    assert "".join(text[chunk.start_index : chunk.end_index] for chunk in chunks) == text


def _down(length: int) -> range:
    return range(length, -1, -1)


_Check = Callable[[Encoding, Library, str, random.Random], None]
_CHECKS: list[_Check] = [_batches, _spans, _spans, _edits, _cuts, _chunks]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--cases", type=int, default=100_000, help="texts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("families", nargs="*", default=list(FAMILIES), metavar="family")
    arguments = parser.parse_args()
    run(arguments.cases, arguments.seed, arguments.families)
