"""Jupyter notebooks: the text is that of the cells, not the JSON around it.

Format: nbformat 4 (https://nbformat.readthedocs.io/en/latest/format_description.html), and 3,
which has its cells in worksheets and calls a code cell's source "input".
"""

import json
from collections.abc import Iterator
from typing import Any


def notebook_text(source: str, *, outputs: bool = False) -> str | None:
    """The sources of the cells in order, separated by an empty line.

    Args:
        source: the content of the file.
        outputs: after each cell, include what it printed, its result as plain text, and
            tracebacks. Images and HTML are never included.

    Returns:
        None if the file is not a notebook.
    """
    try:
        notebook = json.loads(source)
        cells = _cells(notebook)
        return "\n\n".join(part for cell in cells for part in _parts(cell, outputs))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        # Not JSON, or JSON with another structure; which does not matter.
        return None


def _cells(notebook: Any) -> list[Any]:
    if "cells" in notebook:
        return list(notebook["cells"])
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def _parts(cell: Any, outputs: bool) -> Iterator[str]:
    yield _joined(cell["source"] if "source" in cell else cell["input"])
    if outputs:
        for output in cell.get("outputs", ()):
            text = _output_text(output)
            if text is not None:
                yield text


def _output_text(output: Any) -> str | None:
    """The text of one output; None if it has none."""
    if output["output_type"] == "error":  # "pyerr" in format 3
        return "\n".join(output.get("traceback", ()))
    if "text" in output:
        return _joined(output["text"])
    text = output.get("data", {}).get("text/plain")
    return None if text is None else _joined(text)


def _joined(text: Any) -> str:
    # A list of lines, each with its newline, or one string.
    return text if isinstance(text, str) else "".join(text)
