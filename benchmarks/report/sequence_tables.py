"""The sequence packers' section of a run's page: how full their windows are, and how fast."""

from benchmarks.report.rows import Results, Row, is_ours, markdown_line, ordered

_HEADING = ("packer", "seconds", "windows", "above the lower bound", "full")
_TEXT = """\
Lengths of documents, log-normal, into training windows; longer ones were split before. \
One thread, the best of three rounds. The lower bound is Martello and Toth's L2: no packer \
needs fewer windows. ctxtools and seqpacker also say which document goes where; next-fit, the \
baseline, only counts windows."""


def sequence_sections(results: Results) -> list[str]:
    """A table for each case; nothing, if the run has none."""
    rows = results.of("sequences")
    if not rows:
        return []
    cases = dict.fromkeys(row.corpus for row in rows)
    tables = [_table(case, results.of("sequences", corpus=case)) for case in cases]
    return [f"## Training windows\n\n{_TEXT}", *tables]


def _table(case: str, rows: list[Row]) -> str:
    lines = [f"### {case}", "", markdown_line(_HEADING), markdown_line(["---", *["---:"] * 4])]
    by_name = {row.engine: row for row in rows}
    best = ordered(rows, lambda row: row.info["efficiency"])  # of equals, the first measured
    return "\n".join([*lines, *(_line(by_name[name]) for name in best)])


def _line(row: Row) -> str:
    name = f"**{row.engine}**" if is_ours(row.engine) else row.engine
    if not row.ok:
        return markdown_line([name, f"✗ {row.status}", "", "", ""])
    info = row.info
    return markdown_line(
        [
            name,
            f"{row.seconds:.2g}",
            f"{info['bins']:,}",
            f"{info['gap']:,}",
            f"{info['efficiency']:.4%}",
        ]
    )
