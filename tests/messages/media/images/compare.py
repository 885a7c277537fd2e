"""Many random sizes by DeepSeek V4.1's rule and by deepseek-recipe, which has to agree.

python -m tests.messages.media.images.compare -n 100000
"""

import argparse
import math
from random import Random

import pytest

from ctxtools.messages.media.tokens import image_tokens

MODEL = "deepseek-v4.1-flash"


def random_size(draw: Random, longest: int) -> tuple[int, int]:
    """A width and a height: of any shape, by any order of magnitude, or very narrow."""
    kind = draw.randrange(4)
    if kind < 2:
        return draw.randint(1, longest), draw.randint(1, longest)
    if kind == 2:
        return _any_magnitude(draw, longest), _any_magnitude(draw, longest)
    sides = [draw.randint(1, 40), draw.randint(1, longest)]
    draw.shuffle(sides)
    return sides[0], sides[1]


def _any_magnitude(draw: Random, longest: int) -> int:
    return int(math.exp(draw.uniform(0, math.log(longest))))


def recipe_tokens(width: int, height: int) -> int:
    """The tokens of an image of that size, by deepseek-recipe."""
    recipe = pytest.importorskip("deepseek_recipe", reason="the reference")
    image = recipe.ImageInfo(b"", width, height)
    tokens: int = recipe.MultiModalData([image]).image_token_adjustment() + 1
    return tokens


def main() -> None:
    """Compare, and print how many sizes differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=100_000, help="sizes")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = Random(options.seed)
    sizes = (random_size(draw, 20_000) for _ in range(options.n))
    differing = [size for size in sizes if image_tokens(MODEL, *size) != recipe_tokens(*size)]
    print(f"{options.n:,} sizes, {len(differing):,} differ", *differing[:10])


if __name__ == "__main__":
    main()
