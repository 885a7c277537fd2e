"""Verdicts are those of an independent oracle: the reference tokenizer counts, git matches."""

import os
from functools import cache
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctxtools.limits import CheckedLimits, check_limits
from tests.documents.git.repositories import git
from tests.oracles import reference

pytestmark = pytest.mark.skipif(which("git") is None, reason="git matches the patterns")

NAMES = ("a.md", "b.txt", "c d.md", "x/a.md", "x/y/b.txt", "x/y/z.md", "y/a.md", "ü.md", "x/ü/é")
PATTERNS = (
    *("a.md", "*.md", "*.txt", "x/", "x/**", "/a.md", "x/*.md", "**/y/*", "y", "**", "?.txt"),
    *("*d*", "x/y", "/*/", "**/z.md", "x/**/z.md", "*/*", "a*"),
)


@cache
def matches(pattern: str) -> frozenset[str]:
    """The names that git ignores by a pattern."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        for each in NAMES:
            (folder / each).parent.mkdir(parents=True, exist_ok=True)
            (folder / each).touch()
        (folder / ".git/info/exclude").write_text(f"{pattern}\n")
        paths = "".join(f"{each}\0" for each in (*NAMES, ""))[:-1]
        options = ("--no-index", "-z", "--stdin", "--verbose", "--non-matching")
        ran = git(folder, "check-ignore", *options, text=paths).split("\0")
        return frozenset(ran[i + 3] for i in range(0, len(ran) - 3, 4) if ran[i])


class Rule(NamedTuple):
    """A rule as the oracle knows it."""

    pattern: str
    each: int | None
    all: int | None

    def written(self) -> dict[str, int]:
        parts = {"each": self.each, "all": self.all}
        return {name: size for name, size in parts.items() if size is not None}


def expected(files: dict[str, str], rules: list[Rule]) -> set[tuple[str, str | None, str, int]]:
    """What is exceeded: the kind of limit, the file, the pattern and the tokens."""
    tokens = {name: len(reference("o200k_base")(text)) for name, text in files.items()}
    found: set[tuple[str, str | None, str, int]] = set()
    for name, count in tokens.items():
        own = [rule for rule in rules if rule.each is not None and name in matches(rule.pattern)]
        if own and count > (own[-1].each or 0):
            found.add(("each", name, own[-1].pattern, count))
    for rule in rules:
        total = sum(count for name, count in tokens.items() if name in matches(rule.pattern))
        if rule.all is not None and total > rule.all:
            found.add(("all", None, rule.pattern, total))
    return found


def exceeded(checked: CheckedLimits) -> set[tuple[str, str | None, str, int]]:
    return {(each.kind, each.path, each.rule.pattern, each.of.tokens) for each in checked.exceeded}


texts = st.lists(
    st.sampled_from(
        ["a", " the", "'ll", "中文", "é", "\n\n", "  ", "9", "ʼ", "\u0301", " Ж", "<|"]
    ),
    max_size=12,
).map("".join)
sizes = st.integers(0, 14)
rules_of = st.lists(
    st.builds(Rule, st.sampled_from(PATTERNS), st.none() | sizes, st.none() | sizes),
    min_size=1,
    max_size=5,
    unique_by=lambda rule: rule.pattern,
).map(lambda rules: [r for r in rules if r.written()])


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), texts, min_size=1, max_size=7), rules_of, st.data())
def test_verdicts(files: dict[str, str], rules: list[Rule], data: st.DataObject) -> None:
    of_any = {name for name in files if any(name in matches(rule.pattern) for rule in rules)}
    if not of_any:
        return
    limits = {rule.pattern: rule.written() for rule in rules}
    before = Path.cwd()
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        os.chdir(folder)
        try:
            checked = check_limits(limits)
            some = data.draw(st.lists(st.sampled_from(sorted(files)), min_size=1, unique=True))
            named = check_limits(limits, some)
        finally:
            os.chdir(before)
    assert exceeded(checked) == expected(files, rules)
    assert {each.path for each in checked.files} == of_any
    assert checked.fits is not bool(expected(files, rules))
    idle = {rule.pattern for rule in rules if not matches(rule.pattern) & {*files}}
    assert {each.pattern for each in checked.unmatched} == idle
    # Of files that are named, each is judged as it is among all.
    of_each = {each for each in expected(files, rules) if each[0] == "each" and each[1] in some}
    assert exceeded(named) == of_each
    assert named.other_files == len({*some} - of_any)
