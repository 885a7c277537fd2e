"""``tiktoken.model``: which encoding a model has, by tiktoken's tables, not by ctxtools' own.

Source: tiktoken 0.14.0; a test compares the two.
"""

from typing import Final

from ctxtools.compat.tiktoken.core import Encoding
from ctxtools.compat.tiktoken.registry import get_encoding
from ctxtools.errors import UnknownModelError

_PREFIXES = {
    "o200k_base": "o1- o3- o4-mini- gpt-5 gpt-4.5- gpt-4.1- chatgpt-4o- gpt-4o-",
    "cl100k_base": "gpt-4- gpt-3.5-turbo- gpt-35-turbo-",
    "o200k_harmony": "gpt-oss-",
}
_FINE_TUNED = {
    "o200k_base": "gpt-4o",
    "cl100k_base": "gpt-4 gpt-3.5-turbo davinci-002 babbage-002",
}
_MODELS = {
    "o200k_base": "o1 o3 o4-mini gpt-5 gpt-4.1 gpt-4o",
    "cl100k_base": "gpt-4 gpt-3.5-turbo gpt-3.5 gpt-35-turbo davinci-002 babbage-002 "
    "text-embedding-ada-002 text-embedding-3-small text-embedding-3-large",
    "p50k_base": "text-davinci-003 text-davinci-002 code-davinci-002 code-davinci-001 "
    "code-cushman-002 code-cushman-001 davinci-codex cushman-codex",
    "p50k_edit": "text-davinci-edit-001 code-davinci-edit-001",
    "r50k_base": "text-davinci-001 text-curie-001 text-babbage-001 text-ada-001 "
    "davinci curie babbage ada text-similarity-davinci-001 text-similarity-curie-001 "
    "text-similarity-babbage-001 text-similarity-ada-001 text-search-davinci-doc-001 "
    "text-search-curie-doc-001 text-search-babbage-doc-001 text-search-ada-doc-001 "
    "code-search-babbage-code-001 code-search-ada-code-001",
    "gpt2": "gpt2 gpt-2",
}


def _by_name(names_of: dict[str, str]) -> dict[str, str]:
    return {name: encoding for encoding, names in names_of.items() for name in names.split()}


MODEL_TO_ENCODING: Final = _by_name(_MODELS)
"""The name of a model -> that of its encoding."""

MODEL_PREFIX_TO_ENCODING: Final = _by_name(_PREFIXES) | {
    f"ft:{name}": encoding for name, encoding in _by_name(_FINE_TUNED).items()
}
"""How a model's name starts -> the name of its encoding; the first that fits counts."""


class NoModelError(UnknownModelError, KeyError):
    """A model that is not in the tables."""


def encoding_name_for_model(model_name: str) -> str:
    """The name of a model's encoding.

    Raises:
        KeyError: the model is unknown.
    """
    if name := MODEL_TO_ENCODING.get(model_name):
        return name
    for prefix, name in MODEL_PREFIX_TO_ENCODING.items():
        if model_name.startswith(prefix):
            return name
    raise NoModelError(
        f"unknown model {model_name!r:.200}",
        hint="get_encoding(name) takes the name of an encoding; "
        "ctxtools.encoding_for_model(name) knows more models",
    )


def encoding_for_model(model_name: str) -> Encoding:
    """The encoding of a model.

    Raises:
        KeyError: the model is unknown.
        OSError: tiktoken has not downloaded its encoding here.
    """
    return get_encoding(encoding_name_for_model(model_name))
