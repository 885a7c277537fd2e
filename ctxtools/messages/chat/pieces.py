"""A conversation as a model sees it: texts, special tokens and media, each with its owner."""

from dataclasses import dataclass

from ctxtools.messages.media.items import Media
from ctxtools.messages.parts import Basis, Kind, Part
from ctxtools.models import Interval


@dataclass(frozen=True, slots=True)
class Owner:
    """What a piece belongs to; the fields are those of `ctxtools.messages.parts.Part`."""

    message: int | None
    role: str | None
    kind: Kind
    label: str = ""

    def part(self, tokens: Interval, basis: Basis, rule: str, source: str = "") -> Part:
        """What belongs to it, counted."""
        return Part(
            self.message,
            self.role,
            self.kind,
            tokens.typical,
            tokens,
            basis,
            rule,
            source,
            self.label,
        )


@dataclass(frozen=True, slots=True)
class Plain:
    """Characters that are tokenized as text: special tokens' spellings in them are text.

    Pieces that follow each other directly are one text for the tokenizer, unless a `Break` is
    between them.

    Attributes:
        text: the characters.
        owner: what it belongs to.
        bare: no token that a tokenizer adds to its vocabulary is found in it, not even one that is
            not special, such as <think> in some; it stands between two breaks.
    """

    text: str
    owner: Owner
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Special:
    """One special token, whether the tokenizer that counts has it or not."""

    spelling: str
    owner: Owner


@dataclass(frozen=True, slots=True)
class Placed:
    """An image, a video, a recording or a document, where its tokens stand."""

    item: Media
    owner: Owner


@dataclass(frozen=True, slots=True)
class Break:
    """Where an encoder starts a new text: no token crosses it, and it takes none itself."""


Piece = Plain | Special | Placed | Break
