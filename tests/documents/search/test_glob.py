"""One pattern and many: git is the oracle of what they mean, and no pattern takes long."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctxtools.documents.search import steps as steps_module
from ctxtools.documents.search.glob import Glob, as_bytes
from ctxtools.documents.search.globs import Globs
from ctxtools.documents.search.steps import Steps
from ctxtools.errors import UsageError
from tests.hanging import no_hang

# Few letters, so that patterns and paths meet; then everything that means something.
PLAIN = ["a", "b", "/", "/", "*", "**", "**/", "/**", "?", "[ab]"]
ODD = [
    "[!a]", "[^b]", "[a-b]", "[]a]", "[b-", "[", "]", "\\", "\\*", "\\/", "\\a", "***", "[a/b]",
    "[[:alpha:]]", "[[:foo:]]", "[[:]", "[[:a]b]", "[:", "[+-9]", "[\\]a]", "[a-\\b]", "[b-a]",
    "[a-[:alpha:]]", "-", "!", "^", ".", "é", "[é]", "\udcff", "[\udcc3]", "\udcc3", "[!\udca9]",
]  # fmt: skip
plain_patterns = st.lists(st.sampled_from(PLAIN), min_size=1, max_size=7).map("".join)
odd_patterns = st.lists(st.sampled_from(PLAIN + ODD), min_size=1, max_size=6).map("".join)
patterns = st.one_of(plain_patterns, odd_patterns).filter(lambda each: each[0] not in "#!")
names = st.sampled_from(
    ["a", "b", "ab", "ba", "aa", "aba", "a.b", "*", "[", "]", "\\", "-", "^", "[a", "é", "\udcff",
     "\udcc3", "a\n", "ab]"]
)  # fmt: skip
paths = st.lists(names, min_size=1, max_size=4).map("/".join)


def new_steps() -> Steps:
    return Steps("the patterns", "write fewer")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("git"):
        pytest.skip("git is the oracle")
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def ignored_by_git(repository: Path, lines: list[str], listed: list[str]) -> list[list[bool]]:
    """For each pattern and each path, whether git ignores it; one process for all."""
    for number, line in enumerate(lines):
        (repository / str(number)).mkdir(exist_ok=True)
        (repository / str(number) / ".gitignore").write_bytes(os.fsencode(line) + b"\n")
    asked = [f"{number}/{path}" for number in range(len(lines)) for path in listed]
    command = ["git", "-C", str(repository), "check-ignore", "--no-index", "--stdin", "-z"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "XDG_CONFIG_HOME": os.devnull}
    answer = subprocess.run(
        command, input=b"\0".join(map(os.fsencode, asked)), env=environment, capture_output=True
    )
    assert answer.returncode in (0, 1), answer.stderr
    ignored = {os.fsdecode(each) for each in answer.stdout.split(b"\0")}
    return [[f"{number}/{path}" in ignored for path in listed] for number in range(len(lines))]


@given(
    lines=st.lists(patterns, min_size=20, max_size=30),
    listed=st.lists(paths, min_size=20, max_size=30, unique=True),
)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_pattern_means_what_it_means_to_git(
    repository: Path, lines: list[str], listed: list[str]
) -> None:
    expected = ignored_by_git(repository, lines, listed)
    steps = new_steps()
    for line, row in zip(lines, expected, strict=True):
        globs = Globs([Glob(as_bytes(line))], steps)
        assert [(line, path, globs.last_in(as_bytes(path)) >= 0) for path in listed] == [
            (line, path, ignored) for path, ignored in zip(listed, row, strict=True)
        ]


def test_classes_of_characters_are_git_s(repository: Path) -> None:
    classes = "alnum alpha blank cntrl digit graph lower print punct space upper xdigit"
    lines = [f"x[{sign}[:{name}:]]" for name in classes.split() for sign in ("", "!")]
    every = [f"x{os.fsdecode(bytes([byte]))}" for byte in range(1, 256) if byte != ord("/")]
    expected = ignored_by_git(repository, lines, every)
    steps = new_steps()
    for line, row in zip(lines, expected, strict=True):
        assert [Glob(line).matches(as_bytes(each), False, steps) for each in every] == row, line


@given(
    lines=st.lists(st.one_of(plain_patterns, odd_patterns), min_size=1, max_size=12),
    path=paths,
    is_directory=st.booleans(),
)
@settings(deadline=None)
def test_of_many_patterns_the_last_that_matches_is_found(
    lines: list[str], path: str, is_directory: bool
) -> None:
    steps = new_steps()
    globs = [Glob(line) for line in lines]
    matching = [n for n, glob in enumerate(globs) if glob.matches(path, is_directory, steps)]
    assert Globs(globs, steps).last(path, is_directory) == max(matching, default=-1)


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("", "it names nothing"), ("!", "it names nothing"), ("/", "it names nothing"),
        ("a[b", "its bracket is not closed"), ("[!", "its bracket is not closed"),
        ("[[:foo:]]", "there is no class [:foo:]"), ("a\\", "there is nothing after the backslash"),
    ],
)  # fmt: skip
def test_what_is_not_valid_says_why_and_matches_nothing(pattern: str, problem: str) -> None:
    with pytest.raises(ValueError, match="^" + problem.replace("[", r"\[")):
        Glob(pattern).check()
    steps = new_steps()
    assert not any(Glob(pattern).matches(each, True, steps) for each in ("", "a", "a[b", "a\\"))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 255),
        ("*a" * 120 + "b*", "a" * 255),
        ("*a?" * 80 + "[!a]", "a" * 255),
        ("*" + "a?" * 60 + "b*", "a" * 255),
        ("*" * 100_000 + "b", "a" * 255),
        ("*?" * 100 + "b?", "a" * 255),
        ("*" + "[a-z]" * 200 + "*b?", "a" * 255),
        ("x/" + "*/" * 1000 + "b", "x/" + "a/" * 1000 + "a"),
        ("**/a" * 900 + "/b", "a/" * 2000 + "a"),
        ("**/a*/" * 600 + "b", "aa/" * 1300 + "a"),
        ("**/*a*a*a" * 300 + "b", "aaa/" * 1000 + "a"),
        ("**/" + "a?/" * 600 + "b/**", "aa/" * 1300 + "a"),
        ("**\\/a*" * 500 + "b", "aa/" * 1300 + "a"),
        ("**/" * 300_000 + "b", "a/" * 2000 + "a"),
        ("a" * 1_000_000, "a" * 255),
        ("?" * 1_000_000, "a" * 255),
        ("[" + "a-z" * 300_000 + "]b?", "a" * 255),
        ("[" + "[:" * 300_000 + "]b?", "a" * 255),
        ("[" * 500_000, "a" * 255),
        ("[[:alpha:]" * 50_000 + "]", "a" * 255),
        ("\\a" * 500_000 + "?", "a" * 255),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    steps = new_steps()
    globs = Globs([Glob(pattern)], steps)
    with no_hang():
        for number in range(20):
            steps.next_path()
            assert globs.last(path + "a" * number, False) < 0


def test_steps_are_counted_where_patterns_and_paths_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps_module, "_MAX_STEPS", 10_000_000)
    steps = new_steps()
    cheap = Globs([*(Glob(f"*.{i}") for i in range(500)), *map(Glob, map(str, range(500)))], steps)
    for number in range(1000):
        steps.next_path()
        assert cheap.last(f"folder/{number}", False) == (500 + number if number < 500 else -1)
    costly = Globs([Glob("*" + "a?" * (i % 100) + "*b?") for i in range(1000)], steps)
    with pytest.raises(UsageError, match="the patterns take too long to match"):
        for number in range(1000):
            steps.next_path()
            costly.last("ab" * 100 + str(number), False)
    with pytest.raises(UsageError, match="the patterns take too long to match"):
        Globs(map(Glob, map(str, range(10_000))), new_steps())
