"""What a chunk costs: the one home of the penalties that the choice of cuts minimises.

A chunk of ``tokens`` tokens that ends at a cut of some strength costs::

    1 + PENALTIES[strength] + EVENNESS * ((chunk_size - tokens) / chunk_size)**2
      + (1 if tokens < min_size else 0)

`optimal_cuts` of ``ctxtools._core`` computes it; the documentation of `Chunker` explains it.
"""

from ctxtools._core.types import Strength

# strength: (its name in output, the penalty for a cut there)
_BOUNDARIES = {
    Strength.NONE: ("inside a word", 2.0),
    Strength.WORD: ("word", 1.0),
    Strength.LINE: ("line", 0.6),
    Strength.SENTENCE: ("sentence", 0.15),
    Strength.PARAGRAPH: ("paragraph", 0.05),
    Strength.SECTION: ("section", 0.0),
}

STRENGTH_NAMES = {strength: name for strength, (name, _) in _BOUNDARIES.items()}
PENALTIES = [_BOUNDARIES[strength][1] for strength in Strength]
"""Indexed by strength."""

EVENNESS = 1.0
"""How much more an empty chunk costs than a full one."""
