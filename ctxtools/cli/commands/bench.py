"""``ctx bench``: how fast the installed tokenizers count this machine's user's own text."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ctxtools.cli import options as opt

if TYPE_CHECKING:
    from ctxtools.bench.engines import Vocabulary
    from ctxtools.bench.measure import Measurement, Outcome

_WHAT = "What to measure"
_RUN = "How to run"


def bench(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATHS]...",
            help="Files or directories to measure on; a text is built where none are named.",
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[
        str,
        typer.Option("--encoding", "-e", help="A packaged encoding.", rich_help_panel=_WHAT),
    ] = "o200k_base",
    engine: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this engine, such as tiktoken; may be given several times.",
            rich_help_panel=_WHAT,
            show_default=False,
        ),
    ] = None,
    corpus: Annotated[
        str,
        typer.Option(
            help="The text to build: code, prose, jsonl, mixed; with Faker chinese, scripts.",
            rich_help_panel=_WHAT,
        ),
    ] = "mixed",
    size: Annotated[
        str | None,
        typer.Option(
            help="How much text, such as 10M or 1G bytes. Built: 10M; of files: all.",
            rich_help_panel=_WHAT,
            show_default=False,
        ),
    ] = None,
    threads: Annotated[
        int,
        typer.Option(
            "--threads",
            "-j",
            min=0,
            help="Threads of each engine; 0 is one for each core.",
            rich_help_panel=_RUN,
        ),
    ] = 1,
    rounds: Annotated[
        int, typer.Option(min=1, help="Counts after the first.", rich_help_panel=_RUN)
    ] = 3,
    as_json: opt.Json = False,
    quiet: opt.Quiet = False,
    no_progress: opt.NoProgress = False,
    color: opt.Colors = None,
) -> None:
    """Measure how fast each installed tokenizer counts, and whether they agree.

    Each engine runs in a process of its own. One that differs from the reference is not timed.

    Exits with 1 if ctxtools' own count differs.
    """
    from ctxtools.bench.machine import usable_cpus
    from ctxtools.bench.measure import PIECE, installed_engines, measure_engine, reference_outcome
    from ctxtools.bench.vocabulary_files import write_vocabulary
    from ctxtools.errors import UsageError

    threads = threads or len(usable_cpus())
    engines = installed_engines(encoding, engine or ())
    if missing := set(engine or ()) - set(engines):
        raise UsageError(
            f"{', '.join(sorted(missing))} is not installed, or cannot be given {encoding}",
            hint=f"installed: {', '.join(installed_engines(encoding)) or 'none'}",
        )
    with (
        _folders() as (cache, scratch),
        _progress(len(engines) + 2, not (quiet or no_progress)) as step,
    ):
        step("making the text")
        path = _text(paths, corpus, size, cache, scratch, quiet=quiet)
        vocab = write_vocabulary(encoding, cache)
        step("the reference's count")
        reference = reference_outcome(vocab, path, length=PIECE if threads > 1 else 0)
        measurements = []
        for name in engines:
            step(name)
            measurements.append(
                measure_engine(name, vocab, path, reference, threads=threads, rounds=rounds)
            )
    measurements.sort(key=_speed, reverse=True)
    if as_json:
        _print_json(measurements, reference, vocab, threads)
    else:
        _print_table(measurements, reference, vocab, threads, color)
    _print_hint(len(installed_engines(encoding)), quiet)
    wrong = any(m.engine == "ctxtools" and m.outcome.status != "ok" for m in measurements)
    raise typer.Exit(1 if wrong else 0)


@contextmanager
def _folders() -> Iterator[tuple[Path, Path]]:
    """(the cache of what can be built again, a folder for what goes afterwards)."""
    from tempfile import TemporaryDirectory

    from platformdirs import user_cache_path

    with TemporaryDirectory(prefix="ctx-bench-") as scratch:
        yield user_cache_path("ctxtools") / "bench", Path(scratch)


@contextmanager
def _progress(steps: int, wanted: bool) -> Iterator[Callable[[str], None]]:
    """What tells the terminal which step has begun; nothing, where stderr is no terminal."""
    import sys

    if not (wanted and sys.stderr.isatty()):
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=steps)
        numbers = count()
        yield lambda name: progress.update(task, completed=next(numbers), description=name)


def _text(
    paths: Sequence[str] | None,
    corpus: str,
    size: str | None,
    cache: Path,
    scratch: Path,
    *,
    quiet: bool,
) -> Path:
    """The text to measure on, as a file in UTF-8."""
    from ctxtools.bench.corpora import write_corpus
    from ctxtools.units import parse_size

    limit = parse_size(size) if size is not None else None
    if paths:
        return _user_text(paths, limit, scratch / "text", quiet=quiet)
    return write_corpus(corpus, 10_000_000 if limit is None else limit, cache)


def _user_text(paths: Sequence[str], limit: int | None, target: Path, *, quiet: bool) -> Path:
    """The user's files, one after the other, up to a limit in bytes."""
    from ctxtools.cli.output.console import warn
    from ctxtools.documents import read_documents
    from ctxtools.errors import UsageError

    documents = read_documents(paths)
    written = 0
    with target.open("wb") as file:
        for document in documents:
            data = document.text.encode(errors="replace")
            if limit is not None and written + len(data) > limit:
                data = data[: limit - written].decode(errors="ignore").encode()
                limit = written + len(data)
            written += file.write(data)
            if written == limit:
                break
    if not quiet:
        for skipped in documents.skipped:
            warn(f"{skipped.path}: {skipped.reason}")
    if not written:
        raise UsageError("there is no text in what was named", hint="name a text file")
    return target


