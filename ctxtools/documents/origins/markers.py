"""What a file's text says of how it came about: markers of generators, lines that nobody writes.

A marker counts where a comment at the start of the file *begins* with it, so that a file that
mentions one, such as the source of a generator, is none.
"""

import re
from collections.abc import Iterator

from ctxtools.documents.filetypes import file_type, is_template
from ctxtools.documents.origins.data_uris import elide_data_uris
from ctxtools.documents.origins.origin import Origin

_HEAD = 6_000  # characters in which a marker is looked for
_HEAD_LINES = 60
_MANY_CHARACTERS = 1_000  # below which nothing is called minified
_LONG_LINES = 300  # characters of a line on average, in minified JavaScript and CSS
_VERY_LONG_LINES = 1_500  # the same, in any code
_FEW_SPACES = 0.1  # of the characters of minified code; written code has twice as many


def by_text(path: str, text: str) -> Origin | None:
    """How a file came about, by its text; None if somebody wrote it."""
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
    if _has_marker(path, text[:_HEAD]):
        return Origin("generated", "marker", certain=False)
    type = file_type(path)
    if type.kind != "code" and type.language != "css":
        return None
    return _by_lines(text, web=type.language in ("javascript", "css"))


def _by_lines(text: str, *, web: bool) -> Origin | None:
    """Whether code has lines as long as nobody writes them."""
    if _mean_line(text) <= _LONG_LINES:
        return None  # without looking for data URIs in all code
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

# Where comments of several lines start and end, and what starts those of one line.
_BLOCKS = {
    "/*": "*/", "<!--": "-->", '"""': '"""', "'''": "'''", "(*": "*)", "{-": "-}", "#|": "|#",
    "=begin": "=end", "--[[": "]]",
}  # fmt: skip
_OPENED = re.compile(rf"[rRuU]?({'|'.join(map(re.escape, _BLOCKS))})(.*)")
_LINE = re.compile(r"(?://|#|--|;|%|!|REM\b|@rem\b|'|\"(?=\s)|\.\.(?=\s))(.*)", re.IGNORECASE)
_LINE_IN_PROSE = re.compile(r"\.\.\s(.*)")
_DECORATION = " \t/#*-=;%!<>()|"
# Code that may come before a marker.
_BEFORE = re.compile(
    r"<\?|<!doctype|<html|<head|(?:package|module|namespace|syntax)\b|['\"]use |@file:|\W*$",
    re.IGNORECASE,
)


def _comment_lines(path: str, head: str) -> Iterator[str]:
    """The lines of the comments that a file starts with, without what marks them as comments."""
    prose = file_type(path).kind == "prose" and "requirements" not in path.rpartition("/")[2]
    closer = None
    for line in head.splitlines()[:_HEAD_LINES]:
        content = line.strip()
        if closer is None:
            opened = _OPENED.match(content)
            if opened and not (prose and opened[1] != "<!--"):
                closer, content = _BLOCKS[opened[1]], opened[2]
            elif found := (_LINE_IN_PROSE if prose else _LINE).match(content):
                if not found[1].startswith("\t"):  # an example in the comment
                    yield _undecorated(found[1])
                continue
            elif content and (prose or not _BEFORE.match(content)):
                return
            else:
                continue
        body, closed, after = content.partition(closer)
        yield _undecorated(body)
        if closed:
            closer = None
            if after.strip(" ;") and not _LINE.match(after.strip()):
                return


def _undecorated(line: str) -> str:
    line = line.strip(" /")
    return line if line.startswith("<auto") else line.strip(_DECORATION)


