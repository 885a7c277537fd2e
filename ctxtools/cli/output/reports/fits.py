"""What ``ctx fits`` reports: a line for each target, and JSON."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ctxtools.cli.output.console import say
from ctxtools.cli.runs.fits import Answer, FitCheck
from ctxtools.models import Interval
from ctxtools.units import format_count, format_percent

if TYPE_CHECKING:
    from ctxtools.memory import MemoryPlan

_DIGITS = 3  # of a total that is a guess
_LITTLE = 0.01  # of a context window
_FRAMING = 7  # tokens around one message of a chat with OpenAI's models; others have 4 to 8
_UNCOUNTED = f"a message's framing (about {_FRAMING}) and "


def print_answers(check: FitCheck) -> None:
    """Print the answer for each target."""
    share = check.share_read()
    for answer in check.answers:
        say(_line(answer, share) + _framing(check.framing(answer.target)))


def _framing(framing: Interval) -> str:
    if not framing.high:
        return ""
    about = "" if framing.exact else "~"
    return f" (with {about}{format_count(framing.typical)} of a message's framing)"


def print_plans(plans: "Sequence[MemoryPlan]") -> None:
    """Print for each target whether the devices hold it."""
    if plans:
        from ctxtools.cli.output.reports.memory.plan import plan_in_words

        for plan in plans:
            say(plan_in_words(plan))


def plan_notes(plans: "Sequence[MemoryPlan]") -> Iterator[str]:
    """The notes on the plans, each once."""
    yield from dict.fromkeys(note for plan in plans for note in plan.notes)


def answers_as_json(
    check: FitCheck, notes: Sequence[object], plans: "Sequence[MemoryPlan]" = ()
) -> dict[str, Any]:
    """The answers, and what was not counted; ``fits`` is None where that is not known.

    With plans, it also depends on them, and each column has its own as ``memory``.
    """
    share = check.share_read()
    columns = [
        _as_json(answer, share, check.framing(answer.target))
        for answer in check.answers
        if check.files
    ]
    for column, plan in zip(columns, plans, strict=False):
        column["memory"] = plan.as_json()
    fits = [*map(_fits, check.answers), *(plan.fits for plan in plans)]
    return {
        "fits": _all(fits) if check.files else None,
        "columns": columns,
        "skipped": [each.as_dict() for each in check.skipped],
        "notes": [str(note) for note in notes],
    }


def full_window_notes(check: FitCheck) -> Iterator[str]:
    """Notes on models whose context window a fitting input leaves next to nothing of.

    A request has more tokens than its text: those of the answer and, if they were not counted, the
    framing of its messages.
    """
    for answer in check.answers:
        target = answer.target
        window = target.model.context if target.model else None  # not a limit that was given
        if not target.model or not window or not answer.fits or target.model.is_embedding:
            continue
        left = window - target.interval(answer.count).high
        if 0 <= left < max(_LITTLE * window, _FRAMING):
            framing = "" if check.framing(target).high else _UNCOUNTED
            yield (
                f"{target.name}: {format_count(left)} tokens are left for {framing}the answer; "
                "--reserve keeps some free"
            )


def _line(answer: Answer, share_read: float | None) -> str:
    target = answer.target
    tokens, interval = target.format_tokens(answer.count), target.interval(answer.count)
    if not interval.exact:
        tokens += f" ({target.format_interval(answer.count)})"
    available, limit = target.available or 0, target.format_available()
    limit = limit if "(" in limit else f"{limit} tokens"
    if answer.fits and not answer.complete:
        return f"{target.name}: what could be read fits, at least {tokens} of {limit}"
    if answer.fits:
        spare = format_count(available - interval.high)
        return f"{target.name}: fits, {tokens} of {limit}, {spare} to spare"
    verdict = "does not fit" if interval.low > available else "may not fit"
    if answer.complete:
        excess = interval.typical - available
        about = "" if interval.exact else "~"
        over = f", over by {about}{format_count(excess)}" if excess > 0 else ""
        return f"{target.name}: {verdict}, {tokens} of {limit}{over}"
    line = f"{target.name}: {verdict}, at least {tokens} of {limit}"
    if share_read and (total := _total(answer, share_read)):
        read = format_percent(share_read, 1, 0)
        line += f"; {read} of the bytes were read, all may be ~{format_count(total)}"
    return line


def _fits(answer: Answer) -> bool | None:
    """Whether the limit is kept; None if something could not be read that may exceed it."""
    return None if answer.fits and not answer.complete else answer.fits


def _all(answers: Sequence[bool | None]) -> bool | None:
    """Whether all limits are kept; None if one may be exceeded, and none is for certain."""
    return None if None in answers and False not in answers else all(answers)


def _total(answer: Answer, share_read: float | None) -> int | None:
    """About how many tokens everything has, from the share that was read; None if unknown."""
    if answer.complete or not share_read or share_read == 1:
        return None
    total = max(round(answer.target.tokens(answer.count) / share_read), 1)
    rounded = round(total, min(_DIGITS - len(str(total)), 0))
    return max(rounded, answer.target.tokens(answer.count))


def _as_json(answer: Answer, share_read: float | None, framing: Interval) -> dict[str, Any]:
    """The answer; ``tokens`` is a lower bound if it is not ``complete``, and includes framing."""
    target, interval = answer.target, answer.target.interval(answer.count)
    facts = target.as_json() | {
        "available": target.available,
        "fits": _fits(answer),
        "tokens": interval.typical,
        **({} if interval.exact else {"interval": [interval.low, interval.high]}),
        "framing": framing.typical,
        "exact": answer.complete and interval.exact,
        "complete": answer.complete,
    }
    if total := _total(answer, share_read):
        facts |= {"share_of_bytes_read": share_read, "estimated_total": total}
    return facts
