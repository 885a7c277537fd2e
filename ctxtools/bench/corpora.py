"""Texts to measure on, of any size, from what every machine has: deterministic, no network.

| corpus   | made from                                                                   |
|----------|-----------------------------------------------------------------------------|
| code     | the standard library's sources, without its tests                           |
| prose    | the standard library's docstrings and pydoc's language reference            |
| chinese  | words, names, places, companies and occupations of Faker's zh_CN            |
| scripts  | the same for 14 other languages, a paragraph of each in turn                |
| jsonl    | log records: identifiers, times, numbers, nesting, and a sentence from prose |
| mixed    | code, prose and jsonl in turn, about as much of each                        |
| markdown | headings, paragraphs, lists and tables from prose, fenced blocks from code  |

A repeated file would flatter every engine that remembers words. So only the first lap over a
source gives it as it is; each further lap shuffles its paragraphs or sentences and respells its
rarer words: the head of one with the tail of another. generated.py does what has no source.

The same Python, Faker and seed give the same bytes; another Python has other sources, so results
carry a corpus's SHA-256.
"""

import ast
import hashlib
import inspect
import pydoc_data.topics
import random
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ctxtools.bench import generated
from ctxtools.errors import UsageError

_VERSION: Final = 2  # of the recipes, so that an older file in the cache is not used
_WORD: Final = re.compile(r"[A-Z]?[a-z]{3,}")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?:])\s+(?=[A-Z*`])")
_FREQUENT: Final = 400  # words that no lap respells
# The share of the others that each lap does, so that different pretokens are as many as in real
# text: in 60 MB of code 218,000 (installed packages' sources: 223,000), in 10 MB of prose 55,000
# (the Python Enhancement Proposals: 55,000).
_RESPELLED_CODE: Final = 1.0
_RESPELLED_PROSE: Final = 0.6


def write_corpus(name: str, size: int, cache_folder: Path) -> Path:
    """The file that holds a corpus; it is built if it is not in the cache folder.

    Args:
        name: one of ``CORPORA``.
        size: in bytes of UTF-8; what is written has at most three bytes fewer.
        cache_folder: where such files are kept.

    Raises:
        UsageError: there is no corpus of that name.
        MissingExtraError: Faker is needed and not installed.
    """
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    path = cache_folder / f"{name}-{size}-v{_VERSION}-py{python}.txt"
    if path.exists():
        return path
    blocks = corpus_blocks(name)
    cache_folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        left = size
        while left:
            data = next(blocks).encode()
            if len(data) >= left:
                data = data[:left].decode(errors="ignore").encode()
                left = len(data)
            file.write(data)
            left -= len(data)
    part.replace(path)
    return path


def corpus_blocks(name: str, seed: int = 0) -> Iterator[str]:
    """A corpus piece by piece, without an end. Raises as write_corpus does."""
    try:
        make = CORPORA[name]
    except KeyError:
        raise UsageError(
            f"there is no corpus named {name!r}", hint=f"the corpora are {', '.join(CORPORA)}"
        ) from None
    return make(random.Random(f"{name} {seed}"))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _code(rng: random.Random) -> Iterator[str]:
    files = list(_library_sources())
    rng.shuffle(files)  # else a small corpus would be asyncio alone
    yield from files
    blocks = [block + "\n\n\n" for file in files for block in file.split("\n\n\n")]
    yield from _further_laps(blocks, rng, _RESPELLED_CODE)


def _prose(rng: random.Random) -> Iterator[str]:
    documents = list(_documentation())
    rng.shuffle(documents)
    yield from documents
    sentences = [
        " ".join(sentence.split()) for text in documents for sentence in _SENTENCE_END.split(text)
    ]
    blocks = (
        f"{sentence}\n\n" if i % 6 == 5 else f"{sentence} " for i, sentence in enumerate(sentences)
    )
    yield from _further_laps(list(blocks), rng, _RESPELLED_PROSE)


def _jsonl(rng: random.Random) -> Iterator[str]:
    return generated.records(_prose(random.Random(rng.random())), rng)


def _markdown(rng: random.Random) -> Iterator[str]:
    prose, code = (make(random.Random(rng.random())) for make in (_prose, _code))
    return generated.markdown(prose, code, rng)


def _mixed(rng: random.Random) -> Iterator[str]:
    parts = [make(random.Random(rng.random())) for make in (_code, _prose, _jsonl)]
    written = [0] * len(parts)
    while True:
        i = written.index(min(written))
        block = next(parts[i])
        written[i] += len(block)
        yield block


def _further_laps(blocks: Sequence[str], rng: random.Random, share: float) -> Iterator[str]:
    """The blocks again and again, each time in another order, a share of rare words respelled."""
    words = Counter(_WORD.findall("".join(blocks)))
    rare = [word for word, _ in words.most_common()[_FREQUENT:]]
    for _ in count():
        new = {
            word: word[: len(word) // 2] + tail[len(tail) // 2 :]
            for word, tail in zip(rare, rng.sample(rare, len(rare)), strict=True)
            if rng.random() < share
        }
        for block in rng.sample(blocks, len(blocks)):
            yield _WORD.sub(lambda match, new=new: new.get(match[0], match[0]), block)  # type: ignore[misc]


@cache
def _library_sources() -> tuple[str, ...]:
    """The standard library's modules, in the order of their paths, without tests."""
    root = Path(sysconfig.get_paths()["stdlib"])
    texts = []
    for path in sorted(root.rglob("*.py")):
        folders = path.relative_to(root).parts
        if {"test", "tests", "idle_test", "site-packages", "dist-packages"}.isdisjoint(folders):
            try:
                texts.append(path.read_text("utf-8"))
            except (OSError, UnicodeDecodeError):
                continue  # a few are kept in other encodings on purpose
    return tuple(texts)


@cache
def _documentation() -> tuple[str, ...]:
    """Docstrings of the standard library, a text for each module, and pydoc's topics."""
    texts = []
    for source in _library_sources():
        docstrings = []
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node, clean=False)
                if docstring and len(docstring) > 80:
                    docstrings.append(inspect.cleandoc(docstring) + "\n\n")
        if docstrings:
            texts.append("".join(docstrings))
    return (*texts, *(text + "\n" for _, text in sorted(pydoc_data.topics.topics.items())))


CORPORA: Final = MappingProxyType[str, Callable[[random.Random], Iterator[str]]](
    {
        "code": _code,
        "prose": _prose,
        "chinese": generated.chinese,
        "scripts": generated.scripts,
        "jsonl": _jsonl,
        "mixed": _mixed,
        "markdown": _markdown,
    }
)
