"""What ``ctx pack-sequences`` writes and reports: the plan, its figures, and a summary."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ctxtools.atomic import atomic_write
from ctxtools.cli.output.console import json_text, print_json, warn
from ctxtools.cli.output.files import is_same_file
from ctxtools.cli.runs.pack_sequences import LengthReader
from ctxtools.documents.filetypes import file_type
from ctxtools.errors import UsageError
from ctxtools.packing.training.plan import Plan
from ctxtools.units import format_count, format_items, format_percent


def check_destination(output: str | None, stats: str | None) -> None:
    """Raise UsageError before the work if the results cannot be written under these names."""
    if output is not None and file_type(output).container not in ("parquet", "jsonl"):
        raise UsageError(
            f"{output}: a plan is written as Parquet or JSON Lines",
            hint="name a file that ends with .parquet or .jsonl",
        )
    if stats is not None and output is not None and is_same_file(stats, output):
        raise UsageError(f"{stats} cannot be both the plan and its figures")


def figures_of(plan: Plan, reader: LengthReader, notes: Sequence[str] = ()) -> dict[str, Any]:
    """All figures, for ``--json`` and ``--stats``."""
    return {
        "documents": len(reader.lengths),
        **plan.summary(),
        "files": reader.files,
        "skipped": [each.as_dict() for each in reader.skipped],
        "notes": list(notes),
    }


def write_plan(
    plan: Plan, figures: Mapping[str, Any], *, output: str | None, stats: str | None, as_json: bool
) -> None:
    """Write the plan and its figures where they were asked for."""
    if output is not None:
        plan.save(output)
    if stats is not None:
        with atomic_write(stats) as file:
            file.write(f"{json_text(figures, indent=2)}\n")
    if as_json:
        print_json(figures)
    elif output is None:
        sys.stdout.writelines(plan.json_lines())


def print_summary(figures: Mapping[str, Any], unsplittable: int) -> None:
    """Print the figures to stderr.

    Args:
        figures: from `figures_of`.
        unsplittable: documents that had to be cut at a window's end, without boundaries.
    """

    def count(key: str, noun: str) -> str:
        return format_items(figures[key], noun)

    what = f"{count('documents', 'document')}, {count('tokens', 'token')}"
    if not figures["bins"]:
        warn(f"{what}: no training window")
    else:
        warn(
            f"{what}: {count('bins', 'training window')} of {format_count(figures['window'])}, "
            f"{format_percent(figures['tokens'], figures['bins'] * figures['window'], 4)} full"
        )
        warn(
            f"at least {format_count(figures['lower_bound'])} are needed: "
            f"{format_count(figures['gap'])} above the lower bound"
        )
    if split := figures["pieces"] + figures["dropped"] + figures["empty"] - figures["documents"]:
        warn(f"documents longer than a training window were split, into {split:,} more pieces")
    if figures["truncated"]:
        warn(f"truncated: {count('truncated', 'document')} longer than a training window")
    if figures["dropped"]:
        warn(f"dropped: {count('dropped', 'document')} longer than a training window")
    if figures["empty"]:
        warn(f"omitted: {count('empty', 'document')} without a token")
    if unsplittable:
        were = "was" if unsplittable == 1 else "were"
        warn(
            f"of those, {unsplittable:,} came without text, and {were} cut "
            "where a training window ends"
        )
