"""Sizes of images at which rules of models may differ, for ``image_goldens.py``."""

import random
from collections.abc import Iterable

_LIMITS = (
    *(3_136, 12_544, 65_536, 262_144, 451_584, 2_621_440, 4_194_304, 4_816_896, 4_842_768),
    *(6_272_000, 12_845_056, 16_777_216),
)


def small_sizes() -> Iterable[tuple[int, int]]:
    """The first are processed end to end."""
    generator = random.Random(7)
    yield from [(1, 1), (1, 2), (7, 1), (1, 40), (28, 28), (32, 32), (100, 100), (640, 480)]
    yield from [(300, 40), (40, 300), (600, 31), (31, 600), (448, 448), (336, 336), (728, 700)]
    while True:
        yield from [(generator.randint(1, 740), generator.randint(1, 740))]
        if generator.random() < 1 / 120:
            return


def other_sizes() -> Iterable[tuple[int, int]]:
    generator = random.Random(11)
    # Around ties of rounding, and around multiples.
    for unit in (14, 16, 28, 32, 48, 336, 448, 504, 728):
        for times in (1, 2, 3, 5, 9):
            for off in (-1, 0, 1):
                yield unit * times + off, generator.randint(1, 3000)
                yield generator.randint(1, 3000), unit * times + off
                yield unit * times + off, unit * (times + 1) // 2
    # Around each limit of pixels, at several shapes.
    for limit in _LIMITS:
        for ratio in (0.2, 0.75, 1.0, 16 / 9, 6.0, 40.0):
            width = round((limit * ratio) ** 0.5)
            for off in (-9, -1, 0, 1, 9):
                yield max(1, width + off), max(1, round(limit / width) + generator.randint(-1, 1))
    # Around ratios that decide, and at the longest sides that are taken.
    for ratio in (1.2, 1.5, 2.5, 4.0, 199.0, 200.0, 201.0):
        for short in (5, 31, 32, 33, 256, 485, 504, 1200):
            yield round(short * ratio), short
            yield short, round(short * ratio) + 1
    for side in (1024, 1540, 3024, 7168):
        for off in (-1, 0, 1):
            yield side + off, generator.randint(1, side)
            yield generator.randint(1, side), side + off
    for most in (2_000, 6_000, 100_000, 10**9):
        for _ in range(110):
            yield generator.randint(1, most), generator.randint(1, most)
    yield from [(2018, 2705), (3840, 2160), (2480, 3508), (4000, 300), (300, 4000), (5000, 5000)]
