"""A run over a corpus: every unit exactly once, however often it was interrupted."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ctxtools import __version__
from ctxtools.corpus.engines import Engine, get_engine
from ctxtools.corpus.engines.task import unit_task
from ctxtools.corpus.inputs import Input, list_inputs
from ctxtools.corpus.manifest import (
    MANIFEST,
    PARTS,
    Entry,
    Manifest,
    check_inputs,
    claim_folder,
    inputs_of_parts,
    load_entry,
    output_folder,
    remove_others,
)
from ctxtools.corpus.steps import Step, step_to_json
from ctxtools.corpus.units import Unit, units_of
from ctxtools.errors import CtxtoolsError, Skipped


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done, parts: how many parts are done, and how many there are.
        entry: of the part that was done last.
        bytes_done, bytes: of the input, those done and all; 0 if its bytes are not what is worked
            on.
        phase: what is done with the parts: the kind of the step.
        size: the bytes of the part.
    """

    done: int
    parts: int
    entry: Entry
    bytes_done: int = 0
    bytes: int = 0
    phase: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    Attributes:
        manifest: of all parts, if none failed; else None, and the folder has none.
        failed: why parts are missing.
        reused: parts that an earlier run had done.
        removed: parts of inputs that are gone or have changed.
        skipped: files of folders and patterns that are no inputs.
    """

    manifest: Manifest | None
    failed: tuple[CtxtoolsError, ...]
    reused: int
    removed: int
    skipped: tuple[Skipped, ...] = ()


def run(
    inputs: Iterable[str | os.PathLike[str]],
    step: Step,
    folder: str | os.PathLike[str],
    *,
    engine: Engine | None = None,
    skip_bad_records: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """Do a step with all rows of a corpus, and write what comes of it to a folder.

    Run again after an interruption or a failure, it does what is missing; the files are the same as
    of one run. Inputs that changed are done again, alone.

    Args:
        inputs: as of `list_inputs`.
        step: what to do.
        folder: new, empty, or of an earlier run with the same options, over some of these inputs.
        engine: None for this machine.
        skip_bad_records: leave out records that cannot be read (see `read_tables`); entries and
            totals say how many, and which were the first. Otherwise they fail their part.
        progress: called after each part.

    Raises:
        UsageError, ReadError: as `list_inputs`.
        ConfigError: the folder is of something else or of quite other inputs, or a URI.
        UnknownEncodingError: the step names one.
        OSError: the folder cannot be written.
    """
    step.check()
    engine = engine or get_engine()
    root, options = output_folder(folder), step_to_json(step)
    listed, skipped = list_others(inputs, root)
    units = list(units_of(listed, engine.row_groups, skip_bad_records=skip_bad_records))
    with claim_folder(root, options):
        return replace(run_units(root, units, step, engine, progress), skipped=skipped)


def list_others(
    inputs: Iterable[str | os.PathLike[str]], root: Path
) -> tuple[list[Input], tuple[Skipped, ...]]:
    """`list_inputs`, without what an earlier run has written to a folder; and what is skipped."""
    skipped: list[Skipped] = []
    output = root if (root / PARTS).is_dir() else None
    return list_inputs(inputs, output=output, skipped=skipped), tuple(sorted(set(skipped)))


def run_units(
    root: Path,
    units: Sequence[Unit],
    step: Step,
    engine: Engine,
    progress: Callable[[Progress], None],
) -> Result:
    """`run` in a folder that is claimed, with units that were listed."""
    options = step_to_json(step)
    named = {unit.part(options): unit for unit in units}
    entries = {
        part: entry
        for part, unit in named.items()
        if (entry := load_entry(root, part, bad_records=unit.skip_bad_records))
    }
    if not entries:
        check_inputs(root, inputs_of_parts(root), {unit.input.uri for unit in units})
    (root / MANIFEST).unlink(missing_ok=True)  # until it is complete again
    reused = len(entries)
    missing = [unit for part, unit in named.items() if part not in entries]
    tasks = (unit_task(unit, step, os.path.abspath(root)) for unit in missing)
    sizes = {part: unit.size for part, unit in named.items()}
    failed = run_tasks(engine, tasks, entries, sizes, step.kind, progress)
    if failed:
        return Result(None, tuple(failed), reused, 0)
    removed = remove_others(root, entries.values())
    manifest = Manifest(options, __version__, tuple(entries[part] for part in named))
    manifest.save(root)
    return Result(manifest, (), reused, removed)


def run_tasks(
    engine: Engine,
    tasks: Iterable[str],
    entries: dict[str, Entry],
    parts: Mapping[str, int],
    phase: str,
    progress: Callable[[Progress], None],
) -> list[CtxtoolsError]:
    """Do tasks on an engine, and return why parts are missing.

    Args:
        engine: the engine.
        tasks: of the parts that are missing.
        entries: of those that are there, by part; the others are added.
        parts: all parts, and the bytes of input that each has.
        phase: as of `Progress`.
        progress: called after each part.
    """
    failed: list[CtxtoolsError] = []
    done, size = sum(parts[part] for part in entries), sum(parts.values())
    for found in engine.run(tasks):
        if isinstance(found, CtxtoolsError):
            failed.append(found)
            continue
        entries[found.part] = found
        done += (more := parts[found.part])
        progress(Progress(len(entries), len(parts), found, done, size, phase, more))
    return failed
