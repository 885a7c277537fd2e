"""What a file's text says of how it came about: markers of generators, lines that nobody writes.

A marker counts where a comment at the start of the file *begins* with it, so that a file that
mentions one, such as the source of a generator, is none.
"""

import re
from collections.abc import Sequence

from ctxtools import _core
from ctxtools.documents.filetypes import file_type, is_template
from ctxtools.documents.origins.data_uris import elide_data_uris
from ctxtools.documents.origins.origin import Origin

_HEAD = 6_000  # characters in which a marker is looked for
_MANY_CHARACTERS = 1_000  # below which nothing is called minified
_LONG_LINES = 300  # characters of a line on average, in minified JavaScript and CSS
_VERY_LONG_LINES = 1_500  # the same, in any code
_FEW_SPACES = 0.1  # of the characters of minified code; written code has twice as many


def may_have_markers(texts: Sequence[str], threads: int = 1) -> list[int]:
    """The numbers of the texts at whose start a marker may be: nearly all without are left out.

    Args:
        texts: of files.
        threads: how many may work; 0 is one per core.
    """
    heads = [text[:_HEAD] for text in texts]
    return _core.texts_with(heads, list(WORDS), ignore_case=True, threads=threads)


def by_text(path: str, text: str, *, may_have_marker: bool = True) -> Origin | None:
    """How a file came about, by its text; None if somebody wrote it.

    Args:
        path, text: of the file.
        may_have_marker: whether it is one of `may_have_markers`.
    """
    if _OTHER_PACK.match(text) or _BARS.match(text):
        return Origin("earlier pack", "its start")
    if _REPORT.match(text):
        return Origin("build output", "a page of ctxtools")
    if path.endswith("Manifest.toml") and _JULIA.match(text):
        return Origin("lock file", "its start")
    if is_template(path) and not path.endswith("Makefile.in"):
        return None  # a marker in it is for what will be made of it
    if _SOURCE_MAP.match(text):
        return Origin("minified", "source map")
    if (may_have_marker or text.startswith("/")) and _has_marker(path, text[:_HEAD]):
        return Origin("generated", "marker", certain=False)
    type = file_type(path)
    if type.kind != "code" and type.language != "css":
        return None
    return _by_lines(text, web=type.language in ("javascript", "css"))


def _by_lines(text: str, *, web: bool) -> Origin | None:
    """Whether code has lines as long as nobody writes them."""
    # The lines at its start are enough for nearly all code, in which no data URI is looked for.
    enough = len(text) // _LONG_LINES + 1
    if text.count("\n", 0, len(text) // 8) > enough or _mean_line(text) <= _LONG_LINES:
        return None
    text = elide_data_uris(text).text
    if len(text) < _MANY_CHARACTERS:
        return None
    average = _mean_line(text)
    if web and average > _LONG_LINES:
        spaces = sum(map(text.count, " \t\n"))
        if spaces < _FEW_SPACES * len(text):
            return Origin("minified", "long lines")
    return Origin("generated", "long lines", certain=False) if average > _VERY_LONG_LINES else None


def _mean_line(text: str) -> float:
    """The characters of a line, on average."""
    return len(text) / (text.count("\n") + 1)


# The output of repomix, files-to-prompt --cxml, gitingest and code2prompt.
_OTHER_PACK = re.compile(
    r"This file is a merged representation of |<documents>\n<document index=\"1\">\n<source>"
    r"|(?:(?:Repository|Directory): .*\n(?:.*\n){0,8})?Directory structure:\n[└├]"
    r"|Project Path: .*\n\s*(?:I'd like you|Source Tree:)"
)
# That of files-to-prompt: a path and a bar before each file, and a bar after it.
_PATH_AND_BAR = r"(?:[\w.@ -]{0,80}/[\w./@ -]{1,200}|[\w.@ -]{1,80}\.[A-Za-z]\w{0,9})\n---\n"
_BARS = re.compile(rf"{_PATH_AND_BAR}(?=(?s:.)*?\n---\n\n?{_PATH_AND_BAR})")
# A page of `ctxtools.report`.
_REPORT = re.compile(
    r'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    r'<meta name="generator" content="ctxtools '
)
# Julia's Manifest.toml; others may have a file of that name.
_JULIA = re.compile(
    r"# This file is machine-generated - editing it directly is not advised\s+"
    r"(?:julia_version|manifest_format|\[\[)"
)
_SOURCE_MAP = re.compile(r'\{\s*"version"\s*:\s*3\s*,[^{]{0,400}?"(?:sources|mappings|names)"')

WORDS = ("generated", "created", "produced", "made by")
"""One of these is in whatever the patterns of `generators` match; nearly no file has any."""
# Of Java and Kotlin; and the start of what webpack bundles.
_IN_CODE = re.compile(
    r"^@(?:(?:javax|jakarta)\.annotation\.(?:processing\.)?)?Generated\(|\A/\*{6}/ ", re.MULTILINE
)


def _has_marker(path: str, head: str) -> bool:
    """Whether a file says at its start that it was generated."""
    # A search is slow where nothing is found, which is nearly everywhere.
    may_have = "Generated(" in head or head.startswith("/")
    if may_have and file_type(path).kind == "code" and _IN_CODE.search(head):
        return True
    lowered = head.lower()
    if not any(word in lowered for word in WORDS):
        return False
    from ctxtools.documents.origins.generators import says_generated

    return says_generated(path, head)
