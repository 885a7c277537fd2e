"""A run over a corpus: every unit exactly once, however often it was interrupted."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ctxtools import __version__
from ctxtools.corpus.engines import Engine, get_engine
from ctxtools.corpus.engines.task import unit_task
from ctxtools.corpus.inputs import list_inputs
from ctxtools.corpus.manifest import (
    MANIFEST,
    Entry,
    Manifest,
    claim_folder,
    load_entry,
    remove_others,
)
from ctxtools.corpus.steps import Step, step_to_json
from ctxtools.corpus.units import Unit, units_of
from ctxtools.errors import CtxtoolsError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done, parts: of the parts.
        entry: of the part that was done last.
    """

    done: int
    parts: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    Attributes:
        manifest: of all parts, if none failed; else None, and the folder has none.
        failed: why parts are missing.
        reused: parts that an earlier run had done.
        removed: parts of inputs that are gone or have changed.
    """

    manifest: Manifest | None
    failed: tuple[CtxtoolsError, ...]
    reused: int
    removed: int


def run(
    inputs: Iterable[str | os.PathLike[str]],
    step: Step,
    folder: str | os.PathLike[str],
    *,
    engine: Engine | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Result:
    """Do a step with all rows of a corpus, and write what comes of it to a folder.

    Run again after an interruption or a failure, it does what is missing; the files are the same as
    of one run. Inputs that changed are done again, alone.

    Args:
        inputs: as of `list_inputs`.
        step: what to do.
        folder: new, empty, or of an earlier run with the same options.
        engine: None for this machine.
        progress: called after each part.

    Raises:
        UsageError, ReadError: as `list_inputs`.
        ConfigError: the folder is of something else.
        UnknownEncodingError: the step names one.
        OSError: the folder cannot be written.
    """
    step.check()
    engine = engine or get_engine()
    root, options = Path(folder), step_to_json(step)
    units = list(units_of(list_inputs(inputs), engine.row_groups))
    with claim_folder(root, options):
        return _run(root, units, step, engine, progress)


def _run(
    root: Path,
    units: Sequence[Unit],
    step: Step,
    engine: Engine,
    progress: Callable[[Progress], None],
) -> Result:
    options = step_to_json(step)
    (root / MANIFEST).unlink(missing_ok=True)  # until it is complete again
    parts = [unit.part(options) for unit in units]
    entries = {part: entry for part in parts if (entry := load_entry(root, part))}
    reused = len(entries)
    missing = [unit for unit, part in zip(units, parts, strict=True) if part not in entries]
    failed: list[CtxtoolsError] = []
    tasks = (unit_task(unit, step, os.path.abspath(root)) for unit in missing)
    for found in engine.run(tasks):
        if isinstance(found, CtxtoolsError):
            failed.append(found)
            continue
        entries[found.part] = found
        progress(Progress(len(entries), len(parts), found))
    if failed:
        return Result(None, tuple(failed), reused, 0)
    removed = remove_others(root, entries.values())
    manifest = Manifest(options, __version__, tuple(entries[part] for part in parts))
    manifest.save(root)
    return Result(manifest, (), reused, removed)
