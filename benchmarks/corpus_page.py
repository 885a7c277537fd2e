"""What ``benchmarks.corpus`` found, as a page."""

from collections import Counter
from typing import Any

from benchmarks.corpus_jobs import ENCODING

WINDOW = 8192
"""Tokens of a training window."""


def render(found: dict[str, Any]) -> str:
    """Results as a page of Markdown."""
    megabytes = found["bytes"] / 1e6
    lines = [
        f"# {found['date'][:10]}: corpora on {found['cpu']}",
        "",
        f"{found['cores']} processors, {found['system']}, Python {found['python']}. "
        f"{megabytes:,.0f} MB of text in Parquet, {ENCODING}: `python -m benchmarks.corpus`.",
    ]
    if counts := found.get("counts"):
        lines += [
            "",
            f"## Counting {counts['rows']:,} rows, {counts['tokens']:,} tokens, writing included",
            "",
            "| | first run | later runs | MB/s | ratio | limit | peak memory of a process |",
            "| --- |" + " ---: |" * 6,
        ]
        for name, seconds in counts["seconds"].items():
            ratio = counts["ratios"].get(name)
            cells = [
                name,
                f"{counts['first'][name]:.2f} s",
                f"{seconds:.2f} s",
                f"{megabytes / seconds:,.0f}",
                f"{ratio['ratio']:.2f} of {ratio['to']}" if ratio else "",
                f"{ratio['limit']}" if ratio else "",
                f"{counts['peak bytes of a process'][name] / 1e6:,.0f} MB",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    if command := found.get("command"):
        lines += ["", f"`ctx corpus count`, start included: {command:.2f} s."]
    if ids := found.get("ids"):
        ours, theirs = ids["seconds"]["ctxtools"], ids["seconds"]["datatrove"]
        lines += [
            "",
            f"Ids of {ids['bytes'] / 1e6:.1f} MB: {ours:.2f} s, datatrove's DocumentTokenizer "
            f"{theirs:.2f} s: {ids['times as fast']:.1f} times as fast (limit {ids['limit']:.0f}), "
            f"the same ids. Of all: {ids['all']['seconds']:.2f} s.",
        ]
    if packed := found.get("pack"):
        lines += ["", f"## Packing into windows of {WINDOW:,} tokens, from texts", ""]
        lines += ["| windows | seconds | ids | exchange | shards | read again | peak of a worker |"]
        lines += ["| --- |" + " ---: |" * 6]
        for format, figures in packed.items():
            sizes = Counter(figures["written bytes"])
            cells = [
                format,
                f"{figures['seconds']:.1f} s",
                *(f"{sizes[name] / 1e6:,.0f} MB" for name in ("ids", "exchange", "shard")),
                f"{figures['read tokens/s'] / 1e6:,.1f}M tokens/s",
                f"{figures['peak bytes of a worker'] / 1e6:,.0f} MB",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    if kills := found.get("killed"):
        lines += [
            "",
            f"Killed {kills['kills']} times at random moments, {kills['before their end']} of them "
            f"before its end, and started again: {kills['identical']} times the same files.",
        ]
    if found["not installed"]:
        lines += ["", f"Left out, not installed: {', '.join(found['not installed'])}."]
    return "\n".join(lines) + "\n"
