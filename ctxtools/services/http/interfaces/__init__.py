"""The interfaces that are served: each one's requests, answers and errors, in a file of its own.

A handler gets the JSON object of a request and the models, and returns the answer. It runs in a
thread, or in the event loop where that is known to be quick.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ctxtools.services.http.answers import Answer, Refused
from ctxtools.services.http.models import Models


class Serving(NamedTuple):
    """What handlers count with.

    Attributes:
        models: that requests may name.
        media_tokens: of each image, recording or document that cannot be measured; None refuses it.
    """

    models: Models
    media_tokens: int | None = None


Handler = Callable[[dict[str, Any], Serving], Answer]
ErrorShape = Callable[[Refused], Mapping[str, Any]]
"""A refusal as the JSON that clients of the interface read."""
