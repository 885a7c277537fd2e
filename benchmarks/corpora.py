"""The suite's texts on disk, and their true counts.

How the texts are made is ctxtools/bench/corpora.py, which `ctx bench` shares. Here each becomes a
file, once; and its reference count is computed, once for each encoding.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ctxtools.bench.corpora import CORPORA, sha256_of, write_corpus
from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.measure import Outcome, reference_outcome
from ctxtools.bench.vocabulary_files import write_vocabulary
from ctxtools.bench.worst import worst_input

CACHE = Path(__file__).parent / ".cache"  # not in git


@dataclass(frozen=True, slots=True)
class Text:
    """A text to measure on.

    Attributes:
        name: the corpus or the worst-case input.
        path: the file, in UTF-8.
        size: in bytes.
        sha256: of the file: results of different texts do not compare.
    """

    name: str
    path: Path
    size: int
    sha256: str


def available_corpora(names: list[str]) -> list[str]:
    """Those of the names that can be built here: Chinese and the scripts need Faker."""
    made_with_faker = {"chinese", "scripts"}
    if find_spec("faker"):
        return names
    return [name for name in names if name not in made_with_faker]


@cache
def vocab(encoding: str) -> Vocabulary:
    """The vocabulary of an encoding as files."""
    return write_vocabulary(encoding, CACHE)


@cache
def corpus_text(name: str, size: int) -> Text:
    """A built corpus, or the first bytes of a file, if the name is a path."""
    if name in CORPORA:
        return _text(name, write_corpus(name, size, CACHE))
    source = Path(name)
    path = CACHE / f"{source.name}-{size}.txt"
    with source.open("rb") as file:
        data = file.read(size)
    if len(data) == size:
        data = data.decode(errors="ignore").encode()  # not half of the last character
    CACHE.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return _text(source.name, path)


@cache
def worst_text(name: str, size: int, variant: int = 0) -> Text:
    """A worst-case input."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"worst-{''.join(filter(str.isalnum, name))}-{size}-{variant}.txt"
    path.write_bytes(worst_input(name, size, variant).encode())
    return _text(name, path)


@cache
def split_files(name: str, size: int, length: int) -> tuple[str, ...]:
    """A corpus as files of about ``length`` bytes, split at line breaks."""
    folder = CACHE / f"{Path(name).name}-{size}-files"
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[str] = []
    lines: list[bytes] = []
    written = 0
    for line in corpus_text(name, size).path.read_bytes().splitlines(keepends=True):
        lines.append(line)
        written += len(line)
        if written >= length:
            paths.append(_write(folder / f"{len(paths)}.txt", lines))
            lines, written = [], 0
    paths.append(_write(folder / f"{len(paths)}.txt", lines))
    return tuple(paths)


@cache
def file_text(name: str, path: str) -> Text:
    """A file as a text of a corpus."""
    return _text(name, Path(path))


@cache
def reference(encoding: str, text: Text, length: int = 0) -> Outcome:
    """The true count of a text, or of its pieces of ``length`` characters."""
    return reference_outcome(vocab(encoding), text.path, length=length)


@cache
def reference_of_files(encoding: str, paths: tuple[str, ...]) -> Outcome:
    """The true count of files, one after the other."""
    return reference_outcome(vocab(encoding), *map(Path, paths))


def _write(path: Path, lines: list[bytes]) -> str:
    path.write_bytes(b"".join(lines))
    return str(path)


def _text(name: str, path: Path) -> Text:
    return Text(name, path, path.stat().st_size, sha256_of(path))
