"""What counting a request returns: parts with their tokens, and how each number is known."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from ctxtools.models import Interval
from ctxtools.models.interval import NO_TOKENS

Basis = Literal[
    "counted", "reference", "source", "documented", "measured", "memory", "estimated"
]  # fmt: skip
"""How a number is known, the surest first:

- counted: by the model's own tokenizer, on what is really sent.
- reference: by a rule that was compared with the vendor's or the model's own code, which was run.
- source: by a rule that was read in such code.
- documented: by a rule in the vendor's documentation.
- measured: by a rule that follows from what others were billed.
- memory: by a rule that nobody has checked.
- estimated: by an interval around another number.
"""
BASES: tuple[Basis, ...] = get_args(Basis)

Kind = Literal[
    "text", "refusal", "thinking", "tool call", "tool result", "image", "video", "audio",
    "document", "name", "tools", "response format", "framing",
]  # fmt: skip
"""What a part is. "framing" is what the model's format puts around the others, default texts
included; "tools" and "response format" are what is sent of these."""
MEDIA: frozenset[Kind] = frozenset({"image", "video", "audio", "document"})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a request.

    Attributes:
        message: the number of its message, from 0; None if it belongs to the request as a whole.
        role: of its message; None likewise.
        kind: what it is.
        tokens: that it takes; the typical number of an interval.
        interval: in which the true number is; low equals high where the number is exact.
        basis: how the number is known.
        rule: by what it was counted, in a few words: "o200k_base", "Qwen3-VL image".
        source: where the rule is from; "" for a tokenizer's own count.
        label: what it is called, where it has a name: a file, a tool.
    """

    message: int | None
    role: str | None
    kind: Kind
    tokens: int
    interval: Interval
    basis: Basis
    rule: str
    source: str = ""
    label: str = ""

    @property
    def exact(self) -> bool:
        """Whether the number is what the model gets."""
        return self.interval.exact


@dataclass(frozen=True, slots=True, repr=False)
class CountedMessages:
    """A request, counted.

    Attributes:
        parts: in the order in which they are sent.
        notes: what one should know of the count: what was assumed, and where sources disagree.
        format: the chat format, by name.
        model: the model, by name; None if only an encoding was given.
    """

    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    format: str
    model: str | None = None

    @property
    def total(self) -> int:
        """All tokens; the typical number of an interval."""
        return sum(part.tokens for part in self.parts)

    @property
    def interval(self) -> Interval:
        """In which the true total is."""
        return sum_intervals(part.interval for part in self.parts)

    @property
    def exact(self) -> bool:
        """Whether the total is what the model gets."""
        return all(part.exact for part in self.parts)

    @property
    def basis(self) -> Basis:
        """How the part that is known least surely is known."""
        return max((part.basis for part in self.parts), key=BASES.index, default=BASES[0])

    def of_message(self, number: int) -> int:
        """The tokens of one message, its framing included."""
        return sum(part.tokens for part in self.parts if part.message == number)

    def __repr__(self) -> str:
        total = str(self.total) if self.exact else str(self.interval)
        return f"<CountedMessages: {total} tokens in {len(self.parts)} parts, {self.format}>"

    def _repr_html_(self) -> str:
        """The parts as Jupyter shows them."""
        from ctxtools.jupyter import html_table

        rows = [
            (
                part.message,
                part.role,
                f"{part.kind} {part.label}".strip(),
                part.tokens if part.exact else str(part.interval),
                f"{part.basis}: {part.rule}",
            )
            for part in self.parts
        ]
        caption = f"{self.interval} tokens, {self.model or self.format}"
        headings = ("Message", "Role", "Kind", "Tokens", "How it is known")
        return html_table(caption, headings, rows, numbers=(0, 3))


def merged(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts of one kind that were counted in one way, as one: where the first of them is.

    Media stay apart: each is one that somebody may want to leave out.
    """
    found: dict[tuple[object, ...], Part] = {}
    for part in parts:
        key = part.message, part.role, part.kind, part.label, part.basis, part.rule
        if part.kind in MEDIA:
            found[*key, len(found)] = part
        elif first := found.get(key):
            both = first.interval + part.interval
            found[key] = replace(first, tokens=both.typical, interval=both)
        else:
            found[key] = part
    return (*found.values(),)


def sum_intervals(intervals: Iterable[Interval]) -> Interval:
    """The interval of a sum."""
    return sum(intervals, start=NO_TOKENS)
