"""Results as tables in Markdown, and as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import Any

from benchmarks.relevance.measure import Answered, by_way
from benchmarks.relevance.scoring import Estimate, estimate
from benchmarks.relevance.ways import Way

OURS = "ctxtools"

Group = tuple[str, Callable[[Answered], bool]]


def page(results: Sequence[Answered], ways: Mapping[str, Way]) -> str:
    """All questions of what may be tuned on, of what is held out, then by kind and repository."""
    lines = []
    for title, belongs in groups(results):
        chosen = [each for each in results if belongs(each)]
        lines += [f"## {title}: {_questions(chosen)} questions", "", *_table(chosen), ""]
        if differences := [*_differences(chosen, ways)]:
            lines += ["Points above the best of the ways that do not ask:", ""]
            lines += [f"- {each}" for each in differences] + [""]
    return "\n".join(lines)


def groups(results: Iterable[Answered]) -> list[Group]:
    """What there is a table of: a title, and whether a result belongs there."""
    results = [*results]
    listed: list[Group] = []
    if not all(each.held_out for each in results):
        listed.append(("All but the held-out", lambda each: not each.held_out))
    if any(each.held_out for each in results):
        listed.append(("Held out", lambda each: each.held_out))
    for kind in sorted({each.question.kind for each in results}):
        listed.append((f"Kind: {kind}", partial(_is_of_kind, kind)))
    for name in sorted({each.question.repository for each in results}):
        listed.append((f"Of {name}", partial(_is_of, name)))
    return listed


def _is_of_kind(kind: str, each: Answered) -> bool:
    return each.question.kind == kind


def _is_of(name: str, each: Answered) -> bool:
    return each.question.repository == name


def _questions(results: Iterable[Answered]) -> int:
    return len({_key(each) for each in results})


def _key(each: Answered) -> tuple[str, str, str]:
    return each.question.repository, each.question.kind, each.question.text


def _table(results: Sequence[Answered]) -> list[str]:
    limits = sorted({each.limit for each in results})
    lines = [
        "| recall of answer lines, % | " + " | ".join(f"{n:,}" for n in limits) + " | seconds |",
        "| --- |" + " ---: |" * (len(limits) + 1),
    ]
    for way, by_limit in by_way(results).items():
        cells = [_percent(_estimate(by_limit.get(limit, []))) for limit in limits]
        seconds = fmean(each.seconds for found in by_limit.values() for each in found)
        asked = _questions(each for found in by_limit.values() for each in found)
        some = "" if asked == _questions(results) else f" ({asked} questions)"
        lines.append(f"| {way}{some} | {' | '.join(cells)} | {seconds:.2f} |")
    return lines


def _estimate(results: Sequence[Answered]) -> Estimate | None:
    return estimate([each.recall for each in results]) if results else None


def _percent(found: Estimate | None) -> str:
    if found is None:
        return "–"
    return f"{100 * found.mean:.1f} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def differences(
    results: Sequence[Answered], ways: Mapping[str, Way]
) -> dict[str, dict[int, tuple[str, Estimate]]]:
    """Way -> limit -> (the best that does not ask, recall above it), question by question.

    Of ctxtools without a question the others are the rest of those that do not ask.
    """
    table = by_way(results)
    found: dict[str, dict[int, tuple[str, Estimate]]] = {}
    for name, by_limit in table.items():
        if not ways[name].asks and name != OURS:
            continue
        for limit, answered in by_limit.items():
            others = {
                other: {_key(each): each.recall for each in table[other].get(limit, [])}
                for other in table
                if other != name and not ways[other].asks
            }
            keys = {_key(each) for each in answered}
            complete = {k: v for k, v in others.items() if keys <= v.keys()}
            if complete:
                best = max(complete, key=lambda k: fmean(complete[k].values()))
                above = [each.recall - complete[best][_key(each)] for each in answered]
                found.setdefault(name, {})[limit] = best, estimate(above)
    return found


def _differences(results: Sequence[Answered], ways: Mapping[str, Way]) -> Iterable[str]:
    for name, by_limit in differences(results, ways).items():
        for limit, (best, above) in by_limit.items():
            low, high = 100 * above.low, 100 * above.high
            interval = f"{low:+.1f} to {high:+.1f}"
            yield f"{name} at {limit:,}: {100 * above.mean:+.1f} ({interval}; {best})"


def as_json(results: Sequence[Answered]) -> list[dict[str, Any]]:
    """Each question with what every way made of it."""
    asked: dict[tuple[str, str, str], dict[str, Any]] = {}
    for each in results:
        question = each.question
        spans = {path: [lines[0], lines[-1]] for path, lines in question.answers.items()}
        entry = asked.setdefault(
            _key(each),
            {
                "repository": question.repository,
                "kind": question.kind,
                "question": question.text,
                "answers": spans,
                "recall": {},
            },
        )
        entry["recall"].setdefault(each.way, {})[str(each.limit)] = round(each.recall, 4)
    return [*asked.values()]
