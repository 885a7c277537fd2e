"""How much of an answer is in a prompt, and how sure a mean over questions is."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.relevance.questions import Question

_RESAMPLES = 2000
_HEADER = re.compile(r'^<(\S+) index="(\d+)" source="([^"]*)"[^>]*>$')


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over questions with its 95 % interval, by the bootstrap."""

    mean: float
    low: float
    high: float


def recall(
    question: Question, texts: Mapping[str, str], bodies: Mapping[str, Sequence[str]]
) -> float:
    """The share of the answer's lines that a prompt has in the entry of their file.

    Read from the prompt's text, whatever wrote it. A line counts where the answer's line before or
    after it is beside it in the entry as well, so that a ``return None`` of another function is not
    taken for it.

    Args:
        question: with the lines of its answer.
        texts: path -> text of the repository.
        bodies: path -> lines of its entry in the prompt, as `entries_of` finds them.
    """
    found = total = 0
    for path, numbers in question.answers.items():
        lines = texts[path].split("\n")
        total += len(numbers)
        body = [line.rstrip() for line in bodies.get(path, ()) if line.strip()]
        pairs, alone = set(pairwise(body)), set(body)
        answer = [lines[number - 1].rstrip() for number in numbers]
        beside = [pair in pairs for pair in pairwise(answer)]
        if len(answer) == 1:
            found += answer[0] in alone
        else:
            found += sum(a or b for a, b in pairwise([False, *beside, False]))
    return found / total


def entries_of(text: str) -> dict[str, list[str]]:
    """The lines of each document of a prompt in the XML format; of excerpts, all of them."""
    entries: dict[str, list[str]] = {}
    current: list[str] = []
    number, tag = 0, None  # the tag is one that no document has
    for line in text.split("\n"):
        match = _HEADER.match(line)
        if match and int(match[2]) == number + 1 and tag in (None, match[1]):
            number, tag = number + 1, match[1]
            current = entries.setdefault(match[3], [])
        else:
            current.append(line)
    return entries


def estimate(values: Sequence[float]) -> Estimate:
    """The mean with its interval; the same for the same values."""
    mean = sum(values) / len(values)
    means = sorted(sum(each) / len(each) for each in _resamples(values))
    return Estimate(mean, means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)])


def _resamples(values: Sequence[float]) -> Iterator[list[float]]:
    draw = random.Random(1)
    for _ in range(_RESAMPLES):
        yield draw.choices(values, k=len(values))
