"""Markers of generators at the start of a file, and files that only mention them."""

from pathlib import Path

import pytest

from ctxtools.documents.origins.markers import by_text
from tests.hanging import no_hang


def read(name: str) -> list[tuple[str, str]]:
    """The files in a listing: a line with each one's path, then its text."""
    listing = (Path(__file__).parent / name).read_text()
    files = [each.partition("\n") for each in listing.split("==> ")[1:]]
    return [(path, text) for path, _, text in files]


@pytest.mark.parametrize(("path", "text"), read("marked.txt"))
def test_files_that_say_that_they_were_generated(path: str, text: str) -> None:
    found = by_text(path, text)
    assert found and (found.kind, found.reason, found.certain) == ("generated", "marker", False)
    windows = by_text(path, text.replace("\n", "\r\n"))
    assert windows == found


@pytest.mark.parametrize(("path", "text"), read("mentioned.txt"))
def test_files_that_mention_it(path: str, text: str) -> None:
    assert by_text(path, text) is None


def test_minified_code() -> None:
    code = "function f(a,b){return a+b};var x=f(1,2);" * 100
    minified = by_text("static/app.js", code)
    assert minified and (minified.kind, minified.certain) == ("minified", True)
    css = by_text("a.css", ".a{color:red;margin:0}" * 100)
    assert css and css.kind == "minified"
    written = "const items = [\n" + '  { name: "a", value: 1 },\n' * 200 + "]\n"
    assert by_text("app.js", written) is None
    prose_in_code = "// " + "some words of a long comment " * 40 + "\nlet a = 1\n"
    assert by_text("app.js", prose_in_code) is None
    assert by_text("app.js", "module.exports={a:1,b:2}") is None  # short
    table = by_text("tables.py", "T = [" + "1234, " * 3000 + "]\n")
    assert table and (table.kind, table.certain) == ("generated", False)
    assert by_text("data.json", '{"a":1,"b":[' + "1," * 3000 + "1]}") is None


def test_source_maps_of_other_names() -> None:
    found = by_text("app.map", '{"version":3,"file":"a.js","sources":["a.ts"],"mappings":"AAAA"}')
    assert found and found.kind == "minified"
    assert by_text("a.json", '{"version": 3, "name": "x"}') is None


@pytest.mark.parametrize(
    "start",
    [
        "This file is a merged representation of the entire codebase, combined by Repomix.\n",
        "Directory structure:\n└── a/\n",
        "Repository: x/y\nFiles analyzed: 3\n\nDirectory structure:\n└── a/\n",
        "Directory: a/b\nFiles analyzed: 3\n\nDirectory structure:\n└── a/\n",
        "Project Path: a\n\nSource Tree:\n",
        "src/a.py\n---\na = 1\n\n---\nsrc/b.py\n---\nb = 1\n\n---\n",
        '<documents>\n<document index="1">\n<source>a.py</source>\n',
    ],
)
def test_packs_of_other_tools(start: str) -> None:
    found = by_text("out.txt", start)
    assert found and (found.kind, found.certain) == ("earlier pack", True)
    assert by_text("doc.md", f"It prints:\n\n{start}") is None


@pytest.mark.parametrize("piece", ["/*", "# generated ", "<!--", "a ", "changes ", '"""', "@", "("])
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (20_000_000 // len(piece))
    with no_hang():
        by_text("a.py", text)
        by_text("a.md", text)


def test_the_lock_file_of_julia() -> None:
    text = (
        "# This file is machine-generated - editing it directly is not advised\n\n[[deps.JSON]]\n"
    )
    found = by_text("Manifest.toml", text)
    assert found and (found.kind, found.certain) == ("lock file", True)
    assert by_text("Manifest.toml", '[package]\nname = "a"\n') is None
