"""A task for a worker of any engine: text in, text out, so that it goes everywhere.

A task never raises: what went wrong is its result, and the run goes on with the next.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from ctxtools import errors
from ctxtools.corpus.manifest import Entry, entry_from_json
from ctxtools.corpus.steps import Step, step_to_json
from ctxtools.corpus.units import Unit
from ctxtools.errors import CtxtoolsError, ReadError, os_reason

_KINDS = {
    "unit": "ctxtools.corpus.work:work_on_unit",
    "exchange": "ctxtools.corpus.packing.exchange:work_on_exchange",
    "shard": "ctxtools.corpus.packing.shards:work_on_shard",
}
"""The function that does each kind of task: it is given values of JSON, and returns an `Entry`."""


def make_task(kind: str, about: str, values: Mapping[str, Any], *, source: str = "") -> str:
    """A task.

    Args:
        kind: a key of `_KINDS`.
        about: what it works on, which its errors start with.
        values: for its function.
        source: what is in errors that say already where they are from.
    """
    found = {"kind": kind, "about": about, "source": source or about, "values": values}
    return json.dumps(found)


def unit_task(unit: Unit, step: Step, folder: str) -> str:
    """The task of writing the part of a unit into a folder, whose path is absolute."""
    values = {"unit": unit.to_json(), "step": step_to_json(step), "folder": folder}
    return make_task("unit", str(unit), values, source=unit.input.uri)


def about(task: str) -> str:
    """What a task works on."""
    return str(json.loads(task)["about"])


def do(task: str) -> str:
    """Do a task; its result."""
    found = json.loads(task)
    subject = found["about"]
    module, _, name = _KINDS[found["kind"]].partition(":")
    try:
        entry = getattr(import_module(module), name)(found["values"])
    except CtxtoolsError as error:
        if found["source"] in error.message:
            return failed(error)
        return failed(type(error)(f"{subject}: {error.message}", hint=error.hint))
    except OSError as error:
        return failed(ReadError(f"{error.filename or subject}: {os_reason(error)}"))
    except MemoryError:
        return failed(ReadError(f"{subject}: it takes too much memory"))
    return json.dumps({"entry": asdict(entry)})


def failed(error: CtxtoolsError) -> str:
    """The result of a task that raised an error."""
    kind = type(error).__name__
    return json.dumps({"error": kind, "message": error.message, "hint": error.hint})


def result_of(text: str) -> Entry | CtxtoolsError:
    """The entry of a task's result, or why there is none."""
    values: dict[str, Any] = json.loads(text)
    if "entry" in values:
        return entry_from_json(values["entry"])
    kind = getattr(errors, values["error"], CtxtoolsError)
    found: CtxtoolsError = kind(values["message"], hint=values["hint"])
    return found
