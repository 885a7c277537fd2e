"""Possessive repeats of groups are matched as CPython from 3.11.5 on does, on every Python."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ctxtools
from ctxtools.chunking.formats import parse_blocks
from ctxtools.possessive import compile_pattern, with_atomic_groups
from tests.chunking.formats.samples import samples
from tests.chunking.formats.trees import check

PACKAGE = Path(ctxtools.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
FUNCTIONS = ("compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer")
SUSPECT = re.compile(r"[*+?}]\+")  # what a module with possessive repeats has

# In the words, a subpattern that contains backtracking.
MATCHES_RIGHTLY = re.match(r"(?:[^*]++|\*(?!/))*+\*/", "a**/") is not None
needs_right_python = pytest.mark.skipif(
    not MATCHES_RIGHTLY, reason="the reference is the re of CPython 3.11.5 and later"
)

REPEATS = ("", "*", "+", "?", "*?", "{1,2}", "*+", "++", "?+", "{2}+", "{1,2}+", "{,2}+", "{,}+")
# CPython takes each of the times that a group has to be repeated for itself: `(.+){2}+` does not
# match "11", which `(?>(.+){2})` does. No pattern of the package has any such.
GROUP_REPEATS = tuple(each for each in REPEATS if each != "{2}+")
ATOMS = (
    "a",
    "b",
    r"\(",
    r"\)",
    r"\\",
    ".",
    "[ab]",
    "[^a]",
    "[)(]",
    "[]+(]",
    r"[\])]",
    r"\w",
    r"\d",
)
OPENINGS = ("(", "(?:", "(?i:", "(?>", "(?=", "(?!", "(?x: ", "(?x-i:#)*+\n", "(?#)(", "(?-i:")


@st.composite
def _group(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    alternatives = draw(st.lists(st.lists(inner, max_size=3).map("".join), min_size=1, max_size=3))
    start = draw(st.sampled_from(OPENINGS))
    return f"{start}{'|'.join(alternatives)}){draw(st.sampled_from(GROUP_REPEATS))}"


_SINGLES = st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS)).map("".join)
_ITEMS = st.recursive(_SINGLES | st.sampled_from([r"\b", r"(?#*+)"]), _group, max_leaves=6)
PATTERNS = st.lists(_ITEMS, min_size=1, max_size=3).map("".join)
TEXTS = st.text("aAb()\\+]1 ", max_size=8)


def matches(pattern: re.Pattern[Any], text: Any) -> list[tuple[tuple[int, int], ...]]:
    """The spans of all groups, for a match at each offset that has one."""
    found = [pattern.match(text, start) for start in range(len(text) + 1)]
    return [match.regs for match in found if match]


@needs_right_python
@given(PATTERNS, st.lists(TEXTS, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_rewritten_patterns_match_the_same(
    pattern: str, texts: list[str], verbose: bool, reference: bool
) -> None:
    flags = re.VERBOSE if verbose else re.NOFLAG
    if reference:
        pattern = rf"(?P<first>a|\(){pattern}(?:\1*+|(?P=first)?+b)"
    try:
        original = re.compile(pattern, flags)
    except re.error:  # a repeat of what cannot be repeated
        with pytest.raises(re.error):
            compile_pattern(pattern, flags)
        return
    rewritten = re.compile(with_atomic_groups(pattern, flags), flags)
    assert rewritten.groupindex == original.groupindex
    # What a group has last is another question, where it matched nothing at last: `((a)|)*+`.
    for text in texts:
        spans = [[each[0] for each in matches(made, text)] for made in (rewritten, original)]
        assert spans[0] == spans[1], text
    if not verbose:
        assert with_atomic_groups(pattern.encode()) == rewritten.pattern.encode()


@pytest.mark.parametrize(
    ("pattern", "rewritten"),
    [
        (r"(?:[^*]++|\*(?!/))*+", r"(?>(?:[^*]++|\*(?!/))*)"),
        (r"(a(b)++)?+c{2,3}+", r"(?>(a(?>(b)+))?)c{2,3}+"),
        (r"[(]*+\)*+[])]{1,}+", r"[(]*+\)*+[])]{1,}+"),
        (r"(a){,3}+(b){}+(?#(c)*+", r"(?>(a){,3})(b){}+(?#(c)*+"),
        (r"(?P<name>a)(?P=name)*+\1?+", r"(?P<name>a)(?>(?P=name)*)(?>\1?)"),
        ("(?x) (a # )*+\n) (?-x:#(b)++) *+", "(?x) (a # )*+\n) (?>(?-x:#(?>(b)+)) *)"),
        (r"(a)*(b)*?\\(?>(c)+)", r"(a)*(b)*?\\(?>(c)+)"),
    ],
)
def test_rewriting(pattern: str, rewritten: str) -> None:
    assert with_atomic_groups(pattern) == rewritten


def test_matches_on_this_python() -> None:
    comment = r"/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)"
    lead = compile_pattern(rf"(?:\s++|--[^\r\n]*+|{comment}|(?:\A|(?<=[\r\n]))\#[^\r\n]*+)*+")
    assert matches(lead, "office;") == [((start, start),) for start in range(8)]
    assert matches(compile_pattern(rb"(?:[^*]++|\*(?!/))*+\*/"), b"a**/") == [
        ((start, 4),) for start in range(3)
    ]
    with pytest.raises(re.error):
        compile_pattern("(a)*+)")


def test_sql_ends() -> None:
    text = "office;(harbour,harbours.FUNCTIONAS"
    check(parse_blocks(text, "sql"), text)


class Use(NamedTuple):
    """A regular expression in a module."""

    path: Path
    function: str
    pattern: str | bytes
    flags: int
    complete: bool


def _uses(path: Path) -> Iterator[Use]:
    """What a module gives to `re` and `compile_pattern`.

    Of an expression that has local variables, it is each of the strings in the function.
    """
    module = ".".join(("ctxtools", *path.relative_to(PACKAGE).with_suffix("").parts))
    tree = ast.parse(path.read_text())
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    within = {node: function for function in functions for node in ast.walk(function)}
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Name(id="compile_pattern" as function)):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=function)):
                if function not in FUNCTIONS:
                    continue
            case _:
                continue
        arguments = call.args if "compile" in function else call.args[:1]
        values = vars(importlib.import_module(module.removesuffix(".__init__")))
        try:
            pattern, *flags = [eval(ast.unparse(argument), values) for argument in arguments]
        except NameError:
            for node in ast.walk(within.get(call, call)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                    yield Use(path, function, node.value, 0, complete=False)
        else:
            yield Use(path, function, pattern, sum(flags), complete=True)


@cache
def _all_uses() -> tuple[Use, ...]:
    # re.sub and the like take compiled patterns too.
    paths = [path for path in SOURCES if path.parent.name != "possessive"]
    paths = [path for path in paths if SUSPECT.search(path.read_text())]
    uses = [use for path in paths for use in _uses(path)]
    return tuple(use for use in uses if isinstance(use.pattern, str | bytes))


def _rewritten(use: Use) -> str | bytes:
    if isinstance(use.pattern, bytes):
        return with_atomic_groups(use.pattern, use.flags)
    return with_atomic_groups(use.pattern, use.flags)


def test_no_module_leaves_such_a_pattern_to_re() -> None:
    for use in _all_uses():
        assert use.function == "compile_pattern" or _rewritten(use) == use.pattern, use
    # Nor by another name: without compile_pattern there is no such string.
    for path in SOURCES:
        if "compile_pattern" not in (text := path.read_text()) and SUSPECT.search(text):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert with_atomic_groups(node.value) == node.value, path


@cache
def _pairs() -> tuple[tuple[re.Pattern[Any], re.Pattern[Any]], ...]:
    """The patterns of the package with such a repeat, by `re` and rewritten."""
    uses = [use for use in _all_uses() if use.complete and _rewritten(use) != use.pattern]
    assert len(uses) > 50
    return tuple(
        (re.compile(use.pattern, use.flags), re.compile(_rewritten(use), use.flags)) for use in uses
    )


@needs_right_python
@given(st.data())
def test_patterns_of_the_package_match_the_same(data: st.DataObject) -> None:
    original, rewritten = data.draw(st.sampled_from(_pairs()))
    bytes_only = isinstance(original.pattern, bytes)
    letters = original.pattern.decode() if bytes_only else original.pattern
    text = data.draw(st.text(st.sampled_from(letters + " \n"), max_size=30))
    encoded = text.encode() if bytes_only else text
    assert matches(rewritten, encoded) == matches(original, encoded)


@needs_right_python
@pytest.mark.parametrize(
    "format", ["html", "json", "latex", "markdown", "rst", "sql", "xml", "yaml"]
)
def test_patterns_of_the_package_match_the_same_in_documents(format: str) -> None:
    for text in samples(format):
        for original, rewritten in _pairs():
            whole = text[:5000].encode() if isinstance(original.pattern, bytes) else text[:5000]
            found = [match.regs for match in rewritten.finditer(whole)]
            assert found == [match.regs for match in original.finditer(whole)]
