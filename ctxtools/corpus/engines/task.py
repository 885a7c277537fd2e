"""A task for a worker of any engine: text in, text out, so that it goes everywhere.

A task never raises: what went wrong is its result, and the run goes on with the next.
"""

import json
from dataclasses import asdict
from typing import Any

from ctxtools import errors
from ctxtools.corpus.manifest import Entry, entry_from_json
from ctxtools.corpus.steps import Step, step_from_json, step_to_json
from ctxtools.corpus.units import Unit, unit_from_json
from ctxtools.corpus.work import work
from ctxtools.errors import CtxtoolsError, ReadError, os_reason


def task_of(unit: Unit, step: Step, folder: str) -> str:
    """The task of writing the part of a unit."""
    return json.dumps({"unit": unit.to_json(), "step": step_to_json(step), "folder": folder})


def unit_of(task: str) -> Unit:
    """The unit of a task."""
    return unit_from_json(json.loads(task)["unit"])


def do(task: str) -> str:
    """Do a task; its result."""
    values, unit = json.loads(task), unit_of(task)
    try:
        entry = work(unit, step_from_json(values["step"]), values["folder"])
    except CtxtoolsError as error:
        if unit.input.uri in error.message:
            return failed(error)
        return failed(type(error)(f"{unit}: {error.message}", hint=error.hint))
    except OSError as error:
        return failed(ReadError(f"{error.filename or values['folder']}: {os_reason(error)}"))
    except MemoryError:
        return failed(ReadError(f"{unit}: it takes too much memory"))
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
