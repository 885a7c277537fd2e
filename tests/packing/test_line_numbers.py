"""Numbered lines have the numbers of the document, whatever the form, and are counted."""

import json
import re
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.chunking.formats.outline import outline
from ctxtools.encodings import Encoding, get_encoding
from ctxtools.packing import pack, pack_parts
from ctxtools.packing.arguments import Format, Order, Trim
from ctxtools.packing.line_numbers import number_lines
from tests.packing.conftest import document_lists, encodings, hostile_texts

O200K = get_encoding("o200k_base")
CODE = "".join(
    f"# about {i}\n@cache\ndef f{i}(x: int,\n      y: int) -> int:\n    return x * {i}\n\n"
    for i in range(80)
)


def test_a_line_has_its_number_and_a_tab() -> None:
    assert number_lines("") == ""
    assert number_lines("a") == "1\ta"
    assert number_lines("a\n\n  b\r\n") == "1\ta\n2\t\n3\t  b\r\n"
    assert number_lines("x\ny", 99) == "99\tx\n100\ty"


@given(hostile_texts)
def test_without_the_numbers_it_is_the_text(text: str) -> None:
    lines = [line.partition("\t") for line in number_lines(text).split("\n")]
    assert "\n".join(rest if tab else number for number, tab, rest in lines) == text
    assert [int(number) for number, tab, _ in lines if tab] == list(
        range(1, text.removesuffix("\n").count("\n") + 2 if text else 1)
    )


def numbered(body: str) -> Iterator[tuple[int, str]]:
    for line in body.splitlines():
        if found := re.fullmatch(r"(\d+)\t(.*)", line):
            yield int(found.group(1)), found.group(2)


def check(body: str, text: str, form: str) -> None:
    lines = text.split("\n")
    for number, line in numbered(body):
        if form == "outline":
            assert (
                " ".join(lines[number - 1].split())
                .lstrip("# ")
                .startswith(line.split("(")[0].strip("# "))
            )
        else:
            assert line in lines[number - 1]


@pytest.mark.parametrize("format", get_args(Format))
@pytest.mark.parametrize("form", ["whole", "trimmed", "outline"])
@pytest.mark.parametrize("side", get_args(Trim))
@pytest.mark.parametrize("limit", [200, 2000, 100_000])
def test_forms_keep_the_numbers_of_the_file(
    format: Format, form: str, side: Trim, limit: int
) -> None:
    documents = {"a.py": CODE, "b.md": "# One\n\ntext\n\nTwo\n---\n\nmore " + "words " * 200}
    packed = pack(
        documents, O200K, budget=limit, format=format, forms=["path", form], trim=side,  # type: ignore[list-item]
        line_numbers=True,
    )  # fmt: skip
    assert O200K.count(packed.text) == packed.token_count <= limit
    if limit > 200 and form == "outline":
        assert "3\tdef f0" in packed.text.replace("\\t", "\t")
    if format == "json":
        for each in json.loads(packed.text)["documents"]:
            check(each.get("content", ""), documents[each["source"]], form)


@pytest.mark.parametrize("side", get_args(Trim))
def test_a_trimmed_document_goes_on_with_the_number_of_the_line(side: Trim) -> None:
    text = "".join(f"line {i} of the file\n" for i in range(1, 1001))
    packed = pack(
        {"a.txt": text}, O200K, budget=300, trim=side, line_numbers=True, forms=["trimmed"]
    )
    found = list(numbered(packed.text))
    assert all(line == f"line {number} of the file" for number, line in found)
    assert len(found) > 20 and packed.token_count > 270
    assert (found[0][0] == 1) == (side != "tail") and (found[-1][0] == 1000) == (side != "head")


def test_a_line_that_is_cut_keeps_its_number() -> None:
    text = "first\n" + "word " * 3000
    for side, number in (("head", 1), ("tail", 2)):
        packed = pack({"a.txt": text}, O200K, budget=100, trim=side, line_numbers=True)  # type: ignore[arg-type]
        assert next(numbered(packed.text))[0] == number


def test_parts_go_on_with_the_numbers() -> None:
    text = "".join(f"line {i} of the file\n" for i in range(1, 501))
    packs = pack_parts({"a.txt": text, "b.txt": "b"}, O200K, part_limit=900, line_numbers=True)
    assert len(packs) > 4
    found = [each for packed in packs for each in numbered(packed.text)]
    assert found[:-1] == [(i, f"line {i} of the file") for i in range(1, 501)]
    assert all(O200K.count(packed.text) == packed.token_count <= 900 for packed in packs)
    one_line = pack_parts({"a.txt": "word " * 3000}, O200K, part_limit=900, line_numbers=True)
    assert {number for packed in one_line for number, _ in numbered(packed.text)} == {1}


def test_a_template_has_them() -> None:
    template = "{{#documents}}{{fence}}\n{{content}}\n{{fence}}{{/documents}}"
    packed = pack({"a": "x\ny"}, O200K, budget=100, template=template, line_numbers=True)
    assert packed.text == "```\n1\tx\n2\ty\n```"


@given(
    document_lists, encodings, st.integers(0, 400), st.sampled_from(get_args(Format)),
    st.sampled_from(get_args(Order)), st.sampled_from(get_args(Trim)),
)  # fmt: skip
@settings(max_examples=60)
def test_what_is_written_is_what_was_counted(
    documents: list[tuple[str, str]], encoding: Encoding, limit: int, format: Format,
    order: Order, side: Trim,
) -> None:  # fmt: skip
    limit += encoding.count(json.dumps({"documents": []})) + 10
    packed = pack(
        documents, encoding, budget=limit, format=format, order=order, trim=side, line_numbers=True
    )
    assert encoding.count(packed.text) == packed.token_count <= limit


def test_outlines_of_data_have_no_numbers() -> None:
    assert outline('{"a": 1}', "json", line_numbers=True) == outline('{"a": 1}', "json")
    assert outline("# A\n\nx\n\nB\n===\n", "markdown", line_numbers=True) == "1\t# A\n5\t# B\n"
    code = (
        "@cache\n# why\nclass A:\n    x = 1\n\n    @property\n    def b(self) -> int:\n        x\n"
    )
    expected = "3\tclass A\n7\t    def b(self) -> int\n"
    assert outline(code, "python", line_numbers=True) == expected
