"""Options that say something of each file that a pattern matches: ``PATTERN=VALUE``."""

from collections.abc import Iterable, Sequence

from ctxtools.errors import UsageError


def read_priorities(pairs: Sequence[str] | None) -> dict[str, float]:
    """``--priority`` options: pattern -> weight, in their order.

    Raises:
        UsageError: a weight is not a number.
    """
    weights: dict[str, float] = {}
    for pattern, value in _read_pairs("--priority", pairs, "src/**=10"):
        weights.pop(pattern, None)
        try:
            weights[pattern] = float(value)
        except ValueError:
            raise UsageError(
                f"--priority: {value!r} is not a number", hint="write it as 'src/**=10'"
            ) from None
    return weights


def read_requires(pairs: Sequence[str] | None) -> dict[str, list[str]]:
    """``--requires`` options: pattern -> the patterns that it requires."""
    requires: dict[str, list[str]] = {}
    for pattern, target in _read_pairs("--requires", pairs, "src/**=README.md"):
        requires.setdefault(pattern, []).append(target)
    return requires


def _read_pairs(
    option: str, pairs: Sequence[str] | None, example: str
) -> Iterable[tuple[str, str]]:
    """``PATTERN=VALUE`` options as pairs; a pattern may contain a ``=``.

    Raises:
        UsageError: one has no value, or no pattern.
    """
    for pair in pairs or ():
        pattern, sign, value = pair.rpartition("=")
        if not sign or not pattern or not value:
            missing = "value" if pattern or not sign else "pattern"
            raise UsageError(
                f"{option}: {pair!r} has no {missing}", hint=f"write it as '{example}'"
            )
        yield pattern, value
