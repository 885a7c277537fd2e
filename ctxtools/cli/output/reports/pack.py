"""What ``ctx pack`` reports: a table of what went in, what did not and why, and JSON."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ctxtools.cli.output import console as output
from ctxtools.cli.output.notices import print_notices
from ctxtools.cli.output.reports.stable import stable_facts, stable_line
from ctxtools.cli.targets import Target
from ctxtools.documents import Skipped
from ctxtools.documents.file import display_name
from ctxtools.errors import BudgetError, ConflictError, SecretsError
from ctxtools.models import TextCount
from ctxtools.packing import OmittedDocument, Pack
from ctxtools.units import format_count, format_items, format_percent

_ROWS = 40
_LISTED = 10  # omitted documents that are listed by name for each reason


class PackReport:
    """Prints which form of each document was packed, or why it was omitted.

    Args:
        packs: one, or one for each part.
        target: what was counted for.
        skipped: files that were not read.
        notes: anything else.
    """

    def __init__(
        self, packs: Sequence[Pack], target: Target, skipped: Sequence[Skipped], notes: list[str]
    ) -> None:
        self._packs = packs
        self._target = target
        # Entries of an estimate have the shares of characters of all packs.
        self._counts = [target.measure(pack.token_count, pack.text) for pack in packs]
        self._whole = sum(self._counts, start=TextCount(0))
        self._skipped = skipped
        self._notes = [
            *notes,
            # As options of the command line are spelled.
            *(re.sub("^priority: ", "--priority: ", note) for pack in packs for note in pack.notes),
        ]
        if any(not each.redacted for pack in packs for each in pack.secrets):
            self._notes.append(
                "secrets go in as they are: --redact-secrets replaces them, --secrets omit leaves "
                "these files out, --secrets off says nothing"
            )
        if target.estimate:
            self._notes.append(
                f"{target.name} is an estimate (~): packed such that its upper bound is within the "
                f"limit; the text was counted in {target.encoding.name}, which it is estimated "
                f"from. {target.estimate.basis}"
            )

    # For programs

    def as_json(self) -> dict[str, Any]:
        """The object of ``--stats`` and ``--json``."""
        if len(self._packs) == 1:
            pack = self._packs[0]
            stable = stable_facts(pack, self._target)
            facts = {**self._figures(pack), **pack.as_dict(), **stable}
        else:
            facts = {
                **self._figures(self._packs[0]),
                "token_count": sum(pack.token_count for pack in self._packs),
                "parts": [{**pack.as_dict(), **self._estimate(pack)} for pack in self._packs],
                "omitted": self._packs[0].as_dict()["omitted"],
                "secrets": [each.as_dict() for pack in self._packs for each in pack.secrets],
            }
        facts["limit"] = self._target.limit
        facts["omitted"] += [{**each.as_dict(), "tokens": None} for each in self._skipped]
        facts["notes"] = self._notes
        return facts

    def _figures(self, pack: Pack) -> dict[str, Any]:
        target = self._target
        return {
            "model": target.model.name if target.model else None,
            "exact": target.estimate is None,
            "available": target.available,
            **self._estimate(pack),
        }

    def _count(self, pack: Pack) -> TextCount:
        return next(n for n, each in zip(self._counts, self._packs, strict=True) if each is pack)

    def _estimate(self, pack: Pack) -> dict[str, Any]:
        if not self._target.estimate:
            return {}
        interval = self._target.interval(self._count(pack))
        low, typical, high = interval.low, interval.typical, interval.high
        return {"estimate": {"low": low, "typical": typical, "high": high}}

    def page(self) -> str:
        """The page of ``--html``."""
        from ctxtools.cli.output.html import pack_report

        return pack_report(self._packs, self._target, self._whole, self._skipped, self._notes)

    # For people, on stderr

    def print(self, color: str, *, quiet: bool) -> None:
        """The table, the totals and what was left out; with ``quiet`` only errors."""
        if not quiet:
            self._draw_table(color)
            for number, pack in enumerate(self._packs, 1):
                which = f"part {number} of {len(self._packs)}: " if len(self._packs) > 1 else ""
                output.warn(f"{which}{self._total(pack)}")
                if line := stable_line(pack, self._target):
                    output.warn(f"stable: {line}")
            self._print_omitted()
        folders = {each.folder for pack in self._packs for each in pack.omitted if each.folder}

        def is_left_out(path: str) -> bool:
            return any(f"/{folder}/" in f"/{path}" for folder in folders)

        skipped = [each for each in self._skipped if each.error or not is_left_out(each.path)]
        notes = [note for note in self._notes if not is_left_out(note.partition(": ")[0])]
        print_notices(skipped, notes, quiet=quiet)

    def _draw_table(self, color: str) -> None:
        whole = self._whole
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
                self._target.format_tokens(whole.part(tokens)),
                output.share_cell(tokens, whole),
                str(number),
                form,
                display_name(each.path),
            ]
            for tokens, number, form, each in rows[:_ROWS]
        ]
        if rest := rows[_ROWS:]:
            tokens = sum(row[0] for row in rest)
            more = f"… {format_count(len(rest))} more (--stats lists them)"
            cells.append(
                [
                    self._target.format_tokens(whole.part(tokens)),
                    output.share_cell(tokens, whole),
                    "",
                    "",
                    more,
                ]
            )
        frame = whole - sum(row[0] for row in rows)
        if frame > 0:  # so that the rows add up to the total
            share = output.share_cell(frame, whole)
            tokens_of_frame = self._target.format_tokens(whole.part(frame))
            cells.append([tokens_of_frame, share, "", "", "(around the documents)"])
        headings = ["Tokens", "Of total", "Part", "Form", "Path"]
        total = [
            self._target.format_tokens(whole),
            output.share_cell(whole, whole),
            "",
            "",
            self._documents(),
        ]
        kept = [i for i in range(5) if i != 2 or len(self._packs) > 1]
        output.draw_rows(
            output.row_console(color, file=sys.stderr),
            [headings[i] for i in kept],
            [[row[i] for i in kept] for row in cells],
            [total[i] for i in kept],
            left=["Of total", "Form", "Path"],
            optional=["Of total", "Form"],
        )

    def _documents(self) -> str:
        forms = Counter(each.form.value for pack in self._packs for each in pack.documents)
        listed = ", ".join(f"{format_count(n)} {form}" for form, n in forms.items())
        return f"total: {listed}"

    def _total(self, pack: Pack) -> str:
        target = self._target
        facts = [f"{target.name}: {target.format_tokens(self._count(pack))} tokens"]
        limit = self._limit(pack)
        if limit is not None:
            share = format_percent(target.tokens(self._count(pack)), limit)
            share = f"{share} of " if share else "of "
            is_all = limit == target.available
            facts[0] += f", {share}{target.format_available() if is_all else format_count(limit)}"
        if target.estimate:
            facts.append(target.format_interval(self._count(pack)))
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

    def _limit(self, pack: Pack) -> int | None:
        """The maximum tokens that the text could have; None if there is no limit."""
        available = self._target.available
        if len(self._packs) == 1 and (self._target.estimate or pack.limit == available):
            return available
        # If only the number of parts was given, the limit of each is its own size.
        limited = available is not None or any(p.limit != p.token_count for p in self._packs)
        return (
            self._target.tokens(self._whole.part(pack.limit))
            if limited and pack.limit != sys.maxsize
            else None
        )

    def _print_omitted(self) -> None:
        alone: dict[str, list[OmittedDocument]] = {}
        folders: dict[str, dict[str, list[int]]] = {}
        for pack in self._packs:
            for each in pack.omitted:
                if each.folder:
                    counts = folders.setdefault(each.reason, {}).setdefault(each.folder, [])
                    counts.append(each.token_count or 0)
                else:
                    alone.setdefault(each.reason, []).append(each)
        for reason in dict.fromkeys([*alone, *folders]):
            documents, below = alone.get(reason, []), folders.get(reason, {})
            names = [self._omitted(each) for each in documents[:_LISTED]]  # of thousands
            for folder, counts in below.items():
                files = format_items(len(counts), "file")
                tokens = self._target.format_tokens(sum(counts))
                names.append(f"{display_name(folder)}/ ({files}, {tokens})")
            listed, rest = ", ".join(names[:_LISTED]), len(documents) + len(below) - _LISTED
            more = f" and {format_count(rest)} more" if rest > 0 else ""
            output.warn(f"left out, {reason}: {listed}{more}")

    def _omitted(self, each: OmittedDocument) -> str:
        if not each.token_count:
            return display_name(each.path)
        tokens = self._target.format_tokens(self._whole.part(each.token_count))
        return f"{display_name(each.path)} ({tokens})"

    def print_explanations(self, color: str) -> None:
        """How each document's value is computed."""
        forms = {each.path: each.form.value for pack in self._packs for each in pack.documents}
        omitted = [each for pack in self._packs for each in pack.omitted if each.folder]
        folders = {each.path: each.folder for each in omitted}
        rows = [
            [
                f"{each.value:,.1f}",
                forms.get(each.path, "left out"),
                each.formula,
                display_name(each.path),
            ]
            for pack in self._packs[:1]
            for each in sorted(pack.explanations, key=lambda e: (e.late, -e.value, e.path))
            if each.path not in folders
        ]
        wholly = dict.fromkeys((each.reason, each.folder) for each in omitted)
        rows += [["", "left out", reason, f"{display_name(folder)}/"] for reason, folder in wholly]
        if rows:
            headings = ["Value", "Form", "Because", "Path"]
            console = output.row_console(color, file=sys.stderr)
            output.draw_rows(console, headings, rows, left=["Form", "Because", "Path"])


def print_refusal(error: BudgetError | SecretsError, *, as_json: bool) -> None:
    """Why nothing was packed: for people on stderr, and as JSON if that was asked for."""
    output.warn(f"error: {error.message}")
    if error.hint:
        output.warn("")
        output.warn(f"hint: {error.hint}")
    if as_json:
        facts: dict[str, Any] = {"error": error.message, "hint": error.hint}
        if isinstance(error, ConflictError):
            facts["available"] = error.available
            facts["conflict"] = [{"name": name, "tokens": n} for name, n in error.conflict]
        if isinstance(error, SecretsError):
            facts["secrets"] = [each.as_dict() for each in error.found]
        output.print_json(facts)
