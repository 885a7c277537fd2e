"""Which rule counts the images, videos, recordings and documents of a model.

`rules/` has a table for each kind of media: rows that match names of models, with the rule, its
figures, how each is known and where it is from. A rule is a function ``count`` in the module that
the row names, which is imported when it is needed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ctxtools.checks import check_above_zero, check_integer
from ctxtools.errors import ConfigError, UsageError
from ctxtools.messages.media.items import (
    MAX_FPS,
    MAX_SECONDS,
    MODALITIES,
    Audio,
    Image,
    Media,
    MediaKind,
    Video,
)
from ctxtools.messages.parts import BASES, Basis, sum_intervals
from ctxtools.models import Interval, Model
from ctxtools.models.interval import exactly
from ctxtools.models.matching import MatchTable, Row
from ctxtools.models.names import LONGEST_NAME, readings

_LONGEST_SIDE = 2**32 - 1  # that a file format can name
WrapperBy = Literal["template", "processor"]

_RULES = Path(__file__).parent / "rules"
_NOUNS = {"image": "images", "video": "videos", "audio": "audio", "document": "documents"}
_OTHER_MODEL = "name another model; `ctx models` shows what each takes"
_TAKES = "it may take none; `ctx models` shows what each model takes"
_HINTS = {
    "image": _TAKES,
    "video": f"{_TAKES}; frames can be sent, and counted, as images",
    "audio": f"{_TAKES}; a transcript can be counted as text",
    "document": "count its text, or render its pages and count them as images",
}


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
        wrapper_by: who writes them: the chat template, or the model's processor, which puts them
            with the item where the template has a placeholder.
        notes: what one should know, such as where two sources disagree.
    """

    interval: Interval
    rule: str
    basis: Basis
    source: str
    wrapper: int
    wrapper_by: WrapperBy
    notes: tuple[str, ...]

    def __new__(
        cls,
        tokens: int | Interval,
        *,
        rule: str,
        basis: Basis,
        source: str,
        wrapper: int = 0,
        wrapper_by: WrapperBy = "template",
        notes: tuple[str, ...] = (),
    ) -> "MediaTokens":
        interval = tokens if isinstance(tokens, Interval) else Interval(tokens, tokens, tokens)
        count = super().__new__(cls, interval.typical)
        count.interval = interval
        count.rule, count.basis, count.source = rule, basis, source
        count.wrapper, count.wrapper_by, count.notes = wrapper, wrapper_by, notes
        return count

    @property
    def expanded(self) -> Interval:
        """The tokens that come in place of a template's placeholder."""
        around = self.wrapper if self.wrapper_by == "processor" else 0
        return self.interval + exactly(around)

    @property
    def exact(self) -> bool:
        """Whether the number is what the model gets."""
        return self.interval.low == self.interval.high

    def with_notes(self, notes: tuple[str, ...]) -> "MediaTokens":
        """The same number with other notes."""
        (interval,), named = self.__getnewargs_ex__()
        return MediaTokens(interval, **{**named, "notes": notes})

    def __getnewargs_ex__(self) -> tuple[tuple[Interval], dict[str, Any]]:
        names = ("rule", "basis", "source", "wrapper", "wrapper_by", "notes")
        return (self.interval,), {name: getattr(self, name) for name in names}


class Found(NamedTuple):
    """What a rule says of one item.

    Attributes:
        tokens: the number, or an interval around it.
        notes: remarks on it.
        wrapper: tokens around it, if that depends on the item; None is the row's.
        texts: what of it is sent as text, such as the text of a page, which the model's tokenizer
            is to count on top of the tokens.
        texts_from: the first number of the interval that includes the texts; those before it are
            for the case that they are not sent, or not counted.
    """

    tokens: int | Interval
    notes: tuple[str, ...] = ()
    wrapper: int | None = None
    texts: tuple[str, ...] = ()
    texts_from: Literal["low", "typical", "high"] = "low"


@dataclass(frozen=True, slots=True)
class MediaRule:
    """A row: the rule of some models.

    Attributes:
        name: of the rule, for people.
        module: has the function ``count``, relative to this package.
        figures: the further arguments of ``count``.
        basis: how the rule is known.
        source: where it is from, with its date.
        wrapper: tokens around an item.
        wrapper_by: who writes them.
        notes: on every count by it.
        refusal: why the models take no such item, if that is all that is known of them.
    """

    name: str
    module: str
    figures: Mapping[str, Any]
    basis: Basis
    source: str
    wrapper: int
    wrapper_by: WrapperBy
    notes: tuple[str, ...]
    refusal: str = ""

    def count(
        self,
        item: Media,
        *,
        position: int | None = None,
        text: Callable[[str], Interval] | None = None,
    ) -> MediaTokens:
        """The tokens of an item.

        Args:
            item: of the kind that the rule is for.
            position: tokens of the prompt before it; some models pad an image to a multiple. None
                if they are not known.
            text: counts a text as the model does; needed for documents with text.

        Raises:
            UsageError: the model would refuse the item, or it has text, and nothing counts that.
        """
        _check_measures(item)
        found: Found = _function(self.module)(item, position=position, **self.figures)
        return MediaTokens(
            _with_texts(found, text),
            rule=self.name,
            basis=self.basis,
            source=self.source,
            wrapper=self.wrapper if found.wrapper is None else found.wrapper,
            wrapper_by=self.wrapper_by,
            notes=(*self.notes, *found.notes),
        )


