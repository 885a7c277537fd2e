"""Which rule counts the images, videos, recordings and documents of a model.

`rules/` has a table for each kind of media: rows that match names of models, with the rule, its
figures, how each is known and where it is from. A rule is a function ``count`` in the module that
the row names, which is imported when it is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ctxtools.errors import UsageError
from ctxtools.messages.media.items import Media
from ctxtools.messages.parts import BASES, Basis
from ctxtools.models import Interval
from ctxtools.models.catalog import holds
from ctxtools.models.names import LONGEST_NAME, readings
from ctxtools.toml_file import Table, read_toml

MediaKind = Literal["image", "video", "audio", "document"]

_RULES = Path(__file__).parent / "rules"
_NOUNS = {"image": "images", "video": "videos", "audio": "audio", "document": "documents"}


class MediaTokens(int):
    """The tokens of an item: a number that says how it is known.

    It is the typical number of its interval. What the model's chat format writes around it is not
    included: see ``wrapper``.

    Attributes:
        interval: in which the true number is; low equals high where the rule is certain.
        rule: the name of the rule.
        basis: how the rule is known, see `ctxtools.messages.parts.Basis`.
        source: where it is from.
        wrapper: tokens around it in a conversation, such as <|vision_start|> and <|vision_end|>.
        notes: what one should know, such as where two sources disagree.
    """

    interval: Interval
    rule: str
    basis: Basis
    source: str
    wrapper: int
    notes: tuple[str, ...]

    def __new__(
        cls,
        tokens: int | Interval,
        *,
        rule: str,
        basis: Basis,
        source: str,
        wrapper: int = 0,
        notes: tuple[str, ...] = (),
    ) -> "MediaTokens":
        interval = tokens if isinstance(tokens, Interval) else Interval(tokens, tokens, tokens)
        count = super().__new__(cls, interval.typical)
        count.interval = interval
        count.rule, count.basis, count.source = rule, basis, source
        count.wrapper, count.notes = wrapper, notes
        return count

    @property
    def exact(self) -> bool:
        """Whether the number is what the model gets."""
        return self.interval.low == self.interval.high

    def __getnewargs_ex__(self) -> tuple[tuple[Interval], dict[str, Any]]:
        names = ("rule", "basis", "source", "wrapper", "notes")
        return (self.interval,), {name: getattr(self, name) for name in names}


class Found(NamedTuple):
    """What a rule says of one item.

    Attributes:
        tokens: the number, or an interval around it.
        notes: remarks on it.
        wrapper: tokens around it, if that depends on the item; None is the row's.
    """

    tokens: int | Interval
    notes: tuple[str, ...] = ()
    wrapper: int | None = None


@dataclass(frozen=True, slots=True)
class MediaRule:
    """A row: the rule of some models.

    Attributes:
        pattern: matches the beginning of their keys, see `ctxtools.models.names.lookup_key`.
        name: of the rule, for people.
        module: has the function ``count``, relative to this package.
        figures: the further arguments of ``count``.
        basis: how the rule is known.
        source: where it is from, with its date.
        wrapper: tokens around an item.
        notes: on every count by it.
    """

    pattern: str
    name: str
    module: str
    figures: Mapping[str, Any]
    basis: Basis
    source: str
    wrapper: int
    notes: tuple[str, ...]

    def count(self, item: Media, *, position: int = 0) -> MediaTokens:
        """The tokens of an item.

        Args:
            item: of the kind that the rule is for.
            position: tokens of the prompt before it; some models pad an image to a multiple.

        Raises:
            UsageError: the model would refuse the item.
        """
        function = import_module(f"ctxtools.messages.media.{self.module}").count
        found: Found = function(item, position=position, **self.figures)
        return MediaTokens(
            found.tokens,
            rule=self.name,
            basis=self.basis,
            source=self.source,
            wrapper=self.wrapper if found.wrapper is None else found.wrapper,
            notes=(*self.notes, *found.notes),
        )


def find_rule(kind: MediaKind, model: str) -> MediaRule:
    """The rule for a model, by any spelling of its name.

    Raises:
        UsageError: none is known. A model is never guessed to take what it may not.
    """
    for way in readings(model[:LONGEST_NAME]):
        if "/" in way.key:
            continue
        for rule in _read(kind):
            if holds(rule.pattern, way.key):
                return rule
    raise UsageError(
        f"no rule is known by which {model!r:.200} counts {_NOUNS[kind]}",
        hint="it may take none; `ctx models` shows what each model takes",
    )


@cache
def _read(kind: MediaKind) -> tuple[MediaRule, ...]:
    file = Table(read_toml(path := _RULES / f"{kind}.toml"), str(path))
    rules = []
    for row in file.tables("rules"):
        values = dict(row.values)
        pattern, basis = str(values.pop("match")), values.pop("basis")
        if basis not in BASES:
            raise row.error("basis", f"is {basis!r}")
        rules.append(
            MediaRule(
                rf"(?:{pattern})(?=-|$)",
                values.pop("name"),
                values.pop("module"),
                {key: values.pop(key) for key in [*values] if key not in _COMMON},
                basis,
                values["source"],
                values.get("wrapper", 0),
                tuple(values.get("notes", ())),
            )
        )
    return tuple(rules)


_COMMON = ("source", "wrapper", "notes")
