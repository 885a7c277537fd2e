"""``ctx bench``: how fast the installed tokenizers count, on built or on your own text."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Annotated

from ctxtools.cli import options as opt
from ctxtools.cli.declarations import argument, panel

_what_option = panel("What to measure")


def bench(
    *,
    paths: Annotated[
        list[str] | None,
        argument(
            metavar="[PATHS]...",
            help="Files or directories to measure on; without any, a text is generated.",
        ),
    ] = None,
    encoding: Annotated[
        str, _what_option("--encoding", "-e", help="A packaged encoding.")
    ] = "o200k_base",
    engine: Annotated[
        list[str] | None,
        _what_option(
            help="Only this engine, or with --retrieval chunker; can be given several times."
        ),
    ] = None,
    corpus: Annotated[
        str,
        _what_option(
            help="The text to generate: code, prose, jsonl, mixed; with Faker chinese, scripts."
        ),
    ] = "mixed",
    size: Annotated[
        str | None,
        _what_option(
            help="How much text, such as 10M or 1G bytes. Defaults: 10M generated, or all files."
        ),
    ] = None,
    retrieval: Annotated[
        str | None,
        _what_option(
            metavar="FOLDER",
            help="Instead, how well chunks are found again: a folder with questions.csv and texts.",
        ),
    ] = None,
    ranker: Annotated[
        list[str] | None,
        _what_option(
            help="With --retrieval, only this ranker: BM25, static or MiniLM; several times too."
        ),
    ] = None,
    threads: Annotated[
        int,
        opt.run_option(
            "--threads", "-j", min=0, help="Threads of each engine; 0 means one per core."
        ),
    ] = 1,
    rounds: Annotated[int, opt.run_option(min=1, help="Counts after the first one.")] = 3,
    as_json: opt.Json = False,
    messages: opt.Messages,
    color: opt.Colors = None,
) -> int | None:
    """Measure how fast each installed tokenizer counts, and whether they agree.

    Each engine runs in a separate process. One that differs from the reference is not timed.

    Exits with 1 if the count of ctxtools differs.

    With --retrieval, chunkers are measured on texts with questions: at an equal limit and at an
    equal mean size, by each ranker that is installed.
    """
    if retrieval is not None:
        _retrieval(
            retrieval, encoding, engine or (), ranker or (), messages, color, as_json=as_json
        )
        return None
    from ctxtools.bench.machine import usable_cpus
    from ctxtools.bench.measure import PIECE, installed_engines, measure_engine, reference_outcome
    from ctxtools.bench.vocabulary_files import write_vocabulary
    from ctxtools.checks import check_threads
    from ctxtools.cli.output.reports import bench as report
    from ctxtools.errors import UsageError

    threads = check_threads(threads) if threads else len(usable_cpus())
    engines = installed_engines(encoding, engine or ())
    if missing := set(engine or ()) - set(engines):
        raise UsageError(
            f"{', '.join(sorted(missing))} is not installed, or cannot be given {encoding}",
            hint=f"installed: {', '.join(installed_engines(encoding)) or 'none'}",
        )
    with (
        _folders(quiet=messages.quiet) as (cache, scratch),
        _progress(len(engines) + 2, messages.shows_progress) as step,
    ):
        step("generating the text" if not paths else "reading the files")
        path = _text(paths, corpus, size, cache, scratch, quiet=messages.quiet)
        vocab = write_vocabulary(encoding, cache)
        step("the reference's count")
        reference = reference_outcome(vocab, path, length=PIECE if threads > 1 else 0)
        measurements = []
        for name in engines:
            step(name)
            measurements.append(
                measure_engine(name, vocab, path, reference, threads=threads, rounds=rounds)
            )
    measurements.sort(key=report.speed, reverse=True)
    if as_json:
        report.print_measurements_json(measurements, reference, vocab, threads)
    else:
        report.print_table(measurements, reference, vocab, threads, color)
    report.print_hint(len(installed_engines(encoding)), messages.quiet)
    wrong = any(m.engine == "ctxtools" and m.outcome.status != "ok" for m in measurements)
    return 1 if wrong else 0


def _retrieval(
    folder: str,
    encoding: str,
    wanted: Sequence[str],
    rankers: Sequence[str],
    messages: opt.Messages,
    color: opt.Colors,
    *,
    as_json: bool,
) -> None:
    """What the command does with --retrieval."""
    from ctxtools.bench.retrieval.chunkings import measured_chunkers
    from ctxtools.bench.retrieval.dataset import load_dataset
    from ctxtools.bench.retrieval.measure import cache_of, measure
    from ctxtools.bench.retrieval.rankers import RANKERS, installed_rankers
    from ctxtools.bench.vocabulary_files import write_vocabulary
    from ctxtools.cli.output.console import warn
    from ctxtools.cli.output.reports import retrieval as report
    from ctxtools.encodings import get_encoding
    from ctxtools.errors import UsageError, missing_extra

    if unknown := set(rankers) - set(RANKERS):
        raise UsageError(
            f"unknown ranker {', '.join(sorted(unknown))}", hint=f"there are {', '.join(RANKERS)}"
        )
    dataset = load_dataset(Path(folder))
    chunkers, usable = measured_chunkers(wanted), installed_rankers(rankers)
    if not chunkers:
        raise UsageError(
            f"{', '.join(wanted)} is not installed, or no chunker",
            hint=f"installed: {', '.join(measured_chunkers())}",
        )
    notes = []
    if missing := ", ".join(sorted(set(rankers or RANKERS) - set(usable))):
        if rankers or not usable:
            raise missing_extra(f"ranking by {missing}", "a package", "retrieval")
        notes.append(f"not installed: {missing} (the extra retrieval has all)")
    if dataset.not_found:
        notes.append(f"{dataset.not_found} spans of answers are in no text")
    for note in () if messages.quiet else notes:
        warn(f"note: {note}")
    with (
        _folders(quiet=messages.quiet) as (cache, _),
        _progress(2 * len(chunkers), messages.shows_progress) as step,
    ):
        vocab = write_vocabulary(encoding, cache)
        made = [ranker(cache_of(cache)) for ranker in usable.values()]
        counter = get_encoding(encoding).count_batch
        results = measure(dataset, vocab, counter, chunkers, made, step=step)
    if as_json:
        report.print_results_json(results, dataset, encoding)
    else:
        report.print_tables(results, dataset, color)


@contextmanager
def _folders(*, quiet: bool) -> Iterator[tuple[Path, Path]]:
    """(the cache of generated texts, a temporary folder).

    Where the user has no folder that can be written to, the cache is temporary too.
    """
    from tempfile import TemporaryDirectory, TemporaryFile

    from platformdirs import user_cache_path

    from ctxtools.cli.output.console import warn
    from ctxtools.errors import os_reason

    with TemporaryDirectory(prefix="ctx-bench-") as scratch:
        try:
            cache = user_cache_path("ctxtools") / "bench"
            cache.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=cache):
                pass
        except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
            reason = str(error)
            if isinstance(error, OSError):
                reason = f"{error.filename}: {os_reason(error)}"
            if not quiet:
                warn(f"note: generated texts are not kept: {reason}")
            cache = Path(scratch) / "cache"
        yield cache, Path(scratch)


@contextmanager
def _progress(steps: int, wanted: bool) -> Iterator[Callable[[str], None]]:
    """What shows on the terminal which step has begun; nothing if stderr is not a terminal."""
    import sys

    if not (wanted and sys.stderr.isatty()):
        yield lambda name: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ctxtools.cli.output.console import console

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console(file=sys.stderr), transient=True) as progress:
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
    from shutil import disk_usage

    from ctxtools.bench.corpora import write_corpus
    from ctxtools.errors import UsageError
    from ctxtools.units import format_bytes, parse_size

    limit = parse_size(size, "--size") if size is not None else None
    if limit is not None and not paths and limit > (free := disk_usage(scratch).free):
        raise UsageError(
            f"--size {size} is more than the {format_bytes(free)} that are free on the disk",
            hint="generate less text",
        )
    if paths:
        return _user_text(paths, limit, scratch / "text", quiet=quiet)
    return write_corpus(corpus, 10_000_000 if limit is None else limit, cache)


def _user_text(paths: Sequence[str], limit: int | None, target: Path, *, quiet: bool) -> Path:
    """The user's files, concatenated, up to a limit in bytes."""
    from ctxtools.cli.output.console import warn
    from ctxtools.documents import read_documents
    from ctxtools.documents.file import display_name
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
            warn(f"{display_name(skipped.path)}: {skipped.reason}")
    if not written:
        raise UsageError("there is no text in the files that were named", hint="name a text file")
    return target
