"""The texts of a page: no more of them than a browser shows."""

MAX_CHARACTERS = 1 << 23
"""Of all texts of a page: 8 Mi. Above it, a page says how much of a text it has."""


class TextLimit:
    """What is left of the characters that a page may have.

    Attributes:
        remaining: how many.
    """

    def __init__(self, characters: int = MAX_CHARACTERS) -> None:
        self.remaining = characters

    def take(self, text: str) -> str:
        """As much of a text's beginning as there are characters for."""
        taken = text if len(text) <= self.remaining else text[: self.remaining]
        self.remaining -= len(taken)
        return taken
