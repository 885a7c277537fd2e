"""What ``ctx pack`` says: a table of what went in, what did not and why, and JSON."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ctxtools.cli.output import console as output
from ctxtools.cli.output.notices import print_notices
from ctxtools.cli.targets import Column
from ctxtools.documents import Skipped
from ctxtools.errors import BudgetError, ConflictError
from ctxtools.packing import Pack
from ctxtools.units import format_count

_ROWS = 40
_LISTED = 10  # documents left out for one reason, that are told one by one


class PackReport:
    """Prints what became of each document.

    Args:
        packs: one, or one for each part.
        column: what was counted for.
        skipped: files that were not read.
        notes: anything else.
    """

    def __init__(
        self, packs: Sequence[Pack], column: Column, skipped: Sequence[Skipped], notes: list[str]
    ) -> None:
        self._packs = packs
        self._column = column
        self._skipped = skipped
        self._notes = [*notes, *(note for pack in packs for note in pack.notes)]
        if column.estimate:
            self._notes.append(
                f"{column.name} is an estimate (~): packed so that the upper end of it keeps the "
                f"limit; the text is certified in {column.encoding.name}, which it is estimated "
                f"from. {column.estimate.basis}"
            )

    # For programs

    def as_json(self) -> dict[str, Any]:
        """The object of ``--stats`` and ``--json``."""
        if len(self._packs) == 1:
            facts = {**self._figures(self._packs[0]), **self._packs[0].as_dict()}
        else:
            facts = {
                **self._figures(self._packs[0]),
                "token_count": sum(pack.token_count for pack in self._packs),
                "parts": [{**pack.as_dict(), **self._estimate(pack)} for pack in self._packs],
                "omitted": [],
            }
        facts["limit"] = self._column.limit
        facts["omitted"] += [
            {"path": each.path, "reason": each.reason, "tokens": None} for each in self._skipped
        ]
        facts["notes"] = self._notes
        return facts

    def _figures(self, pack: Pack) -> dict[str, Any]:
        column = self._column
        return {
            "model": column.model.name if column.model else None,
            "exact": column.estimate is None,
            "available": column.available,
            **self._estimate(pack),
        }

    def _estimate(self, pack: Pack) -> dict[str, Any]:
        if not self._column.estimate:
            return {}
        interval = self._column.interval(pack.token_count)
        low, typical, high = interval.low, interval.typical, interval.high
        return {"estimate": {"low": low, "typical": typical, "high": high}}

    # For people, on stderr

    def print(self, color: str, *, quiet: bool) -> None:
        """The table, the totals and what was left out; with ``quiet`` errors alone."""
        if not quiet:
            self._draw_table(color)
            for number, pack in enumerate(self._packs, 1):
                which = f"part {number} of {len(self._packs)}: " if len(self._packs) > 1 else ""
                output.warn(f"{which}{self._total(pack)}")
            self._print_omitted()
        print_notices(self._skipped, self._notes, quiet=quiet)

    def _draw_table(self, color: str) -> None:
        whole = sum(pack.token_count for pack in self._packs)
        rows = [
            (each.token_count, number, each.form.value + (", pinned" if each.pinned else ""), each)
            for number, pack in enumerate(self._packs, 1)
            for each in pack.documents
        ]
        rows.sort(key=lambda row: (-row[0], row[3].path))
        if not rows:
            return
        cells = [
            [
                self._column.text(tokens),
                self._share(tokens, whole),
                str(number),
                form,
                each.path,
            ]
            for tokens, number, form, each in rows[:_ROWS]
        ]
        if rest := rows[_ROWS:]:
            tokens = sum(row[0] for row in rest)
            more = f"… {format_count(len(rest))} more (--stats lists them)"
            cells.append([self._column.text(tokens), self._share(tokens, whole), "", "", more])
        headings = ["Tokens", "Share", "Part", "Form", "Path"]
        total = [self._column.text(whole), self._share(whole, whole), "", "", self._documents()]
        kept = [i for i in range(5) if i != 2 or len(self._packs) > 1]
        output.draw_rows(
            output.console(color, file=sys.stderr),
            [headings[i] for i in kept],
            [[row[i] for i in kept] for row in cells],
            [total[i] for i in kept],
            left=["Share", "Form", "Path"],
            optional=["Share", "Form"],
        )

    def _documents(self) -> str:
        forms = Counter(each.form.value for pack in self._packs for each in pack.documents)
        listed = ", ".join(f"{format_count(n)} {form}" for form, n in forms.items())
        return f"total: {listed}"

    def _share(self, tokens: int, whole: int) -> str:
        share = tokens / whole if whole else 0
        return f"{output.bar(share)} {share:6.1%}"

    def _total(self, pack: Pack) -> str:
        column = self._column
        facts = [f"{column.name}: {column.text(pack.token_count)} tokens"]
        most = self._most(pack)
        if most is not None:
            share = f"{column.tokens(pack.token_count) / most:.1%} of " if most else "of "
            room = column.room() if most == column.available else format_count(most)
            facts[0] += f", {share}{room}"
        if column.estimate:
            facts.append(column.range(pack.token_count))
        if pack.upper_bound and (
            pack.omitted or any(each.form != "whole" for each in pack.documents)
        ):
            best = (
                f"within {max(pack.optimality_gap, 1e-5):.3%} of the best"
                if pack.optimality_gap
                else "the best"
            )
            facts.append(f"value {pack.value:,.1f} of at most {pack.upper_bound:,.1f}: {best}")
        return "; ".join(facts)

    def _most(self, pack: Pack) -> int | None:
        """The most tokens that a text could have, as one figure; None where nothing limits it."""
        available = self._column.available
        if len(self._packs) == 1 and (self._column.estimate or pack.limit == available):
            return available
        # Parts of which only the number was given have no more room than they take.
        limited = available is not None or any(p.limit != p.token_count for p in self._packs)
        return self._column.tokens(pack.limit) if limited and pack.limit != sys.maxsize else None

    def _print_omitted(self) -> None:
        reasons: dict[str, list[str]] = {}
        for pack in self._packs:
            for each in pack.omitted:
                tokens = f" ({self._column.text(each.token_count)})" if each.token_count else ""
                reasons.setdefault(each.reason, []).append(f"{each.path}{tokens}")
        for reason, names in reasons.items():
            listed = ", ".join(names[:_LISTED])
            more = f" and {format_count(len(names) - _LISTED)} more" if names[_LISTED:] else ""
            output.warn(f"left out, {reason}: {listed}{more}")

    def print_explanations(self, color: str) -> None:
        """Where each document's value comes from."""
        forms = {each.path: each.form.value for pack in self._packs for each in pack.documents}
        rows = [
            [f"{each.value:,.1f}", forms.get(each.path, "left out"), each.formula, each.path]
            for pack in self._packs[:1]
            for each in sorted(pack.explanations, key=lambda each: (-each.value, each.path))
        ]
        if rows:
            headings = ["Value", "Form", "Because", "Path"]
            console = output.console(color, file=sys.stderr)
            output.draw_rows(console, headings, rows, left=["Form", "Because", "Path"])


def print_refusal(error: BudgetError, *, as_json: bool) -> None:
    """Why nothing was packed: for people on stderr, and as an object where that was asked for."""
    output.warn(f"error: {error.message}")
    if error.hint:
        output.warn(f"\nhint: {error.hint}")
    if as_json:
        facts: dict[str, Any] = {"error": error.message, "hint": error.hint}
        if isinstance(error, ConflictError):
            facts["available"] = error.available
            facts["conflict"] = [{"name": name, "tokens": n} for name, n in error.conflict]
        output.print_json(facts)
