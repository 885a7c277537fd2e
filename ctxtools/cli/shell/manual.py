"""Manual pages, in the macros of man(7): one for ``ctx``, and one for each command."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from ctxtools import __version__
from ctxtools.cli.shell.words import ROOT, Word, Words

EXIT_CODES = (
    ("0", "Done, or it fits."),
    ("1", "The answer is no: over the limit, or not the same."),
    ("2", "An error of input, use or the system; a file that could not be read."),
    ("70", "A bug in ctxtools."),
    ("130", "Ended by Ctrl-C."),
    ("143", "Ended by SIGTERM."),
)
_ENVIRONMENT = (
    ("CTXTOOLS_MODEL, CTXTOOLS_LIMIT, …", "A setting, as in the configuration; see ctx info."),
    ("CTXTOOLS_KERNEL", "0 leaves the compiled kernel out; require makes its absence an error."),
    ("CTXTOOLS_TRACEBACK", "1 shows where a bug happened."),
    ("NO_COLOR", "No colors."),
)
_FILES = (
    ("ctxtools.toml", "The configuration of a project; or [tool.ctxtools] in pyproject.toml."),
    ("config.toml", "Your own, in a folder that ctx info names."),
)


def manual_pages(commands: list[Words]) -> dict[str, str]:
    """Pages by name, such as ``ctx-corpus-count``."""
    pages = {"ctx": _page("ctx", _overview(commands))}
    for each in commands:
        name = f"ctx-{each.name.replace(' ', '-')}"
        pages[name] = _page(name, _of_command(each, name))
    return pages


def _page(name: str, lines: Iterator[str]) -> str:
    # Without a date, since the same sources make the same bytes.
    title = f'.TH {name.upper()} 1 "" "ctxtools {__version__}" "ctxtools"'
    return "\n".join(["'\\\" -*- coding: UTF-8 -*-", title, *lines, ""])


def _overview(commands: list[Words]) -> Iterator[str]:
    yield from (".SH NAME", f"ctx \\- {_text(ROOT.description.removesuffix('.'))}")
    yield from (".SH SYNOPSIS", ".B ctx", "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]")
    yield ".SH COMMANDS"
    yield from _terms((f"ctx-{each.name.replace(' ', '-')}(1)", each.summary) for each in commands)
    yield ".SH OPTIONS"
    yield from _options(ROOT.options)
    for title, rows in (
        ("EXIT STATUS", EXIT_CODES),
        ("ENVIRONMENT", _ENVIRONMENT),
        ("FILES", _FILES),
    ):
        yield f".SH {title}"
        yield from _terms(rows)
    yield from (".SH SEE ALSO", "https://github.com/ctxtools/ctxtools")


def _of_command(command: Words, name: str) -> Iterator[str]:
    yield from (".SH NAME", f"{name} \\- {_text(command.summary)}")
    yield from (".SH SYNOPSIS", f".B ctx {_text(command.name)}", "[\\fIOPTIONS\\fR]")
    for each in command.options:
        if each.is_required:
            yield f"\\fB{_text(each.spellings[0])}\\fR \\fI{_text(each.value or '')}\\fR"
    for each in command.arguments:
        yield f"\\fI{_text(each.value or '')}\\fR"
    yield ".SH DESCRIPTION"
    for number, paragraph in enumerate(command.description.split("\n\n")):
        if number:
            yield ".PP"
        yield _text(" ".join(paragraph.split()))
    if command.arguments:
        yield ".SH ARGUMENTS"
        yield from _terms((each.value or "", each.help) for each in command.arguments)
    yield ".SH OPTIONS"
    in_order = sorted(command.options, key=lambda each: _panels(command).index(each.panel))
    for panel, options in groupby(in_order, key=lambda each: each.panel):
        if panel:
            yield f".SS {_text(panel)}"
        yield from _options(options)
    yield ".SH EXIT STATUS"
    yield from _terms(EXIT_CODES)
    yield from (".SH SEE ALSO", ".BR ctx (1)")


def _panels(command: Words) -> list[str]:
    return list(dict.fromkeys(["", *(each.panel for each in command.options)]))


def _options(options: Iterable[Word]) -> Iterator[str]:
    for each in options:
        yield ".TP"
        names = ", ".join(f"\\fB{_text(spelling)}\\fR" for spelling in each.spellings)
        yield f"{names} \\fI{_text(each.value)}\\fR" if each.value else names
        yield _text(each.help + (f" Default: {each.default}." if each.default else ""))


def _terms(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", f"\\fB{_text(term)}\\fR", _text(text))


def _text(text: str) -> str:
    """Text that roff prints as it is, with code in bold."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"``?(.+?)``?", r"\\fB\1\\fR", text)
    return re.sub(r"^(?=[.'])", r"\\&", text)
