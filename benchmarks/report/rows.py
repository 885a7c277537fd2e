"""Results as rows: what pytest-benchmark wrote, without what the report does not need."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_STATS = ("min", "median", "iqr", "rounds")
_OURS = "ctxtools"


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark of one engine.

    Attributes:
        kind: ``"warm"``, ``"load"``, …: what was timed.
        engine, encoding, corpus: what it was timed with; the corpus is empty where there is none.
        size: of the text, in bytes.
        threads: how many were used.
        seconds: the minimum of the rounds, since disturbances only add time.
        relative_iqr: the rounds' interquartile range over their median.
        status: ``"ok"``, or what was wrong: then the other figures say nothing.
        info: all of ``extra_info``.
    """

    kind: str
    engine: str
    encoding: str
    corpus: str
    size: int
    threads: int
    seconds: float
    relative_iqr: float
    status: str
    info: dict[str, Any] = field(compare=False)

    @property
    def ok(self) -> bool:
        """Whether the engine's count was right."""
        return self.status == "ok"

    @property
    def mb_per_s(self) -> float:
        """Megabytes (10**6 bytes) of text in a second."""
        return self.size / self.seconds / 1e6 if self.ok and self.seconds else 0.0

    @property
    def key(self) -> tuple[str, str, str, str, int, int]:
        """What identifies the same benchmark in another run."""
        return (self.kind, self.engine, self.encoding, self.corpus, self.size, self.threads)


@dataclass(frozen=True, slots=True)
class Results:
    """A run of the suite.

    Attributes:
        date: ``YYYY-MM-DD``.
        machine: as ``ctxtools.bench.machine.machine_info`` gives it.
        rows: every benchmark.
        document: what was read, without the rounds' single times.
    """

    date: str
    machine: dict[str, Any]
    rows: tuple[Row, ...]
    document: dict[str, Any]

    def of(self, kind: str, **values: object) -> list[Row]:
        """The rows of a kind in which attributes have these values."""
        return [
            row
            for row in self.rows
            if row.kind == kind and all(getattr(row, k) == v for k, v in values.items())
        ]

    def versions(self) -> dict[str, str]:
        """The version of each engine."""
        return {row.engine: row.info["version"] or "source" for row in self.rows}


def load_results(path: Path) -> Results:
    """Read what ``--benchmark-json`` or this module wrote."""
    document = json.loads(path.read_text("utf-8"))
    benchmarks = [
        {
            "name": each["name"],
            "group": each["group"],
            "stats": {name: each["stats"][name] for name in _STATS},
            "extra_info": each["extra_info"],
        }
        for each in document["benchmarks"]
    ]
    machine = document["machine_info"]
    slim = {
        "datetime": document["datetime"],
        "machine_info": {"ctxtools": machine["ctxtools"]},
        "benchmarks": benchmarks,
    }
    rows = tuple(_row(each["stats"], each["extra_info"]) for each in benchmarks)
    return Results(document["datetime"][:10], machine["ctxtools"], rows, slim)


def save_results(results: Results, path: Path) -> None:
    """Write results so that ``load_results`` reads them again."""
    path.write_text(json.dumps(results.document, ensure_ascii=False, indent=1) + "\n", "utf-8")


def ordered(rows: Iterable[Row], best: Callable[[Row], float]) -> list[str]:
    """The engines by their geometric mean of a figure, best (largest) first; failed ones last."""
    figures: dict[str, list[float]] = {}
    for row in rows:
        figures.setdefault(row.engine, []).append(best(row) if row.ok else 0.0)
    return sorted(figures, key=lambda engine: -_mean(figures[engine]))


def is_ours(engine: str) -> bool:
    """Whether to set an engine apart."""
    return engine.split()[0] == _OURS


def markdown_line(cells: Iterable[str]) -> str:
    """A line of a table in Markdown."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def bold_ours(engine: str) -> str:
    """An engine's name in Markdown."""
    return f"**{engine}**" if is_ours(engine) else engine


def engine_table(
    heading: Sequence[str],
    rows: Iterable[Row],
    figures: Callable[[Row], list[str]],
    *,
    remarks: bool = False,
) -> str:
    """A table in Markdown: the figures of each engine, or what was wrong with it.

    Args:
        heading: of the columns, the engine's first.
        rows: of the engines, in order.
        figures: the cells of a row after the engine's name.
        remarks: the last column is words, for an engine that failed the details.
    """
    rule = ["---", *["---:"] * (len(heading) - 1)]
    rule[-1] = "---" if remarks else rule[-1]
    lines = [markdown_line(heading), markdown_line(rule)]
    for row in rows:
        cells = figures(row) if row.ok else [f"✗ {row.status}", *[""] * (len(heading) - 2)]
        if remarks and not row.ok:
            cells[-1] = row.info["detail"][:100]
        lines.append(markdown_line([bold_ours(row.engine), *cells]))
    return "\n".join(lines)


def ranked(rows: Iterable[Row], best: Callable[[Row], float]) -> list[Row]:
    """Rows of different engines, in the order of ``ordered``."""
    rows = list(rows)
    order = ordered(rows, best)
    return sorted(rows, key=lambda row: order.index(row.engine))


def _mean(figures: list[float]) -> float:
    right = [figure for figure in figures if figure > 0]
    product = 1.0
    for figure in right:
        product *= figure
    return product ** (1 / len(right)) if right else 0.0


def _row(stats: dict[str, float], info: dict[str, Any]) -> Row:
    return Row(
        kind=info["kind"],
        engine=info["engine"],
        encoding=info["encoding"],
        corpus=info["corpus"] or "",
        size=info["bytes"] or 0,
        threads=info["threads"],
        seconds=stats["min"],
        relative_iqr=stats["iqr"] / stats["median"] if stats["median"] else 0.0,
        status=info["status"],
        info=info,
    )
