"""Packing a conversation into a limit of tokens, by leaving out its oldest turns."""

import os
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypedDict, Unpack

from ctxtools.checks import check_integer, check_list
from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError
from ctxtools.messages.count import Prepared, prepare
from ctxtools.messages.parts import CountedMessages
from ctxtools.messages.request import Request, Shape
from ctxtools.messages.unshown import named_messages
from ctxtools.models import Budget, Model
from ctxtools.packing.arguments import OverheadName, token_limit
from ctxtools.packing.conversation.conflict import conflict
from ctxtools.packing.conversation.images import (
    droppable_images,
    messages_without,
    request_without,
)
from ctxtools.packing.conversation.overheads import ChatOverhead, figured
from ctxtools.packing.conversation.result import Message, PackedMessages
from ctxtools.packing.conversation.search import first_fitting
from ctxtools.packing.conversation.summary import (
    Summarize,
    fit_summary,
    summary_room,
    summary_turn,
)
from ctxtools.packing.conversation.turns import Turns, read_turns


class CountOptions(TypedDict, total=False):
    """What else `ctxtools.count_messages` takes, with the same meaning."""

    tool_choice: Any
    response_format: Any
    system: Any
    shape: Shape | None
    thinking: bool | None
    effort: str | None
    chat_format: str | None
    version: str | None
    template: str | os.PathLike[str] | None
    template_options: Mapping[str, Any] | None
    now: datetime | None
    generation_prompt: bool
    media_sizes: Mapping[str, Any] | None
    media_tokens: int | None
    files: str | os.PathLike[str] | None


def pack_messages(
    messages: Iterable[Message],
    encoding: Encoding | str | None = None,
    *,
    budget: int | Budget,
    model: Model | str | None = None,
    tools: Any = None,
    pins: Collection[int] = (),
    overhead: OverheadName | ChatOverhead | None = None,
    image_tokens: int | None = None,
    drop_images: bool = False,
    summarize: Summarize | None = None,
    summary_tokens: int | None = None,
    **options: Unpack[CountOptions],
) -> PackedMessages:
    """As much of a conversation as fits into a limit: the oldest turns are dropped first.

    The whole request is counted, as `ctxtools.count_messages` does it: messages, framing, tools and
    media. Of a count that is not exact, the highest number it may be is within the limit.

    System and developer messages, pinned ones, the last question and the last message are always
    kept. Calls of tools are kept or dropped together with their results and with the thinking
    before them, in every interface's form. What is kept does not start in the middle of a turn: an
    answer is dropped with its question; only of a turn whose question stays anyway, such as the
    last one, the oldest steps may be dropped alone.

    A result without its call at the beginning is left out even if all fits, as is an answer before
    the first question where the interface refuses that (Anthropic's, Gemini's).

    Args:
        messages: as OpenAI (chat and responses), Anthropic, Gemini or LangChain take them, or
            tuples of a role and a text. They are returned as they are.
        encoding: counts texts in place of the model's tokenizer, or without a model.
        budget: the limit of tokens, or a `Budget`, whose ``available`` is that.
        model: a name, in any spelling; its tokenizer, chat format and media rules count.
        tools: that the model may call.
        pins: the numbers of messages to keep; a negative one counts from the end.
        overhead: the framing by a name of `OVERHEADS`, or by its figures, in place of the model's
            chat format.
        image_tokens: of each image, and of other media, without a rule or without measures; None
            refuses those. The same as ``media_tokens``.
        drop_images: images make way for a short text, the oldest first, before turns are dropped.
            Those of pinned messages, of the last question and of the last message stay.
        summarize: is called once with the messages that are dropped, if any are, and returns a text
            or a message that stands for them, in their place. A text becomes a turn of the user; if
            it does not fit, it is cut at its end.
        summary_tokens: that are kept free for it; None is an eighth of the limit, at most 1,024.
        options: further arguments of `ctxtools.count_messages`.

    Raises:
        ConflictError: what has to be kept does not fit.
        UsageError: a message is malformed, holds what is not counted, or an argument cannot be
            used.
    """
    if isinstance(messages, Mapping):
        raise UsageError(
            "messages must be a list of mappings, got a mapping",
            hint="pass the messages of a request, with its system text and its tools beside them",
        )
    check_list("messages", messages, "mappings", hint='such as [{"role": "user", "content": "…"}]')
    check_list("pins", pins, "int")
    limit = token_limit(budget)
    if image_tokens is not None:
        options["media_tokens"] = check_integer("image_tokens", image_tokens, 0)
    if summary_tokens is not None:
        summary_tokens = check_integer("summary_tokens", summary_tokens, 0)
    given = [*messages]
    read = partial(
        _prepared, encoding=encoding, model=model, tools=tools, overhead=overhead, options=options
    )
    prepared = read(given)
    options["shape"] = prepared.request.shape  # what is kept of it may not show its shape
    pinned = _pinned(pins, len(given))
    turns = read_turns(prepared.request, len(given), pinned)
    packer = _Packer(given, read, prepared, turns)
    if drop_images:
        packer.images = droppable_images(prepared.request, given, {*pinned, *turns.latest()})
    choice = packer.choose(limit, limit)
    if summarize is None or len(choice.numbers) == len(packer.longest):
        return packer.result(choice, limit)
    shorter = packer.choose(limit - summary_room(limit, summary_tokens), limit)
    choice = min(choice, shorter, key=lambda each: len(each.numbers))
    return packer.summarized(choice, limit, summarize)


