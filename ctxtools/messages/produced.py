"""Which characters of a rendered conversation the model itself has to produce.

Formats mark turns by special tokens. A turn of the model begins after the mark that servers write
to have an answer (the generation prompt), and ends with the token at which they stop.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.pieces import Break, Owner, Piece, Placed, Plain, Special

Span = tuple[int, int]

MODEL_ROLES = ("assistant", "model")


def _marked(spelling: str) -> str:
    """A special token in characters of its own, as many as it is spelled with, so that it is told
    from a text that spells it, and its first character from the others."""
    first, *others = map(ord, spelling)
    return chr(_FIRST + first) + "".join(chr(_INNER + each) for each in others)


_INNER, _FIRST = 0xF0000, 0x100000  # planes for private use

# The special token before a turn of the model -> what comes between it and the turn.
_OPENINGS = {
    "<|im_start|>": "assistant",  # Qwen and others: ChatML; up to the end of the line
    "<|start_header_id|>": f"assistant{_marked('<|end_header_id|>')}\n\n",  # Llama 3
    "<start_of_turn>": "model\n",  # Gemma
    "<|start|>": "assistant",  # gpt-oss: harmony
    "<|assistant|>": "",  # GLM
    "<｜Assistant｜>": "",  # DeepSeek; and after the results of tools:
    "<｜tool▁outputs▁end｜>": "",
    "<｜tool▁output▁end｜>": "",
    "[/INST]": "",  # Mistral; and after the results of tools:
    "[/TOOL_RESULTS]": "",
}
# DeepSeek writes one of these to say whether the model thinks: after the mark, or in place of it
# after the results of tools.
_THINKING = ("<think>", "</think>")
_DEEPSEEK = "<｜begin▁of▁sentence｜>"

_GOES_ON = _marked("<|end|>")
_ANSWERS = f"{_marked('<|channel|>')}final{_marked('<|message|>')}"

# At these the model stops. GLM has none of its own: its models write the mark of who is next.
_ENDS = {
    *("<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<end_of_turn>", "<|end|>", "<|call|>"),
    *(
        "<|return|>",
        "<｜end▁of▁sentence｜>",
        "</s>",
        "<|endoftext|>",
        "<|user|>",
        "<|observation|>",
    ),
}
# At these another turn begins although none of those was there.
_OTHERS = {
    *("<|im_start|>", "<|start_header_id|>", "<start_of_turn>", "<|start|>", "<|system|>"),
    *("<|assistant|>", "<｜User｜>", "<｜System｜>", "<｜Assistant｜>", "<｜tool▁outputs▁begin｜>"),
    *("<｜tool▁output▁begin｜>", "<｜tool▁outputs▁end｜>", "<｜latest_reminder｜>", "[INST]"),
    *("[SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[TOOL_RESULTS]"),
}


class Segment(NamedTuple):
    """A piece of a rendering, and where in the whole text it is."""

    start: int
    stop: int
    piece: Plain | Special | Break


def segments_of(pieces: Iterable[Piece]) -> tuple[str, list[Segment]]:
    """The text of a rendering, special tokens as they are spelled, and its pieces.

    Raises:
        UsageError: there is an image or another medium in it, which has no ids.
    """
    texts: list[str] = []
    found: list[Segment] = []
    position = 0
    for piece in pieces:
        if isinstance(piece, Placed):
            where = f"messages[{piece.owner.message}]"
            raise UsageError(
                f"{where} holds media, whose tokens are not in a vocabulary",
                hint="leave them out, or put the ids that the model's processor makes in",
            )
        text = _spelled(piece)
        texts.append(text)
        found.append(Segment(position, position + len(text), piece))
        position += len(text)
    return "".join(texts), found


def marked_text(segments: Iterable[Segment]) -> str:
    """The text of a rendering, with special tokens in characters of their own, as many."""
    return "".join(
        _marked(each.piece.spelling) if isinstance(each.piece, Special) else _spelled(each.piece)
        for each in segments
    )


def spans_of_roles(segments: Sequence[Segment], roles: Iterable[str], prompt: str) -> list[Span]:
    """The characters that belong to some roles, in order.

    Of the model's own role these are what it produces, the token at its end included; of others,
    the contents of their messages.

    Args:
        segments: of the rendering.
        roles: any that messages have.
        prompt: what the format writes to have an answer, as `marked_text` has it; "" if that is not
            known.

    Raises:
        UsageError: the format does not mark where the model's turns begin and end.
    """
    chosen = {*roles}
    spans = [
        (each.start, each.stop)
        for each in segments
        if (owner := _content(each)) and owner.role in chosen and owner.role not in MODEL_ROLES
    ]
    if not chosen.isdisjoint(MODEL_ROLES):
        turns = [*_turns(marked_text(segments), segments, prompt)]
        _check(turns, segments)
        spans = sorted([*spans, *turns])
    return spans


def _spelled(piece: Plain | Special | Break) -> str:
    if isinstance(piece, Break):
        return ""
    return piece.text if isinstance(piece, Plain) else piece.spelling


def _content(segment: Segment) -> Owner | None:
    """The owner of what a message holds; None for what the format adds."""
    piece = segment.piece
    if isinstance(piece, Break) or piece.owner.kind in ("framing", "name"):
        return None
    return piece.owner


def _turns(text: str, segments: Sequence[Segment], prompt: str) -> Iterator[Span]:
    """The turns of the model."""
    is_deepseek = _marked(_DEEPSEEK) in text
    start: int | None = None
    last: Span = (0, 0)
    speaks = False  # the model has said something in the turn
    for segment in segments:
        if start is not None and segment.start < start:  # it belongs to the mark before
            continue
        if not isinstance(segment.piece, Special):
            owner = _content(segment)
            speaks = speaks or (owner is not None and owner.role in MODEL_ROLES)
            continue
        mark = segment.piece.spelling
        if start is not None and mark in _ENDS:
            last = start, segment.stop
            start = None
            yield last
            continue
        if start is not None and mark in _OTHERS:
            if speaks:  # or else there are mere line breaks between results
                yield start, segment.start
            start = None
        if start is None:
            speaks = False
            start = _opened(text, segment, mark, prompt, is_deepseek)
            if start is not None and mark == "<|start|>" and _goes_on(text, last, segment):
                start = segment.start
    if start is not None and speaks:
        yield start, len(text)


def _opened(text: str, segment: Segment, mark: str, prompt: str, is_deepseek: bool) -> int | None:
    """Where the model's turn begins after a mark; None if it is not one before such a turn."""
    if is_deepseek and mark in _THINKING:
        return segment.stop
    header = _OPENINGS.get(mark)
    if header is None or not text.startswith(header, segment.stop):
        return None
    start = segment.stop + len(header)
    if mark == "<|im_start|>":
        start = text.find("\n", start) + 1 or len(text)
    if is_deepseek:
        found = (len(each) for each in _THINKING if text.startswith(_marked(each), start))
        start += next(found, 0)
    return max(start, segment.start + _common(text, segment.start, prompt))


