"""``ctx serve`` as a process: official clients, signals, addresses, what it prints."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

import ctxtools as ctx
from tests.services.http.serving import post, process, receive_all

anthropic = pytest.importorskip("anthropic")
openai = pytest.importorskip("openai")

TEXT = "The quick brown fox jumps over the lazy dog."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with process() as (_, url):
        yield url


def run(*options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ctxtools", "serve", *options],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
    )


MakeClient = Callable[[Any, str, str], Any]


@pytest.fixture
def made() -> Iterator[MakeClient]:
    """Makes clients, which are closed after the test: it is a later test that would be told."""
    with ExitStack() as stack:
        yield lambda kind, url, key: stack.enter_context(
            kind(base_url=url, api_key=key, max_retries=0)
        )


def test_anthropics_client(url: str, made: MakeClient) -> None:
    client = made(anthropic.Anthropic, url, "none")
    request = {
        "model": "claude-sonnet-4-5",
        "system": "Be brief.",
        "messages": [{"role": "user", "content": TEXT}],
        "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}],
    }
    found = client.messages.count_tokens(**request)
    assert found.input_tokens == ctx.count_messages(request).total
    assert client.beta.messages.count_tokens(**request).input_tokens == found.input_tokens
    with pytest.raises(anthropic.NotFoundError, match="unknown model 'clod'"):
        client.messages.count_tokens(**{**request, "model": "clod"})
    with pytest.raises(anthropic.BadRequestError, match=r"messages\[0\]"):
        client.messages.count_tokens(model="claude-sonnet-4-5", messages=[{"role": "user"}])


def test_openais_client(url: str, made: MakeClient) -> None:
    client = made(openai.OpenAI, f"{url}/v1", "none")
    found = client.responses.input_tokens.count(model="gpt-4o", input=TEXT)
    assert found.object == "response.input_tokens"
    expected = ctx.count_messages({"input": TEXT}, model="gpt-4o").total
    assert found.input_tokens == expected
    with pytest.raises(openai.NotFoundError) as raised:
        client.responses.input_tokens.count(model="gtp", input=TEXT)
    assert raised.value.code == "model_not_found" and raised.value.param == "model"
    with pytest.raises(openai.BadRequestError, match="input"):
        client.responses.input_tokens.count(model="gpt-4o")
    assert "gpt-4o" in {model.id for model in client.models.list()}


def test_clients_with_a_token(made: MakeClient) -> None:
    token = "0123456789abcdef"
    with process(CTXTOOLS_SERVE_TOKEN=token) as (_, url):
        messages = [{"role": "user", "content": TEXT}]
        for key, answered in ((token, True), ("wrong", False)):
            claude = made(anthropic.Anthropic, url, key)
            gpt = made(openai.OpenAI, f"{url}/v1", key)
            if answered:
                assert claude.messages.count_tokens(model="claude-opus-4-8", messages=messages)
                assert gpt.responses.input_tokens.count(model="gpt-4o", input=TEXT)
                continue
            with pytest.raises(anthropic.AuthenticationError):
                claude.messages.count_tokens(model="claude-opus-4-8", messages=messages)
            with pytest.raises(openai.AuthenticationError):
                gpt.responses.input_tokens.count(model="gpt-4o", input=TEXT)


@pytest.mark.skipif(os.name == "nt", reason="signals end a process there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_has_begun_finish(number: signal.Signals) -> None:
    body = b'{"model": "gpt-4o", "prompt": "Hello"}'
    request = post("/utils/token_counter", body, "expect: 100-continue")
    with process("-v") as (server, url):
        port = int(url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port)),  # which says nothing
            socket.create_connection(("127.0.0.1", port), timeout=20) as connection,
        ):
            connection.sendall(request.removesuffix(body))
            assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # it has begun
            connection.sendall(body[:-10])
            server.send_signal(number)
            while True:  # until nothing is accepted any more
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=5).close()
                except OSError:
                    break
                time.sleep(0.01)
            connection.sendall(body[-10:])
            assert b'"total_tokens": 1,' in receive_all(connection)
        assert server.wait(20) == 0
        out, err = server.communicate()
        assert out == "" and re.match(r"POST /utils/token_counter 200 1 tokens .* ms\n", err)


def test_a_port_in_use(url: str) -> None:
    port = url.rpartition(":")[2]
    ran = run("--port", port)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"127.0.0.1:{port} is in use\n\nhint: " in ran.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "a token is needed"),
        (["--host", "::"], "a token is needed"),
        (["--host", "example.invalid"], "a token is needed"),
        (["--host", "0.0.0.0", "--token", "short"], "16 or more"),
        (["--host", "192.0.2.1", "--token", "0123456789abcdef"], "address"),
        (["--host", "no host", "--token", "0123456789abcdef"], "address"),
        (["--port", "65536"], "--port must be <= 65535"),
        (["--max-body", "many"], "--max-body"),
        (["--model", "gtp-4o"], "unknown model"),
    ],
)
def test_wrong_options(options: list[str], message: str) -> None:
    ran = run("--port", "0", *options)
    assert (ran.returncode, ran.stdout) == (2, "") and message in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="there are no such sockets")
def test_a_socket_in_the_file_system(tmp_path: Path) -> None:
    path = tmp_path / "ctx.sock"
    abandoned = socket.socket(socket.AF_UNIX)
    abandoned.bind(str(path))
    abandoned.close()
    with process("--uds", str(path), "--model", "gpt-4o") as (server, address):
        assert address == f"unix:{path}"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "is in use" in run("--uds", str(path)).stderr.replace("already in use", "is in use")
        transport = httpx2.HTTPTransport(uds=str(path))
        with httpx2.Client(transport=transport, base_url="http://localhost") as client:
            answer = client.post("/utils/token_counter", json={"prompt": "Hello"})
            assert answer.json()["total_tokens"] == 1
        server.terminate()
        assert server.wait(20) == 0
    assert not path.exists()
    path.write_text("a file of somebody")
    ran = run("--uds", str(path))
    assert ran.returncode == 2 and path.read_text() == "a file of somebody"


@pytest.mark.parametrize("package", ["starlette", "httptools", "uvicorn"])
def test_a_missing_extra(package: str, tmp_path: Path) -> None:
    (tmp_path / f"{package}.py").write_text("raise ImportError('none')")
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    ran = run(PYTHONPATH=path)
    assert ran.returncode == 2
    assert f"`ctx serve` needs {package}, which is not installed" in ran.stderr
    assert 'hint: pip install ".[serve]"' in ran.stderr


def test_nothing_is_logged_without_v() -> None:
    with process() as (server, url):
        assert httpx2.get(f"{url}/health").status_code == 200
        assert httpx2.post(f"{url}/tokenize", json={"prompt": "secret"}).status_code == 400
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as connection:
            connection.sendall(b"no http\r\n\r\n")
            receive_all(connection)
        server.terminate()
        out, err = server.communicate(timeout=20)
        # Without the kernel a command that was slow hints at that.
        assert out == "" and ("kernel" in err if err else True)
        assert "secret" not in err and "http" not in err
