"""Starts an engine in a process of its own, compares it with the reference, then times it.

A process for each engine, so that caches are cold when they should be, one engine's memory is not
another's, and a crash is a result. No figure is taken of an engine before its count is known to be
right: ``Outcome.seconds`` of a wrong one says nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Final, Literal, Self

from ctxtools.bench import engines
from ctxtools.bench.engines import Feed
from ctxtools.bench.machine import usable_cpus

Status = Literal["ok", "wrong", "error", "crash", "timeout"]

PIECE: Final = 65_536  # characters: how a text is cut into a batch for many threads
_WORKER: Final = Path(__file__).with_name("worker.py")
# What computes the true count: the first that does not fail. tiktoken, for one, crashes on a
# million spaces.
_REFERENCES: Final = {
    "deepseek_v3": ("tokenizers", "tiktoken"),
    "qwen2": ("tokenizers", "tiktoken"),
}
_OPENAI_REFERENCES: Final = ("tiktoken", "tokenizers", "bpe-openai")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one request to an engine.

    Attributes:
        status: ``"ok"``; ``"wrong"``: another count than the reference's; ``"error"``: an
            exception; ``"crash"``: a panic, or the process ended; ``"timeout"``: it was ended.
        seconds: of the operation alone.
        tokens: its count.
        digest: SHA-256 of its ids as 32-bit integers, of an operation that makes ids.
        peak_rss: the process's largest resident memory so far, in bytes.
        detail: of the engine, or of what went wrong.
    """

    status: Status
    seconds: float = 0.0
    tokens: int = 0
    digest: str = ""
    peak_rss: int = 0
    detail: str = ""

    def checked(self, reference: "Outcome") -> "Outcome":
        """This outcome, as wrong if its count, or its ids, are not the reference's."""
        if self.status != "ok" or reference.status != "ok":
            return self
        if self.tokens != reference.tokens:
            detail = f"{self.tokens:,} tokens instead of {reference.tokens:,}"
        elif self.digest and self.digest != reference.digest:
            detail = "as many tokens as the reference, but other ids"
        else:
            return self
        return replace(self, status="wrong", detail=detail)


class Worker:
    """An engine in a child process. Use it in a ``with`` statement.

    Args:
        engine: its name in ``engines.ENGINES``.
        feed: the vocabulary.
        threads: how many it may use; its process is kept on as many processors where possible.
        timeout: seconds after which a request has failed.
        adapters: the file that defines the engines, for tests.
    """

    def __init__(
        self,
        engine: str,
        feed: Feed,
        *,
        threads: int = 1,
        timeout: float = 600,
        adapters: Path = Path(engines.__file__),
    ) -> None:
        self._timeout = timeout
        self._timed_out = False
        # close() closes it.
        self._stderr = tempfile.TemporaryFile("w+b")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=_environment(threads),
            text=True,
            encoding="utf-8",
        )
        self._send(
            {
                "engine": engine,
                "feed": asdict(feed),
                "threads": threads,
                "cpus": usable_cpus()[-threads:],
                "adapters": str(adapters),
            }
        )

    def ask(self, do: str, **arguments: Any) -> Outcome:
        """Make a request (see worker.py) and wait for its outcome."""
        self._send({"do": do, **arguments})
        assert self._process.stdout is not None  # it is a pipe
        timer = Timer(self._timeout, self._give_up)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            return self._ended()
        answer = json.loads(line)
        if "error" in answer:
            status: Status = "crash" if answer["error"].startswith("PanicException") else "error"
            return Outcome(status, peak_rss=answer["peak_rss"], detail=answer["error"])
        return Outcome("ok", **answer)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # it is a pipe
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # it has ended; the answer will say so

    def _give_up(self) -> None:
        self._timed_out = True
        self._process.kill()

    def _ended(self) -> Outcome:
        if self._timed_out:
            return Outcome("timeout", detail=f"no answer after {self._timeout:g} s")
        code = self._process.wait()
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else "no message"
        return Outcome("crash", detail=f"exit status {code}: {reason}")


