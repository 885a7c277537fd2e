"""Packing a corpus into training windows on disk, every token exactly once.

1. ids: each unit of the inputs is encoded, into a file of ids with the histogram of its lengths
2. plan: all windows are planned, by the histograms alone
3. exchange: each file of ids writes its pieces, sorted by window, for each shard of windows
4. windows: each shard is put together from its pieces

Each file is written whole or not at all, and is there once its entry is: a run that was stopped
goes on with what is missing. ``_ids`` and ``_exchange`` are removed when the windows are complete.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ctxtools import __version__
from ctxtools.corpus.driver import Progress, Result, list_others, run_tasks, run_units
from ctxtools.corpus.engines import Engine, get_engine
from ctxtools.corpus.engines.task import make_task
from ctxtools.corpus.lengths import GROUP, LENGTH, ROWS, load_histograms
from ctxtools.corpus.manifest import (
    MANIFEST,
    PARTS,
    Entry,
    Manifest,
    check_inputs,
    claim_folder,
    inputs_of_parts,
    load_entry,
    load_manifest,
    output_folder,
    remove_others,
    written,
)
from ctxtools.corpus.packing.accounts import account_of
from ctxtools.corpus.packing.assembly import window_schema
from ctxtools.corpus.packing.ids import IdsStep, check_groups
from ctxtools.corpus.packing.job import FOLDER, IDS_FOLDER, PLAN, IdsPart, Job, find_columns
from ctxtools.corpus.packing.options import PackOptions, Resolved
from ctxtools.corpus.packing.plan import CorpusPlan, plan_windows
from ctxtools.corpus.packing.schemas import CommonSchema
from ctxtools.corpus.packing.shards import info_of
from ctxtools.corpus.steps import step_to_json
from ctxtools.corpus.units import Unit, units_of
from ctxtools.errors import CtxtoolsError, FormatError, ReadError, import_extra
from ctxtools.packing.windows.formats import check_columns
from ctxtools.packing.windows.formats.parquet import rows_of_group
from ctxtools.packing.windows.info import INFO, ShardInfo

if TYPE_CHECKING:
    import pyarrow

_SHARD = 64 << 20
"""Bytes of the pieces of a shard, on average: a worker has a few times as much in memory."""

_GATHERED = 1 << 20  # pieces of a shard of an index
_REMOVED = "_removed"


def pack(
    inputs: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    options: PackOptions,
    *,
    engine: Engine | None = None,
    skip_bad_records: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """Pack a corpus into training windows on disk, every token exactly once.

    Run again after an interruption or a failure, it does what is missing; the files are the same as
    of one run. A change of an input makes all windows anew, and, with ``keep_ids``, the ids of this
    input alone. `ctxtools.PackedDataset.open` reads the windows.

    Args:
        inputs: as of `ctxtools.corpus.list_inputs`.
        folder: new, empty, or of an earlier run with the same options, over some of these inputs;
            all workers see it.
        options: what windows are made of, and how.
        engine: None for this machine.
        skip_bad_records: as of `ctxtools.corpus.run`.
        progress: called after each part of each phase: "ids", "exchange", "shard".

    Returns:
        The manifest, whose entries are shards of consecutive windows, in order. Its ``facts`` have
        the figures of the ``plan`` and, as ``inputs``, how many rows and tokens of each part are in
        windows, truncated, dropped or empty.

    Raises:
        UsageError: an option cannot be used; a document is longer than a window, and ``overlong``
            is "raise"; a column has several types, or too many values to group by.
        ReadError: an input is missing, or cannot be read.
        ConfigError: the folder is of something else or of quite other inputs, or a URI.
        UnknownEncodingError: the encoding is not known.
        OSError: the folder cannot be written.
    """
    resolved = options.resolve()
    engine = engine or get_engine()
    root = output_folder(folder)
    listed, skipped = list_others(inputs, root)
    units = list(units_of(listed, engine.row_groups, skip_bad_records=skip_bad_records))
    with claim_folder(root, resolved.to_json()):
        result = _Run(root, units, resolved, engine, progress).result()
    return replace(result, skipped=skipped)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run in a folder that is claimed."""

    root: Path
    units: Sequence[Unit]
    options: Resolved
    engine: Engine
    progress: Callable[[Progress], None]

    def result(self) -> Result:
        shutil.rmtree(self.root / _REMOVED, ignore_errors=True)
        step, key = self._step(), self._key()
        if manifest := self._complete(key):
            self._clean()
            return Result(manifest, (), len(manifest.entries), 0)
        check_inputs(self.root, self._earlier(), {unit.input.uri for unit in self.units})
        for name in (MANIFEST, INFO):  # until it is complete again
            (self.root / name).unlink(missing_ok=True)
        ids_root = self.root / IDS_FOLDER
        with claim_folder(ids_root, step_to_json(step)):
            progress = self._checked(ids_root, step)
            ids = run_units(ids_root, self.units, step, self.engine, progress)
        if ids.manifest is None:
            return ids
        entries = ids.manifest.entries
        histograms = load_histograms(ids_root)
        plan, numbers = self._plan(histograms)
        job = self._job(key, entries, numbers, plan)
        if self.options.format != "gathered":
            check_columns(self.options.format, window_schema(job))
        (self.root / FOLDER / PARTS).mkdir(parents=True, exist_ok=True)
        plan.save(self.root / PLAN)
        job.save(self.root)
        names = [part.name for part in job.parts]
        abouts = [f"{part.source}: pieces" for part in job.parts]
        pieces, failed, _ = self._phase("exchange", "part", self.root / FOLDER, names, abouts)
        if failed:
            return Result(None, tuple(failed), ids.reused, ids.removed)
        _check(plan, pieces)
        abouts = [f"windows of {name}" for name in job.names]
        shards, failed, reused = self._phase("shard", "shard", self.root, job.names, abouts)
        if failed:
            return Result(None, tuple(failed), ids.reused + reused, ids.removed)
        remove_others(self.root, shards)
        manifest = self._manifest(key, job, plan, shards, entries, histograms)
        manifest.save(self.root)
        self._clean()
        return Result(manifest, (), ids.reused + reused, ids.removed)

    def _checked(self, ids_root: Path, step: IdsStep) -> Callable[[Progress], None]:
        """``progress``, which stops as soon as two files have a column of several types.

        Raises:
            UsageError: those of an earlier run have one.
        """
        common, options = CommonSchema(), step_to_json(step)
        for unit in self.units:
            if entry := load_entry(ids_root, unit.part(options)):
                common.add(_schema_of(ids_root, entry), entry.input)

        def check(progress: Progress) -> None:
            common.add(_schema_of(ids_root, progress.entry), progress.entry.input)
            self.progress(progress)

        return check

    @property
    def _keeps_ids(self) -> bool:
        return self.options.format == "gathered" or self.options.keep_ids

    def _step(self) -> IdsStep:
        options = self.options
        keep = options.keep
        if keep is not None and options.loss_mask is not None:
            keep = tuple(dict.fromkeys((*keep, options.loss_mask)))
        return IdsStep(options.column, options.encoding, keep, options.group_by)

    def _key(self) -> str:
        """What changes when the windows do: a hash of the inputs and the options."""
        step = step_to_json(self._step())
        facts = [__version__, self.options.to_json(), *(unit.part(step) for unit in self.units)]
        return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def _complete(self, key: str) -> Manifest | None:
        """The manifest of the same windows, if all of them are there, and no record is missing
        that may not be left out."""
        try:
            manifest = load_manifest(self.root)
        except (ReadError, FormatError):
            return None
        skips_bad = all(unit.skip_bad_records for unit in self.units)
        if not skips_bad and any(each["bad_records"] for each in manifest.facts.get("inputs", ())):
            return None
        files = (*manifest.files, *(file for each in manifest.entries for file in each.files))
        try:
            are_there = all((self.root / f.name).stat().st_size == f.bytes for f in files)
        except OSError:
            return None
        are_there = are_there and all(_is_complete(self.root / name) for name in manifest.folders)
        return manifest if are_there and manifest.facts.get("key") == key else None

    def _earlier(self) -> Iterator[str]:
        """The inputs of what is there of an earlier run, as far as they are known."""
        with suppress(ReadError, FormatError):
            yield from (each["input"] for each in load_manifest(self.root).facts["inputs"])
        yield from inputs_of_parts(self.root / IDS_FOLDER)

    def _plan(
        self, histograms: "Sequence[pyarrow.Table]"
    ) -> tuple[CorpusPlan, list[dict[str | None, int]]]:
        """The plan, and for each part its number in that for each of its groups."""
        options = self.options
        tables: list[pyarrow.Table] = []
        groups: list[str | None] = []
        numbers: list[dict[str | None, int]] = []
        for histogram in histograms:
            parts = _by_group(histogram)
            numbers.append({group: len(tables) + i for i, (group, _) in enumerate(parts)})
            tables += [table for _, table in parts]
            groups += [group for group, _ in parts]
        if options.group_by is not None:
            check_groups(options.group_by, len({*groups}))
        order = sorted({*groups}, key=lambda group: (group is None, group or ""))
        plan = plan_windows(
            tables,
            options.window,
            eos_tokens=len(options.eos),
            separator_tokens=len(options.separator),
            overlong=options.overlong,
            max_documents=options.max_documents,
            seed=options.seed,
            groups=groups,
            order=order,
        )
        return plan, numbers

    def _job(
        self,
        key: str,
        entries: Sequence[Entry],
        numbers: Sequence[Mapping[str | None, int]],
        plan: CorpusPlan,
    ) -> Job:
        schemas = [_schema_of(self.root / IDS_FOLDER, entry) for entry in entries]
        columns, types = find_columns(self.options, schemas, entries)
        names = [_named(key, "pieces", entry.part) for entry in entries]
        rows = zip(names, entries, numbers, strict=True)
        parts = [IdsPart(name, e.files[0].name, str(e.input), each) for name, e, each in rows]
        per_shard = self._per_shard(entries, plan)
        shards = range(-(-plan.bins // per_shard))
        return Job(
            options=self.options,
            columns=columns,
            types=types,
            parts=tuple(parts),
            windows=plan.bins,
            per_shard=per_shard,
            names=tuple(f"{number:06d}-{_named(key, 'windows', number)}" for number in shards),
        )

    def _per_shard(self, entries: Sequence[Entry], plan: CorpusPlan) -> int:
        """The windows of a shard, by the average of bytes or pieces of a window."""
        if not plan.bins:
            return 1
        if self.options.format == "gathered":
            return max(1, _GATHERED * plan.bins // max(1, plan.pieces))
        size = sum(entry.files[0].bytes for entry in entries)
        group = rows_of_group(self.options.window)  # which streams of windows read at once
        windows = max(1, _SHARD * plan.bins // max(1, size))
        return windows // group * group or windows

    def _phase(
        self, kind: str, item: str, root: Path, names: Sequence[str], abouts: Sequence[str]
    ) -> tuple[list[Entry], list[CtxtoolsError], int]:
        """Do what is missing of a phase: all entries, why some are missing, and how many were
        there."""
        entries = {name: entry for name in names if (entry := load_entry(root, name))}
        reused, folder = len(entries), os.path.abspath(self.root)
        tasks = (
            make_task(kind, about, {"folder": folder, item: number})
            for number, (name, about) in enumerate(zip(names, abouts, strict=True))
            if name not in entries
        )
        failed = run_tasks(
            self.engine, tasks, entries, dict.fromkeys(names, 0), kind, self.progress
        )
        return [entries[name] for name in names if name in entries], failed, reused

    def _manifest(
        self,
        key: str,
        job: Job,
        plan: CorpusPlan,
        shards: Sequence[Entry],
        entries: Sequence[Entry],
        histograms: "Sequence[pyarrow.Table]",
    ) -> Manifest:
        counted = tuple(ShardInfo(entry.part, entry.rows_out) for entry in shards)
        paths = info_of(job, counted).save(self.root)
        accounts = [
            account_of(entry, histogram, self.options)
            for entry, histogram in zip(entries, histograms, strict=True)
        ]
        facts = {"key": key, "plan": plan.summary(), "inputs": accounts}
        files = written(self.root, *paths, self.root / PLAN)
        folders = (IDS_FOLDER,) if self._keeps_ids else ()
        return Manifest(self.options.to_json(), __version__, tuple(shards), files, folders, facts)

    def _clean(self) -> None:
        """Remove what is needed no more."""
        for name in (FOLDER, *(() if self._keeps_ids else (IDS_FOLDER,))):
            if (self.root / name).exists():
                # Not where it is: half of it would be the folder of something else.
                (self.root / name).rename(self.root / _REMOVED)
                shutil.rmtree(self.root / _REMOVED)


def _schema_of(folder: Path, entry: Entry) -> "pyarrow.Schema":
    """The columns of a file of ids."""
    arrow = import_extra("pyarrow", "a corpus", "parquet")
    with arrow.memory_map(str(folder / entry.files[0].name)) as source:
        return arrow.ipc.open_file(source).schema


def _is_complete(folder: Path) -> bool:
    """Whether a folder of units has a manifest, and all files of its parts."""
    try:
        entries = load_manifest(folder).entries
    except (ReadError, FormatError):
        return False
    return all(load_entry(folder, entry.part) for entry in entries)


def _by_group(histogram: "pyarrow.Table") -> "list[tuple[str | None, pyarrow.Table]]":
    """The histogram of each group; of "", where there are none."""
    compute = import_extra("pyarrow.compute", "a corpus", "parquet")
    if GROUP not in histogram.column_names:
        return [("", histogram)]
    names = histogram.column(GROUP)
    found: list[tuple[str | None, pyarrow.Table]] = []
    for name in names.unique():
        mask = compute.equal(names, name).fill_null(False) if name.is_valid else names.is_null()
        found.append((name.as_py(), histogram.filter(mask).select([LENGTH, ROWS])))
    return found


def _check(plan: CorpusPlan, pieces: Sequence[Entry]) -> None:
    """Check that the pieces that were exchanged are those of the plan.

    Raises:
        FormatError: they are not.
    """
    tokens = sum(entry.tokens for entry in pieces)
    separators = (plan.pieces - plan.bins) * plan.options.separator_tokens
    facts = {
        "documents": (sum(entry.rows_in for entry in pieces), plan.documents),
        "pieces": (sum(entry.rows_out for entry in pieces), plan.pieces),
        "tokens": (tokens, plan.tokens - separators),
        "overlong documents": (
            sum(entry.counts["overlong"] for entry in pieces),
            plan.truncated + plan.dropped,
        ),
    }
    for name, (found, planned) in facts.items():
        if found != planned:
            raise FormatError(f"{found:,} {name} were exchanged, not {planned:,}")


def _named(*facts: str | int) -> str:
    return sha256(json.dumps(facts).encode()).hexdigest()[:24]
