"""What ``--html`` writes: results of commands as pages of `ctxtools.report`."""

from collections.abc import Iterable, Sequence

from ctxtools.cli.output.console import dollars
from ctxtools.cli.output.rows import FileCount
from ctxtools.cli.targets import Target
from ctxtools.documents import Skipped
from ctxtools.report import CountColumn, CountedFile, count_page, save_report


def write_count_page(
    path: str,
    targets: Sequence[Target],
    counted: Iterable[FileCount],
    totals: Sequence[int],
    skipped: Sequence[Skipped],
    notes: Sequence[str],
) -> None:
    """Write the page of ``ctx count``.

    Args:
        path: where to.
        targets: what was counted for.
        counted: the files.
        totals: of all files, for each target, as `Target.interval` takes them.
        skipped: files that were not counted.
        notes: on files and on the run.
    """
    columns = [_column(target, n) for target, n in zip(targets, totals, strict=True)]
    files = (_file(each, targets) for each in counted)
    save_report(count_page(files, columns, skipped=skipped, notes=notes), path)


def _column(target: Target, total: int) -> CountColumn:
    cost = target.cost(total)
    limit = target.format_available() if target.available is not None else ""
    price = "" if cost is None else dollars(cost)
    return CountColumn(target.name, target.available, limit, target.interval(total), price)


def _file(file: FileCount, targets: Sequence[Target]) -> CountedFile:
    tokens = tuple(
        n if target.is_exact(n) else target.interval(n)
        for target, n in zip(targets, file.counts, strict=True)
    )
    return CountedFile(file.path, file.size, tokens, file.kind, file.notes)
