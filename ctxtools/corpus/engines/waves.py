"""Tasks that an engine runs together, and one by one where it gives up on all of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from ctxtools.corpus.engines.task import about, failed, result_of
from ctxtools.corpus.manifest import Entry
from ctxtools.errors import CtxtoolsError, ReadError
from ctxtools.parallel import map_ordered

Together = Callable[[Sequence[str]], Iterable[tuple[int, str]]]
"""Runs tasks, and returns the number and the result of each, in any order, as they are done."""

_GIVEN_UP = 3  # tasks one after the other, from which on the rest is not tried
_HINT = "see the engine's log; the file may be damaged"


def run_in_waves(
    tasks: Iterable[str], together: Together, size: int, *, at_once: int = 1
) -> Iterator[Entry | CtxtoolsError]:
    """The entry of each task, or why there is none.

    Args:
        tasks: as of `Engine.run`.
        together: what the engine does; it may raise any exception.
        size: the maximum number of tasks in a call of it.
        at_once: calls at the same time, so that a long task does not idle all other workers. From 2
            on, results come when all of a call are done.
    """
    rest = iter(tasks)
    waves = iter(lambda: list(islice(rest, size)), [])
    if at_once == 1:
        for wave in waves:
            yield from map(result_of, _results(wave, together))
        return
    for results in map_ordered(lambda wave: [*_results(wave, together)], waves, at_once):
        yield from map(result_of, results)


def _results(wave: Sequence[str], together: Together) -> Iterator[str]:
    done: set[int] = set()
    try:
        for number, result in together(wave):
            done.add(number)
            yield result
        return
    except Exception as error:
        reason = _reason(error)
    in_a_row = 0
    for number, task in enumerate(wave):
        if number in done:
            continue
        if len(wave) > 1 and in_a_row < _GIVEN_UP:
            try:
                ((_, result),) = together([task])
                in_a_row = 0
                yield result
                continue
            except Exception as error:
                in_a_row, reason = in_a_row + 1, _reason(error)
        yield failed(ReadError(f"{about(task)}: {reason}", hint=_HINT))


def _reason(error: Exception) -> str:
    """A line of what an engine says, which may be a trace of another language."""
    lines = [line.strip(" :") for line in str(error).splitlines() if line.strip(" :")]
    named = [line for line in lines if "Exception" in line or "Error" in line]
    return (named or lines or [type(error).__name__])[0]
