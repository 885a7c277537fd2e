"""What the tokens of a rule's files are counted with."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ctxtools.checks import check_type
from ctxtools.config import Config
from ctxtools.encodings import Encoding, find_encoding
from ctxtools.encodings.deferred import DEFAULT_ENCODING, deferred_encoding, is_packaged

if TYPE_CHECKING:
    from ctxtools.models import Estimate, Interval, Model

# In several scripts, with what split patterns and normalizers differ in.
_PROBE = (
    "The year 2024's \ufb01rst words,\r\n\tdef f(x):  return -1e10  # caf\u00e9 cafe\u0301\n"
    "深度求索，通义千问。Жук 🙂\n"
)


class Tokenizer(NamedTuple):
    """What counts tokens.

    Attributes:
        name: of the encoding; of the model where its tokenizer is estimated.
        encoding: counts.
        estimate: converts its tokens to the model's; None if they are the same.
    """

    name: str
    encoding: Encoding
    estimate: "Estimate | None" = None

    def interval(self, count: int) -> "Interval | None":
        """The tokens of what has ``count`` in the encoding; None if that is the number."""
        return self.estimate.of(count) if self.estimate and count else None

    def fingerprint(self) -> str:
        """What tells it from another of the same name: a hash of what it makes of a fixed text."""
        from hashlib import sha256

        facts = (self.encoding.encode(_PROBE), self.estimate)
        return sha256(repr(facts).encode()).hexdigest()[:16]


def find_tokenizer(
    model: "str | Model | None",
    encoding: "str | Encoding | None",
    within: Path | None = None,
    config: Config | None = None,
) -> tuple[Tokenizer, str]:
    """What a model, an encoding or neither means; and a remark on it, "" if there is none.

    Args:
        model, encoding: at most one of them.
        within: the folder of the project that names the encoding, as `find_encoding` takes it.
        config: whose models count; None for those that come with ctxtools.

    Raises:
        CtxtoolsError: there is no such model or encoding, or it cannot be used.
    """
    if model is not None:
        from ctxtools.models.tokenizer import tokenizer_of  # an encoding needs none of it

        found = _find_model(model, config)
        counts, estimate = tokenizer_of(found)
        name = found.name if estimate or not counts.name else counts.name
        return Tokenizer(name, counts, estimate), _remark(found, config)
    if isinstance(encoding, Encoding):
        return Tokenizer(encoding.name, encoding), ""
    name = DEFAULT_ENCODING if encoding is None else encoding
    check_type("encoding", name, str)
    found_encoding = (
        deferred_encoding(name) if is_packaged(name) else find_encoding(name, within=within)
    )
    return Tokenizer(name, found_encoding), ""


def _find_model(model: "str | Model", config: Config | None) -> "Model":
    from ctxtools.models import Model, get_model

    if isinstance(model, Model):
        return model
    check_type("model", model, str)
    return get_model(model) if config is None else config.registry().get(model)


def _remark(model: "Model", config: Config | None) -> str:
    """That a project's configuration changes a model that is known."""
    if model.project is None or config is None:
        return ""
    if not config.registry(project=False).find(model.name):
        return ""
    return f"{model.name} is as the configuration in {model.project} defines it"
