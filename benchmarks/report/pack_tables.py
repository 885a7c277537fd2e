"""The packers' section of a run's page: what they choose, and full commands."""

from collections.abc import Callable, Sequence

from benchmarks.report.rows import Results, Row, is_ours, markdown_line

_SELECTION = """\
Documents in memory, each with a value, into one text; counting and rendering are part of the \
time, on all threads. *Value* is that of the documents in the text, against an upper bound of \
what any choice of complete documents within the limit can reach; *tokens* were counted again by \
tiktoken. Both naive ways render and count as ours does and differ only in the choice."""
_PROMPT = """\
From a folder to a file, as a shell sees it. The limit is about half of the folder's tokens; a \
command that takes none writes everything. *In the text*: the files whose first lines can be \
found in it, so not those of which it has an outline; *of Latin-1*: those among them that are \
not UTF-8."""


def pack_sections(results: Results) -> list[str]:
    """The tables; nothing, if the run has no packers."""
    sections = []
    if rows := results.of("selection"):
        sections.append(f"## Prompts: what is chosen\n\n{_SELECTION}")
        for case in dict.fromkeys(row.corpus for row in rows):
            these = [row for row in rows if row.corpus == case]
            sections.append(_table(f"### {case} tokens", ("chosen by", "value"), these, _selection))
    if rows := results.of("prompt"):
        heading = ("command", "in the text", "of Latin-1")
        sections.append(_table(f"## Prompts: full commands\n\n{_PROMPT}", heading, rows, _prompt))
    return sections


def _table(
    title: str, heading: Sequence[str], rows: Sequence[Row], figures: Callable[[Row], list[str]]
) -> str:
    columns = [*heading, "tokens", "limit", "seconds"]
    rule = ["---", *["---:"] * (len(columns) - 1)]
    lines = [title, "", markdown_line(columns), markdown_line(rule)]
    for row in rows:
        engine = f"**{row.engine}**" if is_ours(row.engine) else row.engine
        if row.ok:
            ends = [f"{row.info['tokens']:,}", f"{row.info['limit']:,}", f"{row.seconds:.3g}"]
            lines.append(markdown_line([engine, *figures(row), *ends]))
        else:
            blank = [""] * (len(columns) - 2)
            lines.append(markdown_line([engine, f"✗ {row.status}", *blank]))
    return "\n".join(lines)


def _selection(row: Row) -> list[str]:
    return [f"{row.info['share']:.3%}"]


def _prompt(row: Row) -> list[str]:
    files, latin = row.info["files"], -(-row.info["files"] // 100)
    return [f"{row.info['whole']:,} of {files:,}", f"{row.info['latin']} of {latin}"]
