"""Steps for datatrove's pipelines. datatrove itself is installed by whoever has such a pipeline.

LocalPipelineExecutor([ParquetReader(...), CountTokens("deepseek-v4"), ParquetWriter(...)])
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from datatrove.pipeline.base import PipelineStep

from ctxtools.corpus.functions import named_encodings

_BATCH = 4096  # documents that are counted at once


class CountTokens(PipelineStep):
    """Puts the number of tokens of each document into its metadata.

    Args:
        encoding: the name of an encoding or a model.
        key: of the metadata; datatrove's own steps read ``token_count``.
        eos_tokens: how many more each document has, such as an EOS.
        batch_size: documents that are counted at once.

    Raises:
        UnknownEncodingError: the name is neither an encoding nor a model.
    """

    name = "CountTokens"
    type = "TOKENIZER"

    def __init__(
        self,
        encoding: str = "o200k_base",
        *,
        key: str = "token_count",
        eos_tokens: int = 0,
        batch_size: int = _BATCH,
    ) -> None:
        super().__init__()
        named_encodings(encoding)
        self.encoding, self.key = encoding, key
        self.eos_tokens, self.batch_size = eos_tokens, batch_size

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """The documents, in order."""
        (encoding,) = named_encodings(self.encoding).values()
        documents = iter(data or ())
        while batch := list(islice(documents, self.batch_size)):
            with self.track_time(unit="batch"):
                counts = encoding.count_batch([document.text for document in batch])
            for document, count in zip(batch, counts, strict=True):
                document.metadata[self.key] = count + self.eos_tokens
                self.stat_update("tokens", value=count + self.eos_tokens)
                yield document


class TokenLimit(CountTokens):
    """`CountTokens`, then leaves out documents with fewer or more tokens; its statistics say how
    many.

    Args:
        minimum, maximum: tokens that a document must and may have, those added included; None for
            no maximum.
        options: as of `CountTokens`.
    """

    name = "TokenLimit"
    type = "FILTER"

    def __init__(self, minimum: int = 0, maximum: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.minimum, self.maximum = minimum, maximum

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """The documents that are kept, in order."""
        for document in super().run(data, rank, world_size):
            count = document.metadata[self.key]
            if count < self.minimum or (self.maximum is not None and count > self.maximum):
                self.stat_update("dropped")
                continue
            self.stat_update("forwarded")
            yield document
