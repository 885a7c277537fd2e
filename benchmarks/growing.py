"""Texts for which a chunker may take more than twice the time if they are twice as long."""

import json
import random
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from types import MappingProxyType
from typing import Final

from benchmarks.corpora import CACHE, Text, file_text
from ctxtools.bench.corpora import corpus_blocks
from ctxtools.bench.worst import worst_input
from ctxtools.chunking.settings import Format

Make = Callable[[int, int], str]


def growing_text(name: str, size: int, variant: int) -> Text:
    """One of ``GROWING_TEXTS``, as a file.

    Args:
        name: which.
        size: in bytes of UTF-8, approximately.
        variant: the seed; some texts have only one.
    """
    path = CACHE / f"growing-{''.join(filter(str.isalnum, name))}-{size}-{variant}.txt"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        path.write_bytes(GROWING_TEXTS[name](size, variant).encode())
    return file_text(name, str(path))


def _prose(size: int, variant: int) -> str:
    text = ""
    for block in _shuffled_prose(max(size, 2 * LARGEST), variant):
        if len(text) >= size:
            break
        text += block
    return text.encode()[:size].decode(errors="ignore")


@cache
def _shuffled_prose(size: int, variant: int) -> list[str]:
    """Prose that is alike throughout.

    The corpus starts with real documents and continues with text made of their sentences, which
    has more tokens and more cut points: twice the corpus is more than twice the work.
    """
    blocks = []
    for block in corpus_blocks("prose", seed=variant):
        blocks.append(block)
        size -= len(block)
        if size <= 0:
            break
    random.Random(variant).shuffle(blocks)
    return blocks


def _one_line(size: int, variant: int) -> str:
    """Words only: no full stop, no line break."""
    return " ".join(re.findall(r"\w+", _prose(size * 2, variant)))[:size]


def _minified_json(size: int, variant: int) -> str:
    rng = random.Random(variant)
    words = rng.choices(re.findall(r"\w+", _prose(100_000, variant)), k=2_000)
    records = (
        {
            "id": f"{rng.getrandbits(64):016x}",
            "at": rng.random(),
            "tags": rng.choices(words, k=rng.randint(0, 5)),
            "text": " ".join(rng.choices(words, k=rng.randint(0, 20))),
            "of": {"n": rng.randint(0, 10**6), "ok": rng.random() < 0.5, "up": None},
        }
        for _ in count()
    )
    pieces, length = ["["], 1
    while length < size:
        pieces.append(json.dumps(next(records), separators=(",", ":")) + ",")
        length += len(pieces[-1])
    pieces.pop()
    return "".join(pieces)[:-1] + "]"


def _one_line_html(size: int, variant: int) -> str:
    """A minified page: no line break, no space between its elements."""
    rng = random.Random(variant)
    words = re.findall(r"\w+", _prose(100_000, variant))
    pieces, length = ["<!doctype html><html><body>"], 0
    while length < size - 100:
        heading, text, link = (" ".join(rng.choices(words, k=k)) for k in (3, 40, 2))
        pieces.append(
            f'<div class="card"><h2>{heading}</h2><p>{text} <a href="/{len(pieces)}?a=1&amp;b=2">'
            f"{link}</a><ul><li>{link}<li>{heading}</ul></div>"
        )
        length += len(pieces[-1])
    return "".join(pieces)[:size]


def _headings(size: int, variant: int) -> str:
    """A document of headings without text: 100,000 in 1.9 MB."""
    rng = random.Random(variant)
    return "".join(f"## Heading {rng.randrange(10**6):06}\n\n" for _ in range(size // 19))


def _worst(name: str) -> Make:
    return lambda size, variant: worst_input(name, size, variant)


GROWING_TEXTS: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "prose": _prose,
        "unpunctuated CJK": _worst("random ideographs"),
        "base64": _worst("base64"),
        "letter a": _worst("letter a"),
        "spaces": _worst("spaces"),
        "one endless line": _one_line,
        "minified JSON": _minified_json,
        "one-line HTML": _one_line_html,
        "headings": _headings,
    }
)
FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {"minified JSON": "json", "one-line HTML": "html", "headings": "markdown"}
)
LARGEST: Final = 1_900_000  # bytes: 100,000 headings
