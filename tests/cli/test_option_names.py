"""Errors name the options that were typed, not the arguments of Python."""

import pytest

from ctxtools.cli.option_names import spelled_as_options
from ctxtools.errors import UsageError
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (UsageError("size is 0"), "--size is 0", None),
        (UsageError("size is (1, 2)", hint="as (2, 1)"), "--size is 1,2", "as 2,1"),
        (UsageError("x", hint='set on="a-b" (--on a-b)'), "x", "set --on a-b"),
        (UsageError("x", hint='set on="a", or not'), "x", "set --on a, or not"),
        (UsageError("size.txt (1, 2): bad sizes", hint="y"), "size.txt (1, 2): bad sizes", "y"),
    ],
)
def test_arguments_are_options(error: UsageError, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught, spelled_as_options(size="--size", on="--on"):
        raise error
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("command", "message", "hint"),
    [
        ("count -e nothing", "unknown encoding 'nothing'", "-m NAME takes a model"),
        ("count -e nothing.json#x", "nothing.json: no such file or directory", ""),
        (
            "pack --parts 0",
            "--parts must be auto or a number from 1 to 999,999, got 0",
            "auto makes",
        ),
        ("chunk --size 0", "--size must be from 1 to", "several with the largest first: 512,128"),
        ("chunk --size 5 --overlap 3y", "--overlap: '3y' is not a size", "8192, 200k"),
        ("chunk --min-size 1.5", "--min-size must be a whole number, got 1.5", "8192"),
        ("count --limit -1", "--limit must be >= 0, got -1", "whole number"),
        ("count --reserve x", "--reserve: 'x' is not a size", "8192, 200k"),
        ("pack --parts 2 --part-limit x", "--part-limit: 'x' is not a size", "8192, 200k"),
        ("pack-sequences -w x", "--window: 'x' is not a size", "8192, 200k"),
        ("pack-sequences -w 0", "--window must be >= 1, got 0", ""),
        ("bench --size x", "--size: 'x' is not a size", "8192, 200k"),
    ],
)
def test_a_command_names_its_options(command: str, message: str, hint: str, run: Run) -> None:
    ran = run(*command.split(), input="text")
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"error: {message}")
    assert hint in ran.stderr


def test_eos_tokens_of_a_window(run: Run) -> None:
    ran = run("pack-sequences", "-w", "1", "--eos", "1", input="text")
    assert ran.exit_code == 2
    assert "error: --window must be > --eos, got 1 and 1\n" in ran.stderr
