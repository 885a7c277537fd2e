"""Without the compiled kernel: what ``ctx info`` says, and the hint after a slow command."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ctxtools import _core

# As where it was not built: the import of a module that is None fails.
WITHOUT = "import sys; sys.modules['ctxtools._kernel'] = None; "
RUN = (
    "from ctxtools.cli import app, declarations; declarations._SLOW = {slow}; "
    "app.app({arguments!r})"
)


def run(
    *arguments: str, slow: float = 0, setup: str = WITHOUT, variable: str | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "CTXTOOLS_KERNEL"}
    if variable is not None:
        environment["CTXTOOLS_KERNEL"] = variable
    code = RUN.format(slow=slow, arguments=list(arguments))
    command = [sys.executable, "-c", setup + code]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "a.md"
    path.write_text("# A title\n\nSome words. And some more.\n" * 20)
    return str(path)


COMMANDS = {
    "count": ["count"],
    "fits": ["fits", "--limit", "100k"],
    "chunk": ["chunk", "--dry-run"],
    "pack": ["pack", "--limit", "10k", "--dry-run"],
    "pack-sequences": ["pack-sequences", "--window", "1k"],
    "truncate": ["truncate", "--limit", "10"],
    "encode": ["encode"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_slow_command_hints_once(name: str, text: str) -> None:
    ran = run(*COMMANDS[name], text)
    assert ran.returncode == 0, ran.stderr
    hint = "hint: this ran without the compiled kernel, which is many times faster: not built"
    assert ran.stderr.count(hint) == 1
    assert "https://rustup.rs has it, then install ctxtools again" in ran.stderr
    assert "hint" not in ran.stdout


def test_no_hint_after_a_quick_command(text: str) -> None:
    assert "kernel" not in run("count", text, slow=1e9).stderr


def test_no_hint_where_the_kernel_was_switched_off(text: str) -> None:
    assert run("count", text, variable="0").stderr == ""


def test_no_hint_for_the_quiet(text: str) -> None:
    assert run("count", "--quiet", text).stderr == ""


@pytest.mark.skipif(_core.kernel is None, reason="the kernel is not loaded")
def test_no_hint_with_the_kernel(text: str) -> None:
    assert run("count", text, setup="").stderr == ""


def test_info_tells_of_the_kernel() -> None:
    kernel = json.loads(run("info", "--json").stdout)["kernel"]
    assert (kernel["compiled"], kernel["version"]) == (False, None)
    assert kernel["reason"].startswith("not built, needs Rust")
    assert kernel["reason"].endswith("; https://rustup.rs has it, then install ctxtools again")
    off = run("info", variable="0").stdout
    assert "  kernel         switched off by CTXTOOLS_KERNEL=0\n" in off


def test_info_tells_of_a_stale_kernel() -> None:
    stale = "import sys, types; name = 'ctxtools._kernel'; kernel = types.ModuleType(name); "
    stale += "kernel.__file__, kernel.INTERFACE = 'old.so', 1; sys.modules[name] = kernel; "
    ran = run("info", setup=stale)
    assert f"  kernel         stale (interface 1, expected {_core.INTERFACE})\n" in ran.stdout
    assert "build it again: pip install ." in ran.stdout
    assert (ran.returncode, ran.stderr) == (0, "")


def test_info_tells_of_a_required_kernel_that_is_absent() -> None:
    ran = run("info", variable="require")
    assert "required by CTXTOOLS_KERNEL=require, but not built" in ran.stdout
    assert ran.returncode == 0


@pytest.mark.skipif(_core.kernel is None, reason="the kernel is not loaded")
def test_info_tells_the_kernel_s_version() -> None:
    kernel = json.loads(run("info", "--json", setup="").stdout)["kernel"]
    assert (kernel["compiled"], kernel["reason"]) == (True, None)
    assert kernel["version"]
    assert ", compiled\n" in run("info", setup="").stdout


def test_the_reason_is_what_the_build_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_core, "_RECORDED", str(tmp_path / "not_built.txt"))
    assert _core._not_built() == f"not built, needs Rust {_core.RUST} or later"
    (tmp_path / "not_built.txt").write_text("cargo was not found\n")
    assert _core._not_built().endswith("or later (cargo was not found)")


def test_the_version_of_rust_is_the_kernel_s() -> None:
    manifest = Path(__file__).parents[2] / "kernel" / "Cargo.toml"
    if not manifest.exists():
        pytest.skip("the tests are run without the sources")
    package = tomllib.loads(manifest.read_text())["package"]
    assert package["rust-version"] == _core.RUST