@cache
def _function(module: str) -> Callable[..., Found]:
    function: Callable[..., Found] = import_module(f"ctxtools.messages.media.{module}").count
    return function


def _check_measures(item: Media) -> None:
    """Rules compute in floating point, which has no number for what a caller may write."""
    if isinstance(item, Image | Video):
        check_integer("width", item.width, 1, _LONGEST_SIDE)
        check_integer("height", item.height, 1, _LONGEST_SIDE)
    if isinstance(item, Video | Audio):
        check_above_zero("seconds", item.seconds, MAX_SECONDS)
    if isinstance(item, Video):
        check_above_zero("fps", item.fps, MAX_FPS)


def _with_texts(found: Found, text: Callable[[str], Interval] | None) -> int | Interval:
    if not found.texts:
        return found.tokens
    if text is None:
        raise UsageError("the text of a document is counted by a tokenizer, and there is none")
    more = sum_intervals(map(text, found.texts))
    rest = found.tokens if isinstance(found.tokens, Interval) else exactly(found.tokens)
    return Interval(
        rest.low + (more.low if found.texts_from == "low" else 0),
        rest.typical + (more.typical if found.texts_from != "high" else 0),
        rest.high + more.high,
    )


def find_rule(kind: MediaKind, model: str) -> MediaRule:
    """The rule for a model, by any spelling of its name, or by an alias of models.toml.

    Raises:
        UsageError: none is known. A model is never guessed to take what it may not.
    """
    rule = _rule_of_name(kind, model[:LONGEST_NAME])
    listed = None if rule else _listed(model)
    if listed:
        rule = _rule_of_name(kind, listed.name)
    if rule is None or rule.refusal:
        raise _no_rule(kind, model, listed or _listed(model), rule.refusal if rule else "")
    if "asks_model" in rule.figures:
        return replace(rule, figures={**rule.figures, "asks_model": model})
    return rule


@lru_cache(maxsize=1_000)  # a folder of images asks for one model thousands of times
def _rule_of_name(kind: MediaKind, model: str) -> MediaRule | None:
    for way in readings(model):
        if "/" not in way.key:
            table = _table(kind)
            for row in table.rows:
                if row.holds(way.key):
                    return _read_rule(table, row)
    return None


def _listed(model: str) -> Model | None:
    # Reading the list takes longer than all else here, and most names have a rule.
    from ctxtools.models.registry import Registry

    return Registry.packaged().find_exact(model)


def _no_rule(kind: MediaKind, model: str, listed: Model | None, refusal: str) -> UsageError:
    nouns = _NOUNS[kind]
    if refusal:
        return UsageError(f"{model:.200} takes no {nouns}: {refusal}", hint=_OTHER_MODEL)
    if listed is None:
        unknown = f"no rule is known by which {model!r:.200} counts {nouns}"
        return UsageError(unknown, hint=_HINTS[kind])
    if MODALITIES[kind] in listed.modalities:
        return UsageError(
            f"{model:.200} takes {nouns}, but no rule is known by which it counts them",
            hint="in a request, media_tokens=… says what each is to count for",
        )
    takes = ", ".join(listed.modalities)
    return UsageError(
        f"{model:.200} takes no {nouns}, by what is known of it: {takes} only", hint=_OTHER_MODEL
    )


@cache
def _table(kind: MediaKind) -> MatchTable:
    return MatchTable(_RULES / f"{kind}.toml", "rules")


def _read_rule(table: MatchTable, row: Row) -> MediaRule:
    values = table.values(row)
    if values["basis"] not in BASES:
        raise ConfigError(f"{table.path}: {row.pattern}: basis is {values['basis']!r}")
    return MediaRule(
        values["name"],
        values.get("module", ""),
        {key: value for key, value in values.items() if key not in _COMMON},
        values["basis"],
        values["source"],
        values.get("wrapper", 0),
        values.get("wrapper_by", "template"),
        tuple(values.get("notes", ())),
        values.get("refusal", ""),
    )


_COMMON = (
    "match", "name", "module", "basis", "source", "wrapper", "wrapper_by", "notes", "refusal",
)  # fmt: skip
