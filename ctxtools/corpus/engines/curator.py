"""What NeMo Curator's pipelines take, by its shape alone: an annotator of DataFrames, and a filter.

ScoreFilter(TokenCountFilter("qwen3-8b", maximum=32_768), text_field="text", score_field="n")
"""

from typing import Any

from ctxtools.corpus.functions import count_table, named_encodings


class TokenCountFilter:
    """Scores a document by its tokens, and keeps it by the score: the shape of ``DocumentFilter``.

    Args:
        encoding: the name of an encoding or a model.
        minimum, maximum: tokens that a document must and may have; None for no maximum.

    Raises:
        UnknownEncodingError: the name is neither an encoding nor a model.
    """

    def __init__(
        self, encoding: str = "o200k_base", *, minimum: int = 0, maximum: int | None = None
    ) -> None:
        (self._encoding,) = named_encodings(encoding).values()
        self.minimum, self.maximum = minimum, maximum
        self.name = f"token_count_{encoding}"

    def score_document(self, text: str) -> int:
        """The tokens of a text."""
        return self._encoding.count(text)

    def keep_document(self, score: int) -> bool:
        """Whether a document of so many tokens is kept."""
        return score >= self.minimum and (self.maximum is None or score <= self.maximum)


class TokenCounts:
    """Adds a column of counts to a pandas DataFrame: the shape of a modifier or annotator.

    Args:
        encoding: the name of an encoding or a model, which the column has too.
        column: of the texts.
    """

    def __init__(self, encoding: str = "o200k_base", *, column: str = "text") -> None:
        named_encodings(encoding)
        self.encoding, self.column = encoding, column

    def __call__(self, frame: Any) -> Any:
        """The DataFrame with the further column."""
        counts = count_table(frame[[self.column]], self.column, self.encoding)
        return frame.assign(**{self.encoding: counts.column(self.encoding).to_pandas().array})
