"""`ctx serve` beside an empty endpoint of starlette, on the same settings of uvicorn, by turns.

    python -m benchmarks.bench_serve            # rates, a mixed load, malformed requests, memory
    python -m benchmarks.bench_serve rates -m gpt-4o

The clients are in a process of their own: each sends a request of 1 KB, waits for the answer, and
sends the next. Where the machine has other work, look at the seconds of the processor that the
server takes for a request.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

_CLIENTS = 64
_PARAGRAPH = "The quick brown fox jumps over the lazy dog, and 12 of its friends look on. "
_TEXT = (_PARAGRAPH * 20)[:900]
_MODELS = ("gpt-4o", "gpt-5", "claude-sonnet-4-5", "deepseek-v4-pro", "qwen3-8b")


class Load(NamedTuple):
    """What clients saw.

    Attributes:
        rate: answers in a second.
        p50, p99: milliseconds to an answer.
        statuses: status -> answers.
    """

    rate: float
    p50: float
    p99: float
    statuses: dict[str, int]


class _Client(asyncio.Protocol):
    """One connection: a request, its answer, the next request.

    Args:
        requests: makes the next one; None ends.
        seconds: to append how long each took.
        statuses: to count.
    """

    def __init__(
        self, requests: Callable[[], bytes | None], seconds: list[float], statuses: Counter[str]
    ) -> None:
        self._requests, self._seconds, self._statuses = requests, seconds, statuses
        self._buffer = b""
        self._start = 0.0
        self._transport: Any = None
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._statuses["no answer"] += 1
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self._seconds.append(time.perf_counter() - self._start)
        self._statuses[head[9:12].decode()] += 1
        self._buffer = body[length:]
        self._send()

    def _send(self) -> None:
        request = self._requests()
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._start = time.perf_counter()
        self._transport.write(request)


async def _load(port: int, clients: int, requests: Callable[[], bytes | None]) -> Load:
    seconds: list[float] = []
    statuses: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    protocols = []
    for _ in range(clients):
        _, protocol = await loop.create_connection(
            lambda: _Client(requests, seconds, statuses), "127.0.0.1", port
        )
        protocols.append(protocol)
    await asyncio.gather(*(each.done for each in protocols))
    taken = time.perf_counter() - start
    seconds.sort()
    at = [seconds[min(int(len(seconds) * share), len(seconds) - 1)] for share in (0.5, 0.99)]
    return Load(len(seconds) / taken, at[0] * 1000, at[1] * 1000, dict(statuses))


def _clients(port: int, path: str, body: bytes, seconds: float, clients: int = _CLIENTS) -> Load:
    """The same request by many clients for some seconds, from another process."""
    ran = subprocess.run(
        _clients_command(port, path, seconds, clients),
        input=body,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Load(*json.loads(ran.stdout))


def _clients_command(port: int, path: str, seconds: float, clients: int) -> list[str]:
    values = (str(port), path, str(seconds), str(clients))
    return [sys.executable, "-m", "benchmarks.bench_serve", "clients", *values]


def _run_clients(port: int, path: str, seconds: float, clients: int) -> None:
    request = _request(path, sys.stdin.buffer.read())
    end = time.perf_counter() + seconds
    print(
        json.dumps(
            _run(_load(port, clients, lambda: request if time.perf_counter() < end else None))
        )
    )


def _run(main: Any) -> Any:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


def _request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def serve_empty() -> None:
    """An endpoint of starlette that does nothing, as `ctx serve` runs its application."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from ctxtools.services.http.run import config_of
    from ctxtools.services.listening import listen

    async def empty(request: Request) -> Response:
        return Response()

    app = Starlette(routes=[Route("/", empty, methods=["POST"])])
    with listen("127.0.0.1", 0) as bound:
        print(f"http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
        uvicorn.Server(config_of(app, 30.0)).run(sockets=[bound])


class Served(NamedTuple):
    """A server in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int

    def processor(self) -> float:
        """Seconds of the processor so far; 0 where the system does not say."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes that are in memory; 0 where the system does not say."""
        try:
            text = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0
        line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024


@contextmanager
def _served(*command: str) -> Iterator[Served]:
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Served(process, int(process.stdout.readline().rpartition(":")[2]))
    finally:
        process.terminate()
        code = process.wait(60)
        assert code == 0 or command[-1] == "empty", code


@contextmanager
def _both() -> Iterator[tuple[Served, Served]]:
    with (
        _served("ctxtools", "serve", "--port", "0") as ours,
        _served("benchmarks.bench_serve", "empty") as empty,
    ):
        yield ours, empty


def rates(models: Sequence[str], rounds: int = 5, seconds: float = 2.0) -> None:
    """Requests of 1 KB for each model, and the same to the empty endpoint, by turns."""
    with _both() as (ours, empty):
        for model in models:
            messages = [{"role": "user", "content": _TEXT}]
            body = json.dumps({"model": model, "messages": messages}).encode()
            for path, sent in (
                ("/v1/messages/count_tokens", body),
                ("/utils/token_counter", json.dumps({"model": model, "prompt": _TEXT}).encode()),
            ):
                _clients(ours.port, path, sent, 0.3)
                _clients(empty.port, "/", sent, 0.3)
                runs = [
                    (_measured(empty, "/", sent, seconds), _measured(ours, path, sent, seconds))
                    for _ in range(rounds)
                ]
                _print_rates(model, path, runs)


_Measured = tuple[Load, float]
"""What clients saw, and the processor's microseconds for a request."""


def _measured(served: Served, path: str, body: bytes, seconds: float) -> _Measured:
    before = served.processor()
    load = _clients(served.port, path, body, seconds)
    assert {*load.statuses} == {"200"}, load.statuses
    answers = sum(load.statuses.values())
    return load, (served.processor() - before) / answers * 1e6


def _print_rates(model: str, path: str, runs: Sequence[tuple[_Measured, _Measured]]) -> None:
    rate = median(ours.rate / empty.rate for (empty, _), (ours, _) in runs)
    p99 = median(ours.p99 / empty.p99 for (empty, _), (ours, _) in runs)
    processor = [median(run[i][1] for run in runs) for i in (0, 1)]
    shown = [median(run[i][0].rate for run in runs) for i in (0, 1)]
    print(
        f"{model:18} {path:26} {shown[1]:6,.0f} /s, {rate:.2f} of the empty endpoint's "
        f"{shown[0]:6,.0f}; p99 {p99:.2f} times its; processor {processor[1]:.0f} µs "
        f"for {processor[0]:.0f}",
        flush=True,
    )


def mixed(seconds: float = 5.0) -> None:
    """Small requests while one client sends texts of 10 MB."""
    large = json.dumps({"model": "gpt-4o", "prompt": _PARAGRAPH * 130_000}).encode()
    small = json.dumps({"model": "gpt-4o", "prompt": _TEXT}).encode()
    path = "/utils/token_counter"
    with _served("ctxtools", "serve", "--port", "0") as ours:
        _clients(ours.port, path, small, 0.3)
        alone = _clients(ours.port, path, small, seconds, 8)
        other = subprocess.Popen(
            _clients_command(ours.port, path, seconds, 1),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert other.stdin is not None
        other.stdin.write(large)
        other.stdin.close()
        beside = _clients(ours.port, path, small, seconds, 8)
        assert other.stdout is not None
        found = Load(*json.loads(other.stdout.read()))
        other.wait()
    print(
        f"8 clients of 1 KB: {alone.rate:,.0f} /s, p99 {alone.p99:.1f} ms; beside texts of "
        f"{len(large) / 1e6:.0f} MB ({found.rate:.1f} /s, p50 {found.p50:.0f} ms): "
        f"{beside.rate:,.0f} /s, p99 {beside.p99:.1f} ms"
    )


def malformed_requests(number: int = 10_000) -> None:
    """Requests that are wrong: each is answered with 4xx, and good ones are after them."""
    from tests.services.http.malformed import malformed

    remaining = iter(range(number))

    def next_request() -> bytes | None:
        at = next(remaining, None)
        return None if at is None else _request(*malformed(at))

    with _served("ctxtools", "serve", "--port", "0") as ours:
        load = _run(_load(ours.port, 8, next_request))
        print(f"{number:,} malformed requests: {load.statuses}, {load.rate:,.0f} /s")
        assert sum(load.statuses.values()) == number
        assert all("400" <= status < "500" for status in load.statuses)
        good = json.dumps({"model": "gpt-4o", "prompt": "Hello"}).encode()
        assert {*_clients(ours.port, "/utils/token_counter", good, 0.2).statuses} == {"200"}


def soak(seconds: float = 60.0) -> None:
    """Memory while requests of many kinds are answered."""
    from tests.services.http.malformed import malformed

    with _served("ctxtools", "serve", "--port", "0") as ours:
        seen = []
        for step in range(6):
            end = time.perf_counter() + seconds / 6
            number = iter(range(step, 10**9, 7))

            def next_request(end: float = end, number: Iterator[int] = number) -> bytes | None:
                if time.perf_counter() >= end:
                    return None
                at = next(number)
                if at % 4 == 0:
                    return _request(*malformed(at))
                text = f"{at} {_PARAGRAPH * (at % 300)}"
                model = _MODELS[at % len(_MODELS)]
                body = {"model": model, "messages": [{"role": "user", "content": text}]}
                return _request("/v1/messages/count_tokens", json.dumps(body).encode())

            load = _run(_load(ours.port, 16, next_request))
            seen.append(ours.memory() / 1e6)
            print(f"{seen[-1]:.0f} MB after {load.rate * seconds / 6:,.0f} requests", flush=True)
        print(f"memory: {seen[-1] - seen[1]:+.1f} MB from the second sixth to the last")


def finish() -> None:
    """A request that is on its way when SIGTERM comes is answered."""
    body = json.dumps({"model": "gpt-4o", "prompt": _PARAGRAPH * 130_000}).encode()
    with _served("ctxtools", "serve", "--port", "0") as ours:
        with socket.create_connection(("127.0.0.1", ours.port)) as connection:
            connection.sendall(_request("/utils/token_counter", body))
            ours.process.terminate()
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
        print("SIGTERM during a text of 10 MB:", answer[:15].decode())
        assert b'"total_tokens": ' in answer


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", default="all")
    parser.add_argument("values", nargs="*")
    parser.add_argument("-m", "--model", action="append")
    asked = parser.parse_args()
    if asked.what == "clients":
        port, path, seconds, clients = asked.values
        _run_clients(int(port), path, float(seconds), int(clients))
        return
    if asked.what == "empty":
        serve_empty()
        return
    parts: dict[str, Callable[[], None]] = {
        "rates": lambda: rates(asked.model or _MODELS),
        "mixed": mixed,
        "malformed": malformed_requests,
        "finish": finish,
        "soak": soak,
    }
    for name, part in parts.items():
        if asked.what in (name, "all"):
            part()


if __name__ == "__main__":
    main()
