"""The values of documents, and which ones patterns match."""

import pytest

from ctxtools.documents.filetypes import document_kind
from ctxtools.errors import UsageError
from ctxtools.packing.prompt.paths import PathMatcher
from ctxtools.packing.prompt.values import score


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("README.md", "readme"), ("docs/README.md", "prose"), ("pyproject.toml", "manifest"),
        ("src/a.py", "code"), ("src/tests/a.py", "test"), ("test_a.py", "test"),
        ("a_test.go", "test"), ("a.spec.ts", "test"), ("latest.py", "code"),
        ("data.json", "data"), ("LICENSE", "legal"),
        ("CHANGELOG.md", "legal"), ("notice.py", "code"), (".editorconfig", "configuration"),
    ],
)  # fmt: skip
def test_kinds(path: str, kind: str) -> None:
    assert document_kind(path) == kind


def test_the_factors_of_a_value() -> None:
    base = score("code", 1000).value
    assert score("code", 1000, weight=10).value == pytest.approx(10 * base)
    assert score("code", 1000, days=0).value == pytest.approx(2 * base)
    assert score("code", 1000, days=30).value == pytest.approx(1.5 * base)
    assert score("code", 1000, depth=2).value < base < score("code", 2000).value < 2 * base
    assert score("test", 1000).value < base


def test_patterns_match_paths_as_listed_and_relative_to_the_folder() -> None:
    paths = ["repo/src/a.py", "repo/src/b.py", "repo/README.md", "repo/docs/README.md"]
    for roots in (["repo"], ["./repo/"], []):
        matcher = PathMatcher(paths, roots)
        assert matcher.find("src/**") == [0, 1]
        assert matcher.find("repo/src/**") == [0, 1]
        assert matcher.find("README.md") == [2]  # the document of that path, and no other
        assert matcher.find("*.md") == [2, 3]
        assert matcher.find("/src/") == [0, 1]
        assert matcher.find("nothing") == []
    with pytest.raises(UsageError, match="no document matches 'nothing'"):
        matcher.find_some("pin", "nothing")
    assert matcher.find("docs/") == [3]
