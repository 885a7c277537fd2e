"""Patterns that match nothing, what they may have meant, and what was left out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools import read_documents
from ctxtools.documents import File, Skipped, find_files
from ctxtools.documents.search.nearest import nearest
from tests.hanging import no_hang

FILES = ["src/main.py", "src/util/text.py", "docs/Guide.md", "docs/api.md", "Makefile", "data.csv"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [*FILES, ".env", ".cache/x.bin", "build/out.js"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".ignore").write_text("build/\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def unmatched(**options: list[str]) -> list[str]:
    found = find_files(".", **options)  # type: ignore[arg-type]
    assert found.unmatched == []
    list(found)
    return [str(each) for each in found.unmatched]


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("*.pyy", "did you mean '*.py' (2 files)?"),
        ("*.PY", "did you mean '*.py' (2 files)?"),
        ("'*.py'", "did you mean '*.py' (2 files)?"),
        ("src\\*.py", "did you mean 'src/*.py' (1 file)?"),
        ("py", "did you mean '*.py' (2 files)?"),
        ("scr/*.py", "did you mean 'src/*.py' (1 file)?"),
        ("src/util/test.py", "did you mean 'src/util/text.py' (1 file)?"),
        ("docs/guide.md", "did you mean 'docs/Guide.md' (1 file)?"),
        ("makefile", "did you mean 'Makefile' (1 file)?"),
        ("lib/text.py", "did you mean 'src/util/text.py' (1 file)?"),
        ("*.py,*.md", "give each pattern an option of its own: '*.py' '*.md'"),
        ("*.rs", "what is there: '*.md' (2 files), '*.py' (2 files), '*.csv' (1 file)"),
    ],
)
def test_what_a_pattern_may_have_meant(tree: Path, pattern: str, hint: str) -> None:
    for option in ("include", "exclude"):
        assert unmatched(**{option: [pattern]}) == [f"no file matches {option} {pattern!r}; {hint}"]


def test_a_named_folder_is_no_file(tree: Path) -> None:
    """It was listed as ``'' (1 file)``."""
    found = find_files("src", include=["*.rs"])
    list(found)
    assert [each.hint for each in found.unmatched] == ["what is there: '*.py' (2 files)"]


def test_each_pattern_is_on_its_own(tree: Path) -> None:
    assert unmatched(include=["*.py", "*.md"], exclude=["*.csv", "Makefile"]) == []
    first, second = unmatched(include=["*.py", "*.mdx"], exclude=["*.csv", "*.tsv"])
    assert first.startswith("no file matches include '*.mdx'")
    assert second.startswith("no file matches exclude '*.tsv'")
    assert unmatched(include=["*.py", "src/main.py"]) == [], "the first decides, both match"
    assert unmatched(exclude=["src", "src/"]) == []


def test_why_what_it_matches_is_left_out(tree: Path) -> None:
    because = "no file matches include {!r}; what it matches is left out: 1 {}"
    assert unmatched(include=["*.py", ".env"]) == [because.format(".env", "hidden")]
    assert unmatched(include=["*.py", "build/*.js"]) == [
        because.format("build/*.js", "ignored by .gitignore or .ignore")
    ]
    assert unmatched(include=["*.py", "*.csv"], exclude=["data.csv"]) == [
        because.format("*.csv", "excluded")
    ]
    # To exclude what is left out anyway is no mistake.
    assert unmatched(exclude=[".env", "build/", ".cache"]) == []


def test_what_was_left_out_is_counted(tree: Path) -> None:
    found = find_files(".", include=["*.py"], exclude=["docs"])
    assert len([*found]) == 2
    # .env, .cache and .ignore; build; docs; Makefile and data.csv
    assert found.left_out == {"hidden": 3, "ignored": 1, "excluded": 1, "not included": 2}


def test_files_that_were_named_are_left_out_with_a_word(tree: Path) -> None:
    found = list(find_files(["Makefile", "data.csv"], exclude=["*.csv"]))
    assert found == [File("Makefile"), Skipped("data.csv", "excluded by exclude '*.csv'")]
    found = list(find_files(["Makefile", "data.csv"], include=["*.csv"]))
    assert found == [Skipped("Makefile", "does not match include '*.csv'"), File("data.csv")]
    found = list(find_files(["src", "docs/"], exclude=["docs"]))
    assert found[-1] == Skipped("docs/", "excluded by exclude 'docs'")
    assert [each.path for each in found] == ["src/main.py", "src/util/text.py", "docs/"]
    assert [str(each) for each in find_files("*.csv", exclude=["*.csv"])] != []


def test_named_files_are_compared_too(tree: Path) -> None:
    found = find_files(["Makefile", "data.csv"], exclude=["data.tsv"])
    assert len([*found, *found]) == 2
    assert str(found.unmatched[0]).endswith("did you mean 'data.csv' (1 file)?")
    found = find_files("data.csv", include=["*.csv"], exclude=["data.csv"])
    assert len([*found]) == 1
    assert "left out: 1 excluded" in str(found.unmatched[0])


def test_documents_tell_as_well(tree: Path) -> None:
    documents = read_documents(["docs", "data.csv"], include=["*.md", "*.rst"])
    assert documents.unmatched == []
    for _ in range(2):
        assert [each.path for each in documents] == ["docs/Guide.md", "docs/api.md"]
        assert [each.pattern for each in documents.unmatched] == ["*.rst"]
        assert documents.skipped == [
            Skipped("data.csv", "does not match include '*.md' or include '*.rst'")
        ]


@pytest.mark.parametrize(
    ("argument", "hint"),
    [
        ("*.pyy", "what is there: '*.csv' (1 file), 'Makefile' (1 file)"),
        ("src/*.pyy", "did you mean 'src/*.py' (1 file)?"),
        ("scr/*.py", "did you mean src?"),
        ("src/mian.py", "did you mean src/main.py?"),
        ("zzz.zzz", None),
    ],
)
def test_arguments_that_match_nothing(tree: Path, argument: str, hint: str | None) -> None:
    (found,) = find_files(argument)
    assert isinstance(found, Skipped)
    assert (found.error, found.hint) == (True, hint)


def test_a_few_searches_are_enough(tree: Path) -> None:
    hints = [each.hint for each in find_files([f"src/mian{i}.py" for i in range(50)])
             if isinstance(each, Skipped)]  # fmt: skip
    assert sum(hint is not None for hint in hints) == 5


@given(st.text(max_size=10), st.lists(st.text(min_size=1, max_size=6), max_size=5))
def test_any_pattern_gets_a_hint_in_words(pattern: str, names: list[str]) -> None:
    assert isinstance(nearest(pattern, [(name,) for name in names]), str)


def test_a_hint_takes_no_longer_than_what_it_is_worth() -> None:
    deep = "/".join("ab" * 500)
    hostile = [(f"{deep}/{'*a' * 60}{number}b[",) for number in range(3000)]
    with no_hang():
        for pattern in (
            "*a" * 40 + "b",
            "x/" * 100_000 + "y",
            "y/" * 100 + "z",
            "a" * 250,
            "{" * 9999,
        ):
            nearest(pattern, hostile)
