"""The turn that stands for what was left out of a conversation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ctxtools.encodings import Encoding
from ctxtools.errors import ConflictError, UsageError
from ctxtools.messages.request import Shape
from ctxtools.packing.conversation.result import Message
from ctxtools.packing.conversation.search import first_fitting
from ctxtools.units import format_count

Summarize = Callable[[Sequence[Message]], Any]
"""Makes a text, or a message, of the messages that were left out."""

_SHARE = 8  # of the limit goes to the summary, unless it is said how much
_MOST = 1024


def summary_room(limit: int, asked: int | None) -> int:
    """The tokens that are kept free for the summary and its framing."""
    return min(limit // _SHARE, _MOST) if asked is None else asked


def summary_turn(text: str, shape: Shape, messages: Sequence[Message]) -> Message:
    """A text as a turn of the user, in the form of the other messages."""
    if shape == "gemini":
        return {"role": "user", "parts": [{"text": text}]}
    first = messages[0] if messages else None
    if isinstance(first, tuple):
        return ("user", text)
    if first is not None and not isinstance(first, Mapping) and hasattr(first, "model_copy"):
        human = _langchain_message(first, text)
        if human is not None:
            return human
    return {"role": "user", "content": text}


def _langchain_message(like: Any, text: str) -> Any:
    """A message of the library that another message is of; None if it is none of LangChain's."""
    if not type(like).__module__.startswith("langchain"):
        return None
    from langchain_core.messages import HumanMessage  # it is installed: a message of it was given

    return HumanMessage(text)


def fit_summary(
    summary: Any,
    turn: Callable[[str], Message],
    tokens: Callable[[Message], int],
    encoding: Encoding,
    limit: int,
) -> tuple[Message, bool]:
    """The turn of a summary, and whether its text was cut to fit.

    Args:
        summary: a text or a message.
        turn: makes a message of a text.
        tokens: of the request with a message.
        encoding: of texts.
        limit: of the tokens.

    Raises:
        ConflictError: a message, or one token of a text, does not fit.
        UsageError: it is neither.
    """
    if not isinstance(summary, str):
        if summary is None or isinstance(summary, bytes | int | float):
            raise UsageError(
                f"summarize must return a text or a message, got {type(summary).__name__}",
                hint="a text becomes a turn of the user",
            )
        if (total := tokens(summary)) > limit:
            raise _conflict(total, limit, "return a text, which is cut to fit")
        return summary, False
    total = tokens(turn(summary))
    if total <= limit:
        return turn(summary), False
    size = encoding.count(summary)

    def cut(less: int) -> Message:
        return turn(encoding.truncate(summary, size - less))

    # One choice for each number of tokens that are cut off; one token at least remains.
    less = 1 + first_fitting(
        size - 1, lambda each: tokens(cut(each + 1)) <= limit, guess=total - limit - 1
    )
    if less >= size:
        raise _conflict(total, limit, "reserve more as summary_tokens, or raise the limit")
    return cut(less), True


def _conflict(total: int, limit: int, hint: str) -> ConflictError:
    return ConflictError(
        f"with the summary, what has to be kept takes {format_count(total)} tokens of "
        f"{format_count(limit)}",
        conflict=(("what has to be kept, with the summary", total),),
        available=limit,
        hint=hint,
    )
