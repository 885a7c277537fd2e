"""``tiktoken.registry``: encodings by name, with those of plugins.

A plugin is a module in the namespace package ``tiktoken_ext`` that has ``ENCODING_CONSTRUCTORS``:
name -> what returns the arguments of ``Encoding``. tiktoken's own plugin is not used: its encodings
are packaged, or in tiktoken's cache.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from threading import RLock
from typing import Any

from ctxtools.compat.tiktoken.core import Encoding
from ctxtools.encodings import get_encoding as ctxtools_encoding
from ctxtools.encodings.files.patterns import SPLIT_PATTERNS
from ctxtools.encodings.files.specs import SPECS
from ctxtools.encodings.files.tiktoken_cache import CACHED
from ctxtools.errors import NetworkError, UnknownEncodingError, UsageError
from ctxtools.suggestions import closest_match

Constructor = Callable[[], Mapping[str, Any]]

ENCODINGS: dict[str, Encoding] = {}
"""Those that were asked for, by name: the same object each time."""

_LOCK = RLock()
_OURS = (*CACHED, *SPECS)


def get_encoding(encoding_name: str) -> Encoding:
    """The encoding of a name; the same object each time.

    Raises:
        ValueError: the name is unknown, or no ``str``.
        OSError: tiktoken has not downloaded it here.
    """
    if not isinstance(encoding_name, str):
        raise UsageError(f"encoding_name must be a str, got {type(encoding_name).__name__}")
    with _LOCK:
        if encoding_name not in ENCODINGS:
            ENCODINGS[encoding_name] = _load(encoding_name)
        return ENCODINGS[encoding_name]


def list_encoding_names() -> list[str]:
    """The names that ``get_encoding`` knows."""
    return [*_OURS, *_constructors()]


def _load(name: str) -> Encoding:
    if spec := SPECS.get(name) or CACHED.get(name):
        try:
            encoding = ctxtools_encoding(name)
        except UnknownEncodingError as error:  # not in the cache
            raise NetworkError(error.message, hint=error.hint) from None
        return Encoding.of(encoding, SPLIT_PATTERNS[spec.pattern].regex, spec.ranks)
    constructors = _constructors()
    if name in constructors:
        return Encoding(**constructors[name]())
    names = list_encoding_names()
    raise UsageError(
        f"unknown encoding {name!r:.200}",
        hint=closest_match(name, names) or f"the encodings are {', '.join(names)}",
    )


@cache
def _constructors() -> Mapping[str, Constructor]:
    """What the plugins have.

    Raises:
        ValueError: a plugin has none, or a name twice.
    """
    try:
        package = import_module("tiktoken_ext")
    except ImportError:
        return {}
    found: dict[str, Constructor] = {}
    for _, name, _ in iter_modules(package.__path__, "tiktoken_ext."):
        if name == "tiktoken_ext.openai_public":
            continue
        constructors = getattr(import_module(name), "ENCODING_CONSTRUCTORS", None)
        if constructors is None:
            raise UsageError(f"the tiktoken plugin {name} has no ENCODING_CONSTRUCTORS")
        for each in constructors:
            if each in found or each in _OURS:
                raise UsageError(f"the encoding {each} of the tiktoken plugin {name} is not new")
        found |= constructors
    return found
