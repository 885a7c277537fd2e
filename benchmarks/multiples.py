"""Chunking as multiples of counting a text, or of parsing it: ``python -m benchmarks.multiples``.

Rounds go through all that is compared in turn, so that what else runs on the machine meets it
alike; of each the minimum is reported. First passes are of new processes, after a short text.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.corpora import corpus_text
from benchmarks.growing import FORMATS, growing_text
from ctxtools import Chunker, get_encoding
from ctxtools.chunking.formats import parse
from ctxtools.chunking.settings import Format
from ctxtools.units import parse_size

_ENCODING, _LIMIT = "o200k_base", 512
_GROWING = (
    *("prose", "base64", "unpunctuated CJK", "headings"),
    *("one-line HTML", "minified JSON"),
)
_FILES: tuple[Format, ...] = ("markdown", "html", "json")
_GRAMMARS = {"python": "tree_sitter_python", "cpp": "tree_sitter_cpp"}

_FIRST_PASS = f"""
import sys, time
from pathlib import Path
from ctxtools import Chunker, get_encoding

text = Path(sys.argv[1]).read_text(encoding="utf-8")
encoding = get_encoding("{_ENCODING}")
chunker = Chunker(encoding, {_LIMIT})
encoding.count("A short text.")
start = time.perf_counter()
if sys.argv[2] == "count":
    encoding.count(text)
else:
    for _ in chunker.chunk(text).rows():
        pass
print(time.perf_counter() - start)
"""


def fastest(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The seconds of each call, by its name: the minimum of all rounds but the first."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            start = perf_counter()
            call()
            seconds[name].append(perf_counter() - start)
    return {name: min(times[1:]) for name, times in seconds.items()}


def _first_pass(path: Path, what: str) -> float:
    """The seconds of a first pass."""
    command = [sys.executable, "-c", _FIRST_PASS, str(path), what]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare_with_count(path: Path, format: Format, rounds: int) -> dict[str, float]:
    """The seconds of counting, indexing, parsing and chunking a text."""
    text = path.read_text(encoding="utf-8")
    encoding = get_encoding(_ENCODING)
    chunker = Chunker(encoding, _LIMIT, format=format)
    calls = {
        "count": lambda: encoding.count(text),
        "index": lambda: encoding.index(text),
        "parse": lambda: parse(text, format),
        "chunk": lambda: [None for _ in chunker.chunk(text).rows()],
    }
    if format == "text":
        del calls["parse"]
    return fastest(calls, rounds)


def compare_with_parser(path: Path, format: Format, rounds: int) -> dict[str, float]:
    """The seconds of parsing code by tree-sitter's own package, and of chunking it."""
    from tree_sitter import Language, Parser

    data = path.read_bytes()
    text = data.decode()
    parser = Parser(Language(import_module(_GRAMMARS[format]).language()))
    chunker = Chunker(_ENCODING, _LIMIT, format=format)
    calls = {
        "parser": lambda: parser.parse(data),
        "chunk": lambda: [None for _ in chunker.chunk(text).rows()],
    }
    return fastest(calls, rounds)


def _print(name: str, seconds: Mapping[str, float]) -> None:
    (base, first), *others = seconds.items()
    multiples = ", ".join(f"{other} {time / first:.2f} x" for other, time in others)
    print(f"{name}: {base} {first * 1e3:.1f} ms; {multiples}", flush=True)


def main() -> None:
    """Print a line for each text."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=parse_size, default=4_000_000, help="of a text, in bytes")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cpp", type=Path, help="a file of C++ code")
    for format in _FILES:
        parser.add_argument(f"--{format}", type=Path, help="a file of this format")
    options = parser.parse_args()
    for name in _GROWING:
        path = growing_text(name, options.size, 1).path
        _print(name, compare_with_count(path, FORMATS.get(name, "text"), options.rounds))
    path = corpus_text("markdown", options.size).path
    _print("Markdown", compare_with_count(path, "markdown", options.rounds))
    for format in _FILES:
        if given := getattr(options, format):
            _print(given.name, compare_with_count(given, format, options.rounds))
    path = growing_text("prose", options.size, 1).path
    passes = {
        what: [_first_pass(path, what) for _ in range(options.rounds)]
        for what in ("count", "chunk")
    }
    _print("prose, first pass", {what: min(times) for what, times in passes.items()})
    _print("Python code", compare_with_parser(corpus_text("code", options.size).path, "python", 3))
    if options.cpp:
        _print("C++ code", compare_with_parser(options.cpp, "cpp", 3))


if __name__ == "__main__":
    main()
