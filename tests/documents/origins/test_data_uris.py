"""Data URIs: whose content is elided, that nothing else is, and in linear time."""

import base64
import json
import random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents.origins.data_uris import KEPT, elide_data_uris
from tests.hanging import no_hang

B64 = base64.b64encode(random.Random(1).randbytes(3072)).decode()
LINES = "\n".join(B64[i : i + 76] for i in range(0, len(B64), 76))
SVG = "<svg xmlns='http://www.w3.org/2000/svg'>" + "<path d='M0 0 L 9 9'/>" * 40 + "</svg>"
QUOTED = quote(SVG)


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        ('<img src="data:image/png;base64,', B64, '" alt="x">'),
        ("<img src=data:image/png;base64,", B64, " alt=x>"),
        ("a{background:url(data:font/woff2;base64,", B64, ")}b{c:d}"),
        ("![x](data:image/png;base64,", B64, ")\nmore"),
        ("[x]: data:image/png;base64,", B64, "\n\nThe next paragraph.\n"),
        ('{"a": "data:image/png;base64,', B64, '", "b": 1}'),
        ('{"a": "<img src=\\"data:image/png;base64,', B64, '\\">"}'),
        ("const x = 'data:application/json;base64,", B64, "';"),
        ("//# sourceMappingURL=data:application/json;charset=utf-8;base64,", B64, "\n"),
        ("DATA:IMAGE/PNG;BASE64,", B64, " x"),
        ('src="data:image/png;base64,', quote(B64), '"'),
        ('src="data:image/png;base64,', LINES, '"/> after'),
        ('<image xlink:href="data:image/png;base64,', LINES.replace("\n", "&#10;"), '"/>'),
        ('x = ("data:image/png;base64,', LINES.replace("\n", '"\n     "'), '")\ny = 1'),
        ('x = "data:image/png;base64,', LINES.replace("\n", '" +\n  "'), '";'),
        ('src="data:image/png;name=a%20b.png;base64,', B64, '"'),
        ('url("data:image/svg+xml,', QUOTED, '")'),
        ("url(data:image/svg+xml,", QUOTED, ") x"),
        ('url("data:image/svg+xml;utf8,', SVG, '") x'),
        ('url("data:image/svg+xml;charset=utf-8,', QUOTED, '") x'),
        ('{"a": "<img src=\\"data:image/svg+xml;utf8,', SVG, '\\">"}'),
        ("`data:text/html,", "<b>some</b>\n" * 60, "` x"),
        ('{"image/png": "', B64, '", "text/plain": ["x"]}'),
        ('{\n "image/png": "', LINES.replace("\n", "\\n") + "\\n", '",\n "text/plain": ["x"]}'),
        ('{"image/png": [\n "', LINES.replace("\n", '\\n",\n "'), '"\n ], "text/plain": ["x"]}'),
    ],
)
def test_the_content_of_a_long_uri_is_elided(before: str, content: str, after: str) -> None:
    text = f"start {before}{content}{after}"
    found = elide_data_uris(text)
    size = len(content.encode())
    assert found == (f"start {before}[{size:,} bytes elided]{after}", 1, size)
    twice = elide_data_uris(f"{text}\n{text}")
    assert (twice.number, twice.size) == (2, 2 * size)
    kept = elide_data_uris(text, keep_lines=True).text
    assert kept.count("\n") == text.count("\n")


def test_slashes_that_json_escapes() -> None:
    text = json.dumps({"a": f"data:image/png;base64,{B64}"}).replace("/", "\\/")
    found = elide_data_uris(text)
    assert found.number == 1 and found.text.endswith(' bytes elided]"}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
        f'x = "data:image/png;base64,{"A" * KEPT}"',
        "const f = {data:a,b:c}; const g = {data:[1,2,3]}; data:,x",
        "the data: " + "word " * 200,
        "A URI is written data:text/plain,hello " * 50,
        json.dumps({"data": [1, 2, 3] * 200}),
        f"token = '{B64}'",
        '{"image/png": "https://example.org/' + "a/" * 300 + '"}',
    ],
)
def test_what_is_short_or_no_uri_stays(text: str) -> None:
    assert elide_data_uris(text) == (text, 0, 0)


def test_what_is_longest_that_stays() -> None:
    assert elide_data_uris(f"data:image/png;base64,{'A' * (KEPT + 1)}").size == KEPT + 1


_PIECES = [
    *(
        "data:",
        "image/png",
        ";base64",
        ",",
        "data:image/png;base64,",
        "A" * 50,
        "\\",
        '"',
        "'",
        "`",
    ),
    *('\\"', "(", ")", "\n", "\\n", "%3C", "=", "é", '"image/png": "', " ", "<", "x;", "/"),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_only_contents_give_way(text: str) -> None:
    """What stays is the text in its order, and sizes are those of what went."""
    found = elide_data_uris(text)
    rest = text
    for number, part in enumerate(found.text.split(" bytes elided]")):
        stays = part.rpartition("[")[0] if number < found.number else part
        assert stays in rest
        rest = rest.partition(stays)[2] if stays else rest
    removed = len(text.encode()) - len(found.text.encode())
    assert found.size - removed == sum(
        len(f"[{each} bytes elided]")
        for each in (p.rpartition("[")[2] for p in found.text.split(" bytes elided]")[:-1])
    )


@pytest.mark.parametrize(
    "piece",
    [
        "data:image/png;base64,", '"data:a/b,', "'data:a/b,\\", '\\"data:a/b,', "(data:a/b,",
        "`data:a/b,", "data:;a=", '"image/png": ["', "data:image/png;base64,AAAA\n", "A\n",
        "data:image/svg+xml,%3C", "data:a/b;x", "A'     ",
        '"+"', 'data:image/png;base64,A" + "', '"image/png": "A\\n', "data:" + "a" * 99,
    ],
)  # fmt: skip
def test_no_text_takes_quadratic_time(piece: str) -> None:
    """Quotes that never end took 30 seconds for 200 kB."""
    text = f"data:image/png;base64,{piece * (1_000_000 // len(piece))}"
    with no_hang():
        elide_data_uris(text)
