"""Languages whose grammars are known by the names of their kinds of nodes.

`samples/` has a small file in each of them. What is found in it is in `outlines.txt`; after a
change that is meant to find other things, write it again, and review the difference::

    UPDATE_SNAPSHOTS=1 pytest tests/chunking/formats/code/test_languages.py
"""

import os
from pathlib import Path

import pytest
from hypothesis import strategies as st

from ctxtools._core.types import Strength
from ctxtools.chunking import Chunker
from ctxtools.chunking.formats import parse_blocks
from ctxtools.chunking.formats.code.languages import GRAMMARS
from ctxtools.chunking.formats.code.rule import _TABLES, by_names
from ctxtools.chunking.formats.outline import outline
from ctxtools.documents.filetypes import FORMATS, file_type
from ctxtools.errors import MissingExtraError
from tests.chunking.contract import check_contract, check_joins
from tests.chunking.formats.trees import check, walk

FOLDER = Path(__file__).parent
SAMPLES = sorted((FOLDER / "samples").iterdir(), key=lambda path: file_type(path.name).format)


def code(format: str) -> st.SearchStrategy[str]:
    """Lines of the samples, of this language if there is one, at times long."""
    own = [path for path in SAMPLES if file_type(path.name).format == format] or SAMPLES
    texts = [path.read_text(encoding="utf-8") for path in own]
    lines = [line for text in texts for line in text.splitlines(keepends=True)]
    long = ["x = [" + "1, " * 90 + "]\n", "# " + "word " * 90 + "\n", "f(" + "a, " * 90 + ")\n"]
    return st.lists(st.sampled_from(lines + long), max_size=40).map("".join)


def _outlines() -> dict[str, str]:
    """The expected outline of each sample."""
    found: dict[str, str] = {}
    for part in (FOLDER / "outlines.txt").read_text(encoding="utf-8").split("\n\n"):
        name, _, lines = part.strip("\n").partition("\n")
        found[name] = "".join(line[4:] + "\n" for line in lines.splitlines())
    return found


def _text(path: Path) -> tuple[str, str]:
    """The text of a sample, and its format."""
    text, format = path.read_text(encoding="utf-8"), file_type(path.name).format
    try:
        parse_blocks("", format)
    except MissingExtraError as error:
        pytest.skip(error.message)
    return text, format


def test_outlines_are_written() -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        parts = []
        for path in SAMPLES:
            lines = outline(*_text(path)).splitlines()
            parts.append("".join(f"{line}\n" for line in (path.name, *(f"    {x}" for x in lines))))
        (FOLDER / "outlines.txt").write_text("\n".join(parts), encoding="utf-8")
    assert [*_outlines()] == [path.name for path in SAMPLES]


def test_there_is_a_sample_of_each_language() -> None:
    formats = {file_type(path.name).format for path in SAMPLES}
    assert len(formats) == len(SAMPLES) > 40
    assert {*_TABLES} <= formats <= {*FORMATS} - {*GRAMMARS}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_definitions_of_a_language(path: Path) -> None:
    text, format = _text(path)
    blocks = parse_blocks(text, format)
    check(blocks, text)
    assert outline(text, format) == _outlines()[path.name]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_chunks_of_a_language(path: Path) -> None:
    """Whole lines; definitions that fit are whole, with the comments before them. (What is first in
    a body may be cut, since it is not cut off from what is before it.)"""
    text, format = _text(path)
    for size in (30, 60, 100):
        chunker = Chunker("o200k_base", size, format=format, header=True)  # type: ignore[arg-type]
        chunks = [*chunker.chunk(text)]
        check_contract(chunks, text, chunker.count, size)
        check_joins(chunks, text)
        cuts = {chunk.end_index for chunk in chunks}
        for block in walk(parse_blocks(text, format)):
            fits = chunker.count(text[block.start : block.end]) <= size // 2
            if block.atomic and fits and block.strength != Strength.NONE:
                assert not cuts & {*range(block.start + 1, block.end)}, block


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_damaged_code_of_a_language(path: Path) -> None:
    text, format = _text(path)
    for cut in range(0, len(text), 41):
        check(parse_blocks(text[:cut] + text[cut + 7 :], format), text[:cut] + text[cut + 7 :])


def test_an_unknown_language_is_read_by_the_names_of_its_nodes() -> None:
    kinds = ["source_file", "proc_definition", "method_declaration", "class_method_definition"]
    kinds += ["TypeDecl", "enum_value_definition", "type_body", "line_comment", "use_declaration"]
    grammar = by_names(kinds, "none of these")
    assert grammar.functions == {"method_declaration", "class_method_definition"}
    assert grammar.classes == {"TypeDecl"}
    assert grammar.bodies == {"type_body"}
    assert grammar.leading == {"line_comment"}
    assert grammar.imports == {"use_declaration"}
