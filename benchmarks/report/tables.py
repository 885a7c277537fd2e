"""A run as a page of Markdown: what was measured on, plots, and a table for each kind of figure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report.chunk_tables import chunk_sections
from benchmarks.report.pack_tables import pack_sections
from benchmarks.report.rows import Results, Row, bold_ours, is_ours, markdown_line, ordered
from benchmarks.report.sequence_tables import sequence_sections
from ctxtools.units import format_bytes


def _rate(row: Row) -> float:
    return row.mb_per_s


def _speed(row: Row) -> str:
    return _megabytes(row.mb_per_s)


def _megabytes(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"


def _first_count(row: Row) -> float:
    """MB/s of the count in a first pass."""
    seconds: float = min(row.info["count_seconds"])
    return row.size / seconds / 1e6


def _seconds(row: Row) -> str:
    return f"{row.seconds:.3g}"


def _quickness(row: Row) -> float:
    return 1 / row.seconds if row.seconds else 0.0


def _corpus_and_encoding(row: Row) -> str:
    return row.corpus if row.encoding == "o200k_base" else f"{row.corpus}, {row.encoding}"


def _times(row: Row) -> str:
    return f"{row.info['times']:.2f}"


def _inverse_times(row: Row) -> float:
    return 1 / float(row.info["times"])


def _ratio(row: Row) -> str:
    ratio = row.info["ratio"]
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"


def _per_call(row: Row) -> str:
    calls = -(-row.size // row.info["length"])
    return f"{row.seconds / calls * 1e6:.2f}"


@dataclass(frozen=True, slots=True)
class _Table:
    """How the rows of a kind become a table: engines down, something else across.

    Attributes:
        kind: the rows.
        title: the heading.
        text: what the figures are.
        column: the heading that a row's figure stands under.
        figure: of a row, as text: MB/s unless stated otherwise.
        rank: of a row, larger is better: engines are sorted by its mean.
    """

    kind: str
    title: str
    text: str
    column: Callable[[Row], str] = _corpus_and_encoding
    figure: Callable[[Row], str] = _speed
    rank: Callable[[Row], float] = _rate


_TABLES = (
    _Table(
        "first pass",
        "First pass in a new process",
        "Seconds of loading and counting together: what a command's user gets.",
        lambda row: f"{row.corpus}, {format_bytes(row.size)}",
        _seconds,
        _quickness,
    ),
    _Table(
        "first pass",
        "The count in it",
        "MB/s of the first count, without loading: caches are cold.",
        figure=lambda row: _megabytes(_first_count(row)),
        rank=_first_count,
    ),
    _Table(
        "warm",
        "Warm, one thread",
        "MB/s of counting the same text again: caches know all of it.",
        rank=lambda row: row.mb_per_s if row.encoding == "o200k_base" else 0.0,
    ),
    _Table(
        "in turn",
        "In turn with ctxtools, warm, one thread",
        "How many times as long as ctxtools an engine takes to count the same text again: the "
        "median of rounds in which both run, each in a separate process.",
        figure=_times,
        rank=_inverse_times,
    ),
    _Table(
        "encodings in turn",
        "Other encodings, in turn with o200k_base, warm, one thread",
        "How many times as long as with o200k_base an engine takes with another encoding.",
        lambda row: f"{row.corpus}, {row.encoding}",
        _times,
        _inverse_times,
    ),
    _Table(
        "one file, threads in turn",
        "One file, all threads in turn with one",
        "How many times as long as all threads one thread takes.",
        lambda row: f"{row.corpus}, {format_bytes(row.size)}, {row.threads} threads",
        _times,
        lambda row: row.info["times"],
    ),
    _Table(
        "other text",
        "Another text, one thread",
        "MB/s of counting a text after another of the same corpus.",
    ),
    _Table(
        "all threads",
        "All threads, warm",
        "MB/s of a batch of pieces of 64 Ki characters.",
        lambda row: f"{_corpus_and_encoding(row)}, {row.threads} threads",
    ),
    _Table(
        "files, all threads",
        "From files to counts, all threads, warm",
        "MB/s, reading included.",
        lambda row: f"{_corpus_and_encoding(row)}, {row.threads} threads",
    ),
    _Table(
        "encode",
        "Encoding to ids, one thread, warm",
        "MB/s, in the container that the engine makes.",
    ),
    _Table(
        "ids in turn",
        "Ids in turn with ctxtools, warm, one thread",
        "How many times as long as ctxtools an engine takes for the ids of the same text.",
        figure=_times,
        rank=_inverse_times,
    ),
    _Table(
        "ids, first",
        "Ids of the first text of a process, one thread",
        "MB/s, without loading: caches are cold.",
    ),
    _Table(
        "ids of a batch in turn",
        "Ids of a batch in turn with ctxtools, warm, all threads",
        "How many times as long as ctxtools an engine takes for the ids of all pieces of a text, "
        "in the container that it makes: of ctxtools an Arrow column.",
        lambda row: f"{row.corpus}, {row.info['length']:,} characters, {row.threads} threads",
        _times,
        _inverse_times,
    ),
    _Table(
        "load",
        "Loading",
        "Seconds from before the import until a first token is counted, in a new process.",
        lambda row: row.encoding,
        _seconds,
        _quickness,
    ),
    _Table(
        "command",
        "Full commands",
        "Seconds from start to end.",
        lambda row: format_bytes(row.size),
        _seconds,
        _quickness,
    ),
    _Table(
        "worst case",
        "Worst-case inputs, one thread",
        "MB/s of an input that no cache knows.",
        lambda row: row.corpus,
    ),
    _Table(
        "growth",
        "Growing texts: the first count in a new process",
        "Seconds, without loading.",
        lambda row: format_bytes(row.size),
        _seconds,
        _quickness,
    ),
    _Table(
        "growth",
        "Peak memory of that process",
        "Of the text as `str`, the engine and its result.",
        lambda row: format_bytes(row.size),
        lambda row: format_bytes(row.info["peak_rss"]),
        lambda row: 1 / row.info["peak_rss"] if row.info["peak_rss"] else 0.0,
    ),
)

_CHUNK_TABLES = (
    _Table(
        "chunk growth",
        "Chunks: twice the text",
        "How many times as long as half of it a text takes, chunks of 512 tokens; 2 is linear. It "
        "is doubled until it takes 0.6 seconds or has 1.9 MB (100,000 headings).",
        lambda row: row.corpus,
        _ratio,
    ),
    _Table(
        "chunk growth",
        "Chunks: speed at the last of these sizes",
        "MB/s. Chunkers with super-linear time got smaller texts than the others.",
        lambda row: row.corpus,
    ),
)


def render_markdown(results: Results, plots: Sequence[Path], note: str) -> str:
    """The page of a run."""
    machine = results.machine
    sections = [
        f"# {results.date}: {machine['cpu']}",
        f"{machine['cpus']} processors, {machine['system']}, Python {machine['python']}. "
        f"{note}".strip(),
        "o200k_base unless stated otherwise. Engines are ordered by their mean. One whose count "
        "differs from the reference is marked and not timed.",
        ", ".join(f"{name} {version}" for name, version in results.versions().items()) + ".",
        *(f"![{plot.stem}]({plot.name})" for plot in plots),
        *_sections(_TABLES, results),
        *_small_texts(results),
        *chunk_sections(results),
        *_sections(_CHUNK_TABLES, results),
        *pack_sections(results),
        *sequence_sections(results),
        *_failures(results),
    ]
    return "\n\n".join(sections) + "\n"


def _small_texts(results: Results) -> list[str]:
    kinds = dict.fromkeys(row.kind for row in results.rows if row.kind.startswith("texts of"))
    rows = [row for kind in kinds for row in results.of(kind)]
    table = _Table(
        "",
        "Small texts, one thread, warm",
        "Microseconds for a call.",
        lambda row: row.kind.removeprefix("texts of "),
        _per_call,
        _quickness,
    )
    return [_section(table, rows)] if rows else []


def _sections(tables: Iterable[_Table], results: Results) -> list[str]:
    return [_section(table, rows) for table in tables if (rows := results.of(table.kind))]


def _section(table: _Table, rows: Sequence[Row]) -> str:
    columns = list(dict.fromkeys(map(table.column, rows)))
    cells = {(row.engine, table.column(row)): row for row in rows}
    lines = [
        f"## {table.title}",
        "",
        table.text,
        "",
        markdown_line(["engine", *columns]),
        markdown_line(["---", *("---:" for _ in columns)]),
    ]
    for engine in ordered(rows, table.rank):
        figures = (_cell(cells.get((engine, column)), table.figure) for column in columns)
        lines.append(markdown_line([bold_ours(engine), *figures]))
    return "\n".join(lines)


def _cell(row: Row | None, figure: Callable[[Row], str]) -> str:
    if row is None:
        return ""
    if not row.ok:
        return "not tried" if row.info["detail"].startswith("not tried") else f"✗ {row.status}"
    return f"**{figure(row)}**" if is_ours(row.engine) else figure(row)


def _failures(results: Results) -> list[str]:
    rows = [row for row in results.rows if not row.ok]
    if not rows:
        return []
    lines = [
        markdown_line(
            [row.engine, row.kind, row.encoding, row.corpus, row.status, row.info["detail"][:100]]
        )
        for row in rows
    ]
    heading = markdown_line(["engine", "benchmark", "encoding", "text", "", "what happened"])
    return [
        "\n".join(
            ["## Wrong, crashed or not tried", "", heading, markdown_line(["---"] * 6), *lines]
        )
    ]
