"""Texts whose chunks may take more than twice the time when there is twice as much of them."""

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

Make = Callable[[int, int], str]


def growing_text(name: str, size: int, variant: int) -> Text:
    """One of ``GROWING_TEXTS``, as a file.

    Args:
        name: which.
        size: bytes of UTF-8; it has a few fewer.
        variant: another gives another text, where there is another.
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
    """Prose each part of which is like the others.

    The corpus begins with documents as they are. What follows is made of their sentences, and has
    more tokens and more places to cut it: twice the corpus is more than twice the work.
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
    """Words and nothing else: no stop, no line break."""
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
    parts, length = ["["], 1
    while length < size:
        parts.append(json.dumps(next(records), separators=(",", ":")) + ",")
        length += len(parts[-1])
    parts.pop()
    return "".join(parts)[:-1] + "]"


def _one_line_html(size: int, variant: int) -> str:
    """A page that went through a minifier: no line break, no space between its elements."""
    rng = random.Random(variant)
    words = re.findall(r"\w+", _prose(100_000, variant))
    parts, length = ["<!doctype html><html><body>"], 0
    while length < size - 100:
        heading, text, link = (" ".join(rng.choices(words, k=k)) for k in (3, 40, 2))
        parts.append(
            f'<div class="card"><h2>{heading}</h2><p>{text} <a href="/{len(parts)}?a=1&amp;b=2">'
            f"{link}</a><ul><li>{link}<li>{heading}</ul></div>"
        )
        length += len(parts[-1])
    return "".join(parts)[:size]


def _headings(size: int, variant: int) -> str:
    """A document that has headings and no text: 100,000 in 1.9 MB."""
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
FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {"minified JSON": "json", "one-line HTML": "html", "headings": "markdown"}
)
LARGEST: Final = 1_900_000  # bytes: 100,000 headings
