"""The sequence packers' section of a run's page: how full their windows are, and how fast."""

from benchmarks.report.rows import Results, Row, engine_table, ranked

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
    sections = [f"## Training windows\n\n{_TEXT}"]
    for case in dict.fromkeys(row.corpus for row in rows):
        these = results.of("sequences", corpus=case)
        best = ranked(these, lambda row: row.info["efficiency"])  # of equals, the first measured
        sections.append(f"### {case}\n\n{engine_table(_HEADING, best, _figures)}")
    return sections


def _figures(row: Row) -> list[str]:
    info = row.info
    windows, gap = f"{info['bins']:,}", f"{info['gap']:,}"
    return [f"{row.seconds:.2g}", windows, gap, f"{info['efficiency']:.4%}"]
