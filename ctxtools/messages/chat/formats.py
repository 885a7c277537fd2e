"""Which chat format shows a request to a model, and what every format is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.chat.pieces import Piece
from ctxtools.messages.chat.tally import tally
from ctxtools.messages.chat.turns import as_turns
from ctxtools.messages.media.items import Image
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import Part
from ctxtools.messages.request import Request
from ctxtools.models.matching import holds
from ctxtools.models.names import LONGEST_NAME, readings
from ctxtools.toml_file import Table, read_toml

_FORMATS = Path(__file__).with_name("formats.toml")


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """What is asked for beside the messages. None is the format's own default.

    Attributes:
        thinking: whether the model thinks before it answers.
        effort: how much: "low", "medium", "high", "max", … as the format knows them.
        version: of the encoder, where several disagree.
        now: the time that a template or a default system message shows.
        generation_prompt: the model's turn is opened at the end.
        template: further values for a template, such as ``{"enable_thinking": False}``.
    """

    thinking: bool | None = None
    effort: str | None = None
    version: str | None = None
    now: datetime | None = None
    generation_prompt: bool = True
    template: Mapping[str, Any] = field(default_factory=dict)


class Rendered(NamedTuple):
    """A conversation as a model sees it.

    Attributes:
        pieces: texts, special tokens and media, in order.
        notes: what was assumed.
    """

    pieces: Sequence[Piece]
    notes: tuple[str, ...] = ()


class Counted(NamedTuple):
    """A conversation of which only numbers are known.

    Attributes:
        parts: in order.
        notes: what was assumed.
    """

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """A row: the format of some models.

    Attributes:
        pattern: matches the beginning of their keys, see `ctxtools.models.names.lookup_key`.
        name: of the format, for people.
        module: has ``render(request, options, **figures)``, or ``count(request, meter, options,
            source=source, **figures)`` where only numbers are known.
        figures: the further arguments.
        source: where the format is from, with its date.
    """

    pattern: str
    name: str
    module: str
    figures: Mapping[str, Any]
    source: str

    def render(self, request: Request, options: ChatOptions) -> Rendered | None:
        """The conversation as the model sees it; None if that is not known.

        Raises:
            UsageError: the format cannot show something of the request, which is named.
        """
        render = getattr(self._load(), "render", None)
        return render(as_turns(request), options, **self.figures) if render else None

    def count(self, request: Request, meter: Meter, options: ChatOptions) -> Counted:
        """The tokens of the conversation.

        Raises:
            UsageError: the format cannot show something of the request, or a medium has no rule.
        """
        meter = replace(meter, images=sum(isinstance(item, Image) for item in request.media))
        if rendered := self.render(request, options):
            return Counted(tally(rendered.pieces, meter), rendered.notes)
        counted: Counted = self._load().count(
            request, meter, options, source=self.source, **self.figures
        )
        return counted

    def _load(self) -> Any:
        return import_module(f"ctxtools.messages.chat.{self.module}")


@lru_cache(maxsize=1_000)  # a server is asked for the same few names again and again
def find_format(model: str) -> ChatFormat | None:
    """The chat format of a model, by any spelling of its name; None if none is known."""
    for way in readings(model[:LONGEST_NAME]):
        if "/" not in way.key:
            for row in _read():
                if holds(row.pattern, way.key):
                    return None if row.module == "unknown" else row
    return None


def named_format(name: str) -> ChatFormat:
    """A chat format by its own name, or by that of a model that has it.

    Raises:
        UsageError: there is none.
    """
    wanted = name.strip().lower()
    rows = [row for row in _read() if row.module != "unknown"]
    found = next((row for row in rows if row.name.lower() == wanted), None) or find_format(name)
    if found is None:
        known = sorted({row.name for row in rows})
        raise UsageError(
            f"unknown chat format {name!r:.100}",
            hint=f"name one of {', '.join(known)}, or a model",
        )
    return found


@cache
def _read() -> tuple[ChatFormat, ...]:
    formats = []
    for row in Table(read_toml(_FORMATS), str(_FORMATS)).tables("formats"):
        values = dict(row.values)
        pattern = rf"(?:{values.pop('match')})(?=-|$)"
        name, module, source = (values.pop(key) for key in ("name", "module", "source"))
        formats.append(ChatFormat(pattern, name, module, values, source))
    return tuple(formats)
