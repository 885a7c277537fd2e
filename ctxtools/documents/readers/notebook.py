"""Jupyter notebooks: the text is that of the cells, not the JSON around it.

Format: nbformat 4 (https://nbformat.readthedocs.io/en/latest/format_description.html), and 3,
which has its cells in worksheets and calls a code cell's source "input". Each cell follows a line
that says what it is, as in the percent format of Jupytext and editors
(https://jupytext.readthedocs.io/en/latest/formats-scripts.html), so that code and prose are told
apart.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_MARKS = {"markdown": "# %% [markdown]", "raw": "# %% [raw]", "heading": "# %% [markdown]"}
_CODE = "# %%"
_OUTPUT = "# %% [output]"
# Sequences that colour text, move the cursor or set a title (ECMA-48).
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|\Z)"
    r"|\x1b[ -/]*[0-~]"
)


def notebook_text(source: str, *, outputs: bool = False) -> str | None:
    """The sources of the cells in order, each under a line such as ``# %%``, between empty lines.

    Args:
        source: the content of the file.
        outputs: after each cell, include what it printed, its result as plain text, and
            tracebacks, without colours and as progress bars ended. Images and HTML are never
            included.

    Returns:
        None if the file is not a notebook.
    """
    try:
        notebook = json.loads(source)
        cells = _cells(notebook)
        parts = [part for cell in cells for part in _parts(cell, outputs)]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        # Not JSON, or JSON with another structure; which does not matter.
        return None
    return "\n".join(f"{mark}\n{text}\n" for mark, text in parts)


def _cells(notebook: Any) -> list[Any]:
    if "cells" in notebook:
        return list(notebook["cells"])
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def _parts(cell: Any, outputs: bool) -> Iterator[tuple[str, str]]:
    """The line before each part of a cell that is not empty, and its text."""
    source = _joined(cell["source"] if "source" in cell else cell["input"])
    if source.strip():
        kind = cell.get("cell_type")
        yield _MARKS.get(kind, _CODE) if isinstance(kind, str) else _CODE, source.rstrip("\n")
    if outputs:
        texts = (_output_text(output) for output in cell.get("outputs", ()))
        printed = "".join(text if text.endswith("\n") else f"{text}\n" for text in texts if text)
        if printed.strip():
            yield _OUTPUT, printed.rstrip("\n")


def _output_text(output: Any) -> str | None:
    """The text of one output, as it is seen; None if it has none."""
    if output["output_type"] in ("error", "pyerr"):  # the latter in format 3
        return _as_seen("\n".join(output.get("traceback", ())))
    if "text" in output:
        return _as_seen(_joined(output["text"]))
    text = output.get("data", {}).get("text/plain")
    return None if text is None else _as_seen(_joined(text))


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


def _joined(text: Any) -> str:
    # A list of lines, each with its newline, or one string.
    return text if isinstance(text, str) else "".join(text)
