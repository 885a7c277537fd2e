"""From a run's JSON to tables and plots, and from two runs to what changed.

    python -m benchmarks.report                        the newest run in .benchmarks/
    python -m benchmarks.report run.json --note "…"    that run, with a remark
    python -m benchmarks.report --compare old new      exit 1 if anything became slower or wrong

A report is written to benchmarks/results/<date>-<cpu>/: README.md, results.json and the plots.
"""

import argparse
import re
import sys
from pathlib import Path

from benchmarks.report.compare import compare, render
from benchmarks.report.rows import Results, load_results, save_results
from benchmarks.report.tables import render_markdown

_RESULTS = Path(__file__).parents[1] / "results"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    if options.compare:
        old, new = (load_results(_file(path)) for path in options.compare)
        comparison = compare(old, new, options.threshold)
        print(render(comparison))
        return 1 if comparison.is_worse else 0
    path = options.run or _newest_run()
    if path is None:
        print("no run found in .benchmarks/: run `pytest benchmarks` first", file=sys.stderr)
        return 2
    results = load_results(path)
    folder = options.out or _RESULTS / f"{results.date}-{_slug(results)}"
    print(write_report(results, folder, options.note))
    return 0


def write_report(results: Results, folder: Path, note: str = "") -> Path:
    """Write tables, plots and data of a run into a folder; returns the page's path."""
    try:
        from benchmarks.report.plots import draw_plots
    except ImportError as error:  # --compare needs no matplotlib
        raise SystemExit(f'{error}\n\nhint: pip install ".[bench]" in the clone') from error

    folder.mkdir(parents=True, exist_ok=True)
    save_results(results, folder / "results.json")
    plots = draw_plots(results, folder)
    page = folder / "README.md"
    page.write_text(render_markdown(results, plots, note), "utf-8")
    return page


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.report",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", type=Path, nargs="?", help="what --benchmark-json wrote")
    parser.add_argument("--out", type=Path, help="the folder to write to")
    parser.add_argument("--note", default="", help="a remark to put under the heading")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("OLD", "NEW"))
    parser.add_argument(
        "--threshold", type=float, default=0.15, help="what is noise in any case [0.15]"
    )
    return parser


def _file(path: Path) -> Path:
    return path / "results.json" if path.is_dir() else path


def _newest_run() -> Path | None:
    runs = Path(".benchmarks").glob("*/*.json")
    return max(runs, key=lambda path: path.stat().st_mtime, default=None)


def _slug(results: Results) -> str:
    """The processor's name for a folder: ``"AMD EPYC 7B13"`` as ``amd-epyc-7b13``."""
    name = f"{results.machine['cpu']} {results.machine['cpus']} cpus"
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


if __name__ == "__main__":
    sys.exit(main())
