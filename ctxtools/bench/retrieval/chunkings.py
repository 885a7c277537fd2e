"""The chunks of all texts by each chunker, at a limit or of a mean size."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Final

from ctxtools.bench.chunkers import CHUNKERS, Chunker, Ctxtools
from ctxtools.bench.engines import Vocabulary
from ctxtools.bench.retrieval.dataset import Dataset
from ctxtools.bench.retrieval.metrics import Chunk, mean

CountBatch = Callable[[Sequence[str]], Sequence[int]]

_MARGIN = 200  # characters before the end of the last chunk, in which the next one is searched for


class _Fill(Ctxtools):
    name = "ctxtools, prefer=fill"
    _options: ClassVar[dict[str, Any]] = {"prefer": "fill"}


class _Text(Ctxtools):
    name = "ctxtools, format=text"
    formats = ()


class _Cohesion(Ctxtools):
    name = "ctxtools, cohesion=True"
    _options: ClassVar[dict[str, Any]] = {"cohesion": True}


class _Header(Ctxtools):
    name = "ctxtools, header=True"
    _options: ClassVar[dict[str, Any]] = {"header": True}


# The best setting for retrieval of each package, and what settings of ours do.
_MEASURED: Final[tuple[type[Chunker], ...]] = (
    *(Ctxtools, _Cohesion, _Text, _Fill, _Header),
    *(
        CHUNKERS[name]
        for name in (
            "semchunk",
            "LangChain recursive",
            "chonkie recursive",
            "semantic-text-splitter",
            "LlamaIndex sentence",
        )
    ),
)


def is_ours(chunker: str) -> bool:
    """Whether a chunker is ctxtools, in some setting."""
    return chunker.startswith("ctxtools")


def measured_chunkers(wanted: Sequence[str] = ()) -> dict[str, type[Chunker]]:
    """The installed chunkers by name, or those wanted among them, by the name of chunker or
    package."""
    return {
        chunker.name: chunker
        for chunker in _MEASURED
        if chunker.version() is not None
        and (not wanted or chunker.name in wanted or chunker.distribution in wanted)
    }


class Maker:
    """Makes the chunks of a data set by one chunker.

    Args:
        chunker: the chunker.
        dataset: the texts, which are Markdown to a chunker that knows it.
        vocab: the vocabulary that it counts with.
        count_batch: counts the same.
    """

    def __init__(
        self,
        chunker: type[Chunker],
        dataset: Dataset,
        vocab: Vocabulary,
        count_batch: CountBatch,
    ) -> None:
        self._class, self._dataset, self._vocab = chunker, dataset, vocab
        self._count_batch = count_batch

    def at_limit(self, limit: int) -> list[Chunk]:
        """The chunks of at most a number of tokens."""
        chunker = self._class()
        format = "markdown" if "markdown" in chunker.formats else "text"
        chunker.load(self._vocab, limit, 0, format)
        spans = [
            (corpus, *piece)
            for corpus, text in self._dataset.texts.items()
            for piece in _pieces(chunker, text)
        ]
        tokens = self._count_batch([text for *_, text in spans])
        return [Chunk(*span, count) for span, count in zip(spans, tokens, strict=True)]

    def of_mean(self, size: int) -> tuple[int, list[Chunk]]:
        """(the limit at which the mean tokens of a chunk are closest to a size, the chunks)."""
        low, high = size // 2, 4 * size
        best, least = (0, list[Chunk]()), float("inf")
        while low <= high:
            limit = (low + high) // 2
            chunks = self.at_limit(limit)
            found = mean([chunk.tokens for chunk in chunks])
            if abs(found - size) < least:
                best, least = (limit, chunks), abs(found - size)
            if found < size:
                low = limit + 1
            else:
                high = limit - 1
        return best


def _pieces(chunker: Chunker, text: str) -> Iterable[tuple[int, int, str]]:
    """(start, end, what a ranker reads) of the chunks of a text that are not blank.

    Some report no offsets, or wrong ones, or a text without the white space around it.
    """
    reached = 0
    for piece, start, end, _, _, header in chunker.answers(chunker.chunk(text)):
        body = piece[len(header) :]
        if start is None or end is None or start < 0 or text[start:end] != body:
            body = body.strip()
            start = text.find(body, max(0, reached - _MARGIN))
            if start < 0:
                raise ValueError(
                    f"{chunker.name} has a chunk that is not in the text: {body!r:.60}"
                )
            end = start + len(body)
        reached = end
        if body.strip():
            yield start, end, piece