def reference_outcome(feed: Feed, *paths: Path, length: int = 0, timeout: float = 600) -> Outcome:
    """The true count of a text and the digest of its ids, by an engine that is not ctxtools.

    Args:
        feed: the vocabulary.
        paths: the text, in UTF-8; several are counted each on its own, and added up.
        length: if not 0, the text is cut into pieces of so many characters, each on its own.
        timeout: seconds after which the next engine is asked.

    Returns:
        An outcome whose ``detail`` is the engine's name; its status is not ``"ok"`` if every
        engine failed.
    """
    outcome = Outcome("error", detail="no reference engine is installed")
    for engine in _REFERENCES.get(feed.encoding, _OPENAI_REFERENCES):
        if engines.ENGINES[engine].version() is None:
            continue
        with Worker(engine, feed, timeout=timeout) as worker:
            outcome = worker.ask("load")
            if outcome.status == "ok":
                outcome = worker.ask(
                    "reference", paths=[str(path) for path in paths], length=length
                )
        if outcome.status == "ok":
            return replace(outcome, detail=engine)
    return outcome


@dataclass(frozen=True, slots=True)
class Measurement:
    """One engine on one text.

    Attributes:
        engine: its name.
        version: the version that is installed.
        outcome: of the first count; ``"ok"`` means that it agrees with the reference.
        load_seconds: importing the engine and loading the vocabulary.
        first_seconds: the first count, with cold caches.
        warm_seconds: the best of the further counts.
        bytes: of the text, in UTF-8.
    """

    engine: str
    version: str
    outcome: Outcome
    load_seconds: float = 0.0
    first_seconds: float = 0.0
    warm_seconds: float = 0.0
    bytes: int = 0


def measure_engine(
    engine: str,
    feed: Feed,
    path: Path,
    reference: Outcome,
    *,
    threads: int = 1,
    rounds: int = 3,
    timeout: float = 600,
    adapters: Path = Path(engines.__file__),
) -> Measurement:
    """Load an engine in a new process, count a text, compare, and count it again.

    Args:
        engine: its name in ``ENGINES``.
        feed: the vocabulary.
        path: the text, in UTF-8.
        reference: what ``reference_outcome`` gave for this text.
        threads: more than one counts it as a batch of pieces of ``PIECE`` characters.
        rounds: further counts; the best is taken, since disturbances only add time.
        timeout: seconds for each count.
        adapters: as for Worker.
    """
    request: dict[str, Any] = {"do": "count", "path": str(path)}
    if threads > 1:
        request |= {"do": "batch", "length": PIECE}
    version = engines.ENGINES[engine].version() if engine in engines.ENGINES else None
    measurement = Measurement(engine, version or "", Outcome("ok"), bytes=path.stat().st_size)
    with Worker(engine, feed, threads=threads, timeout=timeout, adapters=adapters) as worker:
        load = worker.ask("load")
        if load.status != "ok":
            return replace(measurement, outcome=load)
        first = worker.ask(**request).checked(reference)
        if first.status != "ok":
            return replace(measurement, outcome=first, load_seconds=load.seconds)
        further = [worker.ask(**request) for _ in range(rounds)]
    return replace(
        measurement,
        outcome=replace(first, peak_rss=max((first, *further), key=lambda o: o.peak_rss).peak_rss),
        load_seconds=load.seconds,
        first_seconds=first.seconds,
        warm_seconds=min((o.seconds for o in further if o.status == "ok"), default=first.seconds),
    )


def installed_engines(encoding: str, wanted: Sequence[str] = ()) -> list[str]:
    """The engines that are installed and can be given an encoding; of those wanted, if any are."""
    return [
        name
        for name, engine in engines.ENGINES.items()
        if engine.version() is not None
        and encoding in engine.encodings
        and (not wanted or name in wanted)
    ]


def _environment(threads: int) -> dict[str, str]:
    """The child's environment: engines on rayon take their number of threads from it."""
    return os.environ | {
        "RAYON_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
        "PYTHONIOENCODING": "utf-8",
    }
