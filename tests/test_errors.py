import builtins
import inspect

import pytest

from ctxtools import errors
from ctxtools.errors import (
    BudgetError,
    CtxtoolsError,
    Skipped,
    UnreadableError,
    UsageError,
    missing_extra,
)

_CLASSES = [
    each
    for name, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, CtxtoolsError) and each is not CtxtoolsError and name == each.__name__
]


def test_the_hint_follows_the_message_after_a_blank_line() -> None:
    assert str(UsageError("it is wrong", hint="do this")) == "it is wrong\n\nhint: do this"
    assert str(UsageError("it is wrong")) == "it is wrong"


def test_message_and_hint_can_be_read() -> None:
    error = BudgetError("nothing is left", hint="reserve less")
    assert (error.message, error.hint) == ("nothing is left", "reserve less")


@pytest.mark.parametrize("error", _CLASSES)
def test_each_error_is_also_the_builtin_that_the_tree_names(error: type[CtxtoolsError]) -> None:
    parents = [base for base in error.__mro__ if base.__module__ == builtins.__name__]
    assert f"{error.__name__} ({parents[0].__name__})" in (errors.__doc__ or "")
    with pytest.raises(parents[0], match="broken"):
        raise (
            UnreadableError(Skipped("a", "broken")) if error is UnreadableError else error("broken")
        )


def test_the_tree_has_no_other_errors() -> None:
    assert (errors.__doc__ or "").count("──") == len(_CLASSES)


def test_a_missing_extra_says_how_to_install_it() -> None:
    error = missing_extra("a plan", "pyarrow", "parquet", alternative="write .jsonl")
    assert error.message == "a plan needs pyarrow, which is not installed"
    assert error.hint == 'pip install ".[parquet]" in the clone, or write .jsonl'


def test_the_former_name_of_an_error_warns() -> None:
    former = "PlaceError"
    with pytest.warns(DeprecationWarning, match="PlaceError is now PositionError"):
        assert getattr(errors, former) is errors.PositionError
    with pytest.raises(AttributeError, match="has no attribute 'PlacesError'"):
        getattr(errors, "PlacesError")  # noqa: B009
