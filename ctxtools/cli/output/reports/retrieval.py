"""What ``ctx bench --retrieval`` reports."""

from collections.abc import Sequence

from ctxtools.bench.machine import machine_info
from ctxtools.bench.retrieval.dataset import Dataset
from ctxtools.bench.retrieval.measure import Result
from ctxtools.bench.retrieval.table import (
    COLUMNS,
    as_json,
    compared,
    comparison_heads,
    comparison_rows,
    comparisons_as_json,
    heads,
    rows,
)
from ctxtools.cli.output.console import console, print_json, table


def print_tables(results: Sequence[Result], dataset: Dataset, color: str | None) -> None:
    out = console(color or "auto")
    for way, found in compared(results).items():
        out.print(f"\n{way}; {' / '.join(COLUMNS)}, in %", highlight=False)
        _print(out, heads(found), rows(found))
        if differences := comparison_rows(found):
            out.print(f"\nbeside the best peer in {COLUMNS[-1]}, in points", highlight=False)
            _print(out, comparison_heads(found), differences)
    out.print(
        f"\n{len(dataset.questions)} questions, {dataset.spans} spans, {len(dataset.texts)} texts; "
        "intervals of 95 % by the bootstrap over questions",
        highlight=False,
    )


def _print(out: object, names: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    grid = table(*names, left=(names[0],))
    for line in lines:
        grid.add_row(*line, style="bold" if line[0] == "ctxtools" else "")
    out.print(grid)  # type: ignore[attr-defined]


def print_results_json(results: Sequence[Result], dataset: Dataset, encoding: str) -> None:
    print_json(
        {
            "machine": machine_info(),
            "encoding": encoding,
            "questions": len(dataset.questions),
            "spans": dataset.spans,
            "spans_not_found": dataset.not_found,
            "texts": len(dataset.texts),
            "results": as_json(results),
            "beside_best_peer": comparisons_as_json(results),
        }
    )
