"""Files that are wrong, each in a way of its own. `damages` has what can be done to any file."""

import json

from tests.hostile.builders import Input, file_into

FILES: list[Input] = []
file = file_into(FILES)


@file("escapes.txt")
def text_with_escapes() -> str:
    return "".join(map(chr, [*range(1, 0x100), 0x202E, 0x2066, 0x2028, 0xFEFF, 0xE0041])) * 2


@file("endless.txt")
def one_line_of_a_megabyte() -> bytes:
    return b"a" * 1_000_000


@file("deep.json")
def nested_json() -> str:
    return "[" * 100_000 + "]" * 100_000


@file("deep.ipynb", "--outputs")
def nested_notebook() -> str:
    return '{"cells":' + "[" * 100_000 + "]" * 100_000 + "}"


@file("cells.ipynb", "--outputs")
def notebook_whose_cells_are_a_string() -> str:
    return '{"cells": "words", "nbformat": 4}'


@file("odd.ipynb", "--outputs")
def notebook_of_odd_values() -> str:
    return (
        '{"cells": [{"source": "\\ud800 \\u001b[2J", "metadata": NaN, "outputs": [{"text": '
        '["\\u0000", "\\r", "\\b"]}]}, {"source": ["x"], "source": ["y"]}], "metadata": 1e999}'
    )


@file("sheets.ipynb", "--outputs")
def notebook_of_format_3_with_nothing() -> str:
    return '{"worksheets": [{"cells": [{"input": null}]}]}'


@file("surrogate.jsonl", "--field", "text")
def record_of_half_a_character() -> str:
    return json.dumps({"text": "\ud800"}) + "\n"


@file("many.csv", "--column", "a")
def row_of_more_cells_than_columns() -> str:
    return "a,b\n" + "," * 100_000


@file("wide.md")
def markdown_table_of_short_rows() -> str:
    return "|" + "a|" * 8000 + "\n|" + "-|" * 8000 + "\n" + "|b\n" * 50
