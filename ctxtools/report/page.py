"""A page of HTML that is complete in itself: template, style, script and data in one file.

Its data are JSON in a block that no parser takes for HTML, and its script sets names and contents
as text alone. A Content-Security-Policy lets the browser run that script and apply that style, by
their hashes, and load nothing.
"""

import json
import os
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any

from ctxtools.atomic import atomic_write
from ctxtools.checks import check_list, check_type, checked_paths, checked_texts
from ctxtools.documents.file import display_name
from ctxtools.errors import Skipped, UsageError
from ctxtools.escape import one_line, visible
from ctxtools.report.folders import Folders

_MARK = b'<meta name="generator" content="ctxtools'  # as in page.html
_MARKED = 1_000  # bytes
_ASSETS = Path(__file__).parent / "assets"
# `<` could end the block or start a comment, `>` and `&` are for readers that take it for markup.
# Line separators end lines in old scripts, and a lone surrogate has no UTF-8.
_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def embedded_json(value: object) -> str:
    """A value as JSON that may stand in a ``<script>`` element: parsed, it is the same value.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def render_page(
    kind: str, heading: str, data: Mapping[str, Any], *, parts: Sequence[str] = ()
) -> str:
    """The page of a report.

    Args:
        kind: names its template, style and script among the assets.
        heading: of the page; not from outside.
        data: what its script shows.
        parts: further styles and scripts that it uses.

    Returns:
        HTML that can be encoded as UTF-8: the same for the same arguments.
    """
    from ctxtools import __version__

    names = ("base", *parts, kind)
    style = "\n".join(_asset(f"{name}.css") for name in names)
    scripts = "\n".join(_asset(f"{name}.js") for name in names)
    script = _asset("start.js").replace("/* scripts */", scripts)
    return Template(_asset("page.html")).substitute(
        heading=heading,
        version=__version__,
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        body=_asset(f"{kind}.html"),
        data=embedded_json(data),
    )


def save_report(page: str, path: str | os.PathLike[str]) -> None:
    """Write a page to a file, completely or not at all.

    Args:
        page: from one of the functions of this package.
        path: a file; what it holds is replaced.

    Raises:
        UsageError: the page is no str, or cannot be encoded.
        OSError: the file cannot be written.
    """
    check_type("page", page, str)
    (name,) = checked_paths([path], "path")
    try:
        content = page.encode()
    except UnicodeEncodeError:
        raise UsageError("page has a lone surrogate, which no page of a report has") from None
    with atomic_write(name, "wb") as file:
        file.write(content)


def is_page(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one of these pages, of any version, by how it starts."""
    try:
        with open(path, "rb") as file:
            return _MARK in file.read(_MARKED)
    except OSError:
        return False


def skipped_data(skipped: Iterable[Skipped]) -> dict[str, Any]:
    """Files that were not read, by the reason: errors first, then in their order."""
    check_list("skipped", skipped, "Skipped")
    folders = Folders()
    groups: dict[tuple[bool, str, str | None], list[tuple[int, str]]] = {}
    for each in skipped:
        check_type("a skipped file", each, Skipped)
        row = folders.add(display_name(each.path))
        groups.setdefault((each.error, each.reason, each.hint), []).append(row)
    return {
        "folders": folders.as_data(),
        "groups": [
            {
                "reason": visible(reason),
                "hint": None if hint is None else visible(hint),
                "error": error,
                "folder": [folder for folder, _ in rows],
                "name": [name for _, name in rows],
            }
            for (error, reason, hint), rows in sorted(
                groups.items(), key=lambda item: not item[0][0]
            )
        ],
    }


def shown_notes(notes: Iterable[str]) -> list[str]:
    """Notes as they are shown, each once."""
    check_list("notes", notes)
    return [*dict.fromkeys(map(one_line, checked_texts(notes, name="note")))]


@cache
def _asset(name: str) -> str:
    path = _ASSETS / name
    return path.read_text("utf-8") if path.exists() else ""


def _hash(content: str) -> str:
    """What a Content-Security-Policy allows an inline element by."""
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"
