"""The models that requests name."""

import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ctxtools.encodings import Encoding
from ctxtools.errors import CtxtoolsError, MissingExtraError
from ctxtools.messages import count_messages
from ctxtools.messages.chat.formats import find_format
from ctxtools.messages.plain import PlainCounter, Total
from ctxtools.messages.request import Shape
from ctxtools.models import Estimate, Model, Registry
from ctxtools.services.http.answers import Refused

_REMEMBERED = 1_000  # names; each is a small object


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model as a request names it.

    Attributes:
        name: as it was spelled.
        model: what is known of it.
        encoding: its tokenizer; None if its counts can only be estimated, or not at all.
        chat_format: the name again, where an edition has a format of its own; None is the model's.
    """

    name: str
    model: Model
    encoding: Encoding | None
    chat_format: str | None
    _plain: dict[Shape | None, PlainCounter] = field(default_factory=dict)

    def counting(self) -> dict[str, Any]:
        """The arguments of `count_messages` for this model."""
        return {
            "model": self.model,
            "encoding": self.encoding,
            "chat_format": self.chat_format,
        }

    def count(self, body: dict[str, Any], shape: Shape | None, media_tokens: int | None) -> Total:
        """The tokens of a request; arguments and errors are those of `count_messages`."""
        plain = self._plain.get(shape)
        if plain is None:
            plain = self._plain[shape] = PlainCounter(shape, **self.counting())
        if found := plain.count(body):
            return found
        counted = count_messages(body, **self.counting(), shape=shape, media_tokens=media_tokens)
        return Total(counted.interval, counted.basis)

    @property
    def estimate(self) -> Estimate | None:
        """How its counts follow from another tokenizer's; None where its own counts."""
        return self.model.estimate if self.model.encoding is None else None

    def tokenizer(self) -> Encoding:
        """What makes tokens, of the model or, for an estimate, of another.

        Raises:
            UnknownEncodingError: there is neither.
        """
        if self.encoding is not None:
            return self.encoding
        if self.estimate is None:
            return self.model.load_encoding()
        from ctxtools.encodings import find_encoding

        return find_encoding(self.estimate.encoding, within=self.model.project)


class Models:
    """Finds models by name, and remembers them.

    Args:
        registry: those that there are.
        default: counts for requests that name none; None refuses them.

    Raises:
        UnknownModelError: the default is unknown.
        CtxtoolsError: its tokenizer cannot be loaded.
    """

    def __init__(self, registry: Registry, default: str | None = None) -> None:
        self.registry = registry
        self._find = lru_cache(_REMEMBERED)(self._named)
        self.default: Chosen | None = None
        if default is not None:
            model = registry.get(default)
            if model.encoding is not None:
                model.load_encoding()  # whoever starts the server is told what is wrong
            self.default = self._find(default)

    def of(self, body: dict[str, Any]) -> Chosen:
        """The model of a request.

        Raises:
            Refused: it names none, or not by a text; or its tokenizer cannot be loaded here.
            UnknownModelError: there is none of that name.
        """
        name = body.get("model")
        if name is None and self.default is not None:
            return self.default
        if not isinstance(name, str) or not name:
            raise Refused(
                400,
                "model: a name is required" if name is None else "model: must be a name",
                parameter="model",
            )
        return self._find(name)

    def _named(self, name: str) -> Chosen:
        model = self.registry.get(name)
        of_name = find_format(name)
        own = of_name is not None and of_name != find_format(model.name)
        return Chosen(name, model, _encoding(model), name if own else None)


def _encoding(model: Model) -> Encoding | None:
    if model.encoding is None:
        return None
    try:
        return model.load_encoding()
    except MissingExtraError:
        raise
    except CtxtoolsError as error:  # it names files, which is nothing for clients
        print(f"{model.name}: {error.message}", file=sys.stderr)
        raise Refused(500, f"the tokenizer of {model.name} cannot be loaded here") from None
