"""What counts the tokens of a model: its tokenizer, or another one and an estimate."""

from typing import TYPE_CHECKING

from ctxtools.encodings import Encoding, find_encoding
from ctxtools.encodings.deferred import deferred_encoding, is_packaged, missing_encoding
from ctxtools.errors import UnknownEncodingError

if TYPE_CHECKING:
    from ctxtools.models.estimate import Estimate
    from ctxtools.models.model import Model


def tokenizer_of(model: "Model") -> "tuple[Encoding, Estimate | None]":
    """A model's encoding; or, if it is not available, the one to estimate from, and how."""
    estimate = model.estimate if model.encoding is None else None
    name = estimate.encoding if estimate else model.encoding
    if name is not None and is_packaged(name):
        return deferred_encoding(name), estimate
    if estimate:
        return find_encoding(estimate.encoding, within=model.project), estimate
    try:
        return model.load_encoding(), None
    except UnknownEncodingError as error:
        return missing_encoding(error), None
