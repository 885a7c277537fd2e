"""Conversations as token ids, with a mask of what a model is to learn from them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Unpack

from ctxtools.checks import check_list
from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError
from ctxtools.messages.chat.pieces import Plain, Special
from ctxtools.messages.chat.tally import text_before
from ctxtools.messages.count import Asked, Prepared, prepare
from ctxtools.messages.produced import Segment, Span, marked_text, segments_of, spans_of_roles


@dataclass(frozen=True, slots=True)
class EncodedMessages:
    """A conversation as a model is trained on it.

    Attributes:
        input_ids: of the whole conversation.
        loss_mask: for each id 1 if it belongs to a chosen role, else 0.
        text: what was encoded, special tokens as they are spelled.
        notes: what was assumed.
    """

    input_ids: list[int]
    loss_mask: list[int]
    text: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.input_ids)


def encode_messages(
    messages: Any, *, roles: Iterable[str] = ("assistant",), **asked: Unpack[Asked]
) -> EncodedMessages:
    """The token ids of a conversation, and which of them a model is to learn.

    >>> chat = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]
    >>> encoded = encode_messages(chat, model="qwen2.5-7b", system="Be brief.")
    >>> encoding = get_encoding("qwen2")
    >>> encoding.decode([i for i, m in zip(encoded.input_ids, encoded.loss_mask) if m])
    'Hello!<|im_end|>'

    The ids are those of the text that the model's chat format makes, encoded as a whole: special
    tokens' spellings in what was said are text. A token belongs to a role if all its characters do.

    Args:
        messages: as `count_messages` takes them.
        roles: whose tokens have 1 in the mask. Of "assistant" it is what the model itself has to
            produce: its thoughts, its text, its calls, and the token at the end, but nothing that
            a server writes to have an answer. Of others it is what their messages hold.
        asked: as of `count_messages`: ``model``, ``encoding``, ``template``, ``chat_format``,
            ``tools``, ``thinking`` and so on; but the model's answer is not opened at the end
            unless ``generation_prompt`` is true.

    Raises:
        UsageError: as `count_messages`; and the model's format or vocabulary is not public, a
            message holds media, or the format does not mark turns by special tokens.
    """
    check_list("roles", roles)
    chosen = (*roles,)
    asked.setdefault("generation_prompt", False)
    prepared = prepare(messages, **asked)
    if prepared.meter.estimate is not None:
        raise UsageError(
            f"the vocabulary of {prepared.model} is not part of ctxtools, so that there are no ids",
            hint="give its tokenizer as encoding=, such as load_encoding('tokenizer.json')",
        )
    rendered = prepared.render()
    if rendered is None:
        raise UsageError(
            f"how {prepared.model or prepared.meter.encoding.name} sees a conversation is not "
            "public: only its number of tokens can be told",
            hint="give chat_format=, such as 'ChatML', or template=",
        )
    text, segments = segments_of(rendered.pieces)
    prompt = _prompt(prepared, marked_text(segments))
    spans = spans_of_roles(segments, chosen, prompt)
    ids, mask = _encode(segments, spans, prepared)
    return EncodedMessages(ids, mask, text, (*prepared.notes, *rendered.notes))


def _prompt(prepared: Prepared, text: str) -> str:
    """What the format writes after a conversation to have an answer; "" if that is not known.

    Args:
        prepared: the conversation.
        text: of it as it was rendered, with that or without, as `marked_text` has it.
    """
    opens = prepared.options.generation_prompt
    options = replace(prepared.options, generation_prompt=not opens)
    try:
        rendered = replace(prepared, options=options).render()
    except UsageError:  # some formats open no answer after an answer
        return ""
    other = marked_text(segments_of(rendered.pieces)[1]) if rendered else ""
    longer, shorter = (text, other) if opens else (other, text)
    return longer.removeprefix(shorter) if longer.startswith(shorter) else ""


def _encode(
    segments: Iterable[Segment], spans: Sequence[Span], prepared: Prepared
) -> tuple[list[int], list[int]]:
    encoding = prepared.meter.encoding
    following = text_before(prepared.meter)
    lead = ""
    ids: list[int] = []
    mask: list[int] = []
    for is_text, group in groupby(segments, lambda each: isinstance(each.piece, Plain)):
        run = list(group)
        start = run[0].start
        if is_text:
            found = _TextRun(run, encoding, lead)
            ids += found.ids
            mask += found.mask([(a - start, b - start) for a, b in _near(spans, run)])
        else:
            special = [each for each in run if isinstance(each.piece, Special)]
            ids += [_special(each.piece.spelling, encoding) for each in special]  # type: ignore[union-attr]
            mask += [int(any(a <= s.start and s.stop <= b for a, b in spans)) for s in special]
        lead = following
    return ids, mask


class _TextRun:
    """A text between special tokens, which is encoded as one.

    Attributes:
        ids: of it.
    """

    def __init__(self, run: Sequence[Segment], encoding: Encoding, lead: str) -> None:
        pieces = [each.piece for each in run if isinstance(each.piece, Plain)]
        self._text = "".join(piece.text for piece in pieces)
        self._bare = pieces[0].bare
        self._encoding, self._lead = encoding, lead
        self.ids = self._encode(self._text)

    def mask(self, spans: Iterable[Span]) -> list[int]:
        """1 for each token that is wholly in one of some spans of characters of the text."""
        mask = [0] * len(self.ids)
        for start, stop in spans:
            first = self._tokens(start)[1] if start > 0 else 0
            end = self._tokens(stop)[0] if stop < len(self._text) else len(self.ids)
            mask[first:end] = [1] * max(0, end - first)
        return mask

    def _encode(self, text: str) -> list[int]:
        if self._bare:
            return list(self._encoding.bare.encode(text))
        if not self._lead:
            return self._encoding.encode(text)
        return self._encoding.encode(self._lead + text)[len(self._encoding.encode(self._lead)) :]

    def _tokens(self, offset: int) -> tuple[int, int]:
        """How many tokens end at or before an offset, and how many begin before it."""
        before = self._encode(self._text[:offset])
        if self.ids[: len(before)] == before:
            return len(before), len(before)
        try:
            found = self._encoding.encode_with_offsets(self._text, unit="bytes")
        except UsageError:
            found = None
        if found is not None and found.ids.tolist() == self.ids:
            size = len(self._text[:offset].encode("utf-8", "replace"))
            return sum(end <= size for end in found.ends), sum(at < size for at in found.starts)
        after = self._encode(self._text[offset:])
        same = _common(self.ids, before)
        return same, max(same, len(self.ids) - _common(self.ids[::-1], after[::-1]))


def _common(ids: Sequence[int], others: Sequence[int]) -> int:
    """How many ids two lists have in common at their beginning."""
    pairs = zip(ids, others, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(ids), len(others)))


def _near(spans: Iterable[Span], run: Sequence[Segment]) -> Iterator[Span]:
    """The parts of spans that are in a run."""
    start, stop = run[0].start, run[-1].stop
    for a, b in spans:
        if max(a, start) < min(b, stop):
            yield max(a, start), min(b, stop)


def _special(spelling: str, encoding: Encoding) -> int:
    found = encoding.special_tokens.get(spelling)
    if found is not None:
        return found
    ids = encoding.encode(spelling)  # an added token that is not special
    if len(ids) == 1:
        return ids[0]
    raise UsageError(
        f"{encoding.name} has no token {spelling}, which the chat format writes",
        hint="give the model's own tokenizer as encoding=",
    )
