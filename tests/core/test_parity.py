"""Kernel and fallback on the same inputs: the same results, and the same errors."""

import ast
import hashlib
import random
import subprocess
import sys
from array import array
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import ctxtools
from ctxtools import _core
from ctxtools._core.cut_types import CutOptions, CutRules
from ctxtools._core.fallback.text_map import WORDS
from ctxtools._core.types import Overlong, Strength
from ctxtools.chunking.block import MAX_DEPTH
from ctxtools.chunking.formats.code.grammars import installed
from ctxtools.documents.filetypes import file_type
from ctxtools.encodings.engines.stream import StreamCounter
from ctxtools.encodings.files.patterns import get_pattern
from ctxtools.errors import MissingExtraError
from tests.chunking.formats.code.test_languages import SAMPLES, code
from tests.chunking.formats.test_formats import documents
from tests.core import needs_kernel
from tests.core.engines import NAMES, compiled, tiktoken
from tests.core.test_optimal_cuts import problems
from tests.core.test_token_index import hard

Draw = Callable[[st.SearchStrategy[Any]], Any]


def outcome(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What a call returns, with the formats of its buffers; or the error that it raises."""
    try:
        return plain(call(*arguments, **options))
    except Exception as error:
        return type(error), str(error)


def plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    if hasattr(value, "__buffer__") or isinstance(value, memoryview):
        view = memoryview(value)
        return view.format, view.tolist()
    if type(value).__name__ == "Blocks":
        *columns, titles, repeats, repeat_from = value.columns
        texts = [[value.texts[number] for number in column] for column in (titles, repeats)]
        return plain((*columns, repeat_from)), texts, value.inline, len(value)
    if type(value).__name__ == "Buffer":  # before Python 3.12 a class has no __buffer__
        return plain(memoryview(value))
    return value


def fallback(name: str) -> Any:
    """The function of the seam that the kernel has too, without the kernel."""
    return getattr(import_module(f"ctxtools._core.fallback.{_core._FALLBACKS[name]}"), name)


def kernel(name: str) -> Any:
    return getattr(_core.kernel, name)


# Text maps and token indexes


def offset(draw: Draw, n: int) -> int:
    inside = st.integers(0, n)
    return int(draw(st.one_of(inside, inside, inside, st.integers(-2, n + 2))))


def some(draw: Draw, n: int) -> list[int]:
    return [offset(draw, n) for _ in range(draw(st.integers(0, 6)))]


def spans(draw: Draw, n: int) -> tuple[list[int], list[int]]:
    """Starts and ends, most of them of spans, and at times not as many of both."""
    pairs = [sorted((offset(draw, n), offset(draw, n))) for _ in range(draw(st.integers(0, 4)))]
    starts, ends = [a for a, _ in pairs], [b for _, b in pairs]
    if draw(st.integers(0, 9)) == 0:
        starts.append(offset(draw, n))
    if draw(st.integers(0, 9)) == 0:
        starts, ends = ends, starts
    return starts, ends


def limit(draw: Draw, n: int) -> int:
    return int(draw(st.integers(-1, 12)))


def strength(draw: Draw, n: int) -> Strength:
    found: Strength = draw(st.sampled_from(Strength))
    return found


def blocks(draw: Draw, n: int) -> tuple[list[int], list[int]]:
    starts = sorted({min(n, offset(draw, n)) for _ in range(draw(st.integers(0, 5)))})
    return starts, [int(draw(st.integers(0, 5))) for _ in starts]


def disjoint(draw: Draw, n: int) -> tuple[list[int], list[int]]:
    found = draw(st.lists(st.integers(1, max(1, n)), max_size=8, unique=True).map(sorted))
    pairs = [pair for i, pair in enumerate(pairwise(found)) if i % 2 == 0]
    return [a for a, _ in pairs], [b for _, b in pairs]


def forced(draw: Draw, n: int) -> list[int]:
    found: list[int] = draw(
        st.lists(st.integers(1, max(1, n - 1)), max_size=4, unique=True).map(sorted)
    )
    return found


def costs(draw: Draw, n: int) -> tuple[list[int], list[float]]:
    starts = sorted({min(n, max(0, offset(draw, n))) for _ in range(draw(st.integers(0, 5)))})
    return starts, [draw(st.sampled_from([0.0, 0.5, 2.25, -0.6, 1000.0])) for _ in starts]


def rules(draw: Draw, n: int) -> CutRules:
    changes = sorted(offset(draw, n) for _ in range(draw(st.integers(0, 3))))
    strengths, good = blocks(draw, n)
    return CutRules(
        blocks(draw, n),
        disjoint(draw, n),
        costs(draw, n),
        costs(draw, n),
        (changes, [draw(st.integers(0, 60)) for _ in changes]),
        (strengths, [draw(st.sampled_from([number, 255])) for number in good]),
        forced(draw, n) if n else [],
    )


def cut_options(draw: Draw, max_tokens: int, capacity: int) -> CutOptions:
    return CutOptions(
        max_tokens,
        capacity,
        draw(st.integers(0, max_tokens - 1)),
        draw(st.integers(0, max_tokens)),
        [2.0, 1.0, 0.7, 0.6, 0.15, 0.1, 0.05, 0.0],
        100.0,
        draw(st.sampled_from([(1.0, 8.0, 0.0, 0.6), (1.0, 0.0, 1.0, 1.0)])),
        draw(st.sampled_from(["optimal", "greedy"])),
    )


def cut_points(draw: Draw, n: int) -> tuple[Any, ...]:
    max_tokens = draw(st.integers(1, 300))
    capacity = draw(st.integers(-max_tokens, max_tokens))
    return 0, forced(draw, n), rules(draw, n), cut_options(draw, max_tokens, capacity)


def cut(draw: Draw, n: int) -> tuple[Any, ...]:
    max_tokens = draw(st.integers(1, 60))
    ends = [*(at for at in forced(draw, n) if at < n), n]
    starts = [0, *(max(0, end - draw(st.integers(0, 3))) for end in ends[:-1])]
    options = cut_options(draw, max_tokens, draw(st.integers(0, max_tokens)))
    return 0, (starts, ends), rules(draw, n), options


def at(draw: Draw, n: int) -> tuple[int]:
    return (offset(draw, n),)


def at_two(draw: Draw, n: int) -> tuple[int, int]:
    return offset(draw, n), offset(draw, n)


# What is asked, and how its arguments for a text of n characters are drawn.
OF_TEXTS: dict[str, Callable[[Draw, int], tuple[Any, ...]]] = {
    "slices": spans,
    "positions": lambda draw, n: (some(draw, n),),
    "boundaries": lambda draw, n: (strength(draw, n), *at_two(draw, n)),
    "cluster_ends": at_two,
    "is_inside_cluster": at,
    "cohesion": lambda draw, n: (
        some(draw, n),
        limit(draw, n),
        draw(st.sampled_from([1.0, 0.2, -1.5])),
    ),
}
OF_TOKENS: dict[str, Callable[[Draw, int], tuple[Any, ...]]] = {
    "count": at_two,
    "counts": spans,
    "end": lambda draw, n: (offset(draw, n), limit(draw, n)),
    "end_anywhere": lambda draw, n: (offset(draw, n), limit(draw, n)),
    "start_anywhere": lambda draw, n: (offset(draw, n), limit(draw, n)),
    "token_ends": at_two,
    "measure": lambda draw, n: (some(draw, n),),
    "overlap_starts": lambda draw, n: (some(draw, n), limit(draw, n), rules(draw, n)),
    "cut_points": cut_points,
    "cut": cut,
}


@needs_kernel
@pytest.mark.parametrize("name", OF_TEXTS)
@given(hard, st.data())
def test_text_maps(name: str, text: str, data: st.DataObject) -> None:
    ours, theirs = kernel("TextMap")(text), fallback("TextMap")(text)
    arguments = OF_TEXTS[name](data.draw, len(text))
    assert outcome(getattr(ours, name), *arguments) == outcome(getattr(theirs, name), *arguments)
    for column in ("ends", "strengths", "length"):
        assert plain(getattr(ours, column)) == plain(getattr(theirs, column))
    assert len(ours) == len(theirs)


@needs_kernel
@pytest.mark.parametrize("name", [*OF_TEXTS, *OF_TOKENS])
@settings(max_examples=60)
@given(st.sampled_from(NAMES), hard, st.data())
def test_token_indexes(name: str, encoding: str, text: str, data: st.DataObject) -> None:
    ours, theirs = compiled(encoding).index(text), tiktoken(encoding).index(text)
    assert ours is not None or theirs is None
    if ours is None or theirs is None:  # not in NFC, by newer Unicode tables or by all
        assume(False)
        return
    for column in ("ends", "sums", "strengths", "length", "total", "additive"):
        assert plain(getattr(ours, column)) == plain(getattr(theirs, column))
    arguments = (OF_TEXTS | OF_TOKENS)[name](data.draw, len(text))
    with pytest.MonkeyPatch.context() as patch:
        for choose in ("optimal_cuts", "greedy_cuts"):
            patch.setattr(_core, choose, fallback(choose), raising=False)
        expected = outcome(getattr(theirs, name), *arguments)
    assert outcome(getattr(ours, name), *arguments) == expected


@needs_kernel
@pytest.mark.parametrize("text", ["a" * 5000, "é" * 5000])
def test_errors_have_the_same_numbers(text: str) -> None:
    """One had thousands separators, which a text of four characters does not show."""
    for index in (compiled("o200k_base").index(text), tiktoken("o200k_base").index(text)):
        assert index is not None
        for method, arguments, message in (
            ("end", (10_000, 1), "offset 10000 is outside a text of 5000 characters"),
            ("positions", ([-1000],), "offset -1000 is outside a text of 5000 characters"),
            ("count", (3000, 2000), "invalid range 3000..2000 for a text of 5000 characters"),
            ("slices", ([0], [5001]), "invalid range 0..5001 for a text of 5000 characters"),
            ("counts", ([0] * 1000, []), "starts and ends differ in length: 1000 and 0"),
        ):
            assert outcome(getattr(index, method), *arguments)[1] == message


def test_the_words_of_a_text_are_those_of_o200k() -> None:
    assert get_pattern("o200k").regex == WORDS


# Choice of cuts, code, training windows


@needs_kernel
@pytest.mark.parametrize("name", ["optimal_cuts", "greedy_cuts"])
@given(problems(most=50))
def test_choices_of_cuts(name: str, problem: Sequence[Any]) -> None:
    sums_from, sums_to, costs, shares, limit, min_size, below_min, *rest = problem
    for each in (costs, costs + array("d", [0.0])):
        some = (sums_from, sums_to, each, shares, limit, min_size, below_min, *rest)
        if name == "greedy_cuts":
            some = (sums_from, sums_to, each, limit, below_min)
        assert outcome(kernel(name), *some) == outcome(fallback(name), *some)


@pytest.mark.parametrize("format", ["python", "typescript", "cpp", "go", "kotlin", "haskell"])
@needs_kernel
@given(data=st.data())
def test_code_blocks(format: str, data: st.DataObject) -> None:
    """The same tree, and the same walk through it."""
    text = data.draw(code(format) | documents(format))
    check_code_blocks(text.encode("utf-8", "surrogatepass"), format)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
@needs_kernel
def test_code_blocks_of_samples(path: Path) -> None:
    check_code_blocks(path.read_bytes(), file_type(path.name).format)


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("cpp", "1." + "||*-" * 400),  # too many steps
        ("python", "# é\n" * 200 + "def f():\n    'ü'\n    return 1\n" * 20),
        ("python", "\ud800 = 1\n" * 80),
        ("java", "class A {\n\x0b void f() {}\n\x1c}\n"),
    ],
)
@needs_kernel
def test_code_blocks_of_what_is_unusual(format: str, text: str) -> None:
    check_code_blocks(text.encode("utf-8", "surrogatepass"), format)


def check_code_blocks(data: bytes, format: str) -> None:
    try:
        grammar, roles, words = installed(format)
    except MissingExtraError as error:
        pytest.skip(error.message)
    some = grammar, data, roles, words, MAX_DEPTH
    assert outcome(kernel("code_blocks"), *some) == outcome(fallback("code_blocks"), *some)


@st.composite
def packing(draw: st.DrawFn) -> tuple[memoryview, dict[str, Any]]:
    lengths = draw(st.lists(st.integers(0, 12) | st.integers(-1, 60), min_size=1, max_size=40))
    window = draw(st.integers(1, 40))
    return memoryview(array("q", lengths)), {
        "window": window,
        "eos": draw(st.integers(0, min(3, window - 1))),
        "separator": draw(st.integers(0, 3)),
        "max_documents": draw(st.integers(1, 5) | st.just(2**32 - 1)),
        "overlong": draw(st.sampled_from(get_args(Overlong))),
        "seed": draw(st.none() | st.integers(0, 2**64 - 1)),
    }


@needs_kernel
@given(packing())
def test_training_windows(problem: tuple[memoryview, dict[str, Any]]) -> None:
    lengths, options = problem
    name = "pack_sequences"
    assert outcome(kernel(name), lengths, **options) == outcome(fallback(name), lengths, **options)


@needs_kernel
@pytest.mark.parametrize("median", [30, 2000])
@pytest.mark.parametrize("seed", [None, 1])
def test_large_plans(median: int, seed: int | None) -> None:
    """Large enough that windows are filled by search, some of them alike."""
    source = random.Random(5)
    lengths = memoryview(
        array("q", [int(median * source.lognormvariate(0, 0.8)) for _ in range(1000)])
    )
    options = {"eos": 0, "separator": 0, "max_documents": 2**32 - 1, "overlong": "split"}
    expected = outcome(fallback("pack_sequences"), lengths, 8192, seed=seed, **options)
    assert outcome(kernel("pack_sequences"), lengths, 8192, seed=seed, **options) == expected


@needs_kernel
def test_lengths_that_are_not_integers() -> None:
    lengths = memoryview(array("d", [1.0]))
    options = {"eos": 0, "separator": 0, "max_documents": 1, "overlong": "split", "seed": None}
    expected = outcome(kernel("pack_sequences"), lengths, 8, **options)
    assert outcome(fallback("pack_sequences"), lengths, 8, **options) == expected


@needs_kernel
def test_running_counts_of_streams() -> None:
    """They are counts of what was fed, up to where the text may be split.

    They are only bounded in between, since the two split elsewhere: the kernel after a number of
    bytes, the fallback after one of characters. They are equal before the first split and at the
    end.
    """
    backend, engine = compiled("o200k_base"), tiktoken("o200k_base")
    block = "Some words, and 12 more.\nDie Grüße, 你好。 " * 2000
    both = backend.counter(), StreamCounter(engine.count, engine.next_split)
    for counter in both:
        counter.feed("Some words.")
    assert [counter.count_so_far for counter in both] == [0, 0]
    assert both[0].finish() == both[1].finish()
    before, fed = [0, 0], 0
    for _ in range(40):
        fed += engine.count(block)  # each block starts at a line, after a space
        for i, counter in enumerate(both):
            counter.feed(block)
            assert before[i] <= counter.count_so_far <= fed
            before[i] = counter.count_so_far
    assert all(before)
    assert both[0].finish() == both[1].finish()
    assert [counter.count_so_far for counter in both] == [0, 0]


# The interface


# INTERFACE and the hash of what _kernel.pyi declares. Where this fails, raise INTERFACE in
# ctxtools/_core/__init__.py and kernel/src/python/mod.rs, and enter the new hash here.
DECLARED = (11, "98a444ba8a92b8d2")


def signatures() -> str:
    """The declarations of _kernel.pyi, without what does not bind."""
    tree = ast.parse((Path(ctxtools.__file__).parent / "_kernel.pyi").read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                each
                for each in body
                if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            ]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def test_a_change_of_the_interface_raises_its_number() -> None:
    assert (_core.INTERFACE, signatures()) == DECLARED


@needs_kernel
def test_the_fallback_has_what_the_kernel_has() -> None:
    for name in _core._FALLBACKS:
        assert callable(kernel(name)) and callable(fallback(name))
    for ours, theirs in (
        (kernel("TextMap"), fallback("TextMap")),
        (kernel("TokenIndex"), type(tiktoken("o200k_base").index("a"))),
    ):
        public = {name for name in dir(ours) if not name.startswith("_")}
        # Without the kernel, a text that was edited is indexed again.
        assert public - {"replaced"} <= {*dir(theirs)}


def imported(code: str, variable: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys, types\n{code}\nfrom ctxtools import _core"],
        capture_output=True,
        text=True,
        env={"CTXTOOLS_KERNEL": variable, "PYTHONPATH": ":".join(sys.path)},
    )


@pytest.mark.parametrize("attributes", ["", "INTERFACE=1"])
def test_a_stale_or_foreign_extension_is_an_error(attributes: str) -> None:
    code = (
        "kernel = types.ModuleType('ctxtools._kernel'); kernel.__file__ = 'old.so'\n"
        f"kernel.__dict__.update({attributes})\n"
        "sys.modules['ctxtools._kernel'] = kernel"
    )
    ran = imported(code)
    found = 1 if attributes else 0
    assert (
        f"KernelError: old.so does not belong to this version of ctxtools (interface {found}"
        in (ran.stderr)
    )
    assert "hint: build it again: pip install ." in ran.stderr


def test_a_required_kernel_that_is_absent_is_an_error() -> None:
    ran = imported("sys.modules['ctxtools._kernel'] = None", "require")
    assert "the compiled kernel is required (CTXTOOLS_KERNEL=require), but not built" in ran.stderr


def test_an_unknown_value_is_an_error() -> None:
    assert (
        "KernelError: CTXTOOLS_KERNEL is 'off'\n\nhint: set it to 0" in imported("", "off").stderr
    )
