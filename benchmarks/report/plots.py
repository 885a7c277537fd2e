"""A run as pictures, in which the order of the engines is seen at a glance.

SVG files with the text kept as text; ours is the one colour among greys, and an engine that is
wrong or failed is named as such where its bar would be.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from benchmarks.report.rows import Results, Row, is_ours, ordered
from ctxtools.units import format_bytes

_OURS = "#d9480f"
_OTHERS = "#a7b1bd"
_FAILED = "#b00020"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ctxtools",  # the same figures give the same file
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
}


def draw_plots(results: Results, folder: Path) -> list[Path]:
    """Draw every plot that the results have figures for; returns the files."""
    plots = (
        ("first-pass", _draw_passes, "first pass", "First pass in a new process: load, then count"),
        ("other-text", _draw_bars, "other text", "Another text of the same kind, one thread"),
        ("warm", _draw_bars, "warm", "The same text again, one thread"),
        ("growth", _draw_growth, "growth", "Growing texts: the first count in a new process"),
        ("worst-cases", _draw_worst, "worst case", "Worst-case inputs, MB/s, one thread"),
    )
    paths = []
    with plt.rc_context(_STYLE):
        for name, draw, kind, title in plots:
            rows = [row for row in results.of(kind) if row.encoding == "o200k_base"]
            if rows:
                path = folder / f"{name}.svg"
                figure = draw(rows, f"{title} ({results.machine['cpu']}, o200k_base)")
                figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
                plt.close(figure)
                paths.append(path)
    return paths


def _draw_bars(rows: list[Row], title: str) -> Any:
    """A panel for each corpus, the fastest engine on top."""
    return _draw_panels(rows, title, _speeds)


def _draw_passes(rows: list[Row], title: str) -> Any:
    """A panel for each corpus: the seconds of loading and, darker, of counting."""
    return _draw_panels(rows, title, _passes)


def _draw_panels(rows: list[Row], title: str, panel: Callable[[Axes, list[Row], str], None]) -> Any:
    corpora = list(dict.fromkeys(row.corpus for row in rows))
    columns = min(len(corpora), 3)
    lines = -(-len(corpora) // columns)
    figure, axes = plt.subplots(
        lines, columns, figsize=(4.2 * columns, 3.4 * lines), layout="constrained", squeeze=False
    )
    for axis, corpus in zip(axes.flat, corpora, strict=False):
        panel(axis, [row for row in rows if row.corpus == corpus], corpus)
    for axis in axes.flat[len(corpora) :]:
        axis.set_visible(False)
    figure.suptitle(title, fontweight="bold", x=0.01, ha="left")
    return figure


def _speeds(axis: Axes, rows: list[Row], corpus: str) -> None:
    rows = sorted(rows, key=lambda row: row.mb_per_s)
    for y, row in enumerate(rows):
        axis.barh(y, row.mb_per_s, color=_OURS if is_ours(row.engine) else _OTHERS, height=0.75)
        _label_bar(axis, row.mb_per_s, y, row, f"{row.mb_per_s:,.0f}")
    _finish_panel(axis, rows, corpus, "MB/s", max(row.mb_per_s for row in rows))


def _passes(axis: Axes, rows: list[Row], corpus: str) -> None:
    rows = sorted(rows, key=lambda row: (row.ok, -row.seconds))
    right = [row.seconds for row in rows if row.ok] or [1.0]
    # One engine that takes ten times as long as the rest would make the rest unreadable.
    longest = min(max(right), 4 * sorted(right)[len(right) // 2])
    for y, row in enumerate(rows):
        color = _OURS if is_ours(row.engine) else _OTHERS
        load = min(row.info["load_seconds"]) if row.ok else 0.0
        end = min(row.seconds, longest) if row.ok else 0.0
        axis.barh(y, end, color=color, height=0.75)
        axis.barh(y, min(load, end), color="white", alpha=0.55, height=0.75)
        text = f"{row.seconds:.2f}" if row.seconds <= longest else f"→ {row.seconds:.2f}"
        _label_bar(axis, end, y, row, text)
    _finish_panel(axis, rows, corpus, "seconds (pale: load)", longest)


def _label_bar(axis: Axes, x: float, y: int, row: Row, figure: str) -> None:
    text, color = (figure, "black") if row.ok else (f"✗ {row.status}", _FAILED)
    axis.text(x, y, f" {text}", va="center", ha="left", color=color)


def _finish_panel(axis: Axes, rows: list[Row], corpus: str, unit: str, longest: float) -> None:
    axis.set_yticks(range(len(rows)), [row.engine for row in rows])
    _mark_ours(axis.get_yticklabels(), rows)
    axis.set_xlim(0, (longest or 1) * 1.22)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    axis.tick_params(left=False)
    axis.set_title(f"{corpus}, {format_bytes(rows[0].size)}, {unit}", loc="left", fontsize=10)


def _draw_growth(rows: list[Row], title: str) -> Any:
    """Seconds, and memory, against size, both logarithmic: linear time is a straight line."""
    figure, (time, memory) = plt.subplots(1, 2, figsize=(12, 5.4), layout="constrained")
    _lines(time, rows, lambda row: row.seconds, "seconds")
    _lines(memory, rows, lambda row: row.info["peak_rss"] / 1e6, "peak memory, MB")
    figure.suptitle(title, fontweight="bold", x=0.01, ha="left")
    return figure


def _lines(axis: Axes, rows: list[Row], figure: Callable[[Row], float], label: str) -> None:
    ends = []
    sizes = sorted({row.size for row in rows})
    for engine in dict.fromkeys(row.engine for row in rows):
        points = [(row.size, figure(row)) for row in rows if row.engine == engine and row.ok]
        points = [point for point in sorted(points) if point[1] > 0]
        if not points:
            continue
        ours = is_ours(engine)
        color = _OURS if ours else _OTHERS
        axis.plot(
            *zip(*points, strict=True), marker="o", ms=4, color=color, lw=2.5 if ours else 1.4
        )
        ends.append((points[-1], engine))
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xticks(sizes, [format_bytes(size) for size in sizes])
    axis.minorticks_off()
    axis.set_xlim(sizes[0] / 1.3, sizes[-1] * 1.3)
    axis.set_title(label, loc="left", fontsize=10)
    axis.set_xlabel("size of the text (code)")
    axis.grid(True, axis="y", color="#e8ebee")
    axis.set_axisbelow(True)
    _label_ends(axis, ends, sizes[-1])


def _label_ends(axis: Axes, ends: list[tuple[tuple[int, float], str]], right: int) -> None:
    """Name each line at the right edge, names a line of text apart, with a thread to its end."""
    ends.sort(key=lambda end: end[0][1])
    bottom, top = axis.get_ylim()
    heights = _apart([value for (_, value), _ in ends], (top / bottom) ** 0.048)
    for ((size, value), engine), y in zip(ends, heights, strict=True):
        axis.annotate(
            engine,
            xy=(size, value),
            xytext=(right * 1.6, y),
            color=_OURS if is_ours(engine) else "#4a5560",
            va="center",
            fontweight="bold" if is_ours(engine) else "normal",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "#cdd4db", "lw": 0.8},
        )


def _apart(values: list[float], ratio: float) -> list[float]:
    """Rising values, moved up and down until each is ``ratio`` times the one before it."""
    heights = list(values)
    for _ in range(500):
        for i in range(len(heights) - 1):
            if (excess := ratio / (heights[i + 1] / heights[i])) > 1:
                heights[i] /= excess**0.5
                heights[i + 1] *= excess**0.5
    return heights


def _draw_worst(rows: list[Row], title: str) -> Any:
    """Engines down, the one whose slowest input is fastest on top; inputs across."""
    inputs = list(dict.fromkeys(row.corpus for row in rows))
    engines = ordered(rows, lambda row: row.mb_per_s)
    engines.sort(key=lambda engine: _slowest(rows, engine), reverse=True)
    cells = {(row.engine, row.corpus): row for row in rows}
    figure, axis = plt.subplots(
        figsize=(1.15 * len(inputs) + 1.5, 0.42 * len(engines) + 1.6), layout="constrained"
    )
    speeds = [[_speed(cells.get((engine, name))) for name in inputs] for engine in engines]
    axis.imshow(speeds, aspect="auto", cmap="Blues", norm=LogNorm(0.5, 2_000))
    for y, engine in enumerate(engines):
        for x, name in enumerate(inputs):
            _cell(axis, x, y, cells.get((engine, name)))
    axis.set_xticks(range(len(inputs)), [name.replace(" ", "\n", 1) for name in inputs])
    axis.xaxis.tick_top()
    axis.set_yticks(range(len(engines)), engines)
    for label, engine in zip(axis.get_yticklabels(), engines, strict=True):
        _mark(label, engine)
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    figure.suptitle(title, fontweight="bold", x=0.01, ha="left")
    return figure


def _cell(axis: Axes, x: int, y: int, row: Row | None) -> None:
    if row is None:
        return
    if not row.ok:
        axis.text(x, y, f"✗ {row.status}", ha="center", va="center", color=_FAILED, weight="bold")
        return
    text = f"{row.mb_per_s:,.0f}" if row.mb_per_s >= 10 else f"{row.mb_per_s:.1f}"
    axis.text(x, y, text, ha="center", va="center", color="white" if row.mb_per_s > 90 else "black")


def _speed(row: Row | None) -> float:
    return row.mb_per_s if row and row.mb_per_s else float("nan")


def _slowest(rows: Iterable[Row], engine: str) -> float:
    return min(row.mb_per_s for row in rows if row.engine == engine)


def _mark_ours(labels: Iterable[Any], rows: Iterable[Row]) -> None:
    for label, row in zip(labels, rows, strict=True):
        _mark(label, row.engine)


def _mark(label: Any, engine: str) -> None:
    if is_ours(engine):
        label.set_color(_OURS)
        label.set_fontweight("bold")
