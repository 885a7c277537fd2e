"""What is said about secrets: where they are and what they look like, never what they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ctxtools.documents.file import display_name

_LISTED = 10  # of a kind, by name


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """Something in a pack that looks like a secret.

    Attributes:
        path: of the document, as the pack calls it.
        line: of the document, from 1; None if its name says so.
        kind: what it looks like: "GitHub Token", "Secret Keyword" (a password).
        redacted: whether it was replaced.
        certain: whether its shape alone says so.
    """

    path: str
    line: int | None
    kind: str
    redacted: bool = False
    certain: bool = True

    @property
    def location(self) -> str:
        """Where it is: ``config.yml:3``."""
        name = display_name(self.path)
        return name if self.line is None else f"{name}:{self.line}"

    def as_dict(self) -> dict[str, Any]:
        """The same, for JSON."""
        return {
            "path": self.path,
            "line": self.line,
            "kind": self.kind,
            "redacted": self.redacted,
            "certain": self.certain,
        }


def listed(found: Sequence[FoundSecret]) -> str:
    """Where some are: the first ones with their kinds, and how many more."""
    names = [f"{each.location} ({each.kind})" for each in found[:_LISTED]]
    return ", ".join(names) + _more(len(found) - _LISTED)


def notes_on(found: Iterable[FoundSecret]) -> list[str]:
    """What to say: a note for each of the certain ones, and one for each kind of the others."""
    found = sorted(found, key=lambda each: each.kind != "Private Key")  # the worst first
    notes = []
    if redacted := [each for each in found if each.redacted]:
        were = "secret was" if len(redacted) == 1 else "secrets were"
        notes.append(f"{len(redacted)} {were} replaced: {listed(redacted)}")
    certain = [each for each in found if each.certain and not each.redacted]
    for each in certain[:_LISTED]:
        notes.append(f"{each.location}: looks like a secret ({each.kind})")
    if rest := certain[_LISTED:]:
        notes.append(f"{len(rest)} more that look like secrets: {listed(rest)}")
    others = [each for each in found if not each.certain and not each.redacted]
    others.sort(key=lambda each: each.kind)  # stable: in the order of the text
    for kind, group in groupby(others, key=lambda each: each.kind):
        locations = list(dict.fromkeys(each.location for each in group))
        what = (
            "1 line may hold a secret"
            if len(locations) == 1
            else f"{len(locations)} lines may hold secrets"
        )
        notes.append(
            f"{what} ({kind}): {', '.join(locations[:_LISTED])}{_more(len(locations) - _LISTED)}"
        )
    return notes


def _more(number: int) -> str:
    return f" and {number} more" if number > 0 else ""
