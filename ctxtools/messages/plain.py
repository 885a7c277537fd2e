"""Requests of plain texts, counted again and again: the same numbers as `count_messages`, sooner.

Of a model whose format is known by its figures alone (`chat/openai.py`, `chat/framed.py`), a
request takes what its texts take, and what the format adds, which depends on the roles alone. So
one request of some roles is counted with all its parts, and of the next ones only the texts.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ctxtools.messages.chat.formats import ChatFormat
from ctxtools.messages.count import Prepared, prepare
from ctxtools.messages.meter import Meter
from ctxtools.messages.parts import Basis
from ctxtools.messages.request import Shape
from ctxtools.models import Interval

_ADDING = ("openai", "framed")  # modules whose numbers are sums over texts
_ROLES = frozenset(("user", "assistant", "system", "developer"))
_SETTINGS = frozenset(
    ("model", "max_tokens", "max_output_tokens", "temperature", "top_p", "stream")
)
_MAX_MESSAGES = 64
_MAX_KNOWN = 1_000  # combinations of roles
_PROBE = "a"


class Total(NamedTuple):
    """The tokens of a request.

    Attributes:
        interval: in which they are.
        basis: of the part that is known least surely.
    """

    interval: Interval
    basis: Basis


class PlainCounter:
    """Counts requests of plain texts.

    Args:
        shape: of the requests; None finds out.
        asked: the model and what else `count_messages` takes beside messages.
    """

    __slots__ = ("_asked", "_key", "_known", "_meter", "_shape", "_system")

    def __init__(self, shape: Shape | None, **asked: Any) -> None:
        self._shape = shape
        self._asked = asked
        responses = shape == "responses"
        self._key = "input" if responses else "messages"
        self._system = "instructions" if responses else "system"
        prepared = self._prepared(("user",), has_system=False)
        self._meter: Meter | None = prepared.meter if _adds(prepared) else None
        self._known: dict[tuple[tuple[str, ...], bool], Total] = {}

    def count(self, body: Mapping[str, Any]) -> Total | None:
        """The tokens of a request; None if it is no such one, so that `count_messages` is to
        count it, or to say what is wrong with it."""
        meter = self._meter
        texts = self._texts(body) if meter is not None else None
        if texts is None or meter is None:
            return None
        roles, found, has_system = texts
        known = self._known.get((roles, has_system))
        if known is None:
            known = self._learn(roles, has_system, meter)
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

    def _learn(self, roles: tuple[str, ...], has_system: bool, meter: Meter) -> Total:
        """What the format adds to texts of these roles; errors are those of `count_messages`."""
        counted = self._prepared(roles, has_system=has_system).count()
        texts, found = meter.text(_PROBE), counted.interval
        number = len(roles) + has_system
        added = Interval(
            found.low - number * texts.low,
            found.typical - number * texts.typical,
            found.high - number * texts.high,
        )
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[roles, has_system] = total = Total(added, counted.basis)
        return total

    def _prepared(self, roles: tuple[str, ...], *, has_system: bool) -> Prepared:
        body: dict[str, Any] = {self._key: [{"role": role, "content": _PROBE} for role in roles]}
        if has_system:
            body[self._system] = _PROBE
        return prepare(body, shape=self._shape, **self._asked)


def _adds(prepared: Prepared) -> bool:
    """Whether the format's numbers are sums over texts."""
    format_ = prepared.format
    return isinstance(format_, ChatFormat) and format_.module in _ADDING