def _speed(measurement: "Measurement") -> float:
    """Megabytes a second of the best warm count; 0 if the engine failed."""
    seconds = measurement.warm_seconds
    return measurement.bytes / seconds / 1e6 if seconds else 0.0


def _print_table(
    measurements: Sequence["Measurement"],
    reference: "Outcome",
    vocab: "Vocabulary",
    threads: int,
    color: opt.Color | None,
) -> None:
    from ctxtools.bench.machine import machine_info
    from ctxtools.cli.output.console import console, table
    from ctxtools.units import format_bytes

    grid = table(
        *("engine", "version", "load s", "first MB/s", "warm MB/s", "Mtoken/s", "memory"),
        "agrees",
        left=("engine", "version", "agrees"),
    )
    for each in measurements:
        style = "bold" if each.engine == "ctxtools" else ""
        if each.outcome.status != "ok":
            fault = f"✗ {each.outcome.status}"
            grid.add_row(each.engine, each.version, "", "", "", "", "", fault, style=style)
            continue
        grid.add_row(
            each.engine,
            each.version,
            f"{each.load_seconds:.2f}",
            f"{each.bytes / each.first_seconds / 1e6:,.1f}",
            f"{_speed(each):,.1f}",
            f"{each.outcome.tokens / each.warm_seconds / 1e6:.1f}",
            format_bytes(each.outcome.peak_rss),
            "✓" if reference.status == "ok" else "?",
            style=style,
        )
    out = console(color or "auto")
    out.print(grid)
    for each in measurements:
        if each.outcome.status != "ok":
            out.print(f"✗ {each.engine}: {each.outcome.detail}")
    machine = machine_info()
    size = measurements[0].bytes if measurements else 0
    out.print(
        f"\n{format_bytes(size)}, {_reference_text(reference)} ({vocab.encoding}); "
        f"{threads} of {machine['cpus']} processors, {machine['cpu']}"
    )


def _reference_text(reference: "Outcome") -> str:
    from ctxtools.units import format_count

    if reference.status != "ok":
        return f"no reference could count it: {reference.detail}"
    return f"{format_count(reference.tokens)} tokens by {reference.detail}"


def _print_json(
    measurements: Sequence["Measurement"], reference: "Outcome", vocab: "Vocabulary", threads: int
) -> None:
    from ctxtools.bench.machine import machine_info
    from ctxtools.cli.output.console import print_json

    print_json(
        {
            "machine": machine_info(),
            "encoding": vocab.encoding,
            "threads": threads,
            "bytes": measurements[0].bytes if measurements else 0,
            "tokens": reference.tokens if reference.status == "ok" else None,
            "reference": reference.detail,
            "engines": [_as_json(each) for each in measurements],
        }
    )


def _as_json(measurement: "Measurement") -> dict[str, Any]:
    outcome = measurement.outcome
    facts: dict[str, Any] = {
        "engine": measurement.engine,
        "version": measurement.version,
        "status": outcome.status,
        "correct": outcome.status == "ok",
        "detail": outcome.detail,
        "tokens": outcome.tokens,
        "peak_rss": outcome.peak_rss,
    }
    if outcome.status == "ok":
        facts |= {
            "load_seconds": measurement.load_seconds,
            "first_seconds": measurement.first_seconds,
            "warm_seconds": measurement.warm_seconds,
            "mb_per_s": _speed(measurement),
            "tokens_per_s": outcome.tokens / measurement.warm_seconds,
        }
    return facts


def _print_hint(engines: int, quiet: bool) -> None:
    from ctxtools.cli.output.console import warn

    if engines < 4 and not quiet:
        warn('\nhint: pip install "ctxtools[bench]" brings other tokenizers to compare with')
