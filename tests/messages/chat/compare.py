"""Compares chat formats with their references on random conversations.

    python -m tests.messages.chat.compare deepseek-v4 -n 20000

The suite does the same with fewer conversations. `COMPARISONS` says where each comparison is: an
object with the features of its conversations, our rendering and the reference's.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import NamedTuple

from ctxtools.encodings import Encoding
from ctxtools.messages.chat.pieces import Break, Piece, Placed, Plain, Special
from ctxtools.messages.chat.tally import tally
from ctxtools.messages.meter import Meter
from tests.messages.chat.conversations import Features, Sample, conversations

_DEEPSEEK = "tests.messages.chat.deepseek"
COMPARISONS = {
    **dict.fromkeys(
        ("deepseek-v3", "deepseek-r1", "deepseek-r1-0528", "deepseek-v3.1"),
        f"{_DEEPSEEK}.templates",
    ),
    **dict.fromkeys(
        ("deepseek-v3.2", "deepseek-v4-vllm", "deepseek-v4-checkpoint", "deepseek-v4.1-vllm"),
        f"{_DEEPSEEK}.repositories",
    ),
    **dict.fromkeys(("deepseek-v4", "deepseek-v4.1", "deepseek-v4-strict"), f"{_DEEPSEEK}.recipe"),
    **dict.fromkeys(
        (
            *("deepseek-v4-anthropic", "deepseek-v4-responses"),
            *("deepseek-v4.1-anthropic", "deepseek-v4.1-responses"),
        ),
        f"{_DEEPSEEK}.interfaces",
    ),
}
"""Names of comparisons -> modules that have them in a mapping of the same name."""


class Rendering(NamedTuple):
    """A conversation as a model sees it.

    Attributes:
        text: the whole prompt.
        specials: the special tokens in it, as (start, end) in characters; None if the reference
            does not say which they are.
        tokens: their number; None if the reference has no tokenizer.
    """

    text: str
    specials: tuple[tuple[int, int], ...] | None = None
    tokens: int | None = None


class Comparison(NamedTuple):
    """A format and its reference.

    Attributes:
        features: of the conversations.
        ours: our rendering, or the message with which we refuse the sample.
        reference: the same.
    """

    features: Features
    ours: Callable[[Sample], Rendering | str]
    reference: Callable[[Sample], Rendering | str]


class Difference(NamedTuple):
    """A sample that the two render differently, or only one refuses."""

    sample: Sample
    ours: Rendering | str
    reference: Rendering | str

    def __str__(self) -> str:
        pair = [
            each if isinstance(each, str) else each.text for each in (self.ours, self.reference)
        ]
        same = next(
            (at for at, both in enumerate(zip(*pair, strict=False)) if both[0] != both[1]), 0
        )
        start = max(0, same - 60)
        ours, theirs = (f"{each[start : start + 200]!r}" for each in pair)
        return f"ours      {ours}\nreference {theirs}\n{self.sample}"


def comparison(name: str) -> Comparison:
    """The comparison of that name."""
    found: Comparison = import_module(COMPARISONS[name]).COMPARISONS[name]
    return found


def differences(each: Comparison, count: int, *, seed: int = 0) -> Iterator[Difference]:
    """The samples among so many that are not rendered alike; a reason to refuse is not compared."""
    for sample in conversations(count, each.features, seed=seed):
        ours, reference = each.ours(sample), each.reference(sample)
        if isinstance(ours, str) and isinstance(reference, str):
            continue
        if isinstance(ours, str) or isinstance(reference, str) or not _agree(ours, reference):
            yield Difference(sample, ours, reference)


def _agree(ours: Rendering, reference: Rendering) -> bool:
    return ours.text == reference.text and all(
        theirs is None or mine == theirs
        for mine, theirs in zip(ours[1:], reference[1:], strict=True)
    )


def rendering(pieces: Iterable[Piece], encoding: Encoding) -> Rendering:
    """Pieces of a format as a reference has them."""
    pieces = [*pieces]
    texts, specials, position = [], [], 0
    for piece in pieces:
        assert not isinstance(piece, Placed), "media are not compared"
        if isinstance(piece, Break):
            continue
        text = piece.text if isinstance(piece, Plain) else piece.spelling
        if isinstance(piece, Special):
            specials.append((position, position + len(text)))
        texts.append(text)
        position += len(text)
    tokens = sum(part.tokens for part in tally(pieces, Meter(encoding)))
    return Rendering("".join(texts), tuple(specials), tokens)


def main() -> int:
    """Compare, print the first differences, and end with 1 if there are any."""
    parser = argparse.ArgumentParser(description="Compare a chat format with its reference.")
    parser.add_argument("name", choices=[*COMPARISONS])
    parser.add_argument("-n", type=int, default=20_000, help="conversations")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    count = 0
    for count, each in enumerate(
        differences(comparison(options.name), options.n, seed=options.seed), 1
    ):
        if count <= 3:
            print(each, end="\n\n")
    print(f"{options.name}: {count} differences in {options.n} conversations")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
