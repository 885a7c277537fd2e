"""Where a document that is longer than a training window may be cut: between its chunks."""

from array import array
from bisect import bisect_right
from itertools import accumulate

from ctxtools.encodings import Encoding

# Tokens of a window, of each hundred, that no chunk takes: a chunk may have some more as a part of
# its document than on its own, and then the one before the last boundary would be cut short.
_SPARE = 1


def token_boundaries(
    text: str, encoding: Encoding, window: int, *, source: str = ""
) -> "array[int]":
    """The places between a text's chunks, in tokens from its start: for `pack_sequences`.

    >>> plan = pack_sequences(
    ...     [encoding.count(text) for text in texts],
    ...     window,
    ...     boundaries=lambda i: token_boundaries(texts[i], encoding, window),
    ... )

    Each chunk ends in the last quarter of a window, at the strongest place that `Chunker` finds
    there: before a heading or, in code, a function, else behind a paragraph or a sentence. Where
    the counts of parts do not add up (see `Encoding.index`), places may be a few tokens off.

    Args:
        text: of the document.
        encoding: that the plan's lengths are counted with.
        window: tokens of a window, less those behind each document.
        source: the document's path, by which its format is told.
    """
    from ctxtools.chunking import Chunker

    size = max(1, window - -(-window * _SPARE // 100))
    # Greedy: even chunks of a little more than half a window would not share one.
    chunker = Chunker(encoding, size, strategy="greedy", format="auto", on_oversize="split-tokens")
    chunks = [(c.end_index, c.token_count) for c in chunker.chunk(text, source=source)]
    index = encoding.index(text)
    found = array("Q")
    if index.additive:
        ends, sums = index.ends, index.sums
        for end, _ in chunks[:-1]:
            if at := bisect_right(ends, end):  # a cut inside a pretoken moves before it
                found.append(sums[at - 1])
        return found
    tokens = list(accumulate(count for _, count in chunks))
    found.extend(place * index.total // tokens[-1] for place in tokens[:-1])
    return found
