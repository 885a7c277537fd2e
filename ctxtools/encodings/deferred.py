"""Encodings whose vocabulary is loaded when a text is counted: counting images takes none."""

from functools import cache
from threading import Lock
from typing import Any

from ctxtools.encodings.encoding import Encoding
from ctxtools.encodings.load import get_encoding, list_encodings
from ctxtools.errors import UnknownEncodingError

DEFAULT_ENCODING = "o200k_base"
"""What counts where no model and no encoding is named."""

_LOADING = Lock()


@cache
def deferred_encoding(name: str) -> Encoding:
    """What `get_encoding` returns for a packaged encoding, loaded when it is first used.

    A corrupt vocabulary is an error then, not now.
    """
    return _Deferred(name)


def missing_encoding(error: UnknownEncodingError) -> Encoding:
    """An encoding that is not here, which is an error when a text is counted: images need none."""
    return _Missing(error)


def is_packaged(name: str) -> bool:
    """Whether an encoding comes with ctxtools."""
    return name in list_encodings()


class _Deferred(Encoding):
    """Has nothing but its name, until something else of it is asked for; then it is an Encoding."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        with _LOADING:
            if type(self) is _Deferred:
                self.__dict__.update(get_encoding(self.name).__dict__)
                self.__class__ = Encoding  # type: ignore[assignment]
        return getattr(self, attribute)


class _Missing(Encoding):
    """Has no name, and raises an error when anything else of it is asked for."""

    def __init__(self, error: UnknownEncodingError) -> None:
        self.name = ""
        self._error = error

    def __getattr__(self, attribute: str) -> Any:
        raise self._error
