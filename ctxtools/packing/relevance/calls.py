"""What the best parts of a file call in it, which need have no word of the question.

Names are those that the words of the text tell (`ctxtools.packing.relevance.graph.names`).
"""

import re
from collections.abc import Sequence

from ctxtools.packing.relevance.graph.names import definitions
from ctxtools.packing.relevance.graph.sources import family_of
from ctxtools.packing.relevance.units import Lines, Unit

_CALLER = 0.7  # of the highest score of all: what scores less is no answer
_CALLED = 0.65  # of the score of what calls it
_CALL = re.compile(r"(?<!\w)([^\W\d]\w{3,99})(?:::<[^>\n]{0,80}>)?\(")


def with_called(
    lines: Lines, units: Sequence[Unit], scores: Sequence[float], path: str, highest: float
) -> list[float]:
    """The scores of the units of a file, of which those raised that its best units call.

    Args:
        lines: of the file.
        units: of it.
        scores: of each.
        path: of the file.
        highest: the highest score of all files.
    """
    found = list(scores)
    callers = [i for i, score in enumerate(scores) if score >= _CALLER * highest]
    if not callers:
        return found
    definers: dict[str, list[int]] = {}
    family = family_of(path)
    for i, unit in enumerate(units):
        names = definitions(lines.slice(unit.first, unit.last), family)
        if unit.title >= 0 and (title := _CALL.search(lines.slice(unit.title, unit.title + 1))):
            names.add(title[1])  # a method, where no keyword says so
        for name in names:
            definers.setdefault(name, []).append(i)
    for caller in callers:
        unit = units[caller]
        for name in set(_CALL.findall(lines.slice(unit.first, unit.last))):
            definer, *others = definers.get(name, (caller,))
            if not others and definer != caller:
                found[definer] = max(found[definer], _CALLED * scores[caller])
    return found
