"""Random edits of long texts: ``python -m tests.core.edit_runs -n 1000000 --seed 7``.

Each text is edited some thousand times, with CJK, emoji, long runs of white space and digits, lone
surrogates and text that is not in NFC. After every edit some spans are counted, and every so often
the whole text, against a count of the text itself. The first difference ends the run, with what
made it.
"""

import argparse
import random
import time
from unicodedata import is_normalized

from ctxtools.encodings import get_encoding, list_encodings
from tests.strategies import HARD

_EDITS = 2000  # of a text
_WORDS = [
    "the ",
    "of",
    " International",
    "中文，",
    "x = f(y)\n",
    "\n\n",
    "1234567",
    "\u3000",
    ". A",
]


def run(edits: int, seed: int, longest: int) -> None:
    source, done, started = random.Random(seed), 0, time.perf_counter()
    while done < edits:
        encoding = get_encoding(source.choice(list_encodings()))
        # Few of the texts have what makes each edit as slow as indexing.
        rare = source.random() < 0.02
        words = [*_WORDS, *(HARD if rare or encoding.name != "qwen2" else filter(_is_inert, HARD))]
        words += ["\ud83d", "\ude00"] if rare else []
        pieces = source.choices(words, k=source.choice([0, 10, 1000, longest // 3]))
        text = "".join(piece * source.choice([1, 1, 1, 1, 30]) for piece in pieces)
        index = encoding.index(text)
        for number in range(min(_EDITS if not rare else 50, edits - done)):
            start = source.choice([0, len(text), *(source.randint(0, len(text)) for _ in range(8))])
            end = min(len(text), start + source.choice([0, 0, 1, 2, 10, 50, 3000]))
            new = "".join(source.choices(words, k=source.choice([0, 1, 1, 2, 5, 80])))
            change, total = index.replace(start, end, new), index.total
            text = text[:start] + new + text[end:]
            known = (seed, done, encoding.name, start, end, new)
            a = source.randint(0, len(text))
            near = max(0, start - source.randint(0, 60)), min(len(text), start + 60)
            for first, last in (near, (a, min(len(text), a + 400))):
                counted = encoding.count(text[first:last])
                assert index.count(first, last) == counted, (*known, first, last)
            assert index.length == len(text), known
            if number % 50 == 0 or len(text) < 3000:
                assert index.total == encoding.count(text), (*known, change, total)
            done += 1
        assert index.text == text, known
        assert index.ends.tolist() == encoding.index(text).ends.tolist(), known
        print(f"{done:,} edits, {time.perf_counter() - started:.0f} s", flush=True)


def _is_inert(word: str) -> bool:
    """Whether NFC changes nothing of what it is put next to."""
    befores = ("", "e", "\u0915", "\uac00")
    return all(is_normalized("NFC", before + word) for before in befores)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--edits", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=int, default=100_000, help="characters of a text, about")
    arguments = parser.parse_args()
    run(arguments.edits, arguments.seed, arguments.longest)
