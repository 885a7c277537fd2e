"""Nothing that a client does, or does not do, holds up the others: on a real socket."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.testclient import TestClient

from ctxtools.services.http import app as app_module
from ctxtools.services.http.answers import Answer, json_answer
from ctxtools.services.http.app import App
from ctxtools.services.http.interfaces import litellm
from ctxtools.services.http.protocol import MAX_HEADERS
from tests.services.http.serving import exchange, make_app, on_socket, post, receive_all

BODY = b'{"model": "gpt-4o", "prompt": "Hello"}'
JSON = {"content-type": "application/json"}
GOOD = post("/utils/token_counter", BODY)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with on_socket(make_app()) as port:
        yield port


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer[9:12])


def test_a_request(port: int) -> None:
    answer = exchange(port, GOOD)
    assert status(answer) == 200 and b'"total_tokens": 1,' in answer


def test_a_body_in_pieces(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for at in range(0, len(GOOD), 40):
            connection.sendall(GOOD[at : at + 40])
            time.sleep(0.005)
        assert status(receive_all(connection)) == 200
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (BODY[:9], BODY[9:]))
    request = post("/utils/token_counter", chunks + b"0\r\n\r\n", "transfer-encoding: chunked")
    assert status(exchange(port, request)) == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n\0\0\0\x16\x03\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\ncontent-length: 5, 6\r\n\r\n12345",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n"
        b"content-length: 6\r\n\r\n12345",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n"
        b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\n folded: x\r\n\r\n",
        b"POST /tokenize HTTP/1.1\r\nhost: a\r\nx\0y: 1\r\n\r\n",
        b"POST \xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
        b"CONNECT other:443 HTTP/1.1\r\nhost: other\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET http://elsewhere/tokenize HTTP/1.1\r\nhost: elsewhere\r\nconnection: close\r\n\r\n",
    ],
)
def test_no_http(port: int, request_: bytes) -> None:
    answer = exchange(port, request_, close=True)
    assert answer == b"" or 400 <= status(answer) < 500
    assert status(exchange(port, GOOD)) == 200


def test_a_request_in_a_request_is_one(port: int) -> None:
    """With both lengths there would be two ways to read what follows: neither is taken."""
    inner = b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n"
    request = post("/tokenize", b"0\r\n\r\n" + inner, "transfer-encoding: chunked")
    request = request.replace(b"host:", b"content-length: 5\r\nhost:", 1)
    answer = exchange(port, request)
    assert answer.count(b"HTTP/1.1 ") == 1 and status(answer) == 400


def test_upgrades_are_not_made(port: int) -> None:
    headers = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: a\r\n"
    answer = exchange(port, b"GET /health HTTP/1.1\r\nhost: a\r\n" + headers + b"\r\n", seconds=1)
    assert answer == b"" or status(answer) in (200, 400, 426)
    assert status(exchange(port, GOOD)) == 200


@pytest.mark.parametrize("piece", [70_000, 1_000])
def test_headers_are_bounded(port: int, piece: int) -> None:
    headers = b"x: " + b"a" * (piece - 5) + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        answer = b""
        try:
            connection.sendall(b"GET /health HTTP/1.1\r\nhost: a\r\n")
            for _ in range(3 * MAX_HEADERS // piece):
                connection.sendall(headers)
            connection.sendall(b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = receive_all(connection)
    assert answer == b"" or status(answer) in (400, 431)
    assert status(exchange(port, GOOD)) == 200


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    one = GOOD.replace(b"connection: close\r\n", b"")
    answer = exchange(port, one * 3 + GOOD)
    assert answer.count(b"HTTP/1.1 200") == 4


def test_slow_clients_are_cut_off() -> None:
    """Whether headers do not come, or the body; and they hold up nobody."""
    with on_socket(make_app(timeout=0.5), timeout=0.5) as port:
        started = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(3)]
        started[1].sendall(b"POST /tokenize HTTP/1.1\r\nhost: a\r\nx: ")
        started[2].sendall(GOOD[:-5])
        assert status(exchange(port, GOOD)) == 200
        answers = [receive_all(each) for each in started]
        assert [status(each) for each in answers] == [408, 408, 408]
        assert b"did not arrive" in answers[2]
        for each in started:
            each.close()


def test_a_second_request_is_waited_for_no_longer() -> None:
    with (
        on_socket(make_app(timeout=0.5), timeout=0.5) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        connection.sendall(GOOD.replace(b"connection: close\r\n", b""))
        first = b""
        while not first.endswith(b"}"):
            first += connection.recv(65536)
        assert status(first) == 200
        connection.sendall(b"POST /tok")
        assert status(receive_all(connection)) == 408


class Gate:
    """A handler that waits until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = threading.Event()
        self.begun = threading.Semaphore(0)
        self.runs = 0
        route = app_module.Route(litellm.error, self._wait)
        routes = {**app_module.ROUTES, "/gate": route}
        monkeypatch.setattr(app_module, "ROUTES", routes)

    def _wait(self, body: dict[str, Any], serving: Any) -> Answer:
        self.runs += 1
        self.begun.release()
        self.opened.wait(20)
        return json_answer({})


