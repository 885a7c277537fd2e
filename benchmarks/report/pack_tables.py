"""The packers' section of a run's page: what they choose, and full commands."""

from benchmarks.report.rows import Results, Row, engine_table

_LAST = ("tokens", "limit", "seconds")
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
        heading = ["chosen by", "value", *_LAST]
        for case in dict.fromkeys(row.corpus for row in rows):
            these = [row for row in rows if row.corpus == case]
            sections.append(f"### {case} tokens\n\n{engine_table(heading, these, _selection)}")
    if rows := results.of("prompt"):
        table = engine_table(["command", "in the text", "of Latin-1", *_LAST], rows, _prompt)
        sections.append(f"## Prompts: full commands\n\n{_PROMPT}\n\n{table}")
    return sections


def _selection(row: Row) -> list[str]:
    return [f"{row.info['share']:.3%}", *_last(row)]


def _prompt(row: Row) -> list[str]:
    files, latin = row.info["files"], -(-row.info["files"] // 100)
    written = [f"{row.info['whole']:,} of {files:,}", f"{row.info['latin']} of {latin}"]
    return [*written, *_last(row)]


def _last(row: Row) -> list[str]:
    return [f"{row.info['tokens']:,}", f"{row.info['limit']:,}", f"{row.seconds:.3g}"]
