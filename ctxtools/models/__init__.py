"""What models can hold: limits, tokenizers and prices, each with its source and date."""

from ctxtools.models.estimate import Estimate, Interval, TextCount
from ctxtools.models.model import Budget, Fact, Modality, Model, Price, Source, Tier
from ctxtools.models.registry import Registry, encoding_for_model, get_model, list_models

__all__ = [
    "Budget",
    "Estimate",
    "Fact",
    "Interval",
    "Modality",
    "Model",
    "Price",
    "Registry",
    "Source",
    "TextCount",
    "Tier",
    "encoding_for_model",
    "get_model",
    "list_models",
]
