"""Files that are wrong, each in a way of its own. `damages` has what can be done to any file."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable

from tests.hostile.builders import Input, file_into

FILES: list[Input] = []
file = file_into(FILES)


def _zip(names: Iterable[str], data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return buffer.getvalue()


@file("names.zip")
def zip_of_names_that_lead_out() -> bytes:
    return _zip(("../home/secret.txt", "/dev/zero", "a\x1b]0;title\x07.md", "b\nc.md"), b"words")


@file("bomb.zip", "--outputs")
def zip_of_a_hundred_megabytes() -> bytes:
    return _zip(("a.txt", "b.ipynb"), b"{" * (1 << 26))


@file("links.tgz")
def tar_of_links_and_devices() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, type, target in (
            ("a", tarfile.SYMTYPE, "../home/secret.txt"),
            ("a/b.txt", tarfile.REGTYPE, ""),
            ("c", tarfile.LNKTYPE, "/etc/passwd"),
            ("zero", tarfile.CHRTYPE, ""),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.devmajor, info.devminor = type, target, 1, 5
            archive.addfile(info)
    return buffer.getvalue()


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


@file("angles.java")
def code_that_takes_the_memory_of_its_parser() -> str:
    return "a<" * 20_000


@file("arrows.c")
def code_whose_parser_cannot_be_stopped() -> str:
    return "a=>     " * 5_000


@file("unclosed.go")
def code_that_is_read_again_and_again() -> str:
    return "|::return /*" * 4_000


@file("returns.csv", "--column", "text")
def header_with_a_carriage_return() -> bytes:
    return b"a\rtext\nb,c\n"


@file("unclosed.csv", "--column", "text")
def cell_that_does_not_end() -> bytes:
    return b'text,b\n"' + b"x" * 1_000_000


@file("wide.csv", "--column", "c9")
def table_of_many_columns() -> str:
    return ",".join(f"c{i}" for i in range(20_000)) + "\n" + "1," * 19_999 + "1\n"


@file("bomb.md.gz")
def compressed_megabyte() -> bytes:
    return gzip.compress(bytes(b"a b " * 250_000))


@file("tags.html")
def unclosed_elements() -> str:
    return "<div><ul><li><table><tr><td><h1>" * 2_000 + '<a b="' + "x" * 100_000


@file("quotes.md")
def deep_quotes_and_brackets() -> str:
    return ">" * 20_000 + "- " * 5_000 + "\n\n# " + "[a](" * 10_000


@file("numbers.json")
def number_of_many_digits() -> str:
    return '{"a": [' + "9" * 100_000 + ', "\\ud800"]}'


@file("lengths.jsonl", "--field", "n")
def lengths_that_stand_for_all_memory() -> str:
    return '{"n": 2147483647}\n{"n": 9223372036854775807}\n{"n": 0}\n{"n": 1}\n'
