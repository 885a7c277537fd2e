"""Outlines: signatures, headings, schemas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.chunking.formats.outline import outline
from ctxtools.errors import FormatError
from tests.chunking.formats.samples import TRIED
from tests.strategies import texts


@pytest.mark.parametrize(
    ("format", "text", "expected"),
    [
        (
            "python",
            "import a\n\n@d\ndef f(a,\n      b=1) -> int:\n    def g(): ...\n\nclass A(B):\n"
            "    async def m(self): pass\n",
            "def f(a, b=1) -> int\nclass A(B)\n    async def m(self)\n",
        ),
        ("markdown", "# A\n\ntext\n\n## *B*\n\n### C\n", "# A\n## B\n### C\n"),
        ("html", "<h1>A</h1><p>b</p><h2>C</h2>", "# A\n## C\n"),
        (
            "json",
            '{"users": [{"id": 1, "n": "x"}, {"id": 2.5, "t": []}], "ok": true, "z": null}',
            "object\n  users: array of 2\n    each: object\n      id: integer | number\n"
            "      n?: string\n      t?: array of 0\n  ok: boolean\n  z: null\n",
        ),
        ("json", "[" * 50_000 + "]" * 50_000, "array, too deep or large to show\n"),
        (
            "jsonl",
            '{"a": [1]}\n\n{"a": [1, 2]}\n',
            "2 records of object\n  a: array of 1 to 2\n    each: integer\n",
        ),
        (
            "csv",
            'name,age,"long\nname",none\na,1,2.5,\n"b\nc",2,3,\n',
            "2 rows\n  name: string\n  age: integer\n  long name: integer | number\n  none:"
            " empty\n",
        ),
        ("text", "# A", ""),
        ("csv", "", ""),
        ("python", "x = 1\n", ""),
    ],
)
def test_outline(format: str, text: str, expected: str) -> None:
    assert outline(text, format) == expected


def test_a_cell_of_many_digits_takes_linear_time() -> None:
    """Guards against a pattern that backtracks: this took 15 seconds."""
    text = "a,b\n" + "1" * 20_000 + "x," + " " * 20_000 + "x\n"
    assert outline(text, "csv") == "1 rows\n  a: string\n  b: string\n"


@pytest.mark.parametrize("format", TRIED)
@given(text=texts | st.text('{}[]",:1a\n\0', max_size=30))
def test_an_outline_fails_only_where_the_format_does(format: str, text: str) -> None:
    try:
        lines = outline(text, format)
    except FormatError as error:
        assert error.hint
    else:
        assert lines == "" or lines.endswith("\n")
