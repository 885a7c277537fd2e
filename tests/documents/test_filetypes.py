"""The table of file types: what it says, and that it is the only one."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools
from ctxtools.documents.filetypes import (
    BY_SUFFIX,
    FORMATS,
    UNKNOWN,
    document_kind,
    file_type,
    is_jsonl,
    unknown_format,
)

# Suffixes of which three tables once said three different things.
_DRIFTED = {
    "code": "pyw c++ h++ inl ipp",
    "prose": "mdx mdown mkd qmd rmd",
    "data": "tab webmanifest xhtml geojson tsv jsonlines",
}
_PACKAGE = Path(ctxtools.__file__).parent


@pytest.mark.parametrize(("kind", "suffixes"), _DRIFTED.items())
def test_no_column_of_the_table_forgets_a_suffix_of_another(kind: str, suffixes: str) -> None:
    for suffix in suffixes.split():
        found = file_type(f"folder/name.{suffix.upper()}")
        assert found.kind == kind
        assert found.format != "text"
        assert found.language


def test_every_format_has_a_suffix() -> None:
    assert {each.format for each in BY_SUFFIX.values()} == set(FORMATS)


@pytest.mark.parametrize("name", ["a", "jsonl", ".jsonl", "a.unknown", "a.jsonl#3", "a.jsonl/b"])
def test_only_a_suffix_counts(name: str) -> None:
    assert file_type(name) == UNKNOWN
    assert not is_jsonl(name)


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.JSONLINES"])
def test_json_lines(name: str) -> None:
    assert is_jsonl(name)
    assert file_type(name).format == "jsonl"


@pytest.mark.parametrize(
    ("url", "format"),
    [
        ("https://e.org/a.html?v=2", "html"),
        ("https://e.org/guide/a.md#top", "markdown"),
        ("http://e.org/a.htm;jsessionid=7?from=b.md", "html"),
        ("s3://bucket/data/rows.csv", "csv"),
        ("file:///home/me/a.py", "python"),
        ("https://e.org/a.json.gz", "json"),
        ("https://e.org/a?file=b.html", "text"),
        ("https://e.org/a#b.html", "text"),
        ("https://e.org/a", "text"),
        ("https://e.md", "text"),
        ("https://e.md?x#y.md", "text"),
        ("://a.md", "markdown"),
        ("a b://c.md?d", "text"),
    ],
)
def test_the_path_of_a_url_counts(url: str, format: str) -> None:
    assert file_type(url).format == format


@pytest.mark.parametrize("name", ["a.md?v=2", "b#1.md?", "a.md#top"])
def test_a_file_may_have_any_name(name: str) -> None:
    assert file_type(name) == UNKNOWN


def _is_suffix(value: str) -> bool:
    return value.startswith(".") and value[1:] in BY_SUFFIX


def test_this_is_the_only_table() -> None:
    """A literal that lists suffixes is a second table, and would drift apart from the first."""
    for path in _PACKAGE.rglob("*.py"):
        if path.name in ("filetypes.py", "folder_types.py"):  # folders have names like suffixes
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
                parts = node.keys if isinstance(node, ast.Dict) else node.elts
                values = [each.value for each in parts if isinstance(each, ast.Constant)]
                listed = [each for each in values if isinstance(each, str) and _is_suffix(each)]
                assert len(listed) < 2, f"{path}:{node.lineno} lists {listed}"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words = node.value.split()
                if len(words) > 2 and all(re.fullmatch(r"\.?[\w+]{1,9}", word) for word in words):
                    listed = [each for each in words if each.lstrip(".") in BY_SUFFIX]
                    assert 2 * len(listed) < len(words), f"{path}:{node.lineno} lists {listed}"


def test_a_compressed_file_is_of_the_kind_of_what_it_holds() -> None:
    held = file_type("a.md")
    assert file_type("a.md.gz") == held._replace(container="binary")
    assert file_type("data.jsonl.zst").format == "jsonl"
    assert file_type("a.tar.gz") is file_type("a.tar")
    assert file_type("a.gz.md") == held


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.xyz", ".xyz"),
        ("b.XYZ", ".xyz"),
        ("b.xyz.gz", ".xyz"),
        ("Procfile", "Procfile"),
        ("a/.hidden", ".hidden"),
        ("a.txt", ""),
        ("a.md", ""),
        ("a.py.gz", ""),
        ("README", ""),
        ("LICENSE", ""),
        ("a.parquet", ""),
    ],
)
def test_a_file_of_unknown_format_is_called_by_its_suffix(path: str, name: str) -> None:
    assert unknown_format(path) == name


# The rule of `document_kind` in the fewest words.
_KINDS = {
    "readme": r"(?i)\Areadme(?:\.\w+)?\Z",
    "test": r"(?:^|/)(?:tests?|testing|spec|specs|__tests__|fixtures|testdata)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*(?:_test|_spec|\.test|\.spec|Tests?)\.\w+)\Z",
    "manifest": r"(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg)|package\.json|Cargo\.toml|go\.mod"
    r"|pom\.xml|build\.gradle(?:\.kts)?|Makefile|Dockerfile|CMakeLists\.txt|meson\.build"
    r"|Gemfile)\Z",
    "legal": r"(?i)(?:^|/)(?:licen[cs]es?|copying|notice|authors|changelog|changes|news|history)"
    r"(?:[./-][^/]*)?\Z",
}
_NAMES = (
    *("readme", "README", "test", "Test", "Tests", "spec", "testing", "fixtures", "conftest"),
    *("setup", "Makefile", "Cargo", "package", "build.gradle", "licence", "LICENSES", "history"),
    *("changes", "_test", "test_", "_spec", "__tests__", "a", "_", ".", ".", "/", "/", "-", "é"),
    *(".py", ".md", ".json", ".kts", ".toml", ".cfg", ".go", ".ts"),
)


def _kind(path: str) -> str:
    found = {kind for kind, pattern in _KINDS.items() if re.search(pattern, path)}
    suffix = file_type(path).kind
    if suffix == "code":
        found -= {"legal"}
    return next((kind for kind in _KINDS if kind in found), suffix)


@given(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=6).map("".join))
def test_the_kind_of_any_name_is_by_these_rules(path: str) -> None:
    assert document_kind(path) == _kind(path)


def test_the_kinds_of_all_files_here_are_by_these_rules() -> None:
    folder = _PACKAGE.parent
    for path in folder.rglob("*.*"):
        name = path.relative_to(folder).as_posix()
        assert document_kind(name) == _kind(name)
