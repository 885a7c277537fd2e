"""How a chunker cuts: its arguments, checked once, the same for every document."""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, fields
from itertools import pairwise
from typing import Literal

from ctxtools._core.cut_types import Strategy as Strategy
from ctxtools.checks import check_choice
from ctxtools.chunking.costs import Preference as Preference
from ctxtools.chunking.formats import Format as Format
from ctxtools.documents.html import Render as Render
from ctxtools.errors import UsageError

OnOversize = Literal["raise", "split-tokens"]
Omission = Literal["script", "style", "svg", "data-uri"]
Embed = Callable[[list[str]], Sequence[Sequence[float]]]
Cohesion = Literal[False, "words"] | Embed
OverlapWithin = Literal["document", "section"]

# Settings that chunks were made by before they could be chosen, where that is not the default.
_BEFORE = {"prefer": "fill"}

_MAX_LEVEL = 100  # of a heading; some formats have any number
_MAX_SIZE = 1 << 62  # sums of several sizes still fit into 64 bits


@dataclass(frozen=True, slots=True)
class Settings:
    """The arguments of `Chunker`, which explains them. Sizes are in tokens, the largest first."""

    chunk_sizes: tuple[int, ...]
    chunk_overlap: int
    min_size: int
    strategy: Strategy
    format: Format
    header: bool
    on_oversize: OnOversize
    repeat_table_header: bool = True
    prefer: Preference = "boundaries"
    overlap_within: OverlapWithin = "document"
    break_at: tuple[tuple[str, int], ...] = ()
    render: Render = "source"
    leave_out: tuple[Omission, ...] = ()
    cohesion: Cohesion = False

    def __post_init__(self) -> None:
        sizes = self.chunk_sizes
        shown = repr(sizes[0] if len(sizes) == 1 else sizes)
        if not sizes or not all(_is_int_in(1, size, _MAX_SIZE) for size in sizes):
            raise UsageError(
                f"chunk_size must be from 1 to 2**62 tokens, got {shown}",
                hint="pass one size, or several with the largest first: (512, 128)",
            )
        if any(a <= b for a, b in pairwise(sizes)):
            raise UsageError(
                f"chunk_size must have the largest size first, got {shown}",
                hint="pass several sizes as (512, 128)",
            )
        smallest = sizes[-1]
        if not _is_int_in(0, self.chunk_overlap, smallest - 1):
            raise UsageError(
                f"chunk_overlap must be from 0 to {smallest - 1}, got {self.chunk_overlap!r}",
                hint=f"it must be smaller than a chunk, which has {smallest} tokens",
            )
        if not _is_int_in(0, self.min_size, smallest):
            raise UsageError(
                f"min_size must be from 0 to {smallest}, got {self.min_size!r}",
                hint=f"it must not be larger than a chunk, which has {smallest} tokens",
            )
        check_choice("strategy", self.strategy, Strategy)
        check_choice("on_oversize", self.on_oversize, OnOversize)
        check_choice("format", self.format, Format)
        check_choice("prefer", self.prefer, Preference)
        check_choice("overlap_within", self.overlap_within, OverlapWithin)
        for name, value in self.break_at:
            check_choice("break_at", name, ("heading", "page"))
            if name == "heading" and not _is_int_in(1, value, _MAX_LEVEL):
                raise UsageError(
                    f"break_at heading must be from 1 to {_MAX_LEVEL}, got {value!r}",
                    hint="it is the lowest level of the headings that no chunk reaches across",
                )
        check_choice("render", self.render, Render)
        for each in self.leave_out:
            check_choice("leave_out", each, Omission)
        if not callable(self.cohesion) and self.cohesion not in (False, "words"):
            raise UsageError(
                f"cohesion must be True, False or a function, got {self.cohesion!r:.40}",
                hint="pass True to compare words, or a function from a list of str to vectors",
            )

    @property
    def is_mapped(self) -> bool:
        """Whether offsets of chunks need not be those of their document."""
        return self.render != "source" or bool(self.leave_out)

    def __str__(self) -> str:
        """All of it on one line: part of each chunk's id, so it must never change.

        What was added since is named where chunks are not as they were before.
        """
        values = {each.name: _shown(getattr(self, each.name)) for each in fields(self)}
        first = [each for each in fields(self) if each.default is MISSING]
        added = {
            each.name: value
            for each in fields(self)[len(first) :]
            if (value := values[each.name]) != _BEFORE.get(each.name, each.default)
        }
        return repr(tuple(values.values())[: len(first)]) + (f" {added}" if added else "")


class WithSettings:
    """The arguments of `Chunker` as attributes."""

    _settings: Settings

    @property
    def settings(self) -> Settings:
        """All of them; sizes are those of texts, without what the tokenizer adds."""
        return self._settings

    @property
    def chunk_overlap(self) -> int:
        """The maximum tokens of overlap."""
        return self._settings.chunk_overlap

    @property
    def min_size(self) -> int:
        """Chunks with fewer tokens are avoided."""
        return self._settings.min_size

    @property
    def strategy(self) -> Strategy:
        """How cuts are chosen."""
        return self._settings.strategy

    @property
    def format(self) -> Format:
        """The format of documents, or "auto"."""
        return self._settings.format

    @property
    def header(self) -> bool:
        """Whether chunks start with the headings above them."""
        return self._settings.header

    @property
    def on_oversize(self) -> OnOversize:
        """What happens to a character that alone exceeds the limit."""
        return self._settings.on_oversize

    @property
    def repeat_table_header(self) -> bool:
        """Whether each chunk of a table that is cut starts with its header rows."""
        return self._settings.repeat_table_header

    @property
    def render(self) -> Render:
        """What HTML documents are chunked as."""
        return self._settings.render

    @property
    def leave_out(self) -> tuple[Omission, ...]:
        """What HTML and Markdown documents are chunked without."""
        return self._settings.leave_out

    @property
    def prefer(self) -> Preference:
        """Whether strong boundaries or full chunks count for more."""
        return self._settings.prefer

    @property
    def cohesion(self) -> Cohesion:
        """By what is told which text belongs together."""
        return self._settings.cohesion

    @property
    def overlap_within(self) -> OverlapWithin:
        """What no overlap reaches out of."""
        return self._settings.overlap_within

    @property
    def break_at(self) -> dict[str, int]:
        """What no chunk reaches across."""
        return dict(self._settings.break_at)


def _shown(value: object) -> object:
    """A setting as a part of ids: of a function, its name."""
    return getattr(value, "__qualname__", type(value).__qualname__) if callable(value) else value


def _is_int_in(low: int, value: object, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def sizes_without(added: int, sizes: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Sizes less the tokens that the tokenizer adds; as they are if they are no numbers."""
    if not added or not all(type(size) is int for size in sizes):
        return sizes
    if any(size <= added for size in sizes):
        raise UsageError(
            f"chunk_size must be > {added}, got {min(sizes)}: {name} itself adds {added} tokens to "
            "each text",
            hint="raise it, or leave these out with add_special_tokens=False",
        )
    return tuple(size - added for size in sizes)
