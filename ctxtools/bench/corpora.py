"""Texts of any size to measure on, deterministic, from files on every machine, without a network.

| corpus   | source                                                                      |
|----------|-----------------------------------------------------------------------------|
| code     | the standard library's sources, without its tests                           |
| prose    | the standard library's docstrings and pydoc's language reference            |
| chinese  | words, names, addresses, companies and jobs from Faker's zh_CN               |
| scripts  | the same for 14 other languages, a paragraph of each in turn                |
| jsonl    | log records: identifiers, times, numbers, nesting, and a sentence from prose |
| mixed    | code, prose and jsonl in turn, about as much of each                        |
| markdown | headings, paragraphs, lists and tables from prose, fenced blocks from code  |

A repeated file would favour engines that cache words. So only the first pass over a source is
verbatim; each further one shuffles its paragraphs or sentences and respells rarer words: the head
of one with the tail of another. generated.py builds the corpora that have no source.

The same versions of Python and Faker and the same seed give the same bytes. Another Python has
other sources, so results include the SHA-256 of the corpus.
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

from ctxtools.atomic import atomic_write
from ctxtools.bench import generated
from ctxtools.checks import check_choice

_VERSION: Final = 2  # of the generators, so that an older file in the cache is not used
_WORD: Final = re.compile(r"[A-Z]?[a-z]{3,}")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?:])\s+(?=[A-Z*`])")
_FREQUENT: Final = 400  # words that are never respelled
# The share of the others that each pass respells, so that there are as many different pretokens as
# in real text: in 60 MB of code 218,000 (sources of installed packages: 223,000), in 10 MB of prose
# 55,000 (the Python Enhancement Proposals: 55,000).
_RESPELLED_CODE: Final = 1.0
_RESPELLED_PROSE: Final = 0.6


def write_corpus(name: str, size: int, cache_folder: Path) -> Path:
    """The file of a corpus, which is built if it is not in the cache folder.

    Args:
        name: one of ``CORPORA``.
        size: in bytes of UTF-8; the file may have up to three bytes fewer.
        cache_folder: contains the files.

    Raises:
        UsageError: unknown corpus.
        MissingExtraError: Faker is needed and not installed.
    """
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    path = cache_folder / f"{name}-{size}-v{_VERSION}-py{python}.txt"
    if path.exists():
        return path
    blocks = corpus_blocks(name)
    cache_folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, "wb") as file:
        remaining = size
        while remaining:
            data = next(blocks).encode()
            if len(data) >= remaining:
                data = data[:remaining].decode(errors="ignore").encode()
                remaining = len(data)
            file.write(data)
            remaining -= len(data)
    return path


def corpus_blocks(name: str, seed: int = 0) -> Iterator[str]:
    """An endless corpus, block by block. Raises as `write_corpus`."""
    check_choice("corpus", name, CORPORA)
    return CORPORA[name](random.Random(f"{name} {seed}"))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _code(rng: random.Random) -> Iterator[str]:
    files = list(_library_sources())
    rng.shuffle(files)  # otherwise a small corpus would consist of asyncio
    yield from files
    blocks = [block + "\n\n\n" for file in files for block in file.split("\n\n\n")]
    yield from _further_passes(blocks, rng, _RESPELLED_CODE)


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
    yield from _further_passes(list(blocks), rng, _RESPELLED_PROSE)


def _jsonl(rng: random.Random) -> Iterator[str]:
    return generated.records(_prose(random.Random(rng.random())), rng)


def _markdown(rng: random.Random) -> Iterator[str]:
    prose, code = (make(random.Random(rng.random())) for make in (_prose, _code))
    return generated.markdown(prose, code, rng)


def _mixed(rng: random.Random) -> Iterator[str]:
    sources = [make(random.Random(rng.random())) for make in (_code, _prose, _jsonl)]
    written = [0] * len(sources)
    while True:
        i = written.index(min(written))
        block = next(sources[i])
        written[i] += len(block)
        yield block


def _further_passes(blocks: Sequence[str], rng: random.Random, share: float) -> Iterator[str]:
    """The blocks repeatedly, each time in a different order, with some rare words respelled."""
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
    """The modules of the standard library, ordered by path, without tests."""
    root = Path(sysconfig.get_paths()["stdlib"])
    texts = []
    for path in sorted(root.rglob("*.py")):
        folders = path.relative_to(root).parts
        if {"test", "tests", "idle_test", "site-packages", "dist-packages"}.isdisjoint(folders):
            try:
                texts.append(path.read_text("utf-8"))
            except (OSError, UnicodeDecodeError):
                continue  # a few are deliberately in other encodings
    return tuple(texts)


@cache
def _documentation() -> tuple[str, ...]:
    """Docstrings of the standard library, one text per module, and the topics of pydoc."""
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
