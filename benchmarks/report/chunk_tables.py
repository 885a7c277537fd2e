"""The chunkers' section of a run's page: a table for each limit and corpus."""

from collections.abc import Sequence

from benchmarks.report.rows import Results, Row, engine_table, ranked
from ctxtools.bench.chunkers import CHUNKERS
from ctxtools.units import format_bytes

_KIND = "chunks of "
_HEADING = (
    *("chunker", "MB/s", "chunks", "fill", "spread", "sentence or stronger", "inside a word"),
    *("last", "promises not kept"),
)
_TEXT = """\
A new process, one thread, after another text of the same kind; offsets are requested where they \
exist; making the tokens, or the index, is part of the time. *Fill* is the mean of tokens over the \
limit, *spread* the standard deviation of chunks' tokens over their mean, *last* the tokens of the \
last chunk. *Sentence or stronger*: the share of cuts at the end of a sentence or a paragraph, or \
before a heading; *inside a word*: without white space (or a Chinese full stop). Both, and the \
promises not kept, are found by `ctxtools/bench/contract.py`, which counts again with tiktoken. \
Where a size follows the speed, the full text would have taken more than 20 seconds, and all \
figures of that row are of its start."""


def chunk_sections(results: Results) -> list[str]:
    """The tables of all limits and corpora; nothing, if the run has no chunkers."""
    rows = [row for row in results.rows if row.kind.startswith(_KIND)]
    if not rows:
        return []
    missing = [name for name in CHUNKERS if name not in {row.engine for row in rows}]
    named = f" Not installed, or not selected: {', '.join(missing)}." if missing else ""
    sections = [f"## Chunks\n\n{_TEXT}{named}"]
    for corpus, kind in dict.fromkeys((row.corpus, row.kind) for row in rows):
        these = [row for row in rows if (row.corpus, row.kind) == (corpus, kind)]
        sections.append(_section(f"{corpus}, {kind.removeprefix('chunks of ')} tokens", these))
    return sections


def _section(title: str, rows: Sequence[Row]) -> str:
    fewest = max((row.info["fewest"] for row in rows if row.info["whole"]), default=0)
    size = format_bytes(max(row.size for row in rows))
    best = ranked(rows, lambda row: row.mb_per_s)
    table = engine_table(_HEADING, best, _figures, remarks=True)
    return f"### {title} ({size}, at least {fewest:,} chunks)\n\n{table}"


def _figures(row: Row) -> list[str]:
    info = row.info
    cuts = sum(info["cuts"].values()) or 1
    speed = f"{row.mb_per_s:,.0f}" if row.mb_per_s >= 10 else f"{row.mb_per_s:.2g}"
    kept = list(info["broken"])
    if info["overlap"]:
        kept.insert(0, f"overlap {info['overlap_met']:.0f} on average")
    if info["tiny_last"]:
        kept.append("tiny last chunk")
    return [
        speed if info["whole"] else f"{speed} ({format_bytes(row.size)})",
        f"{info['chunks']:,}",
        f"{info['fill']:.1%}",
        f"{info['spread']:.2f}",
        f"{info['good_cuts']:.1%}",
        f"{info['cuts'].get('inside', 0) / cuts:.1%}",
        f"{info['last']:,}",
        "; ".join(kept),
    ]
