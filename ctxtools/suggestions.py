"""What the user may have meant: suggestions for names that are unknown."""

from collections.abc import Iterable, Sequence

_MAX_COMPARED = 3_000_000  # pairs of characters, at most 0.1 µs each


def closest_match(name: str, known: Iterable[str]) -> str | None:
    """``"did you mean X?"`` for the names that are closest, or None if none is close."""
    return did_you_mean(closest_names(name, known))


def did_you_mean(names: Sequence[str]) -> str | None:
    """``"did you mean X or Y?"``, or None without names."""
    return f"did you mean {one_of(names)}?" if names else None


def closest_names(name: str, known: Iterable[str]) -> list[str]:
    """The three names that are closest, the closest first; fewer if they are not close.

    Of names so many and so long that comparing all takes seconds (they may be a stranger's), those
    are compared whose lengths are most like it.
    """
    from difflib import get_close_matches

    names = sorted(set(known), key=lambda each: (abs(len(each) - len(name)), each))
    compared = 0
    for number, each in enumerate(names):
        compared += len(each) * len(name)
        if compared > _MAX_COMPARED:
            del names[number:]
            break
    return get_close_matches(name, names, n=3, cutoff=0.6)


def one_of(names: Sequence[str]) -> str:
    """Names as alternatives: ``"a, b or c"``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
