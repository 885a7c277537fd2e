"""What the modules of builders have in common: an input, and decorators that make one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from _pytest.mark import ParameterSet

from ctxtools import _core

_Input = TypeVar("_Input")

OPEN_FILES = 40
"""That a run may have at once. A folder of more files shows that none is left open."""

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Input:
    """One thing from a stranger.

    Attributes:
        name: as it appears in the tests' ids.
        build: builds it in an empty folder, which will be the current one.
        target: what a command is given: the name of a file, or ".".
        options: what commands need beside it, if they have such an option.
        expected_failure: the commands that still fail, and why.
    """

    name: str
    build: Callable[[Path], None]
    target: str = "."
    options: tuple[str, ...] = ()
    expected_failure: Mapping[str, str] = field(default_factory=dict)


def file_into(
    inputs: list[Input],
) -> Callable[..., Callable[[Callable[[], bytes | str]], Callable[[], bytes | str]]]:
    """A decorator of functions that return a file's contents, which adds to ``inputs``."""

    def file(
        name: str, *options: str, expected_failure: Mapping[str, str] = NOTHING
    ) -> Callable[[Callable[[], bytes | str]], Callable[[], bytes | str]]:
        def add(contents: Callable[[], bytes | str]) -> Callable[[], bytes | str]:
            def build(here: Path) -> None:
                data = contents()
                (here / name).write_bytes(data if isinstance(data, bytes) else data.encode())

            inputs.append(Input(_name(contents), build, name, options, expected_failure))
            return contents

        return add

    return file


def folder_into(
    inputs: list[Input],
) -> Callable[..., Callable[[Callable[[Path], None]], Callable[[Path], None]]]:
    """A decorator of functions that build a folder, which adds to ``inputs``."""

    def folder(
        *, expected_failure: Mapping[str, str] = NOTHING
    ) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
        def add(build: Callable[[Path], None]) -> Callable[[Path], None]:
            inputs.append(Input(_name(build), build, expected_failure=expected_failure))
            return build

        return add

    return folder


def cases(commands: Iterable[str], inputs: Sequence[Input]) -> list[ParameterSet]:
    """Each command with each input, as parameters of a test; see `pairs`."""
    return [_case(command, each) for command, each in pairs(commands, inputs)]


def pairs(commands: Iterable[str], inputs: Iterable[_Input]) -> list[tuple[str, _Input]]:
    """Each command with each input.

    Without the kernel, with which most of the code is the same, each input with a third of the
    commands and each command with a third of the inputs: a process for each takes minutes.
    """
    step = 1 if _core.kernel is not None else 3
    numbered = [*enumerate(inputs)]
    return [
        (command, of)
        for i, command in enumerate(commands)
        for j, of in numbered
        if (i + j) % step == 0
    ]


def _case(command: str, of: Input) -> ParameterSet:
    reason = of.expected_failure.get(command)
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    return pytest.param(command, of, id=f"{command}-{of.name}", marks=marks)


def _name(function: Callable[..., object]) -> str:
    return function.__name__.strip("_")
