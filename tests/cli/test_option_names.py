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


def test_eos_tokens_of_a_window(run: Run) -> None:
    ran = run("pack-sequences", "-w", "1", "--eos", "1", input="text")
    assert ran.exit_code == 2
    assert "error: window must be > --eos, got 1 and 1\n" in ran.stderr