def _prepared(
    messages: Sequence[Message],
    *,
    encoding: Encoding | str | None,
    model: Model | str | None,
    tools: Any,
    overhead: OverheadName | ChatOverhead | None,
    options: CountOptions,
) -> Prepared:
    prepared = prepare(messages, encoding=encoding, model=model, tools=tools, **options)
    if overhead is None:
        return prepared
    return replace(prepared, format=figured(overhead), notes=())


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is kept.

    Attributes:
        numbers: of the messages.
        images: how many of them make way, the oldest first.
    """

    numbers: Sequence[int]
    images: int


class _Packer:
    """Chooses, and counts what was chosen.

    Attributes:
        given: the messages.
        prepared: the request of all of them.
        turns: which of them belong together.
        longest: the numbers of all messages, but for those that no history begins with.
        whole: the count of these.
        images: that may make way: the number of a message -> how many.
    """

    def __init__(
        self,
        given: Sequence[Message],
        read: Callable[[Sequence[Message]], Prepared],
        prepared: Prepared,
        turns: Turns,
    ) -> None:
        self.given = given
        self.prepared = prepared
        self.turns = turns
        self.longest: Sequence[int] = turns.kept(turns.starts[0])
        self.images: Mapping[int, int] = {}
        self._read = read
        self.whole = self._count(_Choice(self.longest, 0))

    def choose(self, limit: int, final: int) -> _Choice:
        """The most messages within a limit, then the most images of them.

        Args:
            limit: of the tokens.
            final: what has to be kept may go up to this one.

        Raises:
            ConflictError: it exceeds that.
        """
        if self.whole.interval.high <= limit:
            return _Choice(self.longest, 0)
        fewest = sum(self.images.values())
        starts = self.turns.starts

        def history(at: int) -> _Choice:
            return _Choice(self.turns.kept(starts[at]), fewest)

        longest = self._count(history(0)) if fewest else self.whole
        at = first_fitting(
            len(starts),
            lambda at: self._tokens(history(at)) <= limit,
            guess=self._guess(longest, limit),
        )
        if at == len(starts):
            at -= 1
            counted = self._count(history(at))
            if counted.interval.high > final:
                raise conflict(counted, self.turns, final)
            return history(at)
        kept = history(at).numbers
        here = sum(self.images.get(number, 0) for number in kept)
        least = first_fitting(here, lambda n: self._tokens(_Choice(kept, n)) <= limit)
        return _Choice(kept, least)

    def result(self, choice: _Choice, limit: int) -> PackedMessages:
        """What a choice comes to, when it is counted as it will be sent.

        Raises:
            ConflictError: it exceeds the limit, as does all that is smaller.
        """
        kept = self._messages(choice)
        counted = self._read(kept).count()
        if counted.interval.high > limit:  # reading it alone made a difference
            return self._smaller(choice, limit)
        return self._packed(kept, choice, limit, counted)

    def summarized(self, choice: _Choice, limit: int, summarize: Summarize) -> PackedMessages:
        """The same with a turn for what was dropped, which goes where the first of it was."""
        kept = self._messages(choice)
        dropped = self._dropped(choice)
        summary = summarize([self.given[number] for number in dropped])
        position = bisect_left(choice.numbers, dropped[0])

        def within(turn: Message) -> list[Message]:
            return [*kept[:position], turn, *kept[position:]]

        shape = self.prepared.request.shape
        turn, was_cut = fit_summary(
            summary,
            lambda text: summary_turn(text, shape, self.given),
            lambda turn: self._read(within(turn)).count().interval.high,
            self.prepared.meter.encoding,
            limit,
        )
        final = within(turn)
        counted = self._read(final).count()
        packed = self._packed(final, choice, limit, counted)
        notes = (*packed.notes, *(("the summary was cut to fit",) if was_cut else ()))
        return replace(packed, summary=position, notes=notes)

    def _smaller(self, choice: _Choice, limit: int) -> PackedMessages:
        images = sum(self.images.values())
        starts = self.turns.starts
        choices = [_Choice(self.turns.kept(start), images) for start in starts]
        choices = [each for each in choices if len(each.numbers) < len(choice.numbers)]

        def fits(at: int) -> bool:
            return self._read(self._messages(choices[at])).count().interval.high <= limit

        at = first_fitting(len(choices), fits)
        smallest = choices[min(at, len(choices) - 1)] if choices else choice
        kept = self._messages(smallest)
        counted = self._read(kept).count()
        if counted.interval.high > limit:
            raise conflict(counted, self.turns, limit)
        return self._packed(kept, smallest, limit, counted)

    def _packed(
        self, kept: Sequence[Message], choice: _Choice, limit: int, counted: CountedMessages
    ) -> PackedMessages:
        assert counted.interval.high <= limit
        return PackedMessages(
            tuple(kept),
            counted.interval.high,
            limit,
            tuple(self._dropped(choice)),
            sum(part.interval.high for part in counted.parts if part.kind == "framing"),
            counted,
            choice.images,
            notes=self._notes(),
        )

    def _notes(self) -> tuple[str, ...]:
        if not (refused := sorted({*range(len(self.given))}.difference(self.longest))):
            return ()
        return (f"left out, since no history can begin with it: {named_messages(refused)}",)

    def _dropped(self, choice: _Choice) -> list[int]:
        return sorted({*range(len(self.given))}.difference(choice.numbers))

    def _messages(self, choice: _Choice) -> list[Message]:
        return messages_without(self.given, choice.numbers, self.images, choice.images)

    def _tokens(self, choice: _Choice) -> int:
        return self._count(choice).interval.high

    def _count(self, choice: _Choice) -> CountedMessages:
        """A choice, counted without reading its messages again."""
        request = _subset(self.prepared.request, choice.numbers)
        if choice.images:
            request = request_without(request, self.images, choice.images)
        meter = replace(self.prepared.meter, notes=[])
        return replace(self.prepared, request=request, meter=meter).count()

    def _guess(self, longest: CountedMessages, limit: int) -> int:
        """The first start that fits if counts of messages add up."""
        sizes = [0] * len(self.given)
        for part in longest.parts:
            if part.message is not None:
                sizes[part.message] += part.interval.high
        units = self.turns.units
        costs = [sum(sizes[number] for number in unit.numbers) for unit in units]
        total, at = longest.interval.high, 0
        for guess, start in enumerate(self.turns.starts):
            while at < start:
                total -= 0 if units[at].must else costs[at]
                at += 1
            if total <= limit:
                return guess
        return len(self.turns.starts) - 1


def _subset(request: Request, numbers: Sequence[int]) -> Request:
    kept = set(numbers)
    messages = (
        message for message in request.messages if message.number is None or message.number in kept
    )
    return replace(request, messages=tuple(messages))


def _pinned(pins: Collection[int], n: int) -> set[int]:
    for pin in pins:
        if not -n <= check_integer("pin", pin, -(2**62)) < n:
            raise UsageError(
                f"invalid pin {pin} for {n} messages", hint="messages are numbered from 0"
            )
    return {pin % n for pin in pins} if n else set()
