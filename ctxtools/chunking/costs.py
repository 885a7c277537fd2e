"""What a chunk costs: the one home of the weights that the choice of cuts minimises.

With ``rest``, the share that it leaves empty of the room beside overlap and header, and
``missing``, the share of the target that it does not have (``1 - (1 - rest) / target``), a chunk
costs::

    per_chunk + evenness * missing**2 + smallness * rest**16 + cost of the cut at its end
      + (BELOW_MIN if it has fewer tokens than min_size else 0)

with half of the evenness where it is above the target.

    cost of a cut = penalty of its strength
      + (atomic + what the innermost atomic block that it cuts would cost as a chunk, without a cut)
      + (COHESION * how much more alike its two sides are than those of other cuts, if asked for)
      + (closing if brackets or tags are parted from the block that they close)
      + (GLUED if something is parted from what it needs, as a heading from its text)

`optimal_cuts` of ``ctxtools._core`` computes it; the documentation of `Chunker` explains it.

So brackets that close a block that does not fit may start a chunk, rather than half a word; but a
line of what they close that is atomic goes before them.

And an atomic block is cut only where that saves more than a chunk: a chunk of a few tokens beside
it, say. That a block on its own is small is no reason to cut it, since that counts on both sides.
"""

from typing import Literal, NamedTuple

from ctxtools._core.types import Strength

Preference = Literal["boundaries", "fill"]


class Weights(NamedTuple):
    """The weights of the formula above.

    Attributes:
        penalties: of a cut, by its `Strength`.
        atomic, closing, per_chunk, target: see there.
    """

    penalties: tuple[float, ...]
    atomic: float
    closing: float
    per_chunk: float
    target: float

    @property
    def sizes(self) -> tuple[float, float, float, float]:
        """What the size of a chunk costs, as `optimal_cuts` takes it."""
        return EVENNESS, SMALLNESS, self.per_chunk, self.target

    def alone(self, rest: float) -> float:
        """What a chunk costs of which a share is empty, but for the cut at its end."""
        missing = 1 - (1 - rest) / self.target
        evenness = EVENNESS / 2 if missing < 0 else EVENNESS
        # Not by **, which rounds as the C library does.
        square = rest * rest
        fourth = square * square
        eighth = fourth * fourth
        return self.per_chunk + evenness * (missing * missing) + SMALLNESS * (eighth * eighth)

    def inside(self, rest: float) -> float:
        """What a cut inside an atomic block costs that would leave a share of a chunk empty."""
        return self.atomic + self.alone(rest)


# strength: (its name in output, the penalty for a cut there with each preference)
_BOUNDARIES = {
    Strength.NONE: ("inside a word", 64.0, 2.0),
    Strength.WORD: ("word", 32.0, 1.0),
    Strength.CLAUSE: ("clause", 24.0, 0.7),
    Strength.LINE: ("line", 2.0, 0.6),
    Strength.SENTENCE: ("sentence", 0.6, 0.15),
    Strength.SENTENCE_LINE: ("sentence and line", 0.2, 0.1),
    Strength.PARAGRAPH: ("paragraph", 0.05, 0.05),
    Strength.SECTION: ("section", 0.0, 0.0),
}

STRENGTH_NAMES = {strength: name for strength, (name, _, _) in _BOUNDARIES.items()}

# Chunks retrieve better that need not be full: so the target is well below the limit, and there is
# room on both sides of it for the sake of a better cut.
_TARGET = 1 / 1.8

EVENNESS, SMALLNESS = 1.0, 8.0

WEIGHTS: dict[Preference, Weights] = {
    "boundaries": Weights(
        tuple(_BOUNDARIES[strength][1] for strength in Strength), 3.0, 20.0, 0.0, _TARGET
    ),
    "fill": Weights(tuple(_BOUNDARIES[strength][2] for strength in Strength), 2.0, 2.0, 1.0, 1.0),
}

COHESION = 0.2
"""What a cut costs more for each standard deviation (three at most) that the text on its two sides
is more alike than at other ends of sentences; as much less where it is less alike. See
cutting/cohesion.py."""

# These two outweigh any number of the others that could be in question together.
BELOW_MIN = 100.0
"""What a chunk below the minimum size costs more."""
GLUED = 1000.0
"""What a cut costs more between a heading, an opening bracket or a table's header and what follows
it."""
SECTION_GLUED = GLUED / 2
"""The same between a heading and one below it, which is parted from its own text last."""