def wait_until(app: App, busy: int) -> None:
    for _ in range(1000):
        if app.workers.busy == busy:
            return
        time.sleep(0.01)
    raise AssertionError(f"{app.workers.busy} are busy, not {busy}")


def test_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, app = Gate(monkeypatch), make_app(max_concurrency=2)
    with on_socket(app) as port, ThreadPoolExecutor() as pool:
        waiting = [pool.submit(exchange, port, post("/gate", b"{}")) for _ in range(2)]
        wait_until(app, 2)
        refused = exchange(port, post("/gate", b"{}"))
        assert status(refused) == 503 and b"retry-after: 1" in refused
        assert json.loads(refused.partition(b"\r\n\r\n")[2])["error"]["code"] == "503"
        assert status(exchange(port, b"GET /health HTTP/1.1\r\nconnection: close\r\n\r\n")) == 200
        gate.opened.set()
        assert [status(each.result()) for each in waiting] == [200, 200]
        wait_until(app, 0)
        assert status(exchange(port, post("/gate", b"{}"))) == 200


def test_counting_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer comes in time; the slot is free when the thread is."""
    gate, app = Gate(monkeypatch), make_app(timeout=0.3)
    with on_socket(app) as port:
        assert status(exchange(port, post("/gate", b"{}"))) == 504
        assert app.workers.busy == 1
        gate.opened.set()
        wait_until(app, 0)


def test_who_hangs_up_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, app = Gate(monkeypatch), make_app(max_concurrency=64)
    with on_socket(app) as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
        for each in held:
            each.sendall(post("/gate", b"{}"))
        wait_until(app, 50)
        running = app.workers.threads
        assert running < 50
        for each in held:
            each.close()
        wait_until(app, running)  # a thread cannot be stopped
        gate.opened.set()
        wait_until(app, 0)
        assert gate.runs == running
        assert "disconnects_total 50" in app.metrics.text(0)


def test_who_hangs_up_while_sending() -> None:
    app = make_app()
    with on_socket(app) as port:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(GOOD[:-5])
        for _ in range(500):
            if "disconnects_total 1" in app.metrics.text(0):
                break
            time.sleep(0.01)
        assert "disconnects_total 1" in app.metrics.text(0)
        assert status(exchange(port, GOOD)) == 200


def test_many_clients_at_once(port: int) -> None:
    texts = [f"text number {i} " * (i * 20) for i in range(40)]
    bodies = [json.dumps({"model": "gpt-4o", "prompt": text}).encode() for text in texts]
    with ThreadPoolExecutor(20) as pool:
        requests = [post("/utils/token_counter", body) for body in bodies]
        answers = list(pool.map(lambda request: exchange(port, request), requests))
    import ctxtools as ctx

    found = [json.loads(each.partition(b"\r\n\r\n")[2])["total_tokens"] for each in answers]
    assert found == ctx.encoding_for_model("gpt-4o").count_batch(texts)


def test_a_large_body_does_not_hold_up_small_ones(port: int) -> None:
    body = json.dumps({"model": "gpt-4o", "prompt": "some text " * 1_000_000}).encode()
    with ThreadPoolExecutor(1) as pool:
        large = pool.submit(exchange, port, post("/utils/token_counter", body), seconds=60)
        answered = 0
        while not large.done():
            assert status(exchange(port, GOOD)) == 200
            answered += 1
        assert status(large.result()) == 200
    assert answered > 1


def test_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "0123456789abcdef"
    with on_socket(make_app(token=token)) as port:
        for header in (f"authorization: Bearer {token}", f"x-api-key: {token}"):
            assert status(exchange(port, post("/utils/token_counter", BODY, header))) == 200
        for header in (
            "x: y",
            "x-api-key: ",
            f"x-api-key: {token}x",
            f"authorization: Basic {token}",
            "authorization: Bearer",
            f"authorization: {token}",
        ):
            answer = exchange(port, post("/utils/token_counter", BODY, header))
            assert status(answer) == 401 and b"www-authenticate: Bearer" in answer
            assert token.encode() not in answer
        close = b"connection: close\r\n\r\n"
        for path in (b"/metrics", b"/openapi.json", b"/v1/models", b"/other"):
            assert status(exchange(port, b"GET " + path + b" HTTP/1.1\r\n" + close)) == 401
        assert status(exchange(port, b"GET /health HTTP/1.1\r\n" + close)) == 200


def test_small_texts_are_counted_at_once_and_media_in_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A medium may need another process, which the event loop must not wait for."""
    app = make_app()
    client = TestClient(app)
    threads: list[bool] = []

    def handler(body: dict[str, Any], serving: Any) -> Answer:
        threads.append(threading.current_thread().name.startswith("ctx-serve"))
        return json_answer({})

    route = app_module.Route(litellm.error, handler)
    monkeypatch.setattr(app_module, "ROUTES", {"/seen": route})

    def in_thread(body: dict[str, Any]) -> bool:
        for _ in range(2):  # the first time, all may have to be loaded
            assert client.post("/seen", content=json.dumps(body), headers=JSON).status_code == 200
        return threads[-1]

    text = {"role": "user", "content": "the data: a"}
    assert not in_thread({"prompt": "a"})
    assert not in_thread({"messages": [text], "system": "b", "max_tokens": 5})
    assert not in_thread({"messages": [{**text, "content": [{"type": "text", "text": "a"}]}]})
    assert not in_thread({"tokens": [1, 2]})
    for content in (
        {"type": "input_audio", "input_audio": {"data": "AAAA"}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf"}},
        {"type": "file", "file": {"file_data": "AAAA"}},
        {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
        {"inlineData": {"mimeType": "audio/mp3"}},
    ):
        assert in_thread({"messages": [{**text, "content": [content]}]})
        assert in_thread({"body": {"messages": [{**text, "content": [content]}]}})
    escaped = b'{"messages": [{"role": "user", "content": [{"d\\u0061t\\u0061": "AAAA"}]}]}'
    for _ in range(2):
        client.post("/seen", content=escaped, headers=JSON)
    assert threads[-1]
    assert in_thread({"prompt": "a" * 5000})
    assert in_thread({"prompt": "a", "model": ["unhashable"]})
    app.close()


def test_who_does_not_read_an_answer_is_cut_off() -> None:
    """Even if there is a next request; what the system has taken of the answer is still there."""
    app = make_app()
    body = json.dumps({"model": "gpt-4o", "prompt": "some text " * 1_000_000}).encode()
    request = post("/tokenize", body).replace(b"connection: close\r\n", b"")
    with (
        on_socket(app, timeout=1) as port,
        socket.create_connection(("127.0.0.1", port), timeout=20) as connection,
    ):
        connection.sendall(request)
        for _ in range(3000):
            if 'endpoint="/tokenize",status=' in app.metrics.text(0):
                break
            time.sleep(0.01)
        connection.sendall(b"POST /tokenize HTTP/1.1\r\nhost: a\r\n")
        time.sleep(2)
        answer = receive_all(connection)
    head, _, found = answer.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert length > 8_000_000 and len(found) < length
