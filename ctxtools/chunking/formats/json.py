"""JSON and JSONL: objects, arrays and their values, and a record for each line.

The children of an object or array are its members, each with what is before it: comments and
indentation; and what is after it: the comma and the rest of the line.

The title of a large member is its key or number, so that the titles from the outermost block
inwards are its path: ``users``, ``[3]``. Small ones are merged. A long string has the lines and
paragraphs that its escaped line breaks make.

Comments, and a comma after the last member, are accepted, as in the files of editors and compilers
(https://code.visualstudio.com/docs/languages/json#_json-with-comments).
"""

import re

from ctxtools import _core
from ctxtools._core.json_types import MISSING, UNCLOSED
from ctxtools.chunking.block import MAX_DEPTH, Parsed
from ctxtools.chunking.formats import USE_TEXT
from ctxtools.chunking.formats.lines import without_surrogates
from ctxtools.errors import FormatError
from ctxtools.possessive import compile_pattern

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_COMMENT = r"/(?:/[^\n]*+|\*(?:[^*]++|\*(?!/))*+\*/)"
_NO_DATA = compile_pattern(
    rf"({_STRING})|{_COMMENT}|,(?=(?:[ \t\r\n]++|{_COMMENT})*+[\]}}])", re.DOTALL
)

# What is wrong, by its number; the character there is put in.
_FAULTS = (
    "extra text after the value",
    "a value is missing",
    "",
    "expected a comma or closing bracket, not {}",
    "a string is not closed, or has an invalid escape",
    "expected a value, not a key",
    "expected a value, not {}",
    "expected a value after the key, not {}",
    "expected a colon after the key",
    "expected a key in double quotes, not {}",
)


def parse(text: str, format: str) -> Parsed:
    """The blocks of a JSON text; of a JSONL text, one for each record.

    Raises:
        FormatError: the text or a line is not JSON.
    """
    clean = without_surrogates(text)
    try:
        return Parsed(_core.json_blocks(clean, format == "jsonl", MAX_DEPTH))
    except ValueError as error:
        raise _fault(text, format, *error.args) from error


def without_comments(text: str) -> str:
    """A JSON text without comments and commas after the last member: for `json.loads`."""
    return _NO_DATA.sub(lambda found: found[1] or "", text)


def _fault(text: str, format: str, offset: int, what: int, brackets: int) -> FormatError:
    if what == MISSING and format == "json":
        return FormatError("not JSON: the text is empty", hint=USE_TEXT)
    fault = _FAULTS[what].format(repr(text[offset : offset + 1]))
    if what == UNCLOSED:
        fault = f"{brackets:,} bracket{'s are' if brackets > 1 else ' is'} not closed"
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return FormatError(
        f"not JSON: line {line:,}, column {column:,}: {fault}",
        hint=f"correct it, or {USE_TEXT}",
    )
