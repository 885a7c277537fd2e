"""The cuts of texts that all threads work on, against the fallback."""

import random
from collections.abc import Callable

import pytest

from ctxtools import _core
from ctxtools._core.cut_types import CutOptions, CutRules
from ctxtools._core.fallback.chunk.optimal_cuts import optimal_cuts
from tests.core import needs_kernel
from tests.core.engines import compiled, tiktoken
from tests.core.test_cut_points import PENALTIES

SIZE = 400_000  # bytes of UTF-8: some pieces for each thread


def prose(rng: random.Random) -> str:
    words = [
        "the",
        "a",
        "of",
        "Mr.",
        "e.g.",
        "sea,",
        "ship;",
        "(harbour).",
        "tide!",
        "“boat”",
        "3.5",
        "said:",
        "No.",
        "é",
    ]
    ends = [" ", " ", " ", " ", ". ", ".\n", "\n", "\n\n", "\r\n", "? ", "\f", "。", "# "]
    return "".join(rng.choice(words) + rng.choice(ends) for _ in range(SIZE // 6))


def base64(rng: random.Random) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return "".join(rng.choices(letters, k=SIZE))


def ideographs(rng: random.Random) -> str:
    return "".join(chr(0x4E00 + int(rng.paretovariate(0.4)) % 0x5000) for _ in range(SIZE // 3))


@needs_kernel
@pytest.mark.parametrize("make", [prose, base64, ideographs])
@pytest.mark.parametrize("limit", [64, 512])
def test_large_texts(make: Callable[[random.Random], str], limit: int) -> None:
    text = make(random.Random(limit))
    options = CutOptions(limit, limit, 0, 0, PENALTIES, 100.0, (1.0, 8.0, 0.0, 1 / 1.8), "optimal")
    ours, theirs = compiled("o200k_base").index(text), tiktoken("o200k_base").index(text)
    assert ours is not None and theirs is not None
    arguments = 0, ([0], [len(text)]), CutRules(), options
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_core, "optimal_cuts", optimal_cuts, raising=False)
        expected = theirs.cut(*arguments)
    for column, its in zip(ours.cut(*arguments), expected, strict=True):
        assert [*column] == [*its]
