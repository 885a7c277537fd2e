"""``ctx mcp``: its options. What it serves is in ``tests/services/mcp/``."""

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
