"""What an engine must do. All that a user calls is in encoding.py, written once over this."""

from collections.abc import Callable, Sequence
from typing import Protocol

# (text, start) -> the first place at or after start (in characters) where the text may be cut, or
# None. Both sides of such a place have, on their own, the tokens that they have in the whole.
# Whether a place is one depends on the characters on its two sides alone.
NextCut = Callable[[str, int], int | None]


class Backend(Protocol):
    """One engine holding one vocabulary: text -> token ids -> bytes.

    It knows nothing of special tokens (the spelling of one is text), of files or of limits. Its
    methods may be called from many threads at once, and release the GIL where the engine can.
    """

    @property
    def name(self) -> str:
        """The engine: ``"kernel"``, ``"tiktoken"``, ``"tokenizers"`` or ``"sentencepiece"``."""
        ...

    @property
    def next_cut(self) -> NextCut | None:
        """Where a text may be cut, or None: this tokenizer's counts do not add up anywhere."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """One more than the highest id of an ordinary token."""
        ...

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        ...

    def encode(self, text: str) -> list[int]:
        """The token ids of a text."""
        ...

    def decode(self, ids: Sequence[int]) -> bytes:
        """The bytes of token ids; a LookupError for an id that is not in the vocabulary."""
        ...


def replace_surrogates(text: str) -> str:
    """The text as UTF-8 can hold it: pairs of surrogates joined, single ones as U+FFFD.

    This is what tiktoken does with a ``str`` that has surrogates.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
