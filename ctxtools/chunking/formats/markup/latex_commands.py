"""What is known of the commands and environments of LaTeX, and how their arguments are read."""

import re

from ctxtools.chunking.formats.lines import names, one_line
from ctxtools.possessive import compile_pattern

LEVELS = {
    "part": 1,
    "chapter": 2,
    "section": 3,
    "subsection": 4,
    "subsubsection": 5,
    "paragraph": 6,
    "subparagraph": 7,
}

CODE = names(
    "verbatim verbatim* Verbatim BVerbatim LVerbatim lstlisting minted alltt comment filecontents"
    " filecontents* tikzpicture tikzcd pgfpicture algorithmic algorithm2e code Schunk Sinput"
)
"""Environments whose content is kept as it is."""

MATH = names(
    "equation equation* align align* alignat alignat* gather gather* multline multline* flalign"
    " flalign* eqnarray eqnarray* displaymath math dmath dmath* empheq"
)
"""Environments of formulas, the content of which is not read."""

TABLES = names("tabular tabular* tabularx tabulary longtable supertabular xltabular tblr longtblr")

FLOATS = names("table table* sidewaystable wraptable margintable")
"""Environments that hold a table and its caption."""

LISTS = names(
    "itemize enumerate description compactitem compactenum compactdesc inparaenum tasks"
    " thebibliography questions parts checklist trivlist"
)

TRANSPARENT = names(
    "document appendices subappendices landscape multicols multicols* spacing singlespace"
    " doublespace onehalfspace sloppypar small footnotesize frontmatter mainmatter"
)
"""Environments that change how text looks, and are no blocks of their own: they hold sections."""

_SHOWN = names("label index footnote footnotemark thanks vspace hspace cite citep citet nocite")
"""Commands whose argument is not a part of a title."""

BREAK = r"(?:\r\n|\r|\n)"
REST = rf"[ \t]*+(?:%[^\r\n]*+)?+{BREAK}"
"""The rest of a line, if there is nothing but a comment on it."""

_RULES = (
    "hline midrule toprule bottomrule cline cmidrule addlinespace specialrule endhead endfirsthead"
)
AFTER_ROW = compile_pattern(
    rf"""
    \*?(?:\[[^\]\n]*+\])?+
    (?:
        \s*+\\(?:{_RULES.replace(" ", "|")})(?![a-zA-Z])
        (?:\([^)\n]*+\))?+(?:\{{[^}}\n]*+\}}|\[[^\]\n]*+\])*+
    )*+
    (?:{REST})?+
    """,
    re.VERBOSE,
)
"""What is after a row: its distance from the next, and rules."""

ENDS_HEADER = re.compile(r"\\(?:hline|midrule|endhead|endfirsthead)(?![a-zA-Z])")
"""A rule below the header of a table."""

MAX_ARGUMENT = 1000  # characters that are read of one
_BRACES = re.compile(r"[{}]|\\.", re.DOTALL)
_OPTIONAL = compile_pattern(
    r"\s*+(?:<[^<>\n]*+>\s*+)?+(?:\[(?:[^\[\]\\]|\\.|\[[^\[\]]*+\])*+\]\s*+)?+\{"
)
_COMMAND = re.compile(r"\\([a-zA-Z]++)\*?[ \t]*+(?=(\{)?)|\\(.)|[{}~$]", re.DOTALL)
_ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303"}
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å",
    "AA": "Å", "l": "ł", "L": "Ł", "i": "ı", "LaTeX": "LaTeX", "TeX": "TeX", "ldots": "…",
    "dots": "…", "textendash": "–", "textemdash": "—", "S": "§",
}  # fmt: skip


def argument(text: str, offset: int) -> tuple[str, int] | None:
    """The argument in braces at an offset, and its end; what is in brackets before it is skipped.

    Returns:
        None if there is none, or none that ends soon.
    """
    opening = _OPTIONAL.match(text, offset, offset + MAX_ARGUMENT)
    if not opening:
        return None
    depth = 1
    for found in _BRACES.finditer(text, opening.end(), opening.end() + MAX_ARGUMENT):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth:
            return text[opening.end() : found.start()], found.end()
    return None


def plain(title: str) -> str:
    """A title as it is read: without commands, with the letters that they stand for."""
    parts: list[str] = []
    position, accent = 0, ""
    while found := _COMMAND.search(title, position):
        parts.append(_with_accent(title[position : found.start()], accent))
        if found.start() > position:
            accent = ""
        position = found.end()
        name, symbol = found[1], found[3]
        if name in _SHOWN or name == "texorpdfstring":
            skipped = argument(title, position)  # the second argument of \texorpdfstring is read
            position = skipped[1] if skipped else position
        elif name:
            parts.append(_LETTERS.get(name, ""))
        elif symbol in _ACCENTS:
            accent = _ACCENTS[symbol]
        elif symbol:
            parts.append(" " if symbol in "\\ ,;:/" else symbol if symbol in "&%$#_{}" else "")
        elif found[0] == "~":
            parts.append(" ")
        elif found[0] == "$":
            parts.append("$")
    parts.append(_with_accent(title[position:], accent))
    return one_line("".join(parts))


def _with_accent(text: str, accent: str) -> str:
    if not accent or not text:
        return text
    from unicodedata import normalize

    return normalize("NFC", text[0] + accent) + text[1:]
