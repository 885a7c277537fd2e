"""What packing a conversation returns."""

from dataclasses import dataclass
from typing import Any

from ctxtools.messages.parts import CountedMessages

Message = Any
"""A message as an interface takes it: a mapping, a tuple, an object of LangChain's or an SDK's."""


@dataclass(frozen=True, slots=True, repr=False)
class PackedMessages:
    """A conversation within a limit of tokens.

    Attributes:
        messages: those that were kept, as they were given and in order; with ``drop_images``,
            images may have made way for a text, and with ``summarize``, a turn may stand for what
            was dropped.
        token_count: the tokens of the request: of the messages, their framing and the tools. Of a
            count that is not exact it is the highest number that it may be.
        limit: of the tokens.
        dropped: the numbers of the messages that were dropped, from 0.
        overhead: tokens of the framing alone.
        counted: the parts of the request.
        dropped_images: how many images made way for a text.
        summary: the position in ``messages`` of the turn that stands for those that were dropped;
            None if there is none.
        notes: what was done beside leaving messages out.
    """

    messages: tuple[Message, ...]
    token_count: int
    limit: int
    dropped: tuple[int, ...]
    overhead: int
    counted: CountedMessages
    dropped_images: int = 0
    summary: int | None = None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<PackedMessages: {len(self.messages)} kept, {len(self.dropped)} dropped: "
            f"{self.token_count} of {self.limit} tokens>"
        )
