"""The child process that runs and times one engine.

It is run by its path, not with ``-m``, so that nothing of ctxtools is imported before the clock
starts, and loading is timed for ctxtools as for any engine. It reads a request (a JSON object) from
each line of stdin and answers each with a line on stdout; measure.py is the other end.

| request                                       | what is timed                                   |
|-----------------------------------------------|-------------------------------------------------|
| ``{"do": "load"}``, and options of chunkers   | importing the engine, loading the vocabulary    |
| ``{"do": "count", "path": …}``                | counting a text that is in memory as ``str``    |
| ``{"do": "encode", "path": …}``               | its ids, in the engine's container              |
| ``{"do": "encode batch", "path": …, "length": n}`` | the ids of all pieces, on all threads given |
| ``{"do": "calls", "path": …, "length": n}``   | a call for each piece of n characters           |
| ``{"do": "batch", "path": …, "length": n}``   | one call for all pieces, on all threads given   |
| ``{"do": "files", "paths": […]}``             | files from disk to counts, on all threads given |
| ``{"do": "chunk", "path": …, "out": …}``      | the chunks of a text (adapters: chunkers.py)    |
| ``{"do": "reference", "paths": […], "length": n}`` | nothing: the true count, in bounded memory |

An answer has ``seconds``, ``tokens``, ``peak_rss`` (bytes, of the process so far) and, for ids
and reference, the ``digest`` of the ids; or it has ``error``. For chunk, ``tokens`` is the number
of chunks, and the file ``out``, if given, receives the adapter's answers as JSON.
"""

import hashlib
import importlib.util
import json
import os
import re
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any, TextIO, TypeVar

_Result = TypeVar("_Result")
_REFERENCE_SEGMENT = 4_000_000  # characters, whose ids take about 100 MB in tiktoken


def main() -> None:
    """Serve requests until the end of stdin; the first line configures the engine."""
    answers = _take_stdout()
    sys.path.pop(0)  # this folder, whose modules would shadow others
    setup = json.loads(sys.stdin.readline())
    if setup["cpus"] and hasattr(os, "sched_setaffinity"):
        # So that one thread means one processor, whatever an engine starts.
        os.sched_setaffinity(0, setup["cpus"])
    adapters = _import_file(setup["adapters"])
    engine = adapters.ENGINES[setup["engine"]]()
    vocab = SimpleNamespace(**setup["vocab"])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = _answer(request, engine, vocab, setup["threads"])
            answer["detail"] = engine.detail()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # pyo3's PanicException is not an Exception
            answer = {"error": f"{type(error).__name__}: {error}"}
        answer["peak_rss"] = _peak_rss()
        print(json.dumps(answer), file=answers, flush=True)


def _answer(request: dict[str, Any], engine: Any, vocab: Any, threads: int) -> dict[str, Any]:
    """Serve a request. Preparations are done before the clock starts."""
    match request:
        case {"do": "load", **options}:
            # With a first token, since an engine may load lazily.
            seconds, _ = _timed(lambda: (engine.load(vocab, **options), engine.count("a")))
            return {"seconds": seconds, "tokens": 0}
        case {"do": "count", "path": path}:
            text = _text(path)
            seconds, tokens = _timed(lambda: engine.count(text))
            return {"seconds": seconds, "tokens": tokens}
        case {"do": "encode", "path": path}:
            text = _text(path)
            seconds, ids = _timed(lambda: engine.encode(text))
            digest = hashlib.sha256(array("I", ids)).hexdigest()
            return {"seconds": seconds, "tokens": len(ids), "digest": digest}
        case {"do": "encode batch", "path": path, "length": length}:
            pieces = _pieces(path, length)
            seconds, batch = _timed(lambda: engine.encode_batch(pieces, threads))
            ids = engine.joined(batch)
            digest = hashlib.sha256(array("I", ids)).hexdigest()
            return {"seconds": seconds, "tokens": len(ids), "digest": digest}
        case {"do": "calls", "path": path, "length": length}:
            pieces = _pieces(path, length)
            seconds, counts = _timed(lambda: [engine.count(piece) for piece in pieces])
        case {"do": "batch", "path": path, "length": length}:
            pieces = _pieces(path, length)
            seconds, counts = _timed(lambda: engine.count_batch(pieces, threads))
        case {"do": "files", "paths": paths}:
            seconds, counts = _timed(lambda: engine.count_files(paths, threads))
        case {"do": "chunk", "path": path, "out": out}:
            text = _text(path)
            seconds, chunks = _timed(lambda: engine.chunk(text))
            answers = list(engine.answers(chunks))
            if out:
                Path(out).write_text(json.dumps(answers))
            return {"seconds": seconds, "tokens": len(answers)}
        case {"do": "reference", "paths": paths, "length": length}:
            segments = (_pieces(p, length) if length else _segments(_text(p)) for p in paths)
            return _reference(chain.from_iterable(segments), engine)
        case _:
            raise ValueError(f"unknown request {request}")
    return {"seconds": seconds, "tokens": sum(counts)}


def _timed(operation: Callable[[], _Result]) -> tuple[float, _Result]:
    start = perf_counter()
    result = operation()
    return perf_counter() - start, result


def _reference(texts: Iterable[str], engine: Any) -> dict[str, Any]:
    """The count and the digest of the ids of texts, encoded one by one."""
    tokens = 0
    digest = hashlib.sha256()
    for text in texts:
        ids = engine.encode(text)
        tokens += len(ids)
        digest.update(array("I", ids))
    return {"seconds": 0.0, "tokens": tokens, "digest": digest.hexdigest()}


def _segments(text: str) -> Iterator[str]:
    """A text in segments that have the same tokens alone as in the text.

    Each starts with an ASCII letter after a line feed. No split pattern measured here has a match
    across that position, nor one that depends on text on its other side.
    """
    start = 0
    start_pattern = re.compile(r"(?<=\n)(?=[A-Za-z])")
    while start < len(text):
        match = start_pattern.search(text, min(start + _REFERENCE_SEGMENT, len(text)))
        end = match.start() if match else len(text)
        yield text[start:end]
        start = end


@cache
def _text(path: str) -> str:
    return Path(path).read_bytes().decode()


@cache
def _pieces(path: str, length: int) -> list[str]:
    text = _text(path)
    return [text[i : i + length] for i in range(0, len(text), length)]


def _peak_rss() -> int:
    """The peak resident memory of this process, in bytes; 0 if unknown."""
    try:
        # On Linux the figure of getrusage survives exec, so it would include the parent's memory.
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        try:
            import resource
        except ImportError:
            return 0
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
            1 if sys.platform == "darwin" else 1024
        )


def _take_stdout() -> TextIO:
    """stdout, reserved for answers; anything an engine prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _import_file(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("bench_adapters", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look up annotations
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