_BY = r"(?:by|from|with|using|via)\b"
_MACHINE = r"(?:auto(?:matically)?[- ]?|machine[- ])"
_THIS = (
    r"(?:this|the (?:following|contents? of this|code in this)) (?:[\w.+-]+ ){0,2}?"
    r"(?:file|code|module|class|header|script|document|source|parser|lexer|schema|package|page"
    r"|content|type|interface|test|stylesheet|manifest|workflow|configuration|client)s?"
)
_IS = r"(?:(?:was|is|were|are|has been|have been) )?(?:(?:\w+ly|auto) )?"
_MADE = rf"(?:(?:{_MACHINE}|@)?generated|{_MACHINE}(?:created|produced))\b"
# With a request not to edit it:
_STATEMENT = re.compile(
    r"(?:(?:warning|note|notice|attention|caution|important)\b\W*)?"
    rf"(?:(?:{_THIS}|code|file) {_IS}{_MADE}|this is an? {_IS}{_MADE}"
    rf"|{_MADE}(?: (?:code|file|source|content|data)){{0,2}}"
    rf"(?=\s*(?:$|[^\w\s,]|{_BY}|(?:on|at|automatically|,? ?(?:please )?do(?: not|n't))\b)))",
    re.IGNORECASE,
)
_HANDS_OFF = re.compile(
    r"\b(?:do(?: not|n't)|never|should not be|must not be|not (?:intended|meant) for) "
    r"(?:be )?(?:\w+ ){0,2}?(?:edit|modif|chang|touch|alter)|\binstead of editing|\bnot advised"
    r"|\b(?:changes|edits|modifications)\b.{0,80}\b(?:lost|overwritten)",
    re.IGNORECASE,
)
_HANDS_OFF_FIRST = re.compile(
    r"(?:(?:warning|note|notice|please)\b\W*){0,2}do(?: not|n't) (?:edit|modify|change|touch)"
    r"(?! (?:this )?section).{0,120}?generated\b",
    re.IGNORECASE,
)
# Without one:
_BY_WHAT = re.compile(
    rf"(?:(?:warning|note|notice)\b\W*)?(?:{_THIS} {_IS}{_MADE}|{_MACHINE}generated) {_BY}",
    re.IGNORECASE,
)
_AT_GENERATED = re.compile(
    rf"(?:{_THIS} {_IS})?@(?:partially-)?generated\s*"
    rf"(?:$|[^\w\s]|{_BY}|(?:signedsource|codegen)\b)",
    re.IGNORECASE,
)
# Generators whose output has a comment of their own.
_KNOWN = re.compile(
    r"<?auto-?generated ?/?>"
    r"|generated (?:by|using|with) (?:the )?(?:protocol buffer|protoc|grpc|cython"
    r"|haxe|jooq|django \d|peg\.?js|peggy|coffeescript|roxygen2|pkgdown|doxygen|jflex|antlr"
    r"|automake|gnu autoconf|flex\b|swig|swiftgen|thrift|datamodel-codegen|tapioca|sqlc|gqlgen)"
    r"|generated from \S+ by antlr|(?:parser )?generated by jison|makefile\.in generated by"
    r"|a bison parser, made by|a lexical scanner generated by|generated automatically by aclocal"
    r"|generated by datamodel-codegen|form implementation generated from|autogenerated by"
    r"|created by: the resource compiler"
    r"|generated (?:by|with|using) [\w.@/-]+ (?:version )?v?\d+\.\d+\.\d",
    re.IGNORECASE,
)
_BY_HAND = re.compile(
    r"\b(?:and|then|but)\b.{0,30}\b(?:edited|modified|adapted|adjusted|customi[sz]ed)\b"
    r"|\bby (?:an? )?(?:ai|llm|chat ?gpt|gpt|claude|copilot|gemini|codex|cursor)\b",
    re.IGNORECASE,
)
# One of these is in whatever the patterns above match; nearly no file has any.
_WORDS = ("generated", "created", "produced", "made by")
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
    if not any(word in lowered for word in _WORDS):
        return False
    lines = list(_comment_lines(path, head))
    for number, line in enumerate(lines):
        here = " ".join(lines[number : number + 2])
        near = " ".join(lines[max(number - 3, 0) : number + 8])
        if _AT_GENERATED.match(line) or _HANDS_OFF_FIRST.match(here):
            return True
        if _STATEMENT.match(line) and _HANDS_OFF.search(near):
            return True
        if (_BY_WHAT.match(line) or _KNOWN.match(line)) and not _BY_HAND.search(here):
            return True
    return False