def _common(text: str, start: int, prompt: str) -> int:
    """How much of the generation prompt stands at the beginning of a turn."""
    length = 0
    while length < len(prompt) and text[start + length : start + length + 1] == prompt[length]:
        length += 1
    while length < len(prompt) and _INNER <= ord(prompt[length]) < _FIRST:
        length -= 1  # a token that only begins alike
    return length


def _goes_on(text: str, last: Span, segment: Segment) -> bool:
    """Whether a message of harmony follows another one in the same turn, so that the model writes
    its beginning too: it stops after an answer and after a call."""
    said = text[slice(*last)]
    return last[1] == segment.start and said.endswith(_GOES_ON) and _ANSWERS not in said


def _check(turns: Sequence[Span], segments: Iterable[Segment]) -> None:
    """Refuse turns that do not hold what the model said, or hold what others did."""
    at = 0
    for segment in segments:
        owner = _content(segment)
        if owner is None or not _spelled_visibly(segment):
            continue
        while at < len(turns) and turns[at][1] <= segment.start:
            at += 1
        is_inside = at < len(turns) and turns[at][0] < segment.stop
        is_model = owner.role in MODEL_ROLES
        is_whole = is_inside and turns[at][0] <= segment.start and segment.stop <= turns[at][1]
        if is_model != is_inside or (is_inside and not is_whole):
            where = "what is written" if owner.message is None else f"messages[{owner.message}]"
            raise UsageError(
                f"the chat format has no special token where the turn of {where} begins or ends, "
                "so that its tokens cannot be told from others",
                hint="give a template that marks each turn, such as one of ChatML's kind",
            )


def _spelled_visibly(segment: Segment) -> bool:
    return not isinstance(segment.piece, Break) and bool(_spelled(segment.piece).strip())
