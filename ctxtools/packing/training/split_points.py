"""Where a document that is longer than a training window may be cut: between its chunks."""

from array import array
from bisect import bisect_right
from itertools import accumulate

from ctxtools.checks import check_integer
from ctxtools.encodings import Encoding, as_encoding

# Percent of a window's tokens that no chunk takes: a chunk may have a few more as a span of its
# document than alone, and then the boundary at its end would not fit into the window.
_RESERVE = 1


def token_boundaries(
    text: str, encoding: Encoding | str, window: int, *, source: str = ""
) -> "array[int]":
    """The boundaries between a text's chunks, in tokens from its start: for `pack_sequences`.

    >>> plan = pack_sequences(
    ...     [encoding.count(text) for text in texts],
    ...     window,
    ...     boundaries=lambda i: token_boundaries(texts[i], encoding, window),
    ... )

    Each chunk ends in the last quarter of a window, at the strongest boundary that `Chunker` finds
    there: before a heading or, in code, a function, else after a paragraph or a sentence. Where
    counts do not add up (see `Encoding.index`), boundaries may be a few tokens off.

    Args:
        text: of the document.
        encoding: the one that the plan's lengths are counted with, or its name.
        window: tokens of a training window, less the EOS tokens.
        source: the document's path, which tells its format.
    """
    from ctxtools.chunking import Chunker

    encoding, window = as_encoding(encoding), check_integer("window", window, 1)
    size = max(1, window - -(-window * _RESERVE // 100))
    # Greedy: optimal chunks are even, and two of just over half a training window do not share one.
    chunker = Chunker(
        encoding,
        size,
        strategy="greedy",
        prefer="fill",
        format="auto",
        on_oversize="split-tokens",
        add_special_tokens=False,
    )
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
    found.extend(end * index.total // tokens[-1] for end in tokens[:-1])
    return found
