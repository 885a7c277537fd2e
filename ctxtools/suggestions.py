"""What the user may have meant: suggestions for names that are unknown."""

from collections.abc import Iterable, Sequence


def closest_match(name: str, known: Iterable[str]) -> str | None:
    """``"did you mean X?"`` for the names that are closest, or None if none is close."""
    from difflib import get_close_matches

    matches = get_close_matches(name, sorted(set(known)), n=3, cutoff=0.6)
    return f"did you mean {one_of(matches)}?" if matches else None


def one_of(names: Sequence[str]) -> str:
    """Names as alternatives: ``"a, b or c"``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
