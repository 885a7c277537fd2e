"""``ctx mcp``: its options. What it serves is in ``tests/services/mcp/``."""

import socket
import sys

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--root", "nothing"], "nothing: no such folder"),
        (["--model", "zq7"], "unknown model 'zq7'"),
        (["--max-read", "much"], "--max-read: 'much' is not a size"),
        (["--timeout", "0"], "--timeout"),
    ],
)
def test_wrong_options_are_errors(options: list[str], message: str, run: Run) -> None:
    ran = run("mcp", *options)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr


def test_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in sys.modules if each == "mcp" or each.startswith("mcp.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    ran = run("mcp")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "`ctx mcp` needs mcp, which is not installed" in ran.stderr
    assert 'hint: pip install ".[mcp]" in the clone' in ran.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--http", "8000"], "invalid --http '8000'\n\nhint: write host:port"),
        (["--http", "localhost:x"], "invalid --http 'localhost:x'"),
        (["--http", "localhost:65536"], "invalid --http 'localhost:65536'"),
        (["--http", "0.0.0.0:0"], "0.0.0.0 is reachable from other machines, so that a token is"),
        (["--http", "[::]:0"], ":: is reachable from other machines"),
        (["--http", "0.0.0.0:0", "--token", "short"], "16 or more"),
        (["--http", "192.0.2.1:0", "--token", "0123456789abcdef"], "192.0.2.1:0: "),
        (["--http", "no.such.host.invalid:0", "--token", "0123456789abcdef"], "no address of this"),
        (["--token", "0123456789abcdef"], "--token is for --http"),
    ],
)
def test_where_it_listens(options: list[str], message: str, run: Run) -> None:
    ran = run("mcp", *options)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert message in ran.stderr and "hint: " in ran.stderr


def test_a_port_that_is_in_use(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = run("mcp", "--http", address)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert f"{address} is in use\n\nhint: give another port" in ran.stderr
