"""The special tokens of DeepSeek's models, and the pieces of a conversation as they are written."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from ctxtools.messages.chat.pieces import Owner, Piece, Placed, Plain, Special
from ctxtools.messages.media.items import Media

BOS: Final = "<｜begin▁of▁sentence｜>"
EOS: Final = "<｜end▁of▁sentence｜>"
SYSTEM: Final = "<｜System｜>"
USER: Final = "<｜User｜>"
ASSISTANT: Final = "<｜Assistant｜>"
THINK: Final = "<think>"
END_THINK: Final = "</think>"
REMINDER: Final = "<｜latest_reminder｜>"
DSML: Final = "｜DSML｜"
"""Written in every tag of a tool call."""

_TOOLS = (
    *("<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>", "<｜tool▁call▁begin｜>"),
    *("<｜tool▁call▁end｜>", "<｜tool▁outputs▁begin｜>", "<｜tool▁outputs▁end｜>"),
    *("<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>", "<｜tool▁sep｜>"),
)
_SPELLINGS = (BOS, EOS, SYSTEM, USER, ASSISTANT, THINK, END_THINK, REMINDER, DSML, *_TOOLS)
_IN_TEMPLATE = re.compile(f"({'|'.join(map(re.escape, _SPELLINGS))})")
_GROUNDING = re.compile("(<｜/?(?:ref|box|point|polygon)｜>)")


class Writer:
    """Writes a conversation piece by piece.

    Attributes:
        pieces: what has been written.
    """

    def __init__(self) -> None:
        self.pieces: list[Piece] = []

    def plain(self, text: str, owner: Owner) -> None:
        """Write a text of the request; special tokens' spellings in it are text."""
        if text:
            self.pieces.append(Plain(text, owner))

    def template(self, text: str, owner: Owner) -> None:
        """Write a text of the format itself, in which special tokens' spellings are the tokens."""
        if text:
            self._write(_template_parts(text), owner)

    def answer(self, text: str, owner: Owner) -> None:
        """Write what the model said: the tokens that point into images are such in it."""
        self._write(_GROUNDING.split(text), owner)

    def contents(self, contents: Iterable[str | Media], owner: Owner, media: Owner) -> None:
        """Write texts and media of the request."""
        for each in contents:
            if isinstance(each, str):
                self.plain(each, owner)
            else:
                self.pieces.append(Placed(each, media))

    def _write(self, parts: Sequence[str], owner: Owner) -> None:
        """Texts and special tokens in turns; the first is a text."""
        for number, each in enumerate(parts):
            if number % 2:
                self.pieces.append(Special(each, owner))
            elif each:
                self.pieces.append(Plain(each, owner))


@lru_cache(maxsize=256)  # the same few texts stand in every message
def _template_parts(text: str) -> tuple[str, ...]:
    return tuple(_IN_TEMPLATE.split(text))
