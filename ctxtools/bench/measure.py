"""Starts an engine in a separate process, checks it against the reference, then times it.

With a process per engine, caches are cold when they should be, memory is attributed to the right
engine, and a crash is a result. An engine is timed only after its count is known to be correct:
``Outcome.seconds`` of a wrong one means nothing.
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
from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.machine import usable_cpus

Status = Literal["ok", "wrong", "error", "crash", "timeout"]

PIECE: Final = 65_536  # characters of each text of a batch for several threads
_WORKER: Final = Path(__file__).with_name("worker.py")
# The first of these that does not fail computes the true count. tiktoken crashes on a million
# spaces, for example.
_REFERENCES: Final = {
    "deepseek_v3": ("tokenizers", "tiktoken"),
    "qwen2": ("tokenizers", "tiktoken"),
}
_OPENAI_REFERENCES: Final = ("tiktoken", "tokenizers", "bpe-openai")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one request to an engine.

    Attributes:
        status: ``"ok"``; ``"wrong"``: the count differs from the reference; ``"error"``: an
            exception; ``"crash"``: a panic, or the process exited; ``"timeout"``: it was killed.
        seconds: of the operation alone.
        tokens: the count.
        digest: SHA-256 of the ids as 32-bit integers, if the operation returns ids.
        peak_rss: the peak resident memory of the process so far, in bytes.
        detail: about the engine, or about the failure.
    """

    status: Status
    seconds: float = 0.0
    tokens: int = 0
    digest: str = ""
    peak_rss: int = 0
    detail: str = ""

    def checked(self, reference: "Outcome") -> "Outcome":
        """This outcome, or a wrong one if its count or ids differ from the reference."""
        if self.status != "ok" or reference.status != "ok":
            return self
        if self.tokens != reference.tokens:
            detail = f"{self.tokens:,} tokens instead of {reference.tokens:,}"
        elif self.digest and self.digest != reference.digest:
            detail = "the ids differ from the reference"
        else:
            return self
        return replace(self, status="wrong", detail=detail)


class Worker:
    """An engine in a child process. Use it in a ``with`` statement.

    Args:
        engine: its name in ``engines.ENGINES``.
        vocab: the vocabulary.
        threads: the maximum; if possible, the process is pinned to that many processors.
        timeout: of a request, in seconds.
        adapters: the file that defines the engines.
    """

    def __init__(
        self,
        engine: str,
        vocab: Vocabulary,
        *,
        threads: int = 1,
        timeout: float = 600,
        adapters: Path = Path(engines.__file__),
    ) -> None:
        self._timeout = timeout
        self._timed_out = False
        # Closed by close().
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
                "vocab": asdict(vocab),
                "threads": threads,
                "cpus": usable_cpus()[-threads:],
                "adapters": str(adapters),
            }
        )

    def ask(self, do: str, **arguments: Any) -> Outcome:
        """Send a request (see worker.py), and wait for the result."""
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
            pass  # it has exited, which the answer will report

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


def reference_outcome(
    vocab: Vocabulary, *paths: Path, length: int = 0, timeout: float = 600
) -> Outcome:
    """The true count of a text and the digest of its ids, by an engine that is not ctxtools.

    Args:
        vocab: the vocabulary.
        paths: the text, in UTF-8; several are counted separately, and added up.
        length: if not 0, the text is counted in pieces of this many characters.
        timeout: seconds before the next engine is tried.

    Returns:
        An outcome whose ``detail`` is the name of the engine. If every engine failed, its status
        is not ``"ok"``.
    """
    outcome = Outcome("error", detail="no reference engine is installed")
    for engine in _REFERENCES.get(vocab.encoding, _OPENAI_REFERENCES):
        if engines.ENGINES[engine].version() is None:
            continue
        with Worker(engine, vocab, timeout=timeout) as worker:
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
        version: the installed version.
        outcome: of the first count; ``"ok"`` means that it equals the reference.
        load_seconds: importing the engine and loading the vocabulary.
        first_seconds: the first count, with cold caches.
        warm_seconds: the fastest of the further counts.
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
    vocab: Vocabulary,
    path: Path,
    reference: Outcome,
    *,
    threads: int = 1,
    rounds: int = 3,
    timeout: float = 600,
    adapters: Path = Path(engines.__file__),
) -> Measurement:
    """Load an engine in a new process, count a text, check the count, and repeat it.

    Args:
        engine: its name in ``ENGINES``.
        vocab: the vocabulary.
        path: the text, in UTF-8.
        reference: from ``reference_outcome`` of this text.
        threads: if more than one, the text is counted as a batch of pieces of ``PIECE`` characters.
        rounds: further counts; the fastest is used, since disturbances only add time.
        timeout: of each count, in seconds.
        adapters: as for Worker.
    """
    request: dict[str, Any] = {"do": "count", "path": str(path)}
    if threads > 1:
        request |= {"do": "batch", "length": PIECE}
    version = engines.ENGINES[engine].version() if engine in engines.ENGINES else None
    measurement = Measurement(engine, version or "", Outcome("ok"), bytes=path.stat().st_size)
    with Worker(engine, vocab, threads=threads, timeout=timeout, adapters=adapters) as worker:
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
    """The installed engines that support an encoding, or those wanted among them."""
    return [
        name
        for name, engine in engines.ENGINES.items()
        if engine.version() is not None
        and encoding in engine.encodings
        and (not wanted or name in wanted)
    ]


def _environment(threads: int) -> dict[str, str]:
    """The environment of the worker, where engines with rayon find the number of threads."""
    return os.environ | {
        "RAYON_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
        "PYTHONIOENCODING": "utf-8",
    }
