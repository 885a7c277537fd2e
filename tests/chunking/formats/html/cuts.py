"""What is wrong with the cuts of a page; also of the pages of a folder:

python -m tests.chunking.formats.html.cuts FOLDER [SIZE ...]
"""

import random
import re
import sys
from bisect import bisect_left
from collections import Counter
from pathlib import Path

from ctxtools._core.html.elements import VOID
from ctxtools._core.html.tokens import END, START, tokens
from ctxtools.chunking import Chunker

_HEADING = re.compile(r"<h[1-6][\s>]", re.IGNORECASE)
_MOST = 200  # pages of a folder


def faults(text: str, size: int, *, header: bool = False) -> Counter[str]:
    """How many of the cuts between the chunks of a page are

    inside a tag: that fits into a chunk with its header;
    after a start tag, before an end tag: with what the tag belongs to on the other side;
    without heading: before a chunk that is under none, though a heading is before it.
    """
    chunker = Chunker("o200k_base", size, format="html", header=header)
    tags = [*tokens(text)]
    starts, ends = [tag.start for tag in tags], [tag.end for tag in tags]
    first = _HEADING.search(text)
    found: Counter[str] = Counter()
    for chunk in chunker.chunk(text):
        found["cuts"] += chunk.start_index > 0
        at = chunk.start_index
        i = bisect_left(starts, at) - 1
        if i >= 0 and starts[i] < at < ends[i]:
            tag = chunker.count(chunk.header + text[starts[i] : ends[i]])
            found["inside a tag"] += tag <= size
            continue
        before = len(text[:at].rstrip())
        i = bisect_left(ends, before)
        if at and i < len(ends) and ends[i] == before:
            found["after a start tag"] += tags[i].kind == START and tags[i].name not in VOID
        after = len(text) - len(text[at:].lstrip())
        i = bisect_left(starts, after)
        if at and i < len(starts) and starts[i] == after:
            found["before an end tag"] += tags[i].kind == END
        if first and first.end() < at:
            found["without heading"] += not chunk.headings
    return found


def main(folder: str, *sizes: str) -> None:
    """Print the faults of the pages of a folder; of a sample, if there are many."""
    paths = sorted(Path(folder).rglob("*.html"))
    random.seed(0)
    chosen = random.sample(paths, min(len(paths), _MOST))
    for size in map(int, sizes or ("128", "256", "512")):
        total: Counter[str] = Counter()
        for path in chosen:
            total += faults(path.read_text(encoding="utf-8", errors="replace"), size)
        print(f"{len(chosen)} pages at {size}: {dict(total)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
