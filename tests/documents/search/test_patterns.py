"""What patterns mean: git's syntax, names of real files first, and alternatives in braces."""

import os
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctxtools.documents import File, Skipped, find_files
from ctxtools.documents.search.glob import Glob
from ctxtools.documents.search.patterns import Patterns, expand_braces, gitignore_lines
from ctxtools.documents.search.steps import Steps
from ctxtools.errors import UsageError
from tests.hanging import no_hang

ROUTES = [
    "app/[id]/page.tsx",
    "app/[id]/edit.ts",
    "app/[[...slug]]/page.tsx",
    "app/(group)/page.tsx",
    "app/{b}/page.tsx",
    "app/{c,d}/page.tsx",
    "app/c/page.tsx",
    "app/i/page.tsx",
    "app/i.tsx",
    "app/#top.tsx",
    "app/!keep.tsx",
]


@pytest.fixture
def routes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files named as the routers of web frameworks want it, in the current folder."""
    for name in ROUTES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def included(*patterns: str, root: str = ".") -> list[str]:
    files = find_files(root, include=patterns)
    return [os.path.normpath(each.path) for each in files if isinstance(each, File)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("app/[id]/page.tsx", ["app/[id]/page.tsx"]),
        ("/app/[id]/page.tsx", ["app/[id]/page.tsx"]),
        ("./app/[id]/page.tsx", ["app/[id]/page.tsx"]),
        ("app/[id]", ["app/[id]/edit.ts", "app/[id]/page.tsx"]),
        ("app/[id]/", ["app/[id]/edit.ts", "app/[id]/page.tsx"]),
        ("app/[id]/*.tsx", ["app/[id]/page.tsx"]),
        ("app/[id]/**", ["app/[id]/edit.ts", "app/[id]/page.tsx"]),
        ("app/[[...slug]]/page.tsx", ["app/[[...slug]]/page.tsx"]),
        (r"app/\[id\]/page.tsx", ["app/[id]/page.tsx"]),
        ("app/(group)/page.tsx", ["app/(group)/page.tsx"]),
        ("app/{b}/page.tsx", ["app/{b}/page.tsx"]),
        ("app/{c,d}/page.tsx", ["app/{c,d}/page.tsx"]),
        ("app/{i.tsx,x.tsx}", ["app/i.tsx"]),
        ("app/{c,i}/*", ["app/c/page.tsx", "app/i/page.tsx"]),
        ("app/{c/page,i}.tsx", ["app/c/page.tsx", "app/i.tsx"]),
        ("app/{c,{b},i}/page.tsx", ["app/c/page.tsx", "app/i/page.tsx", "app/{b}/page.tsx"]),
        ("{app/c,app/i}/page.tsx", ["app/c/page.tsx", "app/i/page.tsx"]),
        # No such name: a set of characters, as in git.
        ("app/[h-j]/page.tsx", ["app/i/page.tsx"]),
        # Nobody knows: both.
        ("**/[id]/page.tsx", ["app/[id]/page.tsx", "app/i/page.tsx"]),
        ("#top.tsx", ["app/#top.tsx"]),
        (r"\!keep.tsx", ["app/!keep.tsx"]),
    ],
)
def test_names_of_real_files_come_first(routes: Path, pattern: str, expected: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sorted(included(pattern)) == sorted(expected)
    left = [each.path for each in find_files(".", exclude=[pattern]) if isinstance(each, File)]
    assert sorted([*left, *expected]) == sorted(ROUTES)


def test_a_path_from_the_root_as_a_shell_completes_it(routes: Path) -> None:
    for pattern in (f"{routes}/app/[id]/*.tsx", f"{routes}/app/{{[id],x}}/page.tsx"):
        for root in (".", "app", str(routes), str(routes / "app")):
            (found,) = included(pattern, root=root)
            assert os.path.relpath(found, routes if found.startswith("/") else ".") == (
                "app/[id]/page.tsx"
            )


def test_names_are_those_below_the_folder_that_was_named(routes: Path) -> None:
    for root in ("app", "./app", str(routes / "app")):
        found = included("[id]/page.tsx", root=root)
        assert [os.path.relpath(each, routes) for each in map(os.path.abspath, found)] == [
            "app/[id]/page.tsx"
        ]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("app/[id]/page.tsx", ["app/[id]/page.tsx"]),
        ("app/[id]", ["app/[id]/edit.ts", "app/[id]/page.tsx"]),
        ("app/[id]/*.tsx", ["app/[id]/page.tsx"]),
        ("app/[[...slug]]/*", ["app/[[...slug]]/page.tsx"]),
        ("app/*/[hij].tsx", []),
        ("app/[i].tsx", ["app/i.tsx"]),
        ("app/{b}/*.tsx", ["app/{b}/page.tsx"]),
        ("app/{c,i}/page.tsx", ["app/c/page.tsx", "app/i/page.tsx"]),
        ("app/{c,[id]}/*.tsx", ["app/c/page.tsx", "app/[id]/page.tsx"]),
        ("{app/c,app/i}/*.tsx", ["app/c/page.tsx", "app/i/page.tsx"]),
        ("app/{c,d}/*.tsx", ["app/{c,d}/page.tsx"]),
    ],
)
def test_arguments_as_well(routes: Path, argument: str, expected: list[str]) -> None:
    assert [each.path for each in find_files(argument) if isinstance(each, File)] == expected


def test_an_alternative_that_is_missing_is_reported(routes: Path) -> None:
    found = list(find_files("app/{i,j}.tsx"))
    assert found[0] == File("app/i.tsx")
    assert isinstance(found[1], Skipped)
    assert found[1].error
    assert found[1].path == "app/j.tsx"


def test_braces() -> None:
    def expand(pattern: str) -> list[str]:
        return expand_braces(pattern, lambda name: False)

    assert expand("a{b,c}d{e,f}") == ["abde", "abdf", "acde", "acdf"]
    assert expand("{a,b{c,d}}") == ["a", "bc", "bd"]
    assert expand(r"{a}, {}, \{a,b}, {a") == [r"{a}, {}, \{a,b}, {a"]
    assert expand("{a,}b") == ["ab", "b"]
    with pytest.raises(UsageError, match="more than 1000 patterns"):
        expand("{a,b}" * 11)


@pytest.mark.parametrize("pattern", ["", " ", "!", "a\\"])
def test_patterns_that_mean_nothing_are_errors(pattern: str) -> None:
    with pytest.raises(UsageError, match="include"):
        find_files(".", include=[pattern])


@given(
    st.lists(st.text("ab*?/.!-", min_size=1, max_size=6), min_size=1, max_size=4),
    st.lists(st.sampled_from(["a", "b", "ab", "-", "a.b"]), min_size=1, max_size=4),
    st.booleans(),
)
def test_the_last_that_matches_a_path_or_a_folder_that_it_is_in_decides(
    patterns: list[str], names: list[str], is_directory: bool
) -> None:
    if any(each.removeprefix("!").startswith("./") for each in patterns):
        return  # from the current folder, for which git's syntax has no words
    try:
        found = Patterns("include", patterns, lambda name: False)
    except UsageError:
        return
    steps = Steps("they", "")
    levels = ["/".join(names[:depth]) for depth in range(1, len(names) + 1)]
    matching = [
        number
        for number, glob in enumerate(map(Glob, patterns))
        if any(glob.matches(path, is_directory or path != levels[-1], steps) for path in levels)
    ]
    decided = next((n for n in reversed(matching)), None)
    if decided is not None and patterns[decided].startswith("!"):
        decided = None
    assert found.find(levels[-1] + "/" * is_directory) == decided
    assert {*range(len(patterns))} - {*found.waiting} == {*matching}


def test_braces_take_no_more_than_their_size_allows() -> None:
    def expand(pattern: str) -> list[str]:
        return expand_braces(pattern, lambda name: False)

    with no_hang():
        for pattern in ("{" * 500_000, "{,}" * 300_000, "}" * 500_000, "{a" * 200_000 + "}" * 9):
            if "," not in pattern:
                assert expand(pattern) == [pattern]
                continue
            with pytest.raises(UsageError, match="stands for more than 1000 patterns"):
                expand(pattern)
        for pattern in (
            f"{{{',' * 100_000}}}",
            "{a,b}" * 9 + "c" * 100_000,
            "{a,b" * 100_000 + "}" * 100_000,
        ):
            with pytest.raises(UsageError, match="stands for more than 1000 patterns"):
                expand(pattern)
        alternatives = ",".join(map(str, range(900)))
        many = [f"{number}{{{alternatives}}}" for number in range(30)]
        with pytest.raises(
            UsageError, match="include has patterns that stand for more than 20,000"
        ):
            Patterns("include", many, lambda name: False)
        Patterns("include", ["[a/" * 200_000 + "["], lambda name: True)


def test_a_character_is_one_whatever_its_bytes(tmp_path: Path) -> None:
    for name in ("é.txt", "ab.txt", "c.txt"):
        (tmp_path / name).write_text("x")
    for pattern, expected in (("?.txt", ["c.txt", "é.txt"]), ("[é-ü].txt", ["é.txt"])):
        found = find_files(str(tmp_path), include=[pattern])
        assert [os.path.basename(f.path) for f in found if isinstance(f, File)] == expected


def test_a_later_pattern_takes_back_from_a_folder_too(routes: Path) -> None:
    assert sorted(included("app/", "!app/[[]id[]]/", "!*.ts")) == sorted(
        each for each in ROUTES if "[id]" not in each
    )


@given(st.text(max_size=12))
def test_any_text_is_a_pattern_or_an_error(pattern: str) -> None:
    try:
        Patterns("include", [pattern], lambda name: False).find("a/b.py")
        gitignore_lines(pattern, lambda name: True)
    except UsageError:
        pass
