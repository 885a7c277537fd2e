"""Requests of plain texts, counted again and again: the same numbers as `count_messages`, sooner.

Of a model whose format is known by its figures alone (`chat/openai.py`, `chat/framed.py`), a
request takes what its texts take, and what the format adds, which depends on the roles alone. So
one request of some roles is counted with all its parts, and of the next ones only the texts.

DeepSeek's own encoders of V4 and V4.1 write texts as they are between others, which depend on the
roles alone. So one request of some roles is rendered, and of the next ones the texts are filled in.
Templates look into texts: what they show is always rendered.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ctxtools.encodings import Encoding
from ctxtools.messages.chat.formats import ChatFormat
from ctxtools.messages.chat.pieces import Break, Piece, Plain, Special
from ctxtools.messages.chat.tally import text_before
from ctxtools.messages.count import Prepared, prepare
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import Basis, sum_intervals
from ctxtools.messages.request import Shape
from ctxtools.models import Interval
from ctxtools.models.interval import exactly

_ADDING = ("openai", "framed")  # modules whose numbers are sums over texts
_FILLING = ("v4", "v4.1")  # models of DeepSeek whose encoder writes texts as they are,
_NOT_AS_IT_IS = ("<｜", "x-anthropic")  # but not these: tokens of an answer, a client's header
_ROLES = frozenset(("user", "assistant", "system", "developer"))
_SETTINGS = frozenset(
    ("model", "max_tokens", "max_output_tokens", "temperature", "top_p", "stream")
)
_MAX_MESSAGES = 64
_MAX_KNOWN = 1_000  # combinations of roles


class Total(NamedTuple):
    """The tokens of a request.

    Attributes:
        interval: in which they are.
        basis: of the part that is known least surely.
    """

    interval: Interval
    basis: Basis


class _Filled(NamedTuple):
    """A rendering whose texts are to be filled in.

    Attributes:
        special: tokens that are no text.
        runs: each is tokenized as a whole: texts of the format, and numbers of the request's texts.
    """

    special: int
    runs: tuple[tuple[str | int, ...], ...]

    def tokens(self, texts: Sequence[str], encoding: Encoding) -> int:
        """The tokens of it with these texts."""
        total = self.special
        for run in self.runs:
            total += encoding.count(
                "".join([each if isinstance(each, str) else texts[each] for each in run])
            )
        return total


class PlainCounter:
    """Counts requests of plain texts.

    Args:
        shape: of the requests; None finds out.
        asked: the model and what else `count_messages` takes beside messages.
    """

    __slots__ = ("_asked", "_fills", "_key", "_known", "_meter", "_shape", "_system")

    def __init__(self, shape: Shape | None, **asked: Any) -> None:
        self._shape = shape
        self._asked = asked
        responses = shape == "responses"
        self._key = "input" if responses else "messages"
        self._system = "instructions" if responses else "system"
        prepared = self._prepared(("user",), has_system=False)
        self._fills = _fills(prepared)
        is_known = self._fills or _adds(prepared)
        self._meter: Meter | None = prepared.meter if is_known else None
        self._known: dict[tuple[tuple[str, ...], bool], Total | _Filled | None] = {}

    def count(self, body: Mapping[str, Any]) -> Total | None:
        """The tokens of a request; None if it is no such one, so that `count_messages` is to
        count it, or to say what is wrong with it."""
        meter = self._meter
        texts = self._texts(body) if meter is not None else None
        if texts is None or meter is None:
            return None
        roles, found, has_system = texts
        try:
            known = self._known[roles, has_system]
        except KeyError:
            known = self._learn(roles, has_system, meter)
        if known is None:
            return None
        if isinstance(known, _Filled):
            if any(mark in text.lower() for mark in _NOT_AS_IT_IS for text in found):
                return None
            return Total(exactly(known.tokens(found, meter.encoding)), "counted")
        low, typical, high = known.interval.low, known.interval.typical, known.interval.high
        for text in found:
            tokens = meter.text(text)
            low += tokens.low
            typical += tokens.typical
            high += tokens.high
        return Total(Interval(low, typical, high), known.basis)

    def _texts(self, body: Mapping[str, Any]) -> tuple[tuple[str, ...], list[str], bool] | None:
        """The roles and texts of a body, and whether it has a system text; None if it has more."""
        messages, system = None, None
        for key, value in body.items():
            if key == self._key:
                messages = value
            elif key == self._system:
                system = value
            elif key not in _SETTINGS or (key != "model" and isinstance(value, str | list | dict)):
                return None
        if type(messages) is not list or not 0 < len(messages) <= _MAX_MESSAGES:
            return None
        roles: list[str] = []
        texts: list[str] = []
        for message in messages:
            if type(message) is not dict or len(message) != 2:
                return None
            role, text = message.get("role"), message.get("content")
            if type(text) is not str or not text or type(role) is not str or role not in _ROLES:
                return None
            roles.append(role)
            texts.append(text)
        if system is not None:
            if type(system) is not str or not system:
                return None
            texts.append(system)
        return (*roles,), texts, system is not None

    def _learn(
        self, roles: tuple[str, ...], has_system: bool, meter: Meter
    ) -> Total | _Filled | None:
        """What the format adds to texts of these roles; errors are those of `count_messages`."""
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        learn = self._rendering if self._fills else self._overhead
        self._known[roles, has_system] = found = learn(roles, has_system, meter)
        return found

    def _rendering(self, roles: tuple[str, ...], has_system: bool, meter: Meter) -> _Filled | None:
        rendered = self._prepared(roles, has_system=has_system).render()
        number = len(roles) + has_system
        return _filled(rendered.pieces, number) if rendered is not None else None

    def _overhead(self, roles: tuple[str, ...], has_system: bool, meter: Meter) -> Total:
        counted = self._prepared(roles, has_system=has_system).count()
        texts = [meter.text(_probe(number)) for number in range(len(roles) + has_system)]
        found, taken = counted.interval, sum_intervals(texts)
        added = Interval(
            found.low - taken.low, found.typical - taken.typical, found.high - taken.high
        )
        return Total(added, counted.basis)

    def _prepared(self, roles: tuple[str, ...], *, has_system: bool) -> Prepared:
        messages = [{"role": role, "content": _probe(i)} for i, role in enumerate(roles)]
        body: dict[str, Any] = {self._key: messages}
        if has_system:
            body[self._system] = _probe(len(roles))
        return prepare(body, shape=self._shape, **self._asked)


def _probe(number: int) -> str:
    """A text that no format writes."""
    return f"text number {number} of a probe"


def _fills(prepared: Prepared) -> bool:
    """Whether the format writes texts as they are, between others that depend on the roles."""
    format_, meter = prepared.format, prepared.meter
    return (
        isinstance(format_, ChatFormat)
        and format_.module == "deepseek.encoders"
        and format_.figures.get("model") in _FILLING
        and prepared.options.version is None
        and meter.estimate is None
        and not text_before(meter)
    )


def _filled(pieces: Sequence[Piece], number: int) -> _Filled | None:
    """A rendering of so many probes, to be filled in; None if one of them is not as it was."""
    number_of = {_probe(i): i for i in range(number)}
    runs: list[list[str | int]] = [[]]
    special = 0
    for piece in pieces:
        if not isinstance(piece, Plain) or piece.bare:
            if not isinstance(piece, Special | Break):
                return None
            special += isinstance(piece, Special)
            runs.append([])
        else:
            runs[-1].append(number_of.get(piece.text, piece.text))
    found = [each for run in runs for each in run if isinstance(each, int)]
    if sorted(found) != [*range(number)]:
        return None
    return _Filled(special, tuple(tuple(run) for run in runs if run))


def _adds(prepared: Prepared) -> bool:
    """Whether the format's numbers are sums over texts."""
    format_ = prepared.format
    return isinstance(format_, ChatFormat) and format_.module in _ADDING
