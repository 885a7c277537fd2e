"""Jupyter notebooks: the text is that of the cells, not the JSON around it.

Format: nbformat 4 (https://nbformat.readthedocs.io/en/latest/format_description.html), and 3,
which has its cells in worksheets and calls a code cell's source "input". Each cell follows a line
that says what it is, as in the percent format of Jupytext and editors
(https://jupytext.readthedocs.io/en/latest/formats-scripts.html), so that code and prose are told
apart: ``# %%`` is a cell of Python, ``# %% [julia]`` one of another language, ``# %% [markdown]``
prose, ``# %% [raw]`` neither, ``# %% [output]`` what the cell before has printed.
"""

import json
import re
from typing import Any

from ctxtools.documents.readers.jsonl import kind_of_value

CELL = re.compile(r"^# %%(?: \[([^\]\r\n]+)\])?$", re.MULTILINE)
"""The line before each part of a cell; the group is what is in it, None for Python."""

_KINDS = {"markdown": "markdown", "raw": "raw", "heading": "markdown"}
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")
# Sequences that colour text, move the cursor or set a title (ECMA-48).
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    # Whatever ends it: looking for an end from each of many starts would take quadratic time.
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)


class NotANotebookError(ValueError):
    """JSON of another structure, or none; the message says where it differs."""


def read_notebook(source: str, outputs: bool) -> tuple[str, tuple[str, ...]]:
    """The text of a notebook, or the file as it is if it is none, and notes.

    Args:
        source, outputs: as in `notebook_text`.
    """
    try:
        content = notebook_text(source, outputs=outputs)
        return content, () if content else ("a notebook without text",)
    except NotANotebookError as error:
        return source, (f"not a notebook ({error}), read as plain text",)


def notebook_text(source: str, *, outputs: bool = False) -> str:
    """The sources of the cells in order, each under a line such as ``# %%``, between empty lines.

    Args:
        source: the content of the file.
        outputs: after each cell, include what it printed, its result as plain text, and
            tracebacks, without colours and as progress bars ended. Images and HTML are never
            included.

    Raises:
        NotANotebookError: the file is not a notebook, or one of its cells is none.
    """
    try:
        notebook = json.loads(source)
    except json.JSONDecodeError as error:
        raise NotANotebookError(f"not JSON: {error.msg}, line {error.lineno:,}") from None
    except RecursionError:
        raise NotANotebookError("nested too deeply") from None
    except ValueError:
        raise NotANotebookError("a number of too many digits") from None
    parts = []
    cells = _cells(notebook)
    language = _language(notebook)
    for number, cell in enumerate(cells, 1):
        try:
            parts += _parts(cell, language, outputs)
        except NotANotebookError as error:
            raise NotANotebookError(f"cell {number:,}: {error}") from None
    return "\n".join(f"{_mark(kind)}\n{text}\n" for kind, text in parts)


def _mark(kind: str) -> str:
    return "# %%" if kind == "python" else f"# %% [{kind}]"


def _language(notebook: dict[str, Any]) -> str:
    """The language of the code cells."""
    for place, name in (("language_info", "name"), ("kernelspec", "language")):
        if found := _name_of_language(notebook, "metadata", place, name):
            return found
    return "python"


def _name_of_language(value: Any, *path: str) -> str:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    found = value.lower() if isinstance(value, str) and _LANGUAGE.fullmatch(value) else ""
    return "python" if found.startswith("python") or found == "ipython" else found


def _cells(notebook: Any) -> list[Any]:
    if not isinstance(notebook, dict):
        raise NotANotebookError(f"{kind_of_value(notebook)}, not an object")
    if "cells" in notebook or "worksheets" not in notebook:
        return _listed(notebook, "cells")
    return [cell for sheet in _listed(notebook, "worksheets") for cell in _listed(sheet, "cells")]


def _listed(of: Any, name: str) -> list[Any]:
    """A list in an object; or say what is there instead."""
    value = _object(of).get(name)
    if name not in of:
        raise NotANotebookError(f"no {name}")
    if not isinstance(value, list):
        raise NotANotebookError(f"{name} is {kind_of_value(value)}, not a list")
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotANotebookError(f"{kind_of_value(value)}, not an object")
    return value


def _parts(cell: Any, language: str, outputs: bool) -> list[tuple[str, str]]:
    """Of each part of a cell that is not empty, what it is and its text."""
    parts = []
    name = "source" if "source" in _object(cell) or "input" not in cell else "input"
    source = _text(cell, name)
    if source.strip():
        of_cell = _name_of_language(cell, "metadata", "vscode", "languageId")
        kind = str(cell.get("cell_type"))
        parts.append((_KINDS.get(kind, of_cell or language), source.rstrip("\n")))
    if outputs and "outputs" in cell:
        texts = map(_output_text, _listed(cell, "outputs"))
        printed = "".join(text if text.endswith("\n") else f"{text}\n" for text in texts if text)
        if printed.strip():
            parts.append(("output", printed.rstrip("\n")))
    return parts


def _output_text(output: Any) -> str:
    """The text of one output, as it is seen; empty if it has none."""
    kind = _object(output).get("output_type")
    if kind in ("error", "pyerr"):  # the latter in format 3
        return _as_seen(_text(output, "traceback", "\n")) if "traceback" in output else ""
    if "text" in output:
        return _as_seen(_text(output, "text"))
    data = _object(output.get("data", {}))
    return _as_seen(_text(data, "text/plain")) if data.get("text/plain") is not None else ""


def _text(of: dict[str, Any], name: str, separator: str = "") -> str:
    """One string, or a list of lines, each with its newline unless ``separator`` is one."""
    value = of.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return separator.join(value)
    if name not in of:
        raise NotANotebookError(f"no {name}")
    other = "lists other things" if isinstance(value, list) else f"is {kind_of_value(value)}"
    raise NotANotebookError(f"{name} {other}, not text")


def _as_seen(text: str) -> str:
    """What a terminal would show: no escape sequences, and of lines written over, the last."""
    text = _ANSI.sub("", text)
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(map(_last_written, text.replace("\r\n", "\n").split("\n")))


def _last_written(line: str) -> str:
    """A line after carriage returns and backspaces."""
    if "\b" in line:
        kept: list[str] = []
        for character in line:
            if character != "\b":
                kept.append(character)
            elif kept and kept[-1] != "\r":
                kept.pop()
        line = "".join(kept)
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
